/** Fetches the story of one interval and shows it in the sheet. */
import type { IntervalExplanation } from '@wattline/model';
import { Loaded, Skeleton } from '../parts/condition.tsx';
import { IntervalStory, Sheet } from '../parts/interval-sheet.tsx';
import { api, machineCalmMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

/** The sheet of an interval. */
export function IntervalSheet(props: {
  usagePointId: string;
  zone: string;
  startMs: number;
  readingType: string;
  scale: number;
  onClose: () => void;
}) {
  const start = new Date(props.startMs).toISOString().replace('.000Z', 'Z');
  const path = `usage-points/${encodeURIComponent(props.usagePointId)}/intervals/${start}/explanation`;
  const story = useResource<IntervalExplanation>(
    (abort) => api.get(path, { readingType: props.readingType }, abort),
    [path, props.readingType],
  );
  return (
    <Sheet label={words.interval.title} onClose={props.onClose}>
      <Loaded
        remote={story.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={story.refresh}
        skeleton={<Skeleton kind="bill" />}
      >
        {(value) => <IntervalStory story={value} zone={props.zone} scale={props.scale} />}
      </Loaded>
    </Sheet>
  );
}
