/**
 * Interharmonics of one pair over one window (IEC 61000-4-7, 5.6): the centred subgroup between two harmonics, which are all lines between
 * them but those next to a harmonic. Asked for, it takes the lines that the window kernel leaves out: one more folding for each of them.
 */
import { createFourierTransform, type FourierTransform } from './fourier-transform.ts';
import { resample } from './resampler.ts';
import type { ElementSamples } from './window-kernel.ts';

/** What it is built for. */
export interface InterharmonicShape {
  /** Cycles of a window. */
  readonly cycles: number;
  /** Points of a cycle, a power of two. */
  readonly cyclePoints: number;
  readonly highestOrder: number;
}

/** The analyser; its buffers serve one pair after the other. */
export class Interharmonics {
  readonly #shape: InterharmonicShape;
  readonly #transform: FourierTransform;
  readonly #samples: Float64Array;
  readonly #grid: Float64Array;
  /** Spectrum of the window turned down by so many lines, by line within a harmonic. */
  readonly #folds: readonly Float64Array[];
  readonly #turns: Float64Array;

  /** `samples`: most samples of a window with what its ends need. */
  constructor(shape: InterharmonicShape, samples: number) {
    const { cycles, cyclePoints } = shape;
    const points = cycles * cyclePoints;
    this.#shape = shape;
    this.#transform = createFourierTransform(cyclePoints);
    this.#samples = new Float64Array(2 * samples);
    this.#grid = new Float64Array(2 * points);
    this.#folds = Array.from({ length: cycles - 3 }, () => new Float64Array(2 * cyclePoints));
    this.#turns = Float64Array.from({ length: 2 * points }, (_, n) => {
      const turn = (2 * Math.PI * (n >> 1)) / points;
      return (n & 1) === 0 ? Math.cos(turn) : Math.sin(turn);
    });
  }

  /**
   * RMS by order, in codes, into `voltage` and `current`: place h is the subgroup above harmonic h, place 0 the one below the fundamental.
   * The window begins at `first` of the buffers, points are `step` samples apart.
   */
  measure(
    { voltage, current }: ElementSamples,
    {
      first,
      step,
      from,
      to,
    }: { readonly first: number; readonly step: number; readonly from: number; readonly to: number },
    out: { readonly voltage: Float64Array; readonly current: Float64Array },
  ): void {
    for (let n = from, at = 0; n < to; n++, at += 2) {
      this.#samples[at] = voltage[n] as number;
      this.#samples[at + 1] = current[n] as number;
    }
    const { cycles, cyclePoints, highestOrder } = this.#shape;
    const channels = { samples: this.#samples, elements: 1 };
    resample(channels, [this.#grid], { first: first - from, step, points: cycles * cyclePoints });
    for (const [index, fold] of this.#folds.entries()) this.#fold(fold, index + 2);
    for (let order = 0; order < highestOrder; order++) this.#gather(order, out);
  }

  /** Folds z = x + j y, turned down by `line` lines, into one cycle; its transform has line `line` of every harmonic. */
  #fold(fold: Float64Array, line: number): void {
    const { cycles, cyclePoints } = this.#shape;
    const points = cycles * cyclePoints;
    const { order } = this.#transform;
    for (let place = 0; place < cyclePoints; place++) {
      let re = 0;
      let im = 0;
      for (let n = place; n < points; n += cyclePoints) {
        const turn = 2 * ((n * line) % points);
        const c = this.#turns[turn] as number;
        const s = this.#turns[turn + 1] as number;
        const x = this.#grid[2 * n] as number;
        const y = this.#grid[2 * n + 1] as number;
        re += x * c + y * s;
        im += y * c - x * s;
      }
      const to = 2 * (order[place] as number);
      fold[to] = re;
      fold[to + 1] = im;
    }
    this.#transform.forward(fold);
  }

  /** Lines 2 to cycles - 2 above a harmonic; the mirror of line k above harmonic h is line cycles - k above the mirror of h + 1. */
  #gather(harmonic: number, out: { readonly voltage: Float64Array; readonly current: Float64Array }): void {
    const { cycles, cyclePoints } = this.#shape;
    const scale = Math.SQRT2 / (cycles * cyclePoints) / 2;
    let xx = 0;
    let yy = 0;
    for (let line = 2; line <= cycles - 2; line++) {
      const own = this.#folds[line - 2] as Float64Array;
      const other = this.#folds[cycles - line - 2] as Float64Array;
      const at = 2 * harmonic;
      const mirror = 2 * (cyclePoints - harmonic - 1);
      const [a, b] = [(own[at] as number) * scale, (own[at + 1] as number) * scale];
      const [c, d] = [(other[mirror] as number) * scale, (other[mirror + 1] as number) * scale];
      xx += (a + c) ** 2 + (b - d) ** 2;
      yy += (b + d) ** 2 + (c - a) ** 2;
    }
    out.voltage[harmonic] = Math.sqrt(xx);
    out.current[harmonic] = Math.sqrt(yy);
  }
}
