/** The events of meters on their way to the registry: logs read and told once, outages seen in gasps, silent routes in silent meters, chattering alarms held back. */
import type { Clock } from '@wattline/base';
import type { EventSink, SystemEvent } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import { type EventScheme, eventCodes } from './event-codes.ts';
import { eventsOfLog, type LogEntry, untoldOf } from './event-log.ts';
import { createChatteringAlarms, holdBack } from './held-alarms.ts';
import { createOutageWatch } from './outage-watch.ts';
import { createRouteWatch } from './route-watch.ts';

/** What comes of events. */
export interface EventDesk {
  /** A sink that tells of each event as the one below does, and after it of an outage, or a route's silence, that begins or ends with it. */
  readonly sink: EventSink;
  /** Clock of the newest entry told of a meter's log; undefined when none was. */
  newestOf(serial: string, scheme: EventScheme): number | undefined;
  /** Tells what entries say that nobody has told yet; resolves when all is on disk. */
  tellLog(entry: FleetMeter, scheme: EventScheme, entries: readonly LogEntry[]): Promise<void>;
  /** Whether a meter is known to be without power. */
  isDark(entry: FleetMeter): boolean;
  /** Transformers that are out. */
  outages(): { readonly transformer: string; readonly dark: number; readonly sinceMs: number }[];
}

/** Opens the desk over a sink; what was told before is read out of the registry. */
export async function openEventDesk(options: {
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly events: EventSink;
  readonly clock: Clock;
}): Promise<EventDesk> {
  const { registry, fleet, events, clock } = options;
  const watch = createOutageWatch(clock);
  const routes = createRouteWatch(clock, fleet);
  const chattering = createChatteringAlarms();
  const newest = await newestEntries(registry);
  const dark = new Set<string>();
  const watchOf = (event: SystemEvent): SystemEvent | undefined => {
    const entry = event.serial === undefined ? undefined : fleet.get(event.serial);
    if (!entry) return undefined;
    if (event.kind === 'power-fail') dark.add(entry.meter.serial);
    if (event.kind === 'power-restore') dark.delete(entry.meter.serial);
    const { transformer } = entry;
    return watch.take(event, { transformer, meters: fleet.countUnder(transformer) });
  };
  /** The gasp is on disk and told before the outage that it completes. */
  const then = async (told: Promise<void>, event: SystemEvent) => {
    await told;
    for (const seen of [watchOf(event), routes.take(event)]) if (seen) await events.report(seen);
  };
  /** A meter behind a route that is known to be silent is no alarm of its own. */
  const report = (event: SystemEvent) => {
    const route = routes.explains(event);
    return events.report(route === undefined ? event : holdBack(event, `route ${route} is silent`));
  };
  const reportAfter = events.reportAfter?.bind(events);
  const sink: EventSink = {
    report: (event) => then(report(event), event),
    ...(reportAfter && {
      reportAfter: (event, ready) => then(reportAfter(event, ready), event),
    }),
  };
  return {
    sink,
    newestOf: (serial, scheme) => newest.get(`${serial}/${scheme}`),
    async tellLog(entry, scheme, entries) {
      const last = entries.at(-1);
      if (!last) return;
      const { serial } = entry.meter;
      const all = eventsOfLog(entry, scheme, entries, clock.now());
      const untold = untoldOf(all, await toldOf(registry, serial, all));
      // An old entry says how it was, not how it is: outages are seen in what meters tell of the moment.
      await Promise.all(untold.map((event) => events.report(chattering.take(event))));
      newest.set(`${serial}/${scheme}`, last.atMs);
    },
    isDark: ({ meter }) => dark.has(meter.serial),
    outages: () => watch.outages(),
  };
}

/** Of every meter and list, the newest entry that became an event. */
async function newestEntries(registry: Registry): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (const scheme of Object.keys(eventCodes)) {
    const rows = await registry
      .selectFrom('event')
      .select((eb) => ['serial', eb.fn.max('occurred_ms').as('newest')])
      .where('code', 'like', `${scheme}/%`)
      .groupBy('serial')
      .execute();
    for (const { serial, newest: atMs } of rows) newest.set(`${serial}/${scheme}`, Number(atMs));
  }
  return newest;
}

const aroundMs = 600_000;

async function toldOf(registry: Registry, serial: string, events: readonly SystemEvent[]) {
  const rows = await registry
    .selectFrom('event')
    .select(['kind', 'occurred_ms'])
    .where('serial', '=', serial)
    .where('occurred_ms', '>=', (events[0]?.occurredMs ?? 0) - aroundMs)
    .execute();
  return rows.map(({ kind, occurred_ms: occurredMs }) => ({ kind, occurredMs }));
}
