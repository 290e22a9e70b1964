/** Exact energy: whole microjoules in integers, in the four quadrants (IEC 62053-24, annex C), for each phase and net; nothing drifts. */
import assert from 'node:assert/strict';

/** One watt-hour (varh, VAh). */
export const microjoulesPerWattHour = 3_600_000_000;
const microjoulesPerMilliwattSecond = 1000;

/** A counter: whole watt-hours and microjoules below one, both safe integers; good for 9e15 Wh. */
export class EnergyCounter {
  wattHours = 0;
  microjoules = 0;

  /** Adds whole microjoules from 0 to 9e15. */
  add(microjoules: number): void {
    const held = this.microjoules + microjoules;
    assert(microjoules >= 0 && Number.isSafeInteger(held), `expected whole uJ from 0, found ${microjoules}`);
    const whole = Math.floor(held / microjoulesPerWattHour);
    this.wattHours += whole;
    this.microjoules = held - whole * microjoulesPerWattHour;
  }

  /** The exact count. */
  total(): bigint {
    return BigInt(this.wattHours) * BigInt(microjoulesPerWattHour) + BigInt(this.microjoules);
  }

  /** Whole milliwatt-seconds counted: what the register module takes. */
  milliwattSeconds(): bigint {
    return this.total() / BigInt(microjoulesPerMilliwattSecond);
  }

  /** Joules since an earlier total. */
  joulesSince(total: bigint): number {
    return Number(this.total() - total) / 1e6;
  }
}

/** Rounds a stream of energies to whole microjoules and carries what is cut to the next, so that the sum is off by half of one at most. */
export class EnergyRounding {
  #carry = 0;

  /** Whole microjoules of an energy in joules with its sign. */
  round(joules: number): number {
    const exact = joules * 1e6 + this.#carry;
    const whole = Math.round(exact);
    this.#carry = exact - whole;
    return whole;
  }
}

/** Counters of one phase, or of all. */
export class QuadrantCounters {
  readonly deliveredActive = new EnergyCounter();
  readonly receivedActive = new EnergyCounter();
  /** Fundamental reactive energy of quadrants 1 to 4. */
  readonly reactive = [new EnergyCounter(), new EnergyCounter(), new EnergyCounter(), new EnergyCounter()];
  readonly deliveredApparent = new EnergyCounter();
  readonly receivedApparent = new EnergyCounter();

  /** Adds the energies of a window, whole microjoules; the sign of P and Q is that of the window. */
  add(active: number, reactive: number, apparent: number): void {
    const isDelivered = active >= 0;
    (isDelivered ? this.deliveredActive : this.receivedActive).add(Math.abs(active));
    (isDelivered ? this.deliveredApparent : this.receivedApparent).add(apparent);
    const quadrant = reactive >= 0 ? (isDelivered ? 0 : 1) : isDelivered ? 3 : 2;
    (this.reactive[quadrant] as EnergyCounter).add(Math.abs(reactive));
  }
}

const limb = 2 ** 26;
/** Products of two 24-bit codes that a double sums exactly. */
const exactRun = 64;

/** Voltages of one element at `first`, `first + apart` and so on below `end`; each current comes after its voltage. */
export interface SampleRange {
  readonly first: number;
  readonly end: number;
  readonly apart: number;
}

/**
 * The exact sum of squares of converter codes, whole numbers below 2^23, rounded once to a double. Two integer limbs hold it meanwhile;
 * within a run all sums are whole numbers that a double holds, in whatever order they are taken.
 */
export function sumOfSquares(samples: Float64Array, { first, end, apart }: SampleRange): number {
  let high = 0;
  let low = 0;
  for (let start = first; start < end; start += apart * exactRun) {
    const stop = Math.min(end, start + apart * exactRun);
    let sum = 0;
    for (let n = start | 0; n < stop; n = (n + apart) | 0) {
      const x = samples[n] as number;
      sum += x * x;
    }
    const whole = Math.floor(sum / limb);
    high += whole;
    low += sum - whole * limb;
  }
  return high * limb + low;
}

/** Exact sums over pairs: products of the two, rounded once to a double, and each by itself. */
export interface PairSums {
  readonly products: number;
  readonly sumX: number;
  readonly sumY: number;
}

/** The three sums in one pass; `products` as {@link sumOfSquares}. */
export function sumsOfPairs(samples: Float64Array, { first, end, apart }: SampleRange): PairSums {
  let high = 0;
  let low = 0;
  let sumX = 0;
  let sumY = 0;
  for (let start = first; start < end; start += apart * exactRun) {
    const stop = Math.min(end, start + apart * exactRun);
    let sum = 0;
    for (let n = start | 0; n < stop; n = (n + apart) | 0) {
      const x = samples[n] as number;
      const y = samples[(n + 1) | 0] as number;
      sum += x * y;
      sumX += x;
      sumY += y;
    }
    const whole = Math.floor(sum / limb);
    high += whole;
    low += sum - whole * limb;
  }
  return { products: high * limb + low, sumX, sumY };
}
