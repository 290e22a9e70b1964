/**
 * Voltage and current of one phase over one window of whole cycles: powers, harmonics and subgroups (IEC 61000-4-7, 5.5). Only the lines
 * of harmonics and their neighbours are wanted: the window is folded into one cycle, once as it is and once turned by a line up and down.
 */
import type { FourierTransform } from './fourier-transform.ts';
import { type GridWeights, resamplePair } from './resampler.ts';

/** A folded cycle, then its spectrum. */
interface Fold {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Tables that the phases share. */
export interface FoldTables {
  readonly cycles: number;
  /** Transform of the points of one cycle. */
  readonly transform: FourierTransform;
  /** cos and sin of a line below the first harmonic over the window. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Tables for windows of so many cycles. */
export function foldTables(cycles: number, transform: FourierTransform): FoldTables {
  const points = cycles * transform.length;
  return {
    cycles,
    transform,
    cos: Float64Array.from({ length: points }, (_, m) => Math.cos((2 * Math.PI * m) / points)),
    sin: Float64Array.from({ length: points }, (_, m) => Math.sin((2 * Math.PI * m) / points)),
  };
}

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
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #tables: FoldTables;
  readonly #folds: readonly [Fold, Fold, Fold];

  constructor(tables: FoldTables, highestOrder: number) {
    const column = () => new Float64Array(highestOrder + 1);
    this.xRe = column();
    this.xIm = column();
    this.yRe = column();
    this.yIm = column();
    this.xGroup = column();
    this.yGroup = column();
    this.#tables = tables;
    this.#x = new Float64Array(tables.cos.length);
    this.#y = new Float64Array(tables.cos.length);
    const { length } = tables.transform;
    const fold = () => ({ re: new Float64Array(length), im: new Float64Array(length) });
    this.#folds = [fold(), fold(), fold()];
  }

  /** Analyses two channels over a grid that spans the window. */
  analyse(x: Float64Array, y: Float64Array, grid: GridWeights): void {
    resamplePair(x, y, this.#x, this.#y, grid);
    this.#multiply();
    this.#fold();
    for (const { re, im } of this.#folds) this.#tables.transform.forward(re, im);
    this.#findHarmonics();
    this.#findMiddle();
  }

  #multiply(): void {
    const x = this.#x;
    const y = this.#y;
    const length = x.length;
    let xy = 0;
    let xx = 0;
    let yy = 0;
    let sumX = 0;
    let sumY = 0;
    for (let m = 0; m < length; m++) {
      const a = x[m] as number;
      const b = y[m] as number;
      xy += a * b;
      xx += a * a;
      yy += b * b;
      sumX += a;
      sumY += b;
    }
    this.productXy = xy / length;
    this.productXx = xx / length;
    this.productYy = yy / length;
    this.meanX = sumX / length;
    this.meanY = sumY / length;
  }

  /** Folds z = x + j y: as it is, turned down by one line (for the line above) and up (for the line below). */
  #fold(): void {
    const x = this.#x;
    const y = this.#y;
    const { cycles, transform, cos, sin } = this.#tables;
    const [same, above, below] = this.#folds;
    const { length } = transform;
    for (let place = 0; place < length; place++) {
      let sameRe = 0;
      let sameIm = 0;
      let evenRe = 0;
      let evenIm = 0;
      let oddRe = 0;
      let oddIm = 0;
      for (let cycle = 0, m = place; cycle < cycles; cycle++, m += length) {
        const a = x[m] as number;
        const b = y[m] as number;
        const c = cos[m] as number;
        const s = sin[m] as number;
        sameRe += a;
        sameIm += b;
        evenRe += a * c;
        evenIm += b * c;
        oddRe += b * s;
        oddIm += a * s;
      }
      same.re[place] = sameRe;
      same.im[place] = sameIm;
      above.re[place] = evenRe + oddRe;
      above.im[place] = evenIm - oddIm;
      below.re[place] = evenRe - oddRe;
      below.im[place] = evenIm + oddIm;
    }
  }

  #findHarmonics(): void {
    const [same, above, below] = this.#folds;
    const { length } = this.#tables.transform;
    const scale = Math.SQRT2 / this.#x.length / 2;
    for (let order = 1; order < this.xRe.length; order++) {
      const mirror = length - order;
      const a = (same.re[order] as number) * scale;
      const b = (same.im[order] as number) * scale;
      const c = (same.re[mirror] as number) * scale;
      const d = (same.im[mirror] as number) * scale;
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

  #addLine(line: Fold, other: Fold, order: number, scale: number): void {
    const mirror = line.re.length - order;
    const e = (line.re[order] as number) * scale;
    const f = (line.im[order] as number) * scale;
    const g = (other.re[mirror] as number) * scale;
    const h = (other.im[mirror] as number) * scale;
    this.#sumX += (e + g) ** 2 + (f - h) ** 2;
    this.#sumY += (f + h) ** 2 + (g - e) ** 2;
  }

  #findMiddle(): void {
    const [same, above, below] = this.#folds;
    const mirror = this.#tables.transform.length - 1;
    const re = (line: Fold, other: Fold) => (line.re[1] as number) + (other.re[mirror] as number);
    const im = (line: Fold, other: Fold) => (line.im[1] as number) - (other.im[mirror] as number);
    this.middleRe = (re(same, same) / 2 - (re(above, below) + re(below, above)) / 4) / 2;
    this.middleIm = (im(same, same) / 2 - (im(above, below) + im(below, above)) / 4) / 2;
  }
}
