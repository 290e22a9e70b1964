/** Figures of a day that several rules ask for, counted once. */
import { quality } from '@wattline/model';

/** What a pass over the columns of a day gives. */
export interface DayTotals {
  /** All flags of the day together. */
  readonly flags: number;
  /** Sum and largest of the slots with a value. */
  readonly sum: number;
  readonly peak: number;
  /** Slots without a value. */
  readonly absent: number;
  /** Slots of the longest stretch over which one value above zero stands still; a slot without a value holds 0. */
  readonly still: number;
}

/** All flags of a day together. */
export function flagsTogether(flags: Uint16Array): number {
  let all = 0;
  for (let slot = 0; slot < flags.length; slot++) all |= flags[slot] as number;
  return all;
}

/** Totals of the columns; a slot that is missing holds 0. */
export function totalsOf(value: Float64Array, flags: Uint16Array): DayTotals {
  let sum = 0;
  let peak = 0;
  let still = 0;
  let from = 0;
  let before = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const found = value[slot] as number;
    sum += found;
    if (found === before) continue;
    if (found > peak) peak = found;
    if (before > 0 && slot - from > still) still = slot - from;
    from = slot;
    before = found;
  }
  if (before > 0 && value.length - from > still) still = value.length - from;
  const all = flagsTogether(flags);
  return { flags: all, sum, peak, absent: (all & quality.missing) === 0 ? 0 : absentOf(flags), still };
}

function absentOf(flags: Uint16Array): number {
  let absent = 0;
  for (const bits of flags) if ((bits & quality.missing) !== 0) absent++;
  return absent;
}
