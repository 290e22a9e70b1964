/**
 * Very many phasor meters as columns: the same quantities, the same registers and load profile as single meters that are given the same
 * phasors, in bounded memory. All share one clock without drift, one tariff and a supply that does not fail; who needs more of a meter
 * than counting makes a single one.
 */
import assert from 'node:assert/strict';
import { type LocalZone, localZone } from '../clock/local-zone.ts';
import { type LoadProfileEntry, profileStatus } from '../registers/load-profile.ts';
import { milliwattSecondsPerWattHour } from '../registers/register.ts';
import type { TariffCalendar } from '../tariff/tariff-calendar.ts';
import { activePowerW, milliwattSeconds } from './phasor.ts';

/** How a fleet is built. */
export interface PhasorFleetOptions {
  readonly meters: number;
  readonly phases: 1 | 3;
  readonly calendar: TariffCalendar;
  /** IANA zone of the clocks: daylight saving in the status of an interval. */
  readonly zone: string;
  readonly intervalSeconds: number;
  /** A boundary of the interval, UTC ms. */
  readonly startMs: number;
  /** Intervals held; the oldest makes room. */
  readonly intervalCapacity: number;
}

/** Phasors of all meters, phase after phase of a meter: RMS voltage and current, angle by which the current lags. */
export interface PhasorColumns {
  readonly voltageV: Float64Array;
  readonly currentA: Float64Array;
  readonly angleRad: Float64Array;
}

/** A part of a step within one interval and one rate. */
interface Edge {
  /** Share of the step that has passed with it, exactly 1 at the last. */
  readonly share: number;
  readonly rate: number;
  readonly isCapture: boolean;
}

/** The fleet. Meters are numbered from 0. */
export class PhasorFleet {
  readonly options: PhasorFleetOptions;
  readonly #delivered: CounterColumn;
  readonly #received: CounterColumn;
  /** Watt-hours by rate from 1, all meters of a rate together. */
  readonly #rates: readonly Float64Array[];
  readonly #profile: ProfileColumns;
  /** Energy of the step by meter, whole milliwatt-seconds; negative is received. */
  readonly #energy: Float64Array;
  #countedToMs: number;
  #rate;

  constructor(options: PhasorFleetOptions) {
    const { meters, intervalSeconds, startMs, calendar } = options;
    assert(startMs % (intervalSeconds * 1000) === 0, 'a fleet starts at a boundary of its interval');
    this.options = options;
    this.#delivered = new CounterColumn(meters);
    this.#received = new CounterColumn(meters);
    this.#rates = Array.from({ length: calendar.rateCount }, () => new Float64Array(meters));
    this.#profile = new ProfileColumns(options);
    this.#energy = new Float64Array(meters);
    this.#countedToMs = startMs;
    this.#rate = calendar.stretchAt(startMs);
  }

  /** Instant up to which energy is counted, UTC ms. */
  get countedToMs(): number {
    return this.#countedToMs;
  }

  /** Counts a step of constant phasors for every meter, up to `endMs`. */
  measure(endMs: number, { voltageV, currentA, angleRad }: PhasorColumns): void {
    const { meters, phases } = this.options;
    const durationMs = endMs - this.#countedToMs;
    assert(durationMs > 0, 'steps follow each other');
    assert(
      voltageV.length === meters * phases,
      `expected ${meters * phases} phasors, found ${voltageV.length}`,
    );
    const energy = this.#energy;
    for (let meter = 0, at = 0; meter < meters; meter++) {
      let activeW = 0;
      for (const last = at + phases; at < last; at++) {
        activeW += activePowerW(voltageV[at] as number, currentA[at] as number, angleRad[at] as number);
      }
      const size = milliwattSeconds(Math.abs(activeW), durationMs);
      energy[meter] = activeW >= 0 ? size : -size;
    }
    let passed = 0;
    for (const { share, rate, isCapture } of this.#edgesUpTo(endMs)) {
      this.#count(passed, share, this.#rates[rate - 1] as Float64Array);
      if (isCapture) this.#profile.capture();
      passed = share;
    }
    this.#countedToMs = endMs;
  }

  /** Whole Wh of the registers of a meter. */
  registersOf(meter: number): {
    readonly deliveredWh: number;
    readonly receivedWh: number;
    readonly ratesWh: number[];
  } {
    return {
      deliveredWh: this.#delivered.wattHours[meter] as number,
      receivedWh: this.#received.wattHours[meter] as number,
      ratesWh: this.#rates.map((column) => column[meter] as number),
    };
  }

  /** Entries of the load profile of a meter, oldest first. */
  profileOf(meter: number): LoadProfileEntry[] {
    return this.#profile.entriesOf(meter);
  }

