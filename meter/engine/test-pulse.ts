/** The test output (IEC 62052-11, 5.11; IEC 62053-31): a pulse is an edge of the register itself, so that pulses and register agree. */
import assert from 'node:assert/strict';
import { type EnergyCounter, microjoulesPerWattHour } from './energy-counter.ts';

/** Emits pulses of one counter. */
export class TestPulse {
  /** Pulses since the meter was made. */
  count: bigint;
  readonly #counter: EnergyCounter;
  readonly #quantum: bigint;
  readonly #emit: (atS: number) => void;
  #total: bigint;
  #atS: number;

  /** `constant` is in pulses per kWh (kvarh, kVAh); it divides 3.6e12. */
  constructor(counter: EnergyCounter, constant: number, emit: (atS: number) => void, startS = 0) {
    const perKilowattHour = 1000n * BigInt(microjoulesPerWattHour);
    assert(
      Number.isInteger(constant) && constant > 0 && perKilowattHour % BigInt(constant) === 0n,
      `a pulse is a whole number of microjoules, not 1/${constant} kWh`,
    );
    this.#counter = counter;
    this.#quantum = perKilowattHour / BigInt(constant);
    this.#emit = emit;
    this.#total = counter.total();
    this.#atS = startS;
    this.count = this.#total / this.#quantum;
  }

  /** Looks at the counter at an instant; edges passed since the last look are placed between as the energy grew. */
  observe(atS: number): void {
    const total = this.#counter.total();
    const grown = Number(total - this.#total);
    const count = total / this.#quantum;
    for (let pulse = this.count + 1n; pulse <= count; pulse++) {
      const share = Number(pulse * this.#quantum - this.#total) / grown;
      this.#emit(this.#atS + share * (atS - this.#atS));
    }
    this.count = count;
    this.#total = total;
    this.#atS = atS;
  }
}
