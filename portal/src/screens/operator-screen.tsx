/** The operator: how well meters are read, which are not, what someone should look at, and what happens now. */
import type { EventItem, ExceptionPage, MeterStatus, ReadRate, UsagePointSummary } from '@wattline/model';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { mergeEvents } from '../event-feed.ts';
import { countStates, feederTree, type MeterState, meterStates } from '../feeder-tree.ts';
import { formatCount } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Empty, Loaded, Skeleton } from '../parts/condition.tsx';
import { EventList, ExceptionBoard, StreamTag } from '../parts/event-list.tsx';
import { GridTree } from '../parts/grid-tree.tsx';
import { ReadRateByDay, ReadRateFigure } from '../parts/read-rate.tsx';
import { StateSummary } from '../parts/state-summary.tsx';
import { knownValue } from '../resource.ts';
import { aboutValue, api, goTo, machineCalmMs, route, townCalmMs } from '../store.ts';
import { useEventStream } from '../use-event-stream.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { ApprovalSection } from './approval-section.tsx';
import { MeterSection } from './meter-section.tsx';
import { WorkSection } from './work-section.tsx';

const refreshMs = 15_000;
const metersAtMost = 2_000;
const pageSize = 500;

/** The screen; filters stand in the address. */
export function OperatorScreen(props: {
  kind: string | undefined;
  state: string | undefined;
  find: string | undefined;
}) {
  const zone = aboutValue.value?.zone ?? 'UTC';
  const nowMs = townCalmMs.value ?? Date.now();
  const today = wallOf(nowMs, zone).date;
  const rate = useResource<ReadRate>((abort) => api.get('operations/read-rate', {}, abort), [], refreshMs);
  const meters = useResource<ListResult<MeterStatus>>(
    (abort) => api.list('meters', { limit: pageSize }, metersAtMost, abort),
    [],
    refreshMs,
  );
  const points = useResource<ListResult<UsagePointSummary>>(
    (abort) => api.list('usage-points', { limit: pageSize }, metersAtMost, abort),
    [],
    20 * refreshMs,
  );
  const exceptions = useResource<ExceptionPage>(
    (abort) => api.get('operations/exceptions', { kind: props.kind, limit: 60 }, abort),
    [props.kind],
    refreshMs,
  );
  const state = meterStates.find((known) => known === props.state) ?? null;
  const retry = machineCalmMs.value;
  return (
    <div class="operator">
      <h1 class="unseen">{words.operations.title}</h1>
      <div class="operator-top">
        <Card title={words.operations.readRate} class="card-rate">
          <Loaded
            remote={rate.remote.value}
            nowMs={retry}
            onRetry={rate.refresh}
            skeleton={<Skeleton kind="figure" />}
          >
            {(value) => <ReadRateFigure rate={value} zone={zone} />}
          </Loaded>
        </Card>
        <Card title={words.operations.byDay} text={words.operations.byDayText} class="card-by-day">
          <Loaded
            remote={rate.remote.value}
            nowMs={retry}
            onRetry={rate.refresh}
            skeleton={<Skeleton kind="chart" />}
          >
            {(value) => <ReadRateByDay days={value.byDay} />}
          </Loaded>
        </Card>
        <Card title={words.operations.meters} class="card-states">
          <Loaded
            remote={meters.remote.value}
            nowMs={retry}
            onRetry={meters.refresh}
            skeleton={<Skeleton kind="figure" />}
          >
            {({ items }) => (
              <StateSummary
                counts={countStates(items)}
                selected={state}
                onSelect={(next) => filterBy({ state: next })}
              />
            )}
          </Loaded>
        </Card>
      </div>
      <div class="operator-middle">
        <Card
          title={words.operations.exceptions}
          text={words.operations.exceptionsText}
          class="card-exceptions"
        >
          <Loaded
            remote={exceptions.remote.value}
            nowMs={retry}
            onRetry={exceptions.refresh}
            skeleton={<Skeleton kind="list" />}
          >
            {(page) => (
              <ExceptionBoard
                page={page}
                zone={zone}
                today={today}
                kind={props.kind ?? null}
                onKind={(kind) => filterBy({ kind })}
              />
            )}
          </Loaded>
        </Card>
        <LiveEvents zone={zone} today={today} />
      </div>
      <ApprovalSection zone={zone} />
      <WorkSection zone={zone} />
      <Card title={words.operations.tree} text={words.operations.treeText} class="card-tree">
        <Loaded
          remote={meters.remote.value}
          nowMs={retry}
          onRetry={meters.refresh}
          skeleton={<Skeleton kind="chart" />}
        >
          {({ items }) => (
            <Loaded
              remote={points.remote.value}
              nowMs={retry}
              onRetry={points.refresh}
              skeleton={<Skeleton kind="chart" />}
            >
              {(known) => <Grid points={known.items} meters={items} find={props.find ?? null} />}
            </Loaded>
          )}
        </Loaded>
      </Card>
      <MeterSection
        zone={zone}
        nowMs={nowMs}
        meters={meters}
        state={state}
        find={props.find ?? ''}
        onFilter={filterBy}
        count={formatCount(knownValue(rate.remote.value)?.meters.commissioned ?? 0)}
      />
    </div>
  );
}

/** Changes filters in the address; null takes one away. */
export function filterBy(change: {
  kind?: string | null;
  state?: MeterState | null;
  find?: string | null;
}): void {
  const now = route.peek();
  const was = now.screen === 'operator' ? now : { screen: 'operator' as const };
  const next = { ...was, ...change };
  goTo(
    {
      screen: 'operator',
      ...(next.kind ? { kind: next.kind } : {}),
      ...(next.state ? { state: next.state } : {}),
      ...(next.find ? { find: next.find } : {}),
    },
    'replace',
  );
}

function Grid(props: {
  points: readonly UsagePointSummary[];
  meters: readonly MeterStatus[];
  find: string | null;
}) {
  const { points, meters, find } = props;
  const tree = useMemo(() => feederTree(points, meters), [points, meters]);
  if (tree.length === 0) return <Empty title={words.operations.noTree} text={words.operations.noTreeText} />;
  return (
    <GridTree
      substations={tree}
      selected={find}
      onSelect={(transformer) => filterBy({ find: transformer })}
    />
  );
}

function LiveEvents({ zone, today }: { zone: string; today: string }) {
  const [live, setLive] = useState<readonly EventItem[]>([]);
  const list = useResource<ListResult<EventItem>>(
    (abort) => api.list('operations/events', { limit: 60 }, 60, abort),
    [],
  );
  const onEvent = useCallback((event: EventItem) => setLive((known) => mergeEvents(known, [event])), []);
  const state = useEventStream(onEvent, list.refresh);
  return (
    <Card title={words.operations.events} aside={<StreamTag state={state} />} class="card-events">
      <Loaded
        remote={list.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={list.refresh}
        skeleton={<Skeleton kind="list" />}
      >
        {({ items }) => {
          const events = mergeEvents(items, live);
          if (events.length === 0)
            return <Empty title={words.operations.noEvents} text={words.operations.noEventsText} />;
          return <EventList events={events} zone={zone} today={today} label={words.operations.events} />;
        }}
      </Loaded>
    </Card>
  );
}
