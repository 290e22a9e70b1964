/** How store days are cut for sums by stretch of the day: the slots at which a stretch begins, and the pattern of each day. */
import { daySeconds } from './tables.ts';

/** A store day by number: its pattern, and its slots [from, to) that lie in the period. */
export interface PatternDay {
  readonly day: number;
  readonly pattern: number;
  readonly from: number;
  readonly to: number;
}

/** Days of one interval length; channels of other phase or length are not looked at. */
export interface DayLayout {
  readonly intervalSeconds: number;
  readonly phase: number;
  /** Slots of the day at which its stretches begin: 0 first; the last stretch ends with the day. */
  readonly cuts: readonly number[];
  /** Days that follow one another, at most {@link mostPatternDays}; all but the first and the last lie in the period whole. */
  readonly days: readonly PatternDay[];
}

/** Bits of a day's place in the layout: it stands below a value of 53 bits in one word. */
export const dayBits = 11;
export const mostPatternDays = 2 ** dayBits;

/** Slots of a day of the layout. */
export const slotsOfDay = ({ intervalSeconds }: Pick<DayLayout, 'intervalSeconds'>): number =>
  daySeconds / intervalSeconds;

/** Number of the first day. */
export const firstDayOf = ({ days }: Pick<DayLayout, 'days'>): number => days[0]?.day ?? 0;
