/**
 * Aggregation of 10/12-cycle windows (IEC 61000-4-30, 4.4 and 4.5): 150/180 cycles, 10 min, 2 h. RMS quantities by the root of the mean
 * square, powers by the mean; a flag of a window flags what it goes into. A window belongs to the interval in which it starts. At each
 * 10-minute tick of the clock another 150/180-cycle interval begins, while the one under way goes on to its fifteenth window.
 */
import type { PhaseReading, WindowReading } from './window-reading.ts';

/** Quantities of one phase over an interval. */
export interface AggregatedPhase {
  readonly voltageV: number;
  readonly currentA: number;
  readonly activeW: number;
  readonly reactiveVar: number;
  readonly thdVoltage: number;
  readonly thdCurrent: number;
  /** RMS by order from 1, index 0 is DC. */
  readonly voltageHarmonicsV: Float64Array;
  readonly currentHarmonicsA: Float64Array;
  /** RMS above each order from 0; empty when the engine measures none. */
  readonly voltageInterharmonicsV: Float64Array;
  readonly currentInterharmonicsA: Float64Array;
}

/** An interval that ended. */
export interface AggregatedReading {
  readonly interval: AggregationInterval;
  readonly startS: number;
  readonly endS: number;
  readonly windows: number;
  readonly isFlagged: boolean;
  readonly phases: readonly AggregatedPhase[];
  readonly negativeSequence: number;
  readonly zeroSequence: number;
}

/** Intervals: a number of windows, or none that is fixed, and the time on the clock, s, at which another one begins. */
export const aggregationIntervals = {
  '150/180 cycles': { windows: 15, seconds: 600 },
  '10 min': { windows: 0, seconds: 600 },
  '2 h': { windows: 0, seconds: 7200 },
} as const;

/** An interval by name. */
export type AggregationInterval = keyof typeof aggregationIntervals;

const columnNames = [
  ...(['voltageHarmonicsV', 'currentHarmonicsA'] as const),
  ...(['voltageInterharmonicsV', 'currentInterharmonicsA'] as const),
];

/** Gathers windows into one kind of interval. */
export class Aggregator {
  readonly #interval: AggregationInterval;
  readonly #emit: (reading: AggregatedReading) => void;
  /** Seconds of the clock at sample 0, so that ticks are those of the clock. */
  readonly #clockS: number;
  /** Intervals under way, the older first: two where one goes on over a tick. */
  #gatherings: Gathering[] = [];
  #tick = Number.NaN;

  constructor(
    of: { readonly interval: AggregationInterval; readonly clockS?: number },
    emit: (reading: AggregatedReading) => void,
  ) {
    this.#interval = of.interval;
    this.#clockS = of.clockS ?? 0;
    this.#emit = emit;
  }

  /** Takes a window. */
  add(reading: WindowReading): void {
    const { windows, seconds } = aggregationIntervals[this.#interval];
    const tick = Math.floor((this.#clockS + reading.startS) / seconds);
    if (tick !== this.#tick) {
      if (windows === 0) this.end();
      this.#gatherings.push(new Gathering(reading.phases.length, reading.startS));
    }
    this.#tick = tick;
    if (this.#gatherings.length === 0)
      this.#gatherings.push(new Gathering(reading.phases.length, reading.startS));
    for (const gathering of this.#gatherings) gathering.add(reading);
    if (windows === 0) return;
    const isWhole = (gathering: Gathering) => gathering.windows === windows;
    for (const gathering of this.#gatherings.filter(isWhole)) this.#emit(gathering.reading(this.#interval));
    this.#gatherings = this.#gatherings.filter((gathering) => !isWhole(gathering));
  }

  /** Closes what is gathered, at the end of a record. */
  end(): void {
    for (const gathering of this.#gatherings.splice(0)) this.#emit(gathering.reading(this.#interval));
  }
}

/** Sums of one interval. */
class Gathering {
  windows = 0;
  readonly #startS: number;
  readonly #phases: readonly PhaseSums[];
  #endS = 0;
  #isFlagged = false;
  #negative = 0;
  #zero = 0;

  constructor(phases: number, startS: number) {
    this.#startS = startS;
    this.#phases = Array.from({ length: phases }, () => new PhaseSums());
  }

  add(reading: WindowReading): void {
    this.windows++;
    this.#endS = reading.startS + reading.durationS;
    this.#isFlagged ||= reading.isFlagged;
    this.#negative += reading.negativeSequence ** 2;
    this.#zero += reading.zeroSequence ** 2;
    for (const [phase, own] of reading.phases.entries()) this.#phases[phase]?.add(own);
  }

  reading(interval: AggregationInterval): AggregatedReading {
    const { windows } = this;
    return {
      interval,
      startS: this.#startS,
      endS: this.#endS,
      windows,
      isFlagged: this.#isFlagged,
      phases: this.#phases.map((sums) => sums.over(windows)),
      negativeSequence: Math.sqrt(this.#negative / windows),
      zeroSequence: Math.sqrt(this.#zero / windows),
    };
  }
}

/** Sums of one phase: squares of what is RMS, powers as they are. */
class PhaseSums {
  #voltage = 0;
  #current = 0;
  #active = 0;
  #reactive = 0;
  #thdVoltage = 0;
  #thdCurrent = 0;
  readonly #columns: Float64Array[] = [];

  add(own: PhaseReading): void {
    this.#voltage += own.voltageV ** 2;
    this.#current += own.currentA ** 2;
    this.#active += own.activeW;
    this.#reactive += own.reactiveVar;
    this.#thdVoltage += own.thdVoltage ** 2;
    this.#thdCurrent += own.thdCurrent ** 2;
    for (const [index, name] of columnNames.entries()) {
      const values = own[name];
      this.#columns[index] ??= new Float64Array(values.length);
      const sums = this.#columns[index];
      for (let order = 0; order < values.length; order++)
        sums[order] = (sums[order] as number) + (values[order] as number) ** 2;
    }
  }

  over(windows: number): AggregatedPhase {
    const root = (sum: number) => Math.sqrt(sum / windows);
    const [voltage, current, betweenVoltage, betweenCurrent] = this.#columns.map((sums) =>
      sums.map(root),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    return {
      voltageV: root(this.#voltage),
      currentA: root(this.#current),
      activeW: this.#active / windows,
      reactiveVar: this.#reactive / windows,
      thdVoltage: root(this.#thdVoltage),
      thdCurrent: root(this.#thdCurrent),
      voltageHarmonicsV: voltage,
      currentHarmonicsA: current,
      voltageInterharmonicsV: betweenVoltage,
      currentInterharmonicsA: betweenCurrent,
    };
  }
}
