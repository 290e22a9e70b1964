/** Estimates the slots of a day that have no value to stand on, so that the day sums to its register when that is known. */
import { quality } from '@wattline/model';
import type { MdmPolicy } from '../policy.ts';
import { slotRanges, timeRange } from '../review/slot-text.ts';
import type { DayColumns } from '../rules/rule.ts';
import { apportion } from './apportion.ts';
import { type LikeDay, likeDayValue } from './like-day.ts';
import { interpolate } from './linear.ts';

/** The methods, as they stand in a version's `method`. */
export const estimationMethods = {
  linear: 'Straight line between the neighbours of a gap of up to two hours',
  'like-day': 'Mean of the same local time on like days of the previous weeks',
  even: 'What the register leaves, shared evenly: no like day knows the time',
} as const;
export type EstimationMethod = keyof typeof estimationMethods;

/** An estimated slot. */
export interface EstimatedSlot {
  readonly slot: number;
  readonly value: number;
  readonly method: EstimationMethod;
}

/** What was estimated, and in words from what. */
export interface DayEstimate {
  readonly slots: readonly EstimatedSlot[];
  readonly detail: string;
}

export interface EstimateInput {
  readonly day: DayColumns;
  /** Slots to estimate, ascending. */
  readonly slots: readonly number[];
  /** Measured value just before the day and just after it, or null. */
  readonly before: number | null;
  readonly after: number | null;
  /** Minute of the local day of each slot. */
  readonly minutes: readonly number[];
  readonly likeDays: readonly LikeDay[];
  /** What the estimated slots must sum to, or null when no register says. */
  readonly remainder: number | null;
}

interface Draft {
  readonly slot: number;
  readonly raw: number | null;
  readonly method: EstimationMethod;
}

/** Estimates; a slot for which there is no basis at all is left out. */
export function estimateDay(input: EstimateInput, policy: MdmPolicy): DayEstimate {
  const { day, remainder } = input;
  const notes: string[] = [];
  const drafts: Draft[] = [];
  for (const range of slotRanges(input.slots)) {
    const count = range.end - range.start;
    const before = range.start > 0 ? measuredAt(input, range.start - 1) : input.before;
    const after = range.end < day.value.length ? measuredAt(input, range.end) : input.after;
    const isShort = count * day.intervalSeconds <= policy.linearLongestSeconds;
    if (isShort && before !== null && after !== null) {
      interpolate(before, after, count).forEach((raw, index) => {
        drafts.push({ slot: range.start + index, raw, method: 'linear' });
      });
      notes.push(`linear ${timeRange(day, range)} between ${before} and ${after} Wh`);
    } else drafts.push(...draftLikeDay(input, range, notes));
  }
  if (remainder === null) {
    const slots = drafts.flatMap(({ slot, raw, method }) =>
      raw === null ? [] : [{ slot, value: raw, method }],
    );
    return { slots, detail: notes.join('; ') };
  }
  const weights = weightsOf(drafts);
  const shares = apportion(remainder, weights);
  const before = weights.reduce((sum, weight) => sum + weight, 0);
  notes.push(`${Math.round(before)} Wh scaled to the ${remainder} Wh that the register leaves`);
  const slots = drafts.map(({ slot, method }, index) => ({ slot, value: shares[index] as number, method }));
  return { slots, detail: notes.join('; ') };
}

function draftLikeDay(input: EstimateInput, range: { start: number; end: number }, notes: string[]): Draft[] {
  const drafts: Draft[] = [];
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  let days = 0;
  for (let slot = range.start; slot < range.end; slot++) {
    const found = likeDayValue(input.likeDays, input.minutes[slot] as number);
    if (found) {
      least = Math.min(least, found.least);
      most = Math.max(most, found.most);
      days = Math.max(days, found.days);
    }
    drafts.push({ slot, raw: found?.value ?? null, method: found ? 'like-day' : 'even' });
  }
  const when = timeRange(input.day, range);
  if (days > 0)
    notes.push(`like-day ${when} from ${days} like days, between ${least} and ${most} Wh an interval`);
  else notes.push(`${when}: no like day has values`);
  return drafts;
}

/** Shares of the remainder; a slot of which nothing is known weighs what the others do on average. */
function weightsOf(drafts: readonly Draft[]): number[] {
  const known = drafts.flatMap((draft) => (draft.raw === null ? [] : [draft.raw]));
  const mean = known.length > 0 ? known.reduce((sum, raw) => sum + raw, 0) / known.length : 1;
  return drafts.map((draft) => draft.raw ?? mean);
}

/** The measured value of a slot that is not itself to be estimated. */
function measuredAt(input: EstimateInput, slot: number): number | null {
  const isKnown = ((input.day.quality[slot] as number) & quality.missing) === 0;
  return isKnown ? (input.day.value[slot] as number) : null;
}
