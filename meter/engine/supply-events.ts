/** Dips, swells, interruptions and rapid voltage changes on Urms(1/2) (IEC 61000-4-30 ed. 3, 5.4, 5.5, 5.11). */

/** Limits as shares of the declared voltage. */
export interface SupplyThresholds {
  readonly dip: number;
  readonly swell: number;
  readonly interruption: number;
  readonly hysteresis: number;
  /** A change of the voltage within the limits of dip and swell by more than this. */
  readonly rapidChange: number;
}

/** Usual limits; the standard leaves them to the contract. */
export const supplyThresholds: SupplyThresholds = {
  dip: 0.9,
  swell: 1.1,
  interruption: 0.05,
  hysteresis: 0.02,
  rapidChange: 0.03,
};

/** An event that ended. `extremeV` is the residual voltage, the highest voltage, or the largest change. */
export interface SupplyEvent {
  readonly kind: 'dip' | 'swell' | 'interruption' | 'rapid-voltage-change';
  readonly startS: number;
  readonly endS: number;
  readonly extremeV: number;
  /** Change between the steady states, V; of rapid voltage changes only. */
  readonly steadyChangeV?: number;
  /** The phase with the extreme, from 0. */
  readonly phase: number;
}

/** What is watched. */
export interface WatchedSupply {
  readonly declaredV: number;
  readonly phases: number;
  readonly nominalHz: number;
}

interface Running {
  readonly startS: number;
  extremeV: number;
  phase: number;
}

/** The detector: of several phases an event begins with the first that leaves and ends with the last that returns. */
export class SupplyEvents {
  #limits: SupplyThresholds;
  readonly #supply: WatchedSupply;
  readonly #emit: (event: SupplyEvent) => void;
  readonly #changes: readonly RapidChange[];
  #dip: Running | undefined;
  #swell: Running | undefined;
  #interruption: Running | undefined;

  constructor(limits: SupplyThresholds, supply: WatchedSupply, emit: (event: SupplyEvent) => void) {
    this.#limits = limits;
    this.#supply = supply;
    this.#emit = emit;
    this.#changes = Array.from({ length: supply.phases }, () => new RapidChange(2 * supply.nominalHz));
  }

  /** Other limits from now on; what runs ends by them. */
  configure(limits: SupplyThresholds): void {
    this.#limits = limits;
  }

  /** Whether a dip, swell or interruption runs. */
  get isActive(): boolean {
    return this.#dip !== undefined || this.#swell !== undefined || this.#interruption !== undefined;
  }

  /** Takes Urms(1/2) of all phases, V, at the end of a half cycle. */
  step(urms: Float64Array, endS: number): void {
    const { declaredV } = this.#supply;
    const { dip, swell, interruption, hysteresis } = this.#limits;
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    let leastPhase = 0;
    let mostPhase = 0;
    for (let phase = 0; phase < urms.length; phase++) {
      const share = (urms[phase] as number) / declaredV;
      if (share < least) {
        least = share;
        leastPhase = phase;
      }
      if (share > most) {
        most = share;
        mostPhase = phase;
      }
    }
    const low = { share: least, phase: leastPhase, sign: -1, endS };
    this.#dip = this.#follow('dip', this.#dip, least < dip, least >= dip + hysteresis, low);
    this.#swell = this.#follow('swell', this.#swell, most > swell, most <= swell - hysteresis, {
      share: most,
      phase: mostPhase,
      sign: 1,
      endS,
    });
    this.#interruption = this.#follow(
      'interruption',
      this.#interruption,
      most < interruption,
      most >= interruption + hysteresis,
      low,
    );
    this.#watchChanges(urms, endS);
  }

  #follow(
    kind: SupplyEvent['kind'],
    running: Running | undefined,
    begins: boolean,
    ends: boolean,
    now: { readonly share: number; readonly phase: number; readonly sign: number; readonly endS: number },
  ): Running | undefined {
    const valueV = now.share * this.#supply.declaredV;
    if (!running) return begins ? { startS: now.endS, extremeV: valueV, phase: now.phase } : undefined;
    if (ends) {
      this.#emit({ kind, ...running, endS: now.endS });
      return undefined;
    }
    if ((valueV - running.extremeV) * now.sign > 0) {
      running.extremeV = valueV;
      running.phase = now.phase;
    }
    return running;
  }

  #watchChanges(urms: Float64Array, endS: number): void {
    const limitV = this.#limits.rapidChange * this.#supply.declaredV;
    for (let phase = 0; phase < urms.length; phase++) {
      const change = this.#changes[phase] as RapidChange;
      // A change that is a dip or swell is reported as that alone.
      if (this.isActive) change.discard();
      if (!change.step(urms[phase] as number, limitV, endS)) continue;
      const { startS, largestV, steadyV } = change;
      this.#emit({
        kind: 'rapid-voltage-change',
        startS,
        endS,
        extremeV: largestV,
        steadyChangeV: steadyV,
        phase,
      });
    }
  }
}

/** One phase: steady while all values of the last second lie within the limit of their mean; half the limit ends a change. */
class RapidChange {
  startS = 0;
  largestV = 0;
  steadyV = 0;
  readonly #values: Float64Array;
  #count = 0;
  #sum = 0;
  #meanBefore = 0;
  #isChanging = false;
  #isDiscarded = false;
  /** Place of the value that last showed the voltage unsteady: the first to look at next time. */
  #witness = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  discard(): void {
    this.#isDiscarded = true;
  }

  /** True when a change ended with this value. */
  step(urms: number, limitV: number, endS: number): boolean {
    const values = this.#values;
    const wasFull = this.#count >= values.length;
    const mean = this.#sum / Math.max(1, Math.min(this.#count, values.length));
    const slot = this.#count % values.length;
    this.#sum += urms - (wasFull ? (values[slot] as number) : 0);
    values[slot] = urms;
    this.#count++;
    if (!wasFull) return false;
    if (!this.#isChanging) {
      if (Math.abs(urms - mean) <= limitV) {
        this.#isDiscarded = false;
        return false;
      }
      this.#isChanging = true;
      this.#meanBefore = mean;
      this.startS = endS;
      this.largestV = Math.abs(urms - mean);
      return false;
    }
    this.largestV = Math.max(this.largestV, Math.abs(urms - this.#meanBefore));
    const meanNow = this.#sum / values.length;
    if (this.#isUnsteady(meanNow, limitV / 2)) return false;
    this.#isChanging = false;
    this.steadyV = meanNow - this.#meanBefore;
    const isReported = !this.#isDiscarded;
    this.#isDiscarded = false;
    return isReported;
  }

  #isUnsteady(mean: number, mostV: number): boolean {
    const values = this.#values;
    if (Math.abs((values[this.#witness] as number) - mean) > mostV) return true;
    this.#witness = values.findIndex((value) => Math.abs(value - mean) > mostV);
    if (this.#witness >= 0) return true;
    this.#witness = 0;
    return false;
  }
}
