/** A bill and its explanation. Money is an integer of minor units as decimal text; lines sum to the total. */

/** A quantity a line stands on, and the channels and days it was summed from. */
export interface Determinant {
  readonly id: string;
  readonly title: string;
  /** Exact decimal text in `unit`, e.g. `"241.337"` kWh. */
  readonly quantity: string;
  readonly unit: 'kWh' | 'day';
  readonly channel: string | null;
  readonly rate: number | null;
  /** Intervals summed, and how many of them were estimated, or missing and counted as zero. */
  readonly intervals: number;
  readonly estimated: number;
  readonly missing: number;
}

/** A line: quantity x price, rounded once. */
export interface BillLine {
  readonly id: string;
  readonly title: string;
  readonly kind: 'standing' | 'energy' | 'credit' | 'tax';
  readonly determinantId: string | null;
  readonly quantity: string;
  readonly unit: 'kWh' | 'day' | 'percent';
  readonly price: string;
  /** Integer minor units, decimal text, negative for credits. */
  readonly amount: string;
  readonly rounding: string;
}

/** A bill version; a new version never replaces the old one. */
export interface Bill {
  readonly id: string;
  readonly usagePointId: string;
  readonly version: number;
  /** `closed` for a month that is over, `projection` for the running one. */
  readonly state: 'closed' | 'projection';
  readonly month: string;
  readonly zone: string;
  readonly start: string;
  readonly end: string;
  readonly currency: string;
  readonly minorDigits: number;
  readonly tariff: { readonly id: string; readonly version: number; readonly name: string };
  readonly determinants: readonly Determinant[];
  readonly lines: readonly BillLine[];
  readonly total: string;
  /** Register readings at both ends and whether they agree with the sum of intervals to the last unit. */
  readonly registerCheck: {
    readonly start: string | null;
    readonly end: string | null;
    /** What the register counted, where an exchange, a reset or a rollover makes that another figure than end less start. */
    readonly counted?: string;
    readonly difference: string | null;
    readonly intervals: string;
    readonly agrees: boolean | null;
  };
  /** Knowledge time of the readings used, and the digest of all inputs: the same inputs give the same bytes. */
  readonly asOf: string;
  readonly inputsDigest: string;
}
