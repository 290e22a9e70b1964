/** What a bill is rated from. */
import type { Period } from '@wattline/base';
import type { Bill, Series, Tariff } from '@wattline/model';

/** All that a bill depends on. */
export interface RatingInputs {
  readonly usagePointId: string;
  readonly version: number;
  readonly month: string;
  readonly state: Bill['state'];
  /** The part of the month that is billed; its ends lie on the grid of the series. */
  readonly period: Period;
  /** A tariff that passed `parseTariff`. */
  readonly tariff: Tariff;
  readonly delivered: Series;
  /** Null when the usage point does not measure it. */
  readonly received: Series | null;
  /** Register +A in Wh at both ends of the period, null when not read there. */
  readonly registers: {
    readonly start: number | null;
    readonly end: number | null;
    /** What it counted between them, when an exchange, a reset or a rollover makes that another figure than their difference. */
    readonly counted?: number;
  };
  /** Knowledge time of the readings. */
  readonly asOfMs: number;
}