  /** All meters over a part of the step: cut to whole milliwatt-seconds at each edge, so that nothing is lost. */
  #count(fromShare: number, toShare: number, rateWh: Float64Array): void {
    const energy = this.#energy;
    const delivered = this.#delivered;
    const received = this.#received;
    const { runningDelivered, runningReceived } = this.#profile;
    const isWhole = fromShare === 0 && toShare === 1;
    for (let meter = 0; meter < energy.length; meter++) {
      const signed = energy[meter] as number;
      const size = Math.abs(signed);
      const part = isWhole ? size : Math.floor(size * toShare) - Math.floor(size * fromShare);
      if (signed < 0) {
        runningReceived[meter] = (runningReceived[meter] as number) + received.add(meter, part);
        continue;
      }
      const pulses = delivered.add(meter, part);
      rateWh[meter] = (rateWh[meter] as number) + pulses;
      runningDelivered[meter] = (runningDelivered[meter] as number) + pulses;
    }
  }

  #edgesUpTo(endMs: number): Edge[] {
    const { calendar, intervalSeconds } = this.options;
    const startMs = this.#countedToMs;
    const intervalMs = intervalSeconds * 1000;
    const edges: Edge[] = [];
    for (let atMs = startMs; atMs < endMs; ) {
      if (atMs >= this.#rate.endMs) this.#rate = calendar.stretchAt(atMs);
      const captureMs = (Math.floor(atMs / intervalMs) + 1) * intervalMs;
      const edgeMs = Math.min(endMs, captureMs, this.#rate.endMs);
      edges.push({
        share: (edgeMs - startMs) / (endMs - startMs),
        rate: this.#rate.rate,
        isCapture: edgeMs === captureMs,
      });
      atMs = edgeMs;
    }
    return edges;
  }
}

/** Energy registers of all meters: whole Wh, and below one whole milliwatt-seconds. */
class CounterColumn {
  readonly wattHours: Float64Array;
  readonly #remainder: Float64Array;

  constructor(meters: number) {
    this.wattHours = new Float64Array(meters);
    this.#remainder = new Float64Array(meters);
  }

  /** Adds whole milliwatt-seconds; the watt-hours that the register went on by. */
  add(meter: number, energy: number): number {
    const held = (this.#remainder[meter] as number) + energy;
    const pulses = Math.floor(held / milliwattSecondsPerWattHour);
    this.#remainder[meter] = held - pulses * milliwattSecondsPerWattHour;
    this.wattHours[meter] = (this.wattHours[meter] as number) + pulses;
    return pulses;
  }
}

/** Load profiles of all meters: a ring of intervals, in each the meters one after the other, and one more for the interval that runs. */
class ProfileColumns {
  /** Watt-hours of the running interval by meter: what the registers go on by is added here. */
  runningDelivered: Uint32Array;
  runningReceived: Uint32Array;
  readonly #options: PhasorFleetOptions;
  readonly #zone: LocalZone;
  readonly #delivered: Uint32Array;
  readonly #received: Uint32Array;
  /** Intervals that ended. */
  #ended = 0;

  constructor(options: PhasorFleetOptions) {
    const { meters, intervalCapacity } = options;
    assert(
      intervalCapacity > 0 && Number.isInteger(intervalCapacity),
      'a profile holds at least one interval',
    );
    this.#options = options;
    this.#zone = localZone(options.zone);
    this.#delivered = new Uint32Array(meters * (intervalCapacity + 1));
    this.#received = new Uint32Array(meters * (intervalCapacity + 1));
    this.runningDelivered = this.#rowOf(this.#delivered);
    this.runningReceived = this.#rowOf(this.#received);
  }

  /** The interval ends; the next one begins with nothing. */
  capture(): void {
    this.#ended++;
    this.runningDelivered = this.#rowOf(this.#delivered).fill(0);
    this.runningReceived = this.#rowOf(this.#received).fill(0);
  }

  #rowOf(column: Uint32Array): Uint32Array {
    const from = this.#placeOf(this.#ended);
    return column.subarray(from, from + this.#options.meters);
  }

  #placeOf(interval: number): number {
    const { meters, intervalCapacity } = this.#options;
    return (interval % (intervalCapacity + 1)) * meters;
  }

  entriesOf(meter: number): LoadProfileEntry[] {
    const { intervalCapacity, startMs, intervalSeconds } = this.#options;
    const held = Math.min(this.#ended, intervalCapacity);
    return Array.from({ length: held }, (_, index) => {
      const interval = this.#ended - held + index;
      const labelMs = startMs + (interval + 1) * intervalSeconds * 1000;
      const place = this.#placeOf(interval) + meter;
      return {
        labelMs,
        status: this.#zone.stretchAt(labelMs).isDaylightSaving ? profileStatus.daylightSaving : 0,
        deliveredWh: this.#delivered[place] as number,
        receivedWh: this.#received[place] as number,
      };
    });
  }
}
