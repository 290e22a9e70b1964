/**
 * How long data is kept, by class, and what goes when it is older. Nothing goes that an open bill still needs. The job runs on a
 * directory that no server has open, tells first what it would do, and leaves an event for each class that it took from.
 */
import { join } from 'node:path';
import { CodedError, type Log } from '@wattline/base';
import { discardReadingsIndex } from '@wattline/mdm';
import { openReadingsStore, type ReadingsStore, type ServerSettings } from '@wattline/store/readings';
import { openRegistry, type Registry, removedMeters } from '@wattline/store/registry';

const dayMs = 86_400_000;

/** Classes of data and the fewest months that may be asked for: bills and comparisons with a year ago need thirteen. */
export const retentionClasses = {
  readings: { leastMonths: 13, holds: 'every version of every interval and register reading' },
  verdicts: { leastMonths: 1, holds: 'what the rules said of them' },
  events: { leastMonths: 1, holds: 'events of meters and of the system' },
  exchanges: { leastMonths: 1, holds: 'conversations with meters, frames included' },
} as const;
export type RetentionClass = keyof typeof retentionClasses;

/** The UTC date of an instant. */
export function utcDate(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toString().slice(0, 10);
}

/** Months that each class is kept; a class that is left out is kept for ever. */
export type RetentionPolicy = Partial<Readonly<Record<RetentionClass, number>>>;

/** What would go of a class. */
export interface RetentionStep {
  readonly name: RetentionClass;
  readonly months: number;
  /** What is older goes, UTC ms: the beginning of a UTC month. */
  readonly beforeMs: number;
  /** True when bills that are not closed keep more than was asked. */
  readonly isHeldBack: boolean;
  /** Rows that go; of readings and verdicts by year. */
  readonly rows: number;
  readonly years?: readonly { readonly year: number; readonly rows: number; readonly isWhole: boolean }[];
}

export interface RetentionOptions {
  readonly directory: string;
  readonly registryUrl?: string;
  readonly readingsServer?: ServerSettings;
  readonly policy: RetentionPolicy;
  readonly nowMs: number;
  readonly log: Log;
  /** Who asked, for the record. */
  readonly actor: string;
  /** Tells only, unless set. */
  readonly run?: boolean;
}

/**
 * Tells what is too old and, when asked to, removes it.
 * @throws CodedError `system/bad-retention`, and those of the stores
 */
export async function retain(options: RetentionOptions): Promise<RetentionStep[]> {
  const { directory, policy, readingsServer, log } = options;
  expectPolicy(policy);
  const registry = await openRegistry(options.registryUrl ?? join(directory, 'registry.sqlite'));
  try {
    const store = await openReadingsStore({
      directory: join(directory, 'readings', 'store'),
      ...(readingsServer ? { server: readingsServer } : {}),
      log,
    });
    try {
      return await retainIn({ ...options, registry, store });
    } finally {
      await store.close();
    }
  } finally {
    await registry.destroy();
  }
}

interface Opened extends RetentionOptions {
  readonly registry: Registry;
  readonly store: ReadingsStore;
}

async function retainIn(opened: Opened): Promise<RetentionStep[]> {
  const { policy, nowMs, registry, run } = opened;
  const neededMs = await oldestUnbilled(registry, nowMs);
  const steps: RetentionStep[] = [];
  for (const name of Object.keys(retentionClasses) as RetentionClass[]) {
    const months = policy[name];
    if (months === undefined) continue;
    const askedMs = monthsBefore(nowMs, months);
    const isHeldBack = name === 'readings' && neededMs < askedMs;
    const beforeMs = isHeldBack ? neededMs : askedMs;
    const step = { name, months, beforeMs, isHeldBack, ...(await agedIn(opened, name, beforeMs)) };
    if (run && step.rows > 0) await remove(opened, step);
    steps.push(step);
  }
  return steps;
}

