/**
 * Aggregation of 10/12-cycle windows (IEC 61000-4-30, 4.4 and 4.5): 150/180 cycles, 10 min, 2 h. RMS quantities by the root of the mean
 * square, powers by the mean; a flag of a window flags what it goes into. A window belongs to the interval in which it starts.
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

/** Intervals: a number of windows, or a time on the clock, s. */
export const aggregationIntervals = {
  '150/180 cycles': { windows: 15, seconds: 0 },
  '10 min': { windows: 0, seconds: 600 },
  '2 h': { windows: 0, seconds: 7200 },
} as const;

/** An interval by name. */
export type AggregationInterval = keyof typeof aggregationIntervals;

const perPhase = 6;

/** Gathers windows into one kind of interval. */
export class Aggregator {
  readonly #interval: AggregationInterval;
  readonly #phases: number;
  readonly #emit: (reading: AggregatedReading) => void;
  readonly #sums: Float64Array;
  /** Seconds of the clock at sample 0, so that ticks are those of the clock. */
  readonly #clockS: number;
  /** Sums of squares of harmonics by phase: voltage, then current. */
  readonly #harmonics: (readonly [Float64Array, Float64Array])[] = [];
  #windows = 0;
  #startS = 0;
  #endS = 0;
  #tick = Number.NaN;
  #isFlagged = false;

  constructor(
    of: { readonly interval: AggregationInterval; readonly phases: number; readonly clockS?: number },
    emit: (reading: AggregatedReading) => void,
  ) {
    this.#interval = of.interval;
    this.#phases = of.phases;
    this.#clockS = of.clockS ?? 0;
    this.#emit = emit;
    this.#sums = new Float64Array(of.phases * perPhase + 2);
  }

  /** Takes a window. */
  add(reading: WindowReading): void {
    const { windows, seconds } = aggregationIntervals[this.#interval];
    if (seconds > 0) {
      const tick = Math.floor((this.#clockS + reading.startS) / seconds);
      if (tick !== this.#tick && this.#windows > 0) this.#close();
      this.#tick = tick;
    }
    if (this.#windows === 0) this.#startS = reading.startS;
    this.#gather(reading);
    this.#windows++;
    this.#endS = reading.startS + reading.durationS;
    this.#isFlagged ||= reading.isFlagged;
    if (windows > 0 && this.#windows === windows) this.#close();
  }

  /** Closes what is gathered, at the end of a record. */
  end(): void {
    if (this.#windows > 0) this.#close();
  }

  #gather(reading: WindowReading): void {
    const sums = this.#sums;
    for (const [phase, own] of reading.phases.entries()) this.#gatherHarmonics(phase, own);
    let at = 0;
    const add = (value: number) => {
      sums[at] = (sums[at] as number) + value;
      at++;
    };
    for (const phase of reading.phases) {
      add(phase.voltageV ** 2);
      add(phase.currentA ** 2);
      add(phase.activeW);
      add(phase.reactiveVar);
      add(phase.thdVoltage ** 2);
      add(phase.thdCurrent ** 2);
    }
    add(reading.negativeSequence ** 2);
    add(reading.zeroSequence ** 2);
  }

  #gatherHarmonics(phase: number, { voltageHarmonicsV, currentHarmonicsA }: PhaseReading): void {
    this.#harmonics[phase] ??= [
      new Float64Array(voltageHarmonicsV.length),
      new Float64Array(currentHarmonicsA.length),
    ];
    const [voltage, current] = this.#harmonics[phase];
    for (let order = 0; order < voltageHarmonicsV.length; order++) {
      voltage[order] = (voltage[order] as number) + (voltageHarmonicsV[order] as number) ** 2;
      current[order] = (current[order] as number) + (currentHarmonicsA[order] as number) ** 2;
    }
  }

  #rootsOf(phase: number, channel: 0 | 1): Float64Array {
    const sums = this.#harmonics[phase]?.[channel] ?? new Float64Array();
    return sums.map((sum) => Math.sqrt(sum / this.#windows));
  }

  #close(): void {
    const windows = this.#windows;
    const mean = (index: number) => (this.#sums[index] as number) / windows;
    const root = (index: number) => Math.sqrt(mean(index));
    const last = this.#phases * perPhase;
    this.#emit({
      interval: this.#interval,
      startS: this.#startS,
      endS: this.#endS,
      windows,
      isFlagged: this.#isFlagged,
      phases: Array.from({ length: this.#phases }, (_, phase) => ({
        voltageV: root(phase * perPhase),
        currentA: root(phase * perPhase + 1),
        activeW: mean(phase * perPhase + 2),
        reactiveVar: mean(phase * perPhase + 3),
        thdVoltage: root(phase * perPhase + 4),
        thdCurrent: root(phase * perPhase + 5),
        voltageHarmonicsV: this.#rootsOf(phase, 0),
        currentHarmonicsA: this.#rootsOf(phase, 1),
      })),
      negativeSequence: root(last),
      zeroSequence: root(last + 1),
    });
    this.#sums.fill(0);
    this.#harmonics.length = 0;
    this.#windows = 0;
    this.#isFlagged = false;
  }
}
