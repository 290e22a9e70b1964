/** Energy registers (Blue Book 4.3.2): whole watt-hours counted out of milliwatt-seconds; they never run backwards. */
import assert from 'node:assert/strict';

/** One watt-hour. */
export const milliwattSecondsPerWattHour = 3_600_000;

/** Counts whole watt-hours; what is less than one waits in the remainder. */
export class EnergyRegister {
  #wattHours: number;
  #remainder = 0;

  /** Starts at `wattHours`, a whole number: a meter may come with a reading. */
  constructor(wattHours = 0) {
    assert(
      Number.isSafeInteger(wattHours) && wattHours >= 0,
      `a register starts at whole Wh, not ${wattHours}`,
    );
    this.#wattHours = wattHours;
  }

  get wattHours(): number {
    return this.#wattHours;
  }

  /** Adds energy; returns the whole watt-hours that the register went on by: the pulses of its lamp. */
  add(milliwattSeconds: number): number {
    const held = this.#remainder + milliwattSeconds;
    assert(
      milliwattSeconds >= 0 && Number.isSafeInteger(held),
      `expected whole mWs from 0, found ${milliwattSeconds}`,
    );
    const pulses = Math.floor(held / milliwattSecondsPerWattHour);
    this.#remainder = held - pulses * milliwattSecondsPerWattHour;
    this.#wattHours += pulses;
    return pulses;
  }
}

/**
 * Energy of one kind: the total and its time-of-use registers. Each watt-hour that the total counts goes to the one rate that is
 * active, so the rates sum to the total at every instant, to the last watt-hour.
 */
export class RateRegisters {
  readonly total: EnergyRegister;
  /** Watt-hours by rate number, from 1; index 0 is not used. */
  readonly #rates: Float64Array;

  /** Registers of the rates 1 to `initialWattHours.length`, each starting at its figure. */
  constructor(initialWattHours: readonly number[]) {
    assert(initialWattHours.length > 0, 'a meter has at least one rate');
    this.#rates = Float64Array.from([0, ...initialWattHours]);
    this.total = new EnergyRegister(initialWattHours.reduce((sum, wattHours) => sum + wattHours, 0));
  }

  /** The total. */
  get wattHours(): number {
    return this.total.wattHours;
  }

  /** Rate numbers run from 1 to this. */
  get rateCount(): number {
    return this.#rates.length - 1;
  }

  /** Watt-hours of a rate. */
  rate(number: number): number {
    const wattHours = this.#rates[number];
    assert(number >= 1 && wattHours !== undefined, `there is no rate ${number}`);
    return wattHours;
  }

  /** Adds energy while `rate` is active; returns the whole watt-hours that it went on by. */
  add(milliwattSeconds: number, rate: number): number {
    assert(rate >= 1 && rate < this.#rates.length, `there is no rate ${rate}`);
    const pulses = this.total.add(milliwattSeconds);
    this.#rates[rate] = (this.#rates[rate] as number) + pulses;
    return pulses;
  }
}
