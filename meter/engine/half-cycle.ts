/** Urms(1/2): RMS over one cycle, anew each half cycle (IEC 61000-4-30, 5.4.1); borders between samples count by their share. */

/** Half cycles of one voltage channel. */
export class HalfCycleRms {
  /** RMS of the cycle that ends with each half cycle of the last window, in codes. */
  readonly rms: Float64Array;
  #before = Number.NaN;

  constructor(halfCycles: number) {
    this.rms = new Float64Array(halfCycles);
  }

  /** The next half cycle does not follow the last one. */
  restart(): void {
    this.#before = Number.NaN;
  }

  /** Measures the half cycles of a window from a place in the samples on; `squares` sums the squares of samples [from, to). */
  measure(
    x: Int32Array,
    of: { readonly start: number; readonly halfLength: number },
    squares: (from: number, to: number) => number,
  ): void {
    const { start, halfLength } = of;
    let at = Math.floor(start);
    let rest = start - at;
    for (let half = 0; half < this.rms.length; half++) {
      const end = start + (half + 1) * halfLength;
      const last = Math.floor(end);
      let sum = squares(at, last) - rest * (x[at] as number) ** 2;
      rest = end - last;
      sum += rest * (x[last] as number) ** 2;
      at = last;
      const mean = sum / halfLength;
      const cycle = Number.isNaN(this.#before) ? mean : (mean + this.#before) / 2;
      this.rms[half] = Math.sqrt(Math.max(0, cycle));
      this.#before = mean;
    }
  }
}
