/** A channel-day under review, and what the rules found in it. */
import type { Channel } from '../channels/channel.ts';
import type { LocalDay } from '../channels/local-days.ts';
import type { DayColumns } from '../rules/rule.ts';
import type { DayFinding } from './review-day.ts';

/** A channel-day to review; while it waits, others may ask for more of it. */
export interface ReviewTask {
  readonly channel: Channel;
  readonly day: LocalDay;
  /** Second up to which intervals are due. */
  due: number;
  /** The first batch that asked for it; Infinity when no batch did. */
  sinceBatch: number;
  /** Asked for by name: reviewed even while the registers are not known. */
  isAsked: boolean;
}

/** A task with what the rules found. */
export interface Reviewed {
  readonly task: ReviewTask;
  readonly columns: DayColumns;
  readonly finding: DayFinding;
}
