/** Gathers what a bill stands on: whose it is, which part of the month it covers, readings as known at one instant. */
import { localMonth, type Period } from '@wattline/base';
import { countedBetween, type RegisterCourse } from '@wattline/mdm';
import { type Bill, channelIdOf, type ReadingSource, type Series, type Tariff } from '@wattline/model';
import { firstMeters, type Registry } from '@wattline/store/registry';
import { appsError } from '../errors.ts';
import { isSilent, silentSeries } from './day-sums.ts';
import type { RatingInputs } from './rating-inputs.ts';
import { type Read, shareReads } from './shared-reads.ts';

/** Where readings come from; register reads too, for points that have nothing else, and how registers ran. */
export type BilledReadings = ReadingSource & {
  reads(channel: string, period: Period, asOfMs?: number): Promise<readonly Read[]>;
  /** Exchanges, resets and rollovers of a register as known at `asOfMs`. */
  course(channel: string, asOfMs?: number): Promise<RegisterCourse>;
};

/** A usage point as billing sees it. */
export interface BilledPoint {
  readonly usagePointId: string;
  readonly tariffId: string;
  /** When its first meter was installed, UTC ms. */
  readonly installedMs: number;
  readonly intervalSeconds: number;
}

/** The usage point and its meters. Throws `apps/unknown-usage-point` or `apps/no-meter`. */
export async function findBilledPoint(registry: Registry, usagePointId: string): Promise<BilledPoint> {
  const point = await registry
    .selectFrom('usage_point')
    .select('tariff_id')
    .where('id', '=', usagePointId)
    .executeTakeFirst();
  if (!point) {
    const message = `expected the id of a usage point, found '${usagePointId}'`;
    throw appsError('apps/unknown-usage-point', message, { usagePointId });
  }
  const meters = await registry
    .selectFrom('meter')
    .select(['installed_ms', 'interval_seconds'])
    .where('usage_point_id', '=', usagePointId)
    .orderBy('installed_ms')
    .execute();
  const [first] = meters;
  const last = meters.at(-1);
  const tariffId = point.tariff_id;
  if (!first || !last) {
    // A meter that nobody can ask is known by what was said of it.
    const [oneWay] = await firstMeters(registry, usagePointId);
    if (oneWay) return { usagePointId, tariffId, installedMs: oneWay.fromMs, intervalSeconds: sharedSeconds };
    throw appsError('apps/no-meter', `${usagePointId} has no meter, so there is nothing to bill`, {
      usagePointId,
    });
  }
  return {
    usagePointId,
    tariffId,
    installedMs: first.installed_ms,
    intervalSeconds: last.interval_seconds,
  };
}

/** Length of the slots over which register reads are shared: every switch of a tariff lies on a quarter-hour. */
const sharedSeconds = 900;
/** How far from the month the read before it and the read after it are looked for. */
const reachMs = 400 * 86_400_000;

/**
 * The part of `month` that is billed at `nowMs`: from the month's start or the interval of the installation, to its end
 * or, while it runs, to the last full interval. Throws `apps/bad-month`, `apps/month-not-begun`, `apps/month-before-installation`.
 */
export function billedPeriod(
  point: BilledPoint,
  { month, zone, nowMs }: { readonly month: string; readonly zone: string; readonly nowMs: number },
): { readonly period: Period; readonly state: Bill['state'] } {
  const { usagePointId } = point;
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw appsError('apps/bad-month', `expected a month as 2026-10, found '${month.slice(0, 40)}'`, {
      month,
    });
  }
  const whole = localMonth(month, zone);
  const stepMs = point.intervalSeconds * 1000;
  const onGrid = (instantMs: number) => Math.floor(instantMs / stepMs) * stepMs;
  const startMs = Math.max(whole.startMs, onGrid(point.installedMs));
  if (startMs > nowMs && whole.endMs > point.installedMs) {
    throw appsError('apps/month-not-begun', `${month} has not begun at ${usagePointId}`, {
      usagePointId,
      month,
    });
  }
  if (whole.endMs <= point.installedMs) {
    const message = `${month} ended before the meter of ${usagePointId} was installed`;
    throw appsError('apps/month-before-installation', message, { usagePointId, month });
  }
  if (whole.endMs <= nowMs) return { state: 'closed', period: { startMs, endMs: whole.endMs } };
  return { state: 'projection', period: { startMs, endMs: Math.max(startMs, onGrid(nowMs)) } };
}

