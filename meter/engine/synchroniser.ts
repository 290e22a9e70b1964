/** Keeps windows in step with the mains: the frequency from the turn of the fundamental between the middles of windows. */

/** The fundamental of each phase at the middle of a window. */
export interface MiddlePhasor {
  readonly middleRe: number;
  readonly middleIm: number;
}

/** A frequency that differs by more than this share from the one the window was cut by has the window cut again. */
const tolerance = 2e-6;
/** The IEC 61000-4-30 reading spans 10 s. */
const longSpanS = 10;

/** Phase, frequency and time of the windows that passed. */
export class Synchroniser {
  frequencyHz: number;
  isHeld = true;
  /** Frequency over the last whole 10 s; 0 before. */
  longFrequencyHz = 0;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #leastSpanS: number;
  #middleS = Number.NaN;
  #longStartS = Number.NaN;
  #longTurns = 0;

  /** Middles of windows that are less than `leastSpanS` apart, as where one was cut anew, show no frequency. */
  constructor(nominalHz: number, phases: number, leastSpanS = 0) {
    this.frequencyHz = nominalHz;
    this.#leastSpanS = leastSpanS;
    this.#re = new Float64Array(phases);
    this.#im = new Float64Array(phases);
  }

  /** Starts from a frequency found otherwise. */
  acquire(frequencyHz: number): void {
    this.frequencyHz = frequencyHz;
    this.isHeld = false;
    this.#middleS = Number.NaN;
    this.#longStartS = Number.NaN;
  }

  /** The frequency that the phasors of a window with this middle show; `undefined` when no phase has voltage. */
  estimate(phasors: readonly MiddlePhasor[], middleS: number, leastMagnitude: number): number | undefined {
    const best = this.#strongest(phasors, leastMagnitude);
    if (best < 0) return undefined;
    if (Number.isNaN(this.#middleS) || this.#isTooSoon(middleS)) return this.frequencyHz;
    return this.#turnsSince(phasors[best] as MiddlePhasor, best, middleS) / (middleS - this.#middleS);
  }

  /** Whether a window cut by `usedHz` must be cut again. */
  isOff(usedHz: number, estimateHz: number): boolean {
    return Math.abs(estimateHz - usedHz) > tolerance * usedHz;
  }

  /** Takes the window as final. */
  accept(phasors: readonly MiddlePhasor[], middleS: number, leastMagnitude: number): void {
    const best = this.#strongest(phasors, leastMagnitude);
    this.isHeld = best < 0;
    if (best < 0) {
      this.#middleS = Number.NaN;
      this.#longStartS = Number.NaN;
      return;
    }
    if (this.#isTooSoon(middleS)) return;
    if (Number.isNaN(this.#middleS)) {
      this.#longStartS = middleS;
      this.#longTurns = 0;
    } else {
      const turns = this.#turnsSince(phasors[best] as MiddlePhasor, best, middleS);
      this.frequencyHz = turns / (middleS - this.#middleS);
      this.#longTurns += turns;
      if (middleS - this.#longStartS >= longSpanS - 1e-3) {
        this.longFrequencyHz = this.#longTurns / (middleS - this.#longStartS);
        this.#longStartS = middleS;
        this.#longTurns = 0;
      }
    }
    this.#middleS = middleS;
    for (const [phase, { middleRe, middleIm }] of phasors.entries()) {
      this.#re[phase] = middleRe;
      this.#im[phase] = middleIm;
    }
  }

  #isTooSoon(middleS: number): boolean {
    return middleS - this.#middleS < this.#leastSpanS;
  }

  /** Turns of the fundamental since the window before: whole ones by the last frequency, the rest by the angle. */
  #turnsSince({ middleRe, middleIm }: MiddlePhasor, phase: number, middleS: number): number {
    const re = this.#re[phase] as number;
    const im = this.#im[phase] as number;
    const part = Math.atan2(middleIm * re - middleRe * im, middleRe * re + middleIm * im) / (2 * Math.PI);
    const expected = (middleS - this.#middleS) * this.frequencyHz;
    return Math.round(expected - part) + part;
  }

  /** The phase whose weaker phasor, before or now, is the strongest; -1 when none is strong enough. */
  #strongest(phasors: readonly MiddlePhasor[], leastMagnitude: number): number {
    let best = -1;
    let most = leastMagnitude;
    const isFirst = Number.isNaN(this.#middleS);
    for (let phase = 0; phase < phasors.length; phase++) {
      const { middleRe, middleIm } = phasors[phase] as MiddlePhasor;
      const now = Math.hypot(middleRe, middleIm);
      const before = isFirst ? now : Math.hypot(this.#re[phase] as number, this.#im[phase] as number);
      if (Math.min(now, before) > most) {
        most = Math.min(now, before);
        best = phase;
      }
    }
    return best;
  }
}
