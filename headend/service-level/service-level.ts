/** The service-level ledger: what was expected, what came, and for each interval that did not, its one cause; by route, model, firmware, day. */
import { type Clock, dateOf } from '@wattline/base';
import { channelIdOf, type ReadingProgress } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { mappingOf, readingTypesOf } from '../collection/mapping.ts';
import { alignRanges } from '../collection/time-ranges.ts';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import {
  type Attempt,
  causeOf,
  type Evidence,
  type Finding,
  type MissingCause,
  missingCauses,
} from './interval-cause.ts';

/** By what the ledger is summed. */
export const serviceGroups = ['all', 'route', 'model', 'firmware', 'day'] as const;
export type ServiceGroup = (typeof serviceGroups)[number];

/** Expected intervals of a group, and what became of them; received + missing = expected. */
export interface ServiceLevelRow {
  readonly group: string;
  readonly expected: number;
  readonly received: number;
  readonly missing: Readonly<Record<MissingCause, number>>;
}

/** A stretch of missing intervals with one cause. */
export interface MissingStretch {
  readonly serial: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly cause: MissingCause;
}

/** A meter without contact; null when it was never reached. */
export interface SilentEntry {
  readonly serial: string;
  readonly usagePointId: string;
  readonly lastContactMs: number | null;
}

/** The ledger. */
export interface ServiceLevel {
  /** Sums over intervals that start in [startMs, endMs) and have ended. */
  rows(period: {
    readonly startMs: number;
    readonly endMs: number;
    readonly by: ServiceGroup;
  }): Promise<ServiceLevelRow[]>;
  /** What is missing of one meter, oldest first. */
  missing(
    serial: string,
    period: { readonly startMs: number; readonly endMs: number },
  ): Promise<MissingStretch[]>;
  /** Meters without contact for so many hours, longest first. */
  silent(hours: number): SilentEntry[];
}

const hourMs = 3_600_000;

/** A ledger over what the head-end has on record and what meter data management knows. */
export function createServiceLevel(options: {
  readonly registry: Registry;
  readonly progress: ReadingProgress;
  readonly fleet: Fleet;
  readonly clock: Clock;
}): ServiceLevel {
  const { registry, progress, fleet, clock } = options;

  const stretchesOf = async (entry: FleetMeter, period: Period, records: Records) => {
    const { meter } = entry;
    const stepMs = meter.intervalSeconds * 1000;
    const range = expectedRange(entry, period, clock.now());
    if (range.startMs >= range.endMs) return { expected: 0, stretches: [] };
    const lead = channelIdOf(meter.usagePointId, readingTypesOf(mappingOf(meter.profile).intervals)[0] ?? '');
    const gaps = alignRanges(await progress.gaps(lead, range.startMs, range.endMs), stepMs);
    const evidence = records.evidenceOf(entry);
    const stretches: MissingStretch[] = [];
    for (const gap of gaps) {
      for (let at = gap.startMs; at < gap.endMs; at += stepMs) {
        const cause = causeOf({ startMs: at, endMs: at + stepMs }, evidence);
        const last = stretches.at(-1);
        if (last?.cause === cause && last.endMs === at)
          stretches.splice(-1, 1, { ...last, endMs: at + stepMs });
        else stretches.push({ serial: meter.serial, startMs: at, endMs: at + stepMs, cause });
      }
    }
    return { expected: (range.endMs - range.startMs) / stepMs, stretches };
  };

  return {
    async rows({ by, ...period }) {
      const records = await readRecords(registry, fleet, period);
      const sums = new Map<string, Sum>();
      for (const entry of fleet.all()) {
        for (const part of by === 'day' ? daysOf(period, entry.zone) : [{ ...period, name: '' }]) {
          const { expected, stretches } = await stretchesOf(entry, part, records);
          const sum = sumOf(sums, by === 'day' ? part.name : records.groupOf(entry, by));
          sum.expected += expected;
          for (const { startMs, endMs, cause } of stretches) {
            sum.missing[cause] += (endMs - startMs) / (entry.meter.intervalSeconds * 1000);
          }
        }
      }
      return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, sum]) => rowOf(group, sum));
    },
    async missing(serial, period) {
      const entry = fleet.get(serial);
      if (!entry) return [];
      const { stretches } = await stretchesOf(
        entry,
        period,
        await readRecords(registry, fleet, period, entry),
      );
      return stretches;
    },
    silent(hours) {
      const beforeMs = clock.now() - hours * hourMs;
      return fleet
        .standing()
        .filter(({ status }) => (status.lastContactMs ?? 0) < beforeMs)
        .map(({ meter: { serial, usagePointId }, status: { lastContactMs } }) => ({
          ...{ serial, usagePointId, lastContactMs },
        }))
        .sort((a, b) => (a.lastContactMs ?? 0) - (b.lastContactMs ?? 0));
    },
  };
}

interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whole intervals of a period that the meter was there for and that have ended; the one in which meters were exchanged is of neither. */
function expectedRange(
  { meter, removedMs = Number.POSITIVE_INFINITY }: FleetMeter,
  { startMs, endMs }: Period,
  nowMs: number,
): Period {
  const stepMs = meter.intervalSeconds * 1000;
  return {
    startMs: Math.ceil(Math.max(startMs, meter.installedAtMs) / stepMs) * stepMs,
    endMs: Math.floor(Math.min(endMs, nowMs, removedMs) / stepMs) * stepMs,
  };
}

