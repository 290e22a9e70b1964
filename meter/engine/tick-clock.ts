/** The 10-minute ticks of the clock, in samples (IEC 61000-4-30, 4.4: windows begin anew at each tick). */

const tickS = 600;

/** Ticks of a stream of samples. */
export class TickClock {
  readonly #clockS: number;
  readonly #sampleRateHz: number;
  #next: number;

  /** `clockS` is the time of the clock at sample 0, s; without it there are no ticks. */
  constructor(clockS: number | undefined, sampleRateHz: number) {
    this.#clockS = clockS ?? Number.NaN;
    this.#sampleRateHz = sampleRateHz;
    this.#next = clockS === undefined ? Number.POSITIVE_INFINITY : this.#after(0);
  }

  /** The tick strictly within the samples (from, to); `undefined` when none is. Asked by rising windows. */
  within(from: number, to: number): number | undefined {
    if (this.#next <= from) this.#next = this.#after(from);
    return this.#next < to ? this.#next : undefined;
  }

  #after(sample: number): number {
    const seconds = this.#clockS + sample / this.#sampleRateHz;
    return ((Math.floor(seconds / tickS) + 1) * tickS - this.#clockS) * this.#sampleRateHz;
  }
}
