/** All energy registers of a meter: a total and its rates for each kind; a kind costs memory once it is first counted. */
import assert from 'node:assert/strict';
import { type EnergyKind, energyKindNames } from './energy-kind.ts';
import { RateRegisters } from './register.ts';

/** Rates that a meter may have (OBIS value group E, 1 to 8). */
export const mostRates = 8;

/** The registers. */
export class EnergySet {
  readonly rateCount: number;
  /** Told of every pulse, after it has flashed: the place to write it down. */
  onPulses: ((kind: EnergyKind, rate: number, count: number) => void) | undefined;
  readonly #registers: Partial<Record<EnergyKind, RateRegisters>> = {};

  /** Readings it comes with, whole units by rate, rate 1 first; kinds left out start at zero. */
  constructor(rateCount: number, initial: Readonly<Partial<Record<EnergyKind, readonly number[]>>>) {
    assert(rateCount >= 1 && rateCount <= mostRates, `a meter has 1 to ${mostRates} rates, not ${rateCount}`);
    this.rateCount = rateCount;
    for (const kind of energyKindNames) {
      const rates = initial[kind];
      if (rates) this.#registers[kind] = new RateRegisters(this.#padded(rates));
    }
  }

  /** The registers of a kind. */
  of(kind: EnergyKind): RateRegisters {
    let found = this.#registers[kind];
    if (!found) {
      found = new RateRegisters(this.#padded([]));
      this.#registers[kind] = found;
    }
    return found;
  }

  /** Whole units of a kind: the total, or a rate from 1; asks no memory. */
  read(kind: EnergyKind, rate = 0): number {
    const found = this.#registers[kind];
    if (!found) return 0;
    return rate === 0 ? found.wattHours : found.rate(rate);
  }

  /** Whole units of a kind by rate, rate 1 first. */
  rates(kind: EnergyKind): number[] {
    return Array.from({ length: this.rateCount }, (_, index) => this.read(kind, index + 1));
  }

  /** Adds energy of a kind, milliunit-seconds, while `rate` is active; returns the whole units that it went on by. */
  add(kind: EnergyKind, milliunitSeconds: number, rate: number): number {
    if (milliunitSeconds === 0) return 0;
    const pulses = this.of(kind).add(milliunitSeconds, rate);
    if (pulses > 0) this.onPulses?.(kind, rate, pulses);
    return pulses;
  }

  #padded(rates: readonly number[]): number[] {
    return Array.from({ length: this.rateCount }, (_, index) => rates[index] ?? 0);
  }
}