/**
 * Reads series and registers over `period`, all as known at one instant: at `asOfMs`, or at the present knowledge time of
 * the readings when it is left out. That time is the source's to tell: it may run ahead of the clock when much comes at once.
 */
export async function gatherInputs(options: {
  readonly registry: Registry;
  readonly readings: BilledReadings;
  readonly point: BilledPoint;
  readonly tariff: Tariff;
  readonly month: string;
  readonly state: Bill['state'];
  readonly period: Period;
  readonly version: number;
  readonly nowMs: number;
  readonly asOfMs?: number;
}): Promise<RatingInputs> {
  const { registry, readings, point, tariff, period } = options;
  const { usagePointId } = point;
  const known = await knownChannels(registry, usagePointId);
  const seriesOf = async (readingType: string, asOfMs?: number): Promise<Series> => {
    const channel = channelIdOf(usagePointId, readingType);
    const { intervalSeconds } = point;
    if (!known.has(channel) || period.startMs >= period.endMs) {
      const silent = silentSeries(channel, period, { intervalSeconds, asOfMs: asOfMs ?? options.nowMs });
      const total = `${channel}-total`;
      if (!known.has(total) || known.has(channel)) return silent;
      const around = { startMs: period.startMs - reachMs, endMs: period.endMs + reachMs };
      const reads = await readings.reads(total, around, silent.asOfMs);
      return shareReads(silent, reads, await readings.course(total, silent.asOfMs));
    }
    return readings.series(channel, period, asOfMs);
  };
  const delivered = await seriesOf('delivered', options.asOfMs);
  const asOfMs = options.asOfMs ?? delivered.asOfMs;
  const received = tariff.received.scheme === 'none' ? null : await seriesOf('received', asOfMs);
  const total = channelIdOf(usagePointId, 'delivered-total');
  // A register read at installation stands at that instant, which need not lie on the grid.
  const registerPeriod = { startMs: Math.max(point.installedMs, period.startMs), endMs: period.endMs };
  return {
    usagePointId,
    version: options.version,
    month: options.month,
    state: options.state,
    period,
    tariff,
    asOfMs,
    delivered,
    // A meter that says nothing of -A has no solar behind it; its silence is no gap.
    received: received === null || isSilent(received) ? null : received,
    registers: known.has(total)
      ? await registersOf(readings, total, { ...registerPeriod, asOfMs })
      : { start: null, end: null },
  };
}

/** A register at both ends of a period, and what it counted between them where that is not the one less the other. */
async function registersOf(
  readings: BilledReadings,
  channel: string,
  { startMs, endMs, asOfMs }: Period & { readonly asOfMs: number },
): Promise<RatingInputs['registers']> {
  const start = await readings.register(channel, startMs, asOfMs);
  const end = await readings.register(channel, endMs, asOfMs);
  if (start === null || end === null) return { start, end };
  const span = { start: startMs / 1000, from: start, end: endMs / 1000, to: end };
  const counted = countedBetween(span, await readings.course(channel, asOfMs));
  return counted === end - start ? { start, end } : { start, end, counted };
}

async function knownChannels(registry: Registry, usagePointId: string): Promise<Set<string>> {
  const rows = await registry
    .selectFrom('channel')
    .select('id')
    .where('usage_point_id', '=', usagePointId)
    .execute();
  return new Set(rows.map((row) => row.id));
}