function expectPolicy(policy: RetentionPolicy): void {
  for (const [name, months] of Object.entries(policy)) {
    const known = Object.hasOwn(retentionClasses, name)
      ? retentionClasses[name as RetentionClass]
      : undefined;
    const where = { class: name };
    if (!known) {
      const names = Object.keys(retentionClasses).join(', ');
      throw new CodedError('system/bad-retention', `expected one of ${names}, found '${name}'`, where);
    }
    if (!Number.isInteger(months) || months < known.leastMonths) {
      const what = `${name}: expected whole months, ${known.leastMonths} at least, found ${JSON.stringify(months)}`;
      throw new CodedError('system/bad-retention', what, where);
    }
  }
}

/** The beginning of the UTC month `months` before that of `nowMs`. */
function monthsBefore(nowMs: number, months: number): number {
  const month = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO('UTC').with({ day: 1 });
  return month.startOfDay().subtract({ months }).epochMilliseconds;
}

/** The beginning of the first month that is not billed of some point with a meter that had bills before; a day is left for zones. */
async function oldestUnbilled(registry: Registry, nowMs: number): Promise<number> {
  const billed = await registry
    .selectFrom('bill')
    .where('state', '=', 'closed')
    .select(({ fn }) => ['usage_point_id', fn.max('month').as('month')])
    .groupBy('usage_point_id')
    .execute();
  if (billed.length === 0) return Number.POSITIVE_INFINITY;
  const removed = await removedMeters(registry, nowMs);
  const meters = await registry.selectFrom('meter').select(['serial', 'usage_point_id']).execute();
  const metered = new Set(
    meters.filter(({ serial }) => !removed.has(serial)).map((meter) => meter.usage_point_id),
  );
  let oldest = Number.POSITIVE_INFINITY;
  for (const { usage_point_id, month } of billed) {
    if (!metered.has(usage_point_id)) continue;
    const next = Temporal.PlainYearMonth.from(String(month)).add({ months: 1 }).toPlainDate({ day: 1 });
    oldest = Math.min(oldest, next.toZonedDateTime('UTC').epochMilliseconds - dayMs);
  }
  return oldest;
}

async function agedIn(
  { store, registry }: Opened,
  name: RetentionClass,
  beforeMs: number,
): Promise<Pick<RetentionStep, 'rows' | 'years'>> {
  if (name === 'readings' || name === 'verdicts') {
    const years = await store.aged(name === 'readings' ? 'block' : 'verdict', beforeMs / 1000);
    return { rows: years.reduce((sum, { rows }) => sum + rows, 0), years };
  }
  const counted =
    name === 'events'
      ? registry
          .selectFrom('event')
          .where('received_ms', '<', beforeMs)
          .select(({ fn }) => fn.countAll().as('rows'))
      : registry
          .selectFrom('exchange')
          .where('ended_ms', '<', beforeMs)
          .select(({ fn }) => fn.countAll().as('rows'));
  const { rows } = await counted.executeTakeFirstOrThrow();
  return { rows: Number(rows) };
}

/** The record first: a fall in between leaves a record of what is then removed by the next run. */
async function remove(opened: Opened, step: RetentionStep): Promise<void> {
  const { directory, registry, store, nowMs, actor } = opened;
  const { name, beforeMs, rows, months } = step;
  const until = utcDate(beforeMs);
  await registry
    .insertInto('event')
    .values({
      kind: 'data-forgotten',
      occurred_ms: nowMs,
      received_ms: nowMs,
      usage_point_id: null,
      serial: null,
      code: null,
      message: `${name} before ${until}, ${rows} rows, kept ${months} months; by ${actor}`,
    })
    .execute();
  if (name === 'events') await registry.deleteFrom('event').where('received_ms', '<', beforeMs).execute();
  else if (name === 'exchanges')
    await registry.deleteFrom('exchange').where('ended_ms', '<', beforeMs).execute();
  else {
    await discardReadingsIndex(join(directory, 'readings'));
    await store.forget(name === 'readings' ? 'block' : 'verdict', beforeMs / 1000);
  }
}
