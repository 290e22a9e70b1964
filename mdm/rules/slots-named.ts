/** A failure told with its intervals. */
import { quality } from '@wattline/model';
import { slotRanges, timeRange } from '../review/slot-text.ts';
import type { Columns, DayColumns, RuleOutcome } from './rule.ts';

/** Ranges named in a detail; more are counted. */
const rangesNamed = 6;

/** A failure of some slots: `<count> <what>: <ranges>`. */
export function failedSlots(day: DayColumns, slots: readonly number[], what: string): RuleOutcome {
  const ranges = slotRanges(slots);
  const named = ranges.slice(0, rangesNamed).map((range) => timeRange(day, range));
  const more = ranges.length > rangesNamed ? ` and ${ranges.length - rangesNamed} more` : '';
  return { hasFailed: true, detail: `${slots.length} ${what}: ${named.join(', ')}${more}`, slots };
}

/** Whether a slot has a value. */
export function isKnown(columns: Columns, slot: number): boolean {
  return ((columns.quality[slot] as number) & quality.missing) === 0;
}

/** Sum of the slots with a value, and how many lack one. */
export function sumAndAbsent(columns: Columns): { readonly sum: number; readonly absent: number } {
  let sum = 0;
  let absent = 0;
  for (let slot = 0; slot < columns.value.length; slot++) {
    if (isKnown(columns, slot)) sum += columns.value[slot] as number;
    else absent++;
  }
  return { sum, absent };
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

/** Whether the reading type counts energy: what a zero, a sum or a peak means is known for it. */
export function isEnergy(day: DayColumns): boolean {
  return day.readingType !== 'voltage' && day.readingType !== 'current';
}
