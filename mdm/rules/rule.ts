/** What a validation rule is: a pure function over the columns of one local day of one channel. */
import type { ReadAttempts, ReadingTypeId } from '@wattline/model';
import type { MdmPolicy } from '../policy.ts';
import type { DayTotals } from './day-totals.ts';

/** Values and flags of a day on the grid of the channel under review. */
export interface Columns {
  /** What the meter said; 0 where it said nothing. */
  readonly value: Float64Array;
  /** Flags of `quality`; `missing` where the meter said nothing. */
  readonly quality: Uint16Array;
}

/** One local day of an interval channel as the rules see it; values are integers of the reading type's unit. */
export interface DayColumns extends Columns {
  /** First second of the local day, UTC. */
  readonly start: number;
  readonly intervalSeconds: number;
  readonly readingType: string;
  readonly totals: DayTotals;
  /** Slots [dueFrom, dueTo) should be there by now: the meter was installed and they are over. */
  readonly dueFrom: number;
  readonly dueTo: number;
  /** Register at the end of the day minus register at its start, Wh; null while one of them is not known. */
  readonly registerDifference: number | null;
  /** Largest values of other days of the same channel, and their sums, in the same order. */
  readonly peaks: readonly number[];
  readonly sums: readonly number[];
  /** Other channels of the usage point on the same grid that have something of the day. */
  readonly related: Partial<Readonly<Record<ReadingTypeId, Columns>>>;
  /** Rated generation behind the meter, W. */
  readonly generationW: number;
  /** How often the meter was asked since the first interval that is missing; left out when nothing is, or nobody knows. */
  readonly attempts?: ReadAttempts;
}

/** What a rule says of a day. */
export interface RuleOutcome {
  readonly hasFailed: boolean;
  /** For people; empty when it passed without anything to say. */
  readonly detail: string;
  /** Slots the rule fails for; empty when it speaks of the whole day. */
  readonly slots: readonly number[];
}

/** A setting a rule reads, and where its default comes from. */
export interface RuleParameter {
  readonly setting: keyof MdmPolicy;
  readonly unit: string;
  readonly source: string;
}

/** What a rule looks at: section of the list of rules that it belongs to. */
export type RuleGroup = 'structure' | 'meter state' | 'value' | 'cross-channel' | 'process';

/** A validation rule. To add one, write a file like this folder's and add it to the table in `index.ts`. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly group: RuleGroup;
  readonly parameters: readonly RuleParameter[];
  /** Whether a failure is put before a person; the others settle themselves or are only kept. */
  readonly isForPeople: boolean;
  /** The outcome, or null when the rule cannot tell. */
  check(day: DayColumns, policy: MdmPolicy): RuleOutcome | null;
}

export const passed: RuleOutcome = { hasFailed: false, detail: '', slots: [] };
