/** The window kernel as script, for runtimes without WebAssembly and as the check of the other one. */
import assert from 'node:assert/strict';
import { type PairSums, type SampleRange, sumOfSquares, sumsOfPairs } from './energy-counter.ts';
import { type Channels, resample } from './resampler.ts';
import type { ElementSamples, KernelShape, KernelTables, WindowKernel } from './window-kernel.ts';

export class ScriptKernel implements WindowKernel {
  readonly kind = 'script';
  readonly sums: Float64Array;
  readonly folds: readonly (readonly [Float64Array, Float64Array, Float64Array])[];
  readonly #shape: KernelShape;
  readonly #tables: KernelTables;
  readonly #channels: Channels;
  /** Pairs of voltage and current by element at the points of the grid. */
  readonly #grid: readonly Float64Array[];
  #base = 0;
  /** Sums of codes by element that came with the last sum of products; they hold for what is loaded. */
  readonly #codes: (PairSums & { readonly from: number; readonly to: number })[] = [];

  constructor(shape: KernelShape, tables: KernelTables) {
    const { elements, cycles, cyclePoints, samples } = shape;
    this.#shape = shape;
    this.#tables = tables;
    const each = <T>(make: () => T) => Array.from({ length: elements }, make);
    const fold = () => new Float64Array(2 * cyclePoints);
    this.sums = new Float64Array(4 * elements);
    this.folds = each(() => [fold(), fold(), fold()] as const);
    this.#channels = { samples: new Float64Array(2 * elements * samples), elements };
    this.#grid = each(() => new Float64Array(2 * cycles * cyclePoints));
  }

  load(elements: readonly ElementSamples[], from: number, to: number): void {
    assert(to - from <= this.#shape.samples, 'the window is longer than its kernel');
    const { samples } = this.#channels;
    for (const [element, { voltage, current }] of elements.entries()) {
      for (let n = from, at = 2 * element; n < to; n++, at += 2 * elements.length) {
        samples[at] = voltage[n] as number;
        samples[at + 1] = current[n] as number;
      }
    }
    this.#base = from;
    this.#codes.length = 0;
  }

  analyse(first: number, step: number): void {
    const { elements, cycles, cyclePoints } = this.#shape;
    const points = cycles * cyclePoints;
    resample(this.#channels, this.#grid, { first: first - this.#base, step, points });
    for (let element = 0; element < elements; element++) {
      this.#fold(element);
      for (const fold of this.folds[element] ?? []) this.#tables.transform.forward(fold);
    }
  }

  /** Folds z = x + j y: as it is, turned down by one line (for the line above) and up (for the line below). */
  #fold(element: number): void {
    const grid = this.#grid[element] as Float64Array;
    const { transform, trigonometry } = this.#tables;
    const { length, order } = transform;
    const { cycles } = this.#shape;
    const [same, above, below] = this.folds[element] as [Float64Array, Float64Array, Float64Array];
    let xx = 0;
    let yy = 0;
    let xy = 0;
    for (let place = 0; place < length; place++) {
      let sameRe = 0;
      let sameIm = 0;
      let evenRe = 0;
      let evenIm = 0;
      let oddRe = 0;
      let oddIm = 0;
      for (let cycle = 0, m = 2 * place; cycle < cycles; cycle++, m += 2 * length) {
        const a = grid[m] as number;
        const b = grid[m + 1] as number;
        const c = trigonometry[m] as number;
        const s = trigonometry[m + 1] as number;
        sameRe += a;
        sameIm += b;
        evenRe += a * c;
        evenIm += b * c;
        oddRe += b * s;
        oddIm += a * s;
        xx += a * a;
        yy += b * b;
        xy += a * b;
      }
      const to = 2 * (order[place] as number);
      same[to] = sameRe;
      same[to + 1] = sameIm;
      above[to] = evenRe + oddRe;
      above[to + 1] = evenIm - oddIm;
      below[to] = evenRe - oddRe;
      below[to + 1] = evenIm + oddIm;
    }
    this.sums.set([xx, yy, xy, xy], 4 * element);
  }

  sumOfProducts(element: number, by: 'current' | 'voltage', from: number, to: number): number {
    const { samples } = this.#channels;
    const range = this.#range(element, from, to);
    if (by === 'voltage') return sumOfSquares(samples, range);
    const sums = sumsOfPairs(samples, range);
    this.#codes[element] = { ...sums, from, to };
    return sums.products;
  }

  sumOfCodes(element: number, channel: keyof ElementSamples, from: number, to: number): number {
    const known = this.#codes[element];
    if (known?.from === from && known.to === to) return channel === 'voltage' ? known.sumX : known.sumY;
    const { sumX, sumY } = sumsOfPairs(this.#channels.samples, this.#range(element, from, to));
    return channel === 'voltage' ? sumX : sumY;
  }

  #range(element: number, from: number, to: number): SampleRange {
    const apart = 2 * this.#channels.elements;
    return {
      first: apart * (from - this.#base) + 2 * element,
      end: apart * (to - this.#base) + 2 * element,
      apart,
    };
  }
}
