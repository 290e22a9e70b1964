/** Tariffs as data: what rating reads, and what the meter's calendar is derived from. */

/** A decimal as text, never a float: `"0.2834"`. */
export type DecimalText = string;

/** A step of a block tariff: applies to energy above the step before up to `uptoKwh` per billing month (null: no end). */
export interface Tier {
  readonly uptoKwh: DecimalText | null;
  readonly pricePerKwh: DecimalText;
}

/** A time-of-use rate: its number is the meter's TOU register. */
export interface TouRate {
  readonly rate: number;
  readonly name: string;
  readonly tiers: readonly Tier[];
}

/** A switch of rate by local wall clock: from `from` (`"07:00"`) on the days named until the next switch. */
export interface TouSwitch {
  readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  readonly from: string;
  readonly rate: number;
}

/** A tariff version; prices are of the currency's major unit without tax. */
export interface Tariff {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Digits of the minor unit, 2 for GBP. */
  readonly minorDigits: number;
  readonly zone: string;
  readonly standingPerDay: DecimalText;
  readonly rates: readonly TouRate[];
  readonly calendar: readonly TouSwitch[];
  /** Tax as a percentage of the sum of the lines before it. */
  readonly taxPercent: DecimalText;
  readonly taxName: string;
  /**
   * Net metering: received energy first offsets delivered energy of the same rate within the month (`net`),
   * or is paid at `receivedPerKwh` (`export-credit`); a remainder of `net` is paid at `receivedPerKwh` too.
   */
  readonly received: {
    readonly scheme: 'none' | 'net' | 'export-credit';
    readonly receivedPerKwh: DecimalText;
  };
  /** Where the figures come from, or that they are invented. */
  readonly source: string;
}
