/** Slots of a day in words: ranges and their instants in UTC. */
import { formatInstant } from '@wattline/base';
import type { Range } from '../channels/range-set.ts';

/** Runs of neighbouring slots, as half-open ranges of slot numbers. */
export function slotRanges(slots: readonly number[]): Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const slot of slots) {
    const last = ranges[ranges.length - 1];
    if (last?.end === slot) last.end = slot + 1;
    else ranges.push({ start: slot, end: slot + 1 });
  }
  return ranges;
}

/** A range of slots as instants: `2026-03-01T10:00:00Z/11:00:00Z`. */
export function timeRange(day: { start: number; intervalSeconds: number }, range: Range): string {
  const from = formatInstant((day.start + range.start * day.intervalSeconds) * 1000);
  const to = formatInstant((day.start + range.end * day.intervalSeconds) * 1000);
  return from.slice(0, 11) === to.slice(0, 11) ? `${from}/${to.slice(11)}` : `${from}/${to}`;
}
