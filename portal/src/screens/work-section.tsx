/** The worklist on the operator's screen: read from the server, ended there, asked for the token when it wants one. */
import type { WorkPage } from '@wattline/model';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Loaded, Skeleton } from '../parts/condition.tsx';
import { useSignedAction } from '../parts/signed-action.tsx';
import { type WorkDecision, WorkList } from '../parts/work-list.tsx';
import { api, machineCalmMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const refreshMs = 15_000;
const tasksAtOnce = 200;

/** The card. */
export function WorkSection({ zone }: { zone: string }) {
  const [rule, setRule] = useState<string | null>(null);
  const work = useResource<WorkPage>(
    (abort) => api.get('operations/worklist', { rule: rule ?? undefined, limit: tasksAtOnce }, abort),
    [rule],
    refreshMs,
  );
  const ending = useSignedAction<WorkDecision>(async (decision) => {
    const answer = await api.post<{ closed: number }>('operations/worklist/close', decision);
    if (!answer.ok) return answer;
    work.refresh();
    return { ok: true, value: words.work.closed(formatCount(answer.value.closed)) };
  }, words.work.signIn);
  return (
    <Card title={words.work.title} text={words.work.text} class="card-work">
      {ending.notice}
      <Loaded
        remote={work.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={work.refresh}
        skeleton={<Skeleton kind="list" />}
      >
        {(page) => (
          <WorkList
            page={page}
            zone={zone}
            rule={rule}
            isBusy={ending.isBusy}
            onRule={setRule}
            onDecide={ending.act}
          />
        )}
      </Loaded>
    </Card>
  );
}
