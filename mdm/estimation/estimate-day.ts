/**
 * Estimates the slots of a day that have no value to stand on, by the first step of a ladder that knows them, so that the
 * day sums to its register when that is known.
 */
import { quality } from '@wattline/model';
import type { MdmPolicy } from '../policy.ts';
import { slotRanges, timeRange } from '../review/slot-text.ts';
import type { DayColumns } from '../rules/rule.ts';
import { apportion } from './apportion.ts';
import { type LikeDay, likeDayValue, nearestInTemperature } from './like-day.ts';
import { interpolate } from './linear.ts';

/** The methods in the order in which they are tried, as they stand in a version's `method`. */
export const estimationMethods = {
  'check-meter': 'What the check meter of the same point measured',
  'outage-zero': 'Nothing: the gap lies within a power failure',
  linear: 'Straight line between the neighbours of a gap of up to two hours',
  'weather-day': 'Mean of the same local time on the like days nearest in temperature',
  'like-day': 'Mean of the same local time on like days of the previous weeks',
  neighbour: 'What comparable points took at the time, in proportion to the usual day of each',
  even: 'What the register leaves, shared evenly: nothing knows the time',
  flat: 'The usual day, spread evenly: nothing knows the time and no register speaks',
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
  /** Mean outdoor temperature of the day, degrees Celsius, or null. */
  readonly temperature?: number | null;
  /** Comparable points on this day, by slot, scaled to this one; null where none has a value. */
  readonly neighbours?: readonly (number | null)[] | null;
  /** What the estimated slots must sum to, or null when no register says. */
  readonly remainder: number | null;
}

interface Draft {
  readonly slot: number;
  /** Null when only a register can say. */
  readonly raw: number | null;
  readonly method: EstimationMethod;
  /** Whether the register's remainder may change it. */
  readonly isFirm: boolean;
}

/** Estimates; a slot for which there is no basis at all is left out. */
export function estimateDay(input: EstimateInput, policy: MdmPolicy): DayEstimate {
  const notes: string[] = [];
  const drafts = slotRanges(input.slots).flatMap((range) => draftRange(input, range, policy, notes));
  if (input.remainder === null) {
    const slots = drafts.flatMap(({ slot, raw, method }) =>
      raw === null ? [] : [{ slot, value: raw, method }],
    );
    return { slots, detail: notes.join('; ') };
  }
  const slots = boundByRegister(drafts, input.remainder, notes);
  return { slots, detail: notes.join('; ') };
}

/** The first step of the ladder that knows the whole gap; the last one takes what is left slot by slot. */
function draftRange(
  input: EstimateInput,
  range: { start: number; end: number },
  policy: MdmPolicy,
  notes: string[],
): Draft[] {
  const slots = Array.from({ length: range.end - range.start }, (_, index) => range.start + index);
  const when = timeRange(input.day, range);
  const found = byCheckMeter(input, slots) ?? byOutage(input, slots) ?? byLine(input, slots, policy);
  if (found) {
    notes.push(`${found.note} ${when}${found.from}`);
    return found.drafts;
  }
  return byProfile(input, slots, when, notes);
}

interface Found {
  readonly drafts: Draft[];
  readonly note: EstimationMethod;
  readonly from: string;
}

function byCheckMeter({ day }: EstimateInput, slots: readonly number[]): Found | null {
  const check = day.related.check;
  if (!check || slots.some((slot) => ((check.quality[slot] as number) & quality.missing) !== 0)) return null;
  const drafts = slots.map((slot) => firm(slot, check.value[slot] as number, 'check-meter'));
  return { drafts, note: 'check-meter', from: ' as the check meter has it' };
}

/** A gap whose two neighbours were without supply was without supply. */
function byOutage({ day }: EstimateInput, slots: readonly number[]): Found | null {
  const first = slots[0] as number;
  const last = slots[slots.length - 1] as number;
  const isOut = (slot: number) => ((day.quality[slot] ?? 0) & quality.powerFail) !== 0;
  if (!isOut(first - 1) || !isOut(last + 1)) return null;
  const drafts = slots.map((slot) => firm(slot, 0, 'outage-zero'));
  return { drafts, note: 'outage-zero', from: ' within a power failure' };
}

function byLine(input: EstimateInput, slots: readonly number[], policy: MdmPolicy): Found | null {
  const { day } = input;
  const first = slots[0] as number;
  const end = first + slots.length;
  const before = first > 0 ? measuredAt(input, first - 1) : input.before;
  const after = end < day.value.length ? measuredAt(input, end) : input.after;
  const isShort = slots.length * day.intervalSeconds <= policy.linearLongestSeconds;
  if (!isShort || before === null || after === null) return null;
  const drafts = interpolate(before, after, slots.length).map((raw, index) =>
    soft(first + index, raw, 'linear'),
  );
  const band = Math.ceil(Math.abs(after - before) / 2);
  return {
    drafts,
    note: 'linear',
    from: ` between ${before} and ${after} Wh an interval, give or take ${band}`,
  };
}

