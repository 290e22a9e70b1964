/** A channel's readings as days of a zone: what charts, calendars and sums are drawn from. */
import type { ReadingSeries } from '@wattline/model';
import { countMarks, type Mark, type MarkCounts, markOf } from './quality-mark.ts';
import { addDays, dayStart, offsetMinutes, wallOf } from './zone-time.ts';

/** One interval, [startMs, endMs). */
export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  /** Wh, exact; null where there is none. */
  readonly wh: bigint | null;
  /** Average power in W, for pictures; null where there is no value. */
  readonly watts: number | null;
  readonly quality: number;
  readonly mark: Mark;
  /** Minute of the local day at which the interval starts. */
  readonly minute: number;
}

/** A local day with its intervals. */
export interface Day {
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly slots: readonly Slot[];
  readonly wh: bigint;
  readonly counts: MarkCounts;
  /** The clock changes on this day: it has 23 or 25 hours. */
  readonly hasClockChange: boolean;
}

const hourSeconds = 3600;

/** The intervals of a series, in order. */
export function slotsOf(series: ReadingSeries, zone: string): Slot[] {
  const startMs = Date.parse(series.start);
  const stepMs = series.intervalSeconds * 1000;
  const minuteAt = minuteReader(zone);
  const slots = series.value.map((value, index): Slot => {
    const at = startMs + index * stepMs;
    const bits = series.quality[index] ?? 0;
    const mark = markOf(value === null ? 0 : bits);
    const wh = value === null || mark === 'missing' ? null : toWh(value, series.scale);
    const watts = wh === null ? null : (Number(wh) * hourSeconds) / series.intervalSeconds;
    return { startMs: at, endMs: at + stepMs, wh, watts, quality: bits, mark, minute: minuteAt(at) };
  });
  return markAwaited(slots, Date.parse(series.asOf));
}

/** Channels of sub-Wh scale lose their fraction here, in a picture; bills never pass through the screen. */
function toWh(value: number | string, scale: number): bigint {
  const integer = BigInt(value);
  return scale >= 0 ? integer * 10n ** BigInt(scale) : integer / 10n ** BigInt(-scale);
}

/** Clocks are set at quarters of an hour of UTC: one look-up a quarter is enough. */
function minuteReader(zone: string): (atMs: number) => number {
  let quarter = Number.NaN;
  let offset = 0;
  return (atMs) => {
    const current = Math.floor(atMs / (15 * 60_000));
    if (current !== quarter) {
      quarter = current;
      offset = offsetMinutes(atMs, zone);
    }
    return (((Math.floor(atMs / 60_000) + offset) % 1440) + 1440) % 1440;
  };
}

const awaitedWithinMs = 24 * hourSeconds * 1000;

/** Missing intervals after the last known one are not lost, only not read yet, as long as they are less than a day old. */
function markAwaited(slots: readonly Slot[], asOfMs: number): Slot[] {
  const last = slots.findLastIndex((slot) => slot.mark !== 'missing');
  return slots.map((slot, index) => {
    const isAwaited = index > last && slot.endMs > asOfMs - awaitedWithinMs;
    return isAwaited ? { ...slot, mark: 'awaited' } : slot;
  });
}

/** Intervals grouped by local day, in order; days without any interval in the series do not occur. */
export function daysOf(slots: readonly Slot[], zone: string): Day[] {
  const days: Day[] = [];
  let at = 0;
  while (at < slots.length) {
    const { date } = wallOf((slots[at] as Slot).startMs, zone);
    const startMs = dayStart(date, zone);
    const endMs = dayStart(addDays(date, 1), zone);
    let end = at;
    while (end < slots.length && (slots[end] as Slot).startMs < endMs) end++;
    const own = slots.slice(at, end);
    days.push({
      date,
      startMs,
      endMs,
      slots: own,
      wh: sumWh(own),
      counts: countMarks(own.map((slot) => slot.mark)),
      hasClockChange: endMs - startMs !== 24 * hourSeconds * 1000,
    });
    at = end;
  }
  return days;
}

/** Sum of what has a value, Wh. */
export function sumWh(slots: readonly Slot[]): bigint {
  return slots.reduce((sum, slot) => sum + (slot.wh ?? 0n), 0n);
}

/** The end of the last interval that has a value, or null: how far the readings reach. */
export function knownUntil(slots: readonly Slot[]): number | null {
  return slots.findLast((slot) => slot.wh !== null)?.endMs ?? null;
}

/**
 * The typical day: the median average power (W) of past days at each minute of the day at which intervals start.
 * Median, so that one holiday does not bend it. Days by estimates count as others do.
 */
export function typicalDay(days: readonly Day[]): ReadonlyMap<number, number> {
  const byMinute = new Map<number, number[]>();
  for (const day of days) {
    for (const slot of day.slots) {
      if (slot.watts === null || slot.mark === 'suspect') continue;
      const list = byMinute.get(slot.minute) ?? [];
      list.push(slot.watts);
      byMinute.set(slot.minute, list);
    }
  }
  return new Map([...byMinute].map(([minute, watts]) => [minute, median(watts)]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** How much the known intervals of a day differ from a typical day over the same minutes, as a share; null without one. */
export function comparedWithTypical(
  slots: readonly Slot[],
  typical: ReadonlyMap<number, number>,
): number | null {
  let own = 0;
  let usual = 0;
  for (const slot of slots) {
    const watts = typical.get(slot.minute);
    if (slot.watts === null || watts === undefined) continue;
    own += slot.watts;
    usual += watts;
  }
  return usual > 0 ? own / usual - 1 : null;
}

/** The upper end of a colour scale over power: near the top, so that one kettle does not flatten the rest. */
export function scaleTop(slots: readonly Slot[], share = 0.985): number {
  const watts = slots.flatMap((slot) => (slot.watts === null ? [] : [slot.watts])).sort((a, b) => a - b);
  const top = watts[Math.min(watts.length - 1, Math.floor(watts.length * share))] ?? 0;
  return roundUp(Math.max(top, 100));
}

/** The next of 1, 1.5, 2, 3, 4, 5, 6, 8 x 10^n at or above `value`: ends of scales that a person can read. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((candidate) => value <= candidate * power * (1 + 1e-9));
  return (step ?? 10) * power;
}
