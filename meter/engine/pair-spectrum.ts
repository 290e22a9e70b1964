/** Voltage and current of one phase over one window of whole cycles: powers, harmonics and subgroups (IEC 61000-4-7, 5.5). */
import type { FourierTransform } from './fourier-transform.ts';
import { type Grid, resamplePair } from './resampler.ts';

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
  /** Fundamental of x under a raised cosine: its angle is that at the middle of the window. */
  middleRe = 0;
  middleIm = 0;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #cycles: number;
  readonly #transform: FourierTransform;

  constructor(transform: FourierTransform, cycles: number, highestOrder: number) {
    const column = () => new Float64Array(highestOrder + 1);
    this.xRe = column();
    this.xIm = column();
    this.yRe = column();
    this.yIm = column();
    this.xGroup = column();
    this.yGroup = column();
    this.#re = new Float64Array(transform.length);
    this.#im = new Float64Array(transform.length);
    this.#cycles = cycles;
    this.#transform = transform;
  }

  /** Analyses two channels over a grid that spans the window. */
  analyse(x: Float64Array, y: Float64Array, grid: Grid): void {
    const re = this.#re;
    const im = this.#im;
    resamplePair(x, y, re, im, grid);
    this.#multiply();
    this.#transform.forward(re, im);
    const length = grid.count;
    const cycles = this.#cycles;
    const scale = Math.SQRT2 / length;
    for (let order = 1; order < this.xRe.length; order++) {
      let groupX = 0;
      let groupY = 0;
      for (let line = order * cycles - 1; line <= order * cycles + 1; line++) {
        const a = re[line] as number;
        const b = im[line] as number;
        const c = re[length - line] as number;
        const d = im[length - line] as number;
        const xr = ((a + c) / 2) * scale;
        const xi = ((b - d) / 2) * scale;
        const yr = ((b + d) / 2) * scale;
        const yi = ((c - a) / 2) * scale;
        groupX += xr * xr + xi * xi;
        groupY += yr * yr + yi * yi;
        if (line === order * cycles) {
          this.xRe[order] = xr;
          this.xIm[order] = xi;
          this.yRe[order] = yr;
          this.yIm[order] = yi;
        }
      }
      this.xGroup[order] = Math.sqrt(groupX);
      this.yGroup[order] = Math.sqrt(groupY);
    }
    this.#findMiddle(length);
  }

  #multiply(): void {
    const re = this.#re;
    const im = this.#im;
    const length = re.length;
    let xy = 0;
    let xx = 0;
    let yy = 0;
    let sumX = 0;
    let sumY = 0;
    for (let m = 0; m < length; m++) {
      const a = re[m] as number;
      const b = im[m] as number;
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

  #findMiddle(length: number): void {
    let sumRe = 0;
    let sumIm = 0;
    for (let offset = -1; offset <= 1; offset++) {
      const line = this.#cycles + offset;
      const weight = offset === 0 ? 0.5 : -0.25;
      sumRe += (weight * ((this.#re[line] as number) + (this.#re[length - line] as number))) / 2;
      sumIm += (weight * ((this.#im[line] as number) - (this.#im[length - line] as number))) / 2;
    }
    this.middleRe = sumRe;
    this.middleIm = sumIm;
  }
}
