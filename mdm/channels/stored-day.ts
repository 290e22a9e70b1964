/** A channel's store day in memory: what the meter said, and what stands now. */
import { quality } from '@wattline/model';
import { type DayTotals, totalsOf } from '../rules/day-totals.ts';

/** Intervals of one store day. The two layers share their arrays until something derived makes them differ. */
export interface IntervalDay {
  readonly kind: 'interval';
  /** First second of the day. */
  readonly start: number;
  meterValue: Float64Array;
  meterQuality: Uint16Array;
  value: Float64Array;
  quality: Uint16Array;
  /** Totals of what the meter said; null since something was put on it. */
  totals: DayTotals | null;
  /** Newest knowledge and the batch that brought it. */
  knownMs: number;
  batch: number;
  isRecent: boolean;
}

/** Register readings of one store day by second. */
export interface RegisterDay {
  readonly kind: 'register';
  /** First second of the day. */
  readonly start: number;
  readonly readings: Map<number, { value: number; quality: number }>;
  knownMs: number;
  batch: number;
  isRecent: boolean;
}
export type StoredDay = IntervalDay | RegisterDay;

/** A day of which nothing is known. */
export function emptyIntervalDay(start: number, slots: number): IntervalDay {
  return wholeIntervalDay(start, new Float64Array(slots), new Uint16Array(slots).fill(quality.missing));
}

/** A day that the meter told in one piece; the arrays become the day's own. */
export function wholeIntervalDay(start: number, value: Float64Array, flags: Uint16Array): IntervalDay {
  return {
    kind: 'interval',
    start,
    meterValue: value,
    meterQuality: flags,
    value,
    quality: flags,
    totals: null,
    knownMs: 0,
    batch: 0,
    isRecent: true,
  };
}

/** Totals of what the meter said over the store day. */
export function totalsOfDay(day: IntervalDay): DayTotals {
  day.totals ??= totalsOf(day.meterValue, day.meterQuality);
  return day.totals;
}

export function emptyRegisterDay(start: number): RegisterDay {
  return { kind: 'register', start, readings: new Map(), knownMs: 0, batch: 0, isRecent: true };
}

/** A piece of a day as learnt: from the meter, or derived by a rule or estimate. */
export interface DayPiece {
  readonly start: number;
  readonly intervalSeconds: number;
  readonly method: string;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** Puts a piece on top of what is known; slots with the flag `missing` say nothing. */
export function applyPiece(day: StoredDay, piece: DayPiece): void {
  if (day.kind === 'register') {
    const flags = piece.quality[0] as number;
    if ((flags & quality.missing) === 0) {
      day.readings.set(piece.start, { value: piece.value[0] as number, quality: flags });
    }
    return;
  }
  const from = (piece.start - day.start) / piece.intervalSeconds;
  const isDerived = piece.method !== '';
  if (isDerived && day.value === day.meterValue) {
    day.value = day.meterValue.slice();
    day.quality = day.meterQuality.slice();
  }
  const isSplit = day.value !== day.meterValue;
  if (!isDerived) day.totals = null;
  for (let i = 0; i < piece.value.length; i++) {
    const flags = piece.quality[i] as number;
    if ((flags & quality.missing) !== 0) continue;
    const value = piece.value[i] as number;
    if (!isDerived) {
      day.meterValue[from + i] = value;
      day.meterQuality[from + i] = flags;
    }
    if (isDerived || isSplit) {
      day.value[from + i] = value;
      day.quality[from + i] = flags;
    }
  }
}

/** Octets a day takes in memory, roughly. */
export function sizeOfDay(day: StoredDay): number {
  if (day.kind === 'register') return 200 + day.readings.size * 100;
  const layers = day.value === day.meterValue ? 1 : 2;
  return 300 + layers * day.value.length * 10;
}