/** Like days, else neighbours, else nothing but the register or the usual day. */
function byProfile(input: EstimateInput, slots: readonly number[], when: string, notes: string[]): Draft[] {
  const near = nearestInTemperature(input.likeDays, input.temperature ?? null);
  const days = near ?? input.likeDays;
  const method = near ? 'weather-day' : 'like-day';
  // Comparable points say when, not how much: that takes a usual day or a register of one's own.
  const isScaled = input.day.sums.length > 0 || input.remainder !== null;
  const drafts: Draft[] = [];
  const seen = { least: Number.POSITIVE_INFINITY, most: 0, days: 0, variance: 0, slots: 0, neighbours: 0 };
  for (const slot of slots) {
    const found = likeDayValue(days, input.minutes[slot] as number);
    const beside = isScaled ? (input.neighbours?.[slot] ?? null) : null;
    if (found) {
      seen.least = Math.min(seen.least, found.least);
      seen.most = Math.max(seen.most, found.most);
      seen.days = Math.max(seen.days, found.days);
      seen.variance += found.deviation ** 2;
      seen.slots++;
      drafts.push(soft(slot, found.value, method));
    } else if (beside !== null) {
      seen.neighbours++;
      drafts.push(soft(slot, beside, 'neighbour'));
    } else drafts.push(soft(slot, usualSlot(input), input.remainder === null ? 'flat' : 'even'));
  }
  if (seen.days > 0) {
    const band = Math.round(Math.sqrt(seen.variance / seen.slots));
    notes.push(
      `${method} ${when} from ${seen.days} like days${near ? ` nearest to ${input.temperature?.toFixed(1)} degrees` : ''}, between ${seen.least} and ${seen.most} Wh an interval, give or take ${band}`,
    );
  } else if (seen.neighbours > 0) notes.push(`neighbour ${when} from comparable points${boundsOf(drafts)}`);
  else if (input.remainder === null) {
    const usual = input.day.sums.length;
    notes.push(
      usual === 0
        ? `${when}: no like day has values`
        : `flat ${when} from ${usual} usual days, between 0 and ${Math.max(...input.day.peaks)} Wh an interval`,
    );
  } else notes.push(`even ${when}: no like day has values, between 0 and ${input.remainder} Wh in all`);
  return drafts;
}

/** The least and the most that was drafted. */
function boundsOf(drafts: readonly Draft[]): string {
  const raws = drafts.flatMap(({ raw }) => (raw === null ? [] : [raw]));
  return `, between ${Math.min(...raws)} and ${Math.max(...raws)} Wh an interval`;
}

/** An even share of the usual day; null when a register says better, or when no day is usual. */
function usualSlot({ day, remainder }: EstimateInput): number | null {
  if (remainder !== null || day.sums.length === 0) return null;
  const mean = day.sums.reduce((sum, one) => sum + one, 0) / day.sums.length;
  return Math.floor((mean * day.intervalSeconds) / 86_400 + 0.5);
}

/** What the register leaves is shared out among the drafts that are no facts of their own. */
function boundByRegister(drafts: readonly Draft[], remainder: number, notes: string[]): EstimatedSlot[] {
  const known = drafts.reduce((sum, draft) => sum + (draft.isFirm ? (draft.raw as number) : 0), 0);
  // A register that leaves less than the facts say overrules them: then all is shared.
  const isOverruled = known > remainder || drafts.every((draft) => draft.isFirm);
  const open = drafts.filter((draft) => isOverruled || !draft.isFirm);
  const weights = weightsOf(open);
  const left = isOverruled ? remainder : remainder - known;
  const shares = new Map(apportion(left, weights).map((share, index) => [open[index] as Draft, share]));
  const before = weights.reduce((sum, weight) => sum + weight, 0);
  notes.push(`${Math.round(before)} Wh scaled to the ${left} Wh that the register leaves, the sum exact`);
  return drafts.map((draft) => ({
    slot: draft.slot,
    value: shares.get(draft) ?? (draft.raw as number),
    method: draft.method,
  }));
}

/** Shares of the remainder; a slot of which nothing is known weighs what the others do on average. */
function weightsOf(drafts: readonly Draft[]): number[] {
  const known = drafts.flatMap((draft) => (draft.raw === null ? [] : [draft.raw]));
  const mean = known.length > 0 ? known.reduce((sum, raw) => sum + raw, 0) / known.length : 1;
  return drafts.map((draft) => draft.raw ?? mean);
}

function firm(slot: number, raw: number, method: EstimationMethod): Draft {
  return { slot, raw, method, isFirm: true };
}

function soft(slot: number, raw: number | null, method: EstimationMethod): Draft {
  return { slot, raw, method, isFirm: false };
}

/** The measured value of a slot that is not itself to be estimated. */
function measuredAt(input: EstimateInput, slot: number): number | null {
  const isKnown = ((input.day.quality[slot] as number) & quality.missing) === 0;
  return isKnown ? (input.day.value[slot] as number) : null;
}
