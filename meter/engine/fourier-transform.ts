/** Discrete Fourier transform of a power of two of points, in place, radix 4 with a last stage of 2 where needed; no allocation. */
import assert from 'node:assert/strict';

/** A transform of a fixed length. */
export interface FourierTransform {
  readonly length: number;
  /** Replaces the points by their spectrum, unscaled, in natural order. */
  forward(re: Float64Array, im: Float64Array): void;
}

/** Prepares the tables of a transform. */
export function createFourierTransform(length: number): FourierTransform {
  assert(length >= 4 && (length & (length - 1)) === 0, 'the length is a power of two');
  const cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sin = Float64Array.from({ length }, (_, k) => Math.sin((2 * Math.PI * k) / length));
  const order = bitReversal(length);
  return {
    length,
    forward(re, im) {
      reorder(re, im, order);
      let size = 1;
      if ((Math.log2(length) & 1) === 1) {
        firstPairs(re, im, length);
        size = 2;
      }
      for (; size < length; size *= 4) stage(re, im, length, size, cos, sin);
    },
  };
}

function bitReversal(length: number): Int32Array {
  const bits = Math.log2(length);
  const order = new Int32Array(length);
  for (let n = 0; n < length; n++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if ((n >> bit) & 1) reversed |= 1 << (bits - 1 - bit);
    order[n] = reversed;
  }
  return order;
}

function reorder(re: Float64Array, im: Float64Array, order: Int32Array): void {
  for (let n = 0; n < order.length; n++) {
    const other = order[n] as number;
    if (other <= n) continue;
    const a = re[n] as number;
    const b = im[n] as number;
    re[n] = re[other] as number;
    im[n] = im[other] as number;
    re[other] = a;
    im[other] = b;
  }
}

function firstPairs(re: Float64Array, im: Float64Array, length: number): void {
  for (let n = 0; n < length; n += 2) {
    const a = re[n] as number;
    const b = im[n] as number;
    const c = re[n + 1] as number;
    const d = im[n + 1] as number;
    re[n] = a + c;
    im[n] = b + d;
    re[n + 1] = a - c;
    im[n + 1] = b - d;
  }
}

/** Joins four transforms of `size` points, which bit reversal left in the order 0, 2, 1, 3, into one of four times as many. */
function stage(
  re: Float64Array,
  im: Float64Array,
  length: number,
  size: number,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const stride = length / (4 * size);
  for (let k = 0; k < size; k++) {
    const c1 = cos[k * stride] as number;
    const s1 = sin[k * stride] as number;
    const c2 = cos[2 * k * stride] as number;
    const s2 = sin[2 * k * stride] as number;
    const c3 = c1 * c2 - s1 * s2;
    const s3 = s1 * c2 + c1 * s2;
    for (let p0 = k; p0 < length; p0 += 4 * size) {
      const p2 = p0 + size;
      const p1 = p2 + size;
      const p3 = p1 + size;
      const r0 = re[p0] as number;
      const i0 = im[p0] as number;
      const r2 = c2 * (re[p2] as number) + s2 * (im[p2] as number);
      const i2 = c2 * (im[p2] as number) - s2 * (re[p2] as number);
      const r1 = c1 * (re[p1] as number) + s1 * (im[p1] as number);
      const i1 = c1 * (im[p1] as number) - s1 * (re[p1] as number);
      const r3 = c3 * (re[p3] as number) + s3 * (im[p3] as number);
      const i3 = c3 * (im[p3] as number) - s3 * (re[p3] as number);
      const evenR = r0 + r2;
      const evenI = i0 + i2;
      const lateR = r0 - r2;
      const lateI = i0 - i2;
      const oddR = r1 + r3;
      const oddI = i1 + i3;
      const turnR = i1 - i3;
      const turnI = r3 - r1;
      re[p0] = evenR + oddR;
      im[p0] = evenI + oddI;
      re[p2] = lateR + turnR;
      im[p2] = lateI + turnI;
      re[p1] = evenR - oddR;
      im[p1] = evenI - oddI;
      re[p3] = lateR - turnR;
      im[p3] = lateI - turnI;
    }
  }
}