function* daysOf({ startMs, endMs }: Period, zone: string): Iterable<Period & { readonly name: string }> {
  for (let at = startMs; at < endMs; ) {
    const name = dateOf(at, zone);
    const next = Temporal.PlainDate.from(name).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
    yield { startMs: at, endMs: Math.min(next, endMs), name };
    at = next;
  }
}

interface Sum {
  expected: number;
  readonly missing: Record<MissingCause, number>;
}

function sumOf(sums: Map<string, Sum>, group: string): Sum {
  const known = sums.get(group);
  if (known) return known;
  const missing = Object.fromEntries(Object.keys(missingCauses).map((cause) => [cause, 0]));
  const sum: Sum = { expected: 0, missing: missing as Record<MissingCause, number> };
  sums.set(group, sum);
  return sum;
}

function rowOf(group: string, { expected, missing }: Sum): ServiceLevelRow {
  const lost = Object.values(missing).reduce((sum, count) => sum + count, 0);
  return { group, expected, received: expected - lost, missing };
}

/** What is on record for a period, in memory: the sessions since it began, findings, outages. */
interface Records {
  evidenceOf(entry: FleetMeter): Evidence;
  groupOf(entry: FleetMeter, by: ServiceGroup): string;
}

async function readRecords(
  registry: Registry,
  fleet: Fleet,
  { startMs, endMs }: Period,
  only?: FleetMeter,
): Promise<Records> {
  const onRoute = only && [...fleet.all()].filter((one) => one === only || isSameRoute(one, only));
  const serials = onRoute?.map(({ meter }) => meter.serial);
  let exchanges = registry
    .selectFrom('exchange')
    .select(['serial', 'started_ms as startedMs', 'outcome', 'code'])
    .where('started_ms', '>=', startMs)
    .orderBy('started_ms');
  if (serials && serials.length <= 1000) exchanges = exchanges.where('serial', 'in', serials);
  const attempts = group(await exchanges.execute(), ({ serial }) => serial);
  let found = registry
    .selectFrom('interval_finding')
    .selectAll()
    .where('end_ms', '>', startMs)
    .where('start_ms', '<', endMs);
  if (only) found = found.where('serial', '=', only.meter.serial);
  const findings = group(await found.execute(), ({ serial }) => serial);
  let power = registry
    .selectFrom('event')
    .select(['serial', 'kind', 'occurred_ms'])
    .where('kind', 'in', ['power-fail', 'power-restore'])
    .orderBy('occurred_ms');
  if (only) power = power.where('serial', '=', only.meter.serial);
  const outages = group(await power.execute(), ({ serial }) => serial ?? '');
  const byRoute = new Map<string, Attempt[]>();
  for (const { meter } of onRoute ?? fleet.all()) {
    if (meter.route === undefined) continue;
    const known = byRoute.get(meter.route) ?? [];
    byRoute.set(meter.route, known);
    known.push(...(attempts.get(meter.serial) ?? []));
  }
  for (const list of byRoute.values()) list.sort((a, b) => a.startedMs - b.startedMs);
  let versions = registry.selectFrom('meter').select(['serial', 'firmware']);
  if (only) versions = versions.where('serial', '=', only.meter.serial);
  const firmware = new Map((await versions.execute()).map((row) => [row.serial, row.firmware]));
  return {
    evidenceOf({ meter }) {
      const { serial, route } = meter;
      return {
        serial,
        findings: (findings.get(serial) ?? []).map(findingOf),
        dark: darkOf(outages.get(serial) ?? []),
        attempts: attempts.get(serial) ?? [],
        routeAttempts: (route === undefined ? [] : (byRoute.get(route) ?? [])).filter(
          (one) => one.serial !== serial,
        ),
      };
    },
    groupOf({ meter }, by) {
      if (by === 'route') return meter.route ?? 'none';
      if (by === 'model') return `${meter.make} ${meter.profile}`;
      if (by === 'firmware') return firmware.get(meter.serial) ?? 'unknown';
      return 'all';
    },
  };
}

function isSameRoute(one: FleetMeter, other: FleetMeter): boolean {
  return one.meter.route !== undefined && one.meter.route === other.meter.route;
}

function findingOf(row: {
  start_ms: number;
  end_ms: number;
  cause: Finding['cause'];
  exchange_id: string;
}): Finding {
  return { startMs: row.start_ms, endMs: row.end_ms, cause: row.cause, exchangeId: row.exchange_id };
}

/** Outages out of events in order of time; a failure without a return lasts. */
function darkOf(
  events: readonly { kind: string; occurred_ms: number }[],
): { startMs: number; endMs: number }[] {
  const dark: { startMs: number; endMs: number }[] = [];
  let failedMs: number | undefined;
  for (const { kind, occurred_ms: atMs } of events) {
    if (kind === 'power-fail') failedMs ??= atMs;
    else if (failedMs !== undefined) {
      dark.push({ startMs: failedMs, endMs: atMs });
      failedMs = undefined;
    }
  }
  if (failedMs !== undefined) dark.push({ startMs: failedMs, endMs: Number.POSITIVE_INFINITY });
  return dark;
}

function group<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const known = groups.get(keyOf(row));
    if (known) known.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
