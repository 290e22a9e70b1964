/**
 * Voltage and current of one phase over one window of whole cycles: powers, harmonics and subgroups (IEC 61000-4-7, 5.5). Only the lines
 * of harmonics and their neighbours are wanted: the window is folded into one cycle, once as it is and once turned by a line up and down.
 */
import type { WindowKernel } from './window-kernel.ts';

/** Buffers of one phase; all values are in converter codes, phasors are RMS with their angle at the start of the window. */
export class PairSpectrum {
  /** Mean products over the window, DC included. */
  productXy = 0;
  productXx = 0;
  productYy = 0;
  meanX = 0;
  meanY = 0;
  /** By order from 0 (DC). */
  readonly xRe: Float64Array;
  readonly xIm: Float64Array;
  readonly yRe: Float64Array;
  readonly yIm: Float64Array;
  /** RMS of the harmonic subgroup: the line of the harmonic and its two neighbours. */
  readonly xGroup: Float64Array;
  readonly yGroup: Float64Array;
  /** Fundamental of x under a raised cosine, unscaled: its angle is that at the middle of the window. */
  middleRe = 0;
  middleIm = 0;
  #sumX = 0;
  #sumY = 0;

  constructor(highestOrder: number) {
    const column = () => new Float64Array(highestOrder + 1);
    this.xRe = column();
    this.xIm = column();
    this.yRe = column();
    this.yIm = column();
    this.xGroup = column();
    this.yGroup = column();
  }

  /** Takes what the kernel found of an element over a window of so many points. */
  take(kernel: WindowKernel, element: number, points: number): void {
    const folds = kernel.folds[element] as Folds;
    const at = 4 * element;
    this.productXx = (kernel.sums[at] as number) / points;
    this.productYy = (kernel.sums[at + 1] as number) / points;
    this.productXy = (kernel.sums[at + 2] as number) / points;
    this.meanX = (folds[0][0] as number) / points;
    this.meanY = (folds[0][1] as number) / points;
    this.#findHarmonics(folds, points);
    this.#findMiddle(folds);
  }

  #findHarmonics([same, above, below]: Folds, points: number): void {
    const length = same.length / 2;
    const scale = Math.SQRT2 / points / 2;
    for (let order = 1; order < this.xRe.length; order++) {
      const at = 2 * order;
      const mirror = 2 * (length - order);
      const a = (same[at] as number) * scale;
      const b = (same[at + 1] as number) * scale;
      const c = (same[mirror] as number) * scale;
      const d = (same[mirror + 1] as number) * scale;
      this.xRe[order] = a + c;
      this.xIm[order] = b - d;
      this.yRe[order] = b + d;
      this.yIm[order] = c - a;
      // The mirror of a line above a harmonic is a line below its mirror.
      this.#sumX = (a + c) ** 2 + (b - d) ** 2;
      this.#sumY = (b + d) ** 2 + (c - a) ** 2;
      this.#addLine(above, below, order, scale);
      this.#addLine(below, above, order, scale);
      this.xGroup[order] = Math.sqrt(this.#sumX);
      this.yGroup[order] = Math.sqrt(this.#sumY);
    }
  }

  #addLine(line: Float64Array, other: Float64Array, order: number, scale: number): void {
    const at = 2 * order;
    const mirror = line.length - at;
    const e = (line[at] as number) * scale;
    const f = (line[at + 1] as number) * scale;
    const g = (other[mirror] as number) * scale;
    const h = (other[mirror + 1] as number) * scale;
    this.#sumX += (e + g) ** 2 + (f - h) ** 2;
    this.#sumY += (f + h) ** 2 + (g - e) ** 2;
  }

  #findMiddle([same, above, below]: Folds): void {
    const mirror = same.length - 2;
    const re = (line: Float64Array, other: Float64Array) => (line[2] as number) + (other[mirror] as number);
    const im = (line: Float64Array, other: Float64Array) =>
      (line[3] as number) - (other[mirror + 1] as number);
    this.middleRe = (re(same, same) / 2 - (re(above, below) + re(below, above)) / 4) / 2;
    this.middleIm = (im(same, same) / 2 - (im(above, below) + im(below, above)) / 4) / 2;
  }
}

/** The window folded into a cycle: as it is, for the line above, for the line below. */
type Folds = readonly [Float64Array, Float64Array, Float64Array];
