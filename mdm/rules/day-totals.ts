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

/** Totals of the columns; a slot that is missing holds 0. */
export function totalsOf(value: Float64Array, flags: Uint16Array): DayTotals {
  let all = 0;
  let sum = 0;
  let peak = 0;
  let absent = 0;
  let still = 0;
  let run = 0;
  let before = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const bits = flags[slot] as number;
    const found = value[slot] as number;
    all |= bits;
    if (found === before) run++;
    else {
      if (run > still && before > 0) still = run;
      run = 1;
      before = found;
    }
    if ((bits & quality.missing) !== 0) {
      absent++;
      continue;
    }
    sum += found;
    if (found > peak) peak = found;
  }
  if (run > still && before > 0) still = run;
  return { flags: all, sum, peak, absent, still };
}
