/** Discrete Fourier transform of a power of two of points, in place, radix 4 with a first stage of 2 where needed; no allocation. */
import assert from 'node:assert/strict';

/** A transform of a fixed length on pairs (re, im), one after the other. */
export interface FourierTransform {
  readonly length: number;
  /** Where the point of each place must be put before {@link forward} (bit reversal). */
  readonly order: Int32Array;
  /** By stage and butterfly: three cosines, one place left out, three pairs of a sine and its negative. */
  readonly twiddles: Float64Array;
  /** Replaces ordered points by their spectrum, unscaled, in natural order. */
  forward(z: Float64Array): void;
}

/** Doubles of the twiddles of one butterfly. */
export const twiddleLength = 10;

/** Prepares the tables of a transform. */
export function createFourierTransform(length: number): FourierTransform {
  assert(length >= 4 && (length & (length - 1)) === 0, 'the length is a power of two');
  const order = bitReversal(length);
  const twiddles = twiddlesOf(length);
  return {
    length,
    order,
    twiddles,
    forward(z) {
      const firstSize = firstStageSize(length);
      if (firstSize === 2) joinPairs(z);
      let row = 0;
      for (let size = firstSize; size < length; size *= 4) {
        stage(z, length, size, twiddles.subarray(row * twiddleLength));
        row += size;
      }
    },
  };
}

/** Points that are joined before the first stage of radix four. */
export function firstStageSize(length: number): 1 | 2 {
  return (Math.log2(length) & 1) === 1 ? 2 : 1;
}

function bitReversal(length: number): Int32Array {
  const bits = Math.log2(length);
  return Int32Array.from({ length }, (_, n) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if ((n >> bit) & 1) reversed |= 1 << (bits - 1 - bit);
    return reversed;
  });
}

function twiddlesOf(length: number): Float64Array {
  const rows: number[] = [];
  for (let size: number = firstStageSize(length); size < length; size *= 4) {
    for (let k = 0; k < size; k++) {
      const angle = (2 * Math.PI * k) / (4 * size);
      const [c1, c2, c3] = [1, 2, 3].map((turn) => Math.cos(turn * angle)) as [number, number, number];
      const [s1, s2, s3] = [1, 2, 3].map((turn) => Math.sin(turn * angle)) as [number, number, number];
      rows.push(c1, c2, c3, 0, s1, -s1, s2, -s2, s3, -s3);
    }
  }
  return Float64Array.from(rows);
}

function joinPairs(z: Float64Array): void {
  for (let n = 0; n < z.length; n += 4) {
    const a = z[n] as number;
    const b = z[n + 1] as number;
    const c = z[n + 2] as number;
    const d = z[n + 3] as number;
    z[n] = a + c;
    z[n + 1] = b + d;
    z[n + 2] = a - c;
    z[n + 3] = b - d;
  }
}

/** Joins four transforms of `size` points, which bit reversal left in the order 0, 2, 1, 3, into one of four times as many. */
function stage(z: Float64Array, length: number, size: number, twiddles: Float64Array): void {
  const apart = 2 * size;
  for (let k = 0; k < size; k++) {
    const at = k * twiddleLength;
    const c1 = twiddles[at] as number;
    const c2 = twiddles[at + 1] as number;
    const c3 = twiddles[at + 2] as number;
    const s1 = twiddles[at + 4] as number;
    const s2 = twiddles[at + 6] as number;
    const s3 = twiddles[at + 8] as number;
    for (let p0 = 2 * k; p0 < 2 * length; p0 += 4 * apart) {
      const p2 = p0 + apart;
      const p1 = p2 + apart;
      const p3 = p1 + apart;
      const r0 = z[p0] as number;
      const i0 = z[p0 + 1] as number;
      const r2 = c2 * (z[p2] as number) + s2 * (z[p2 + 1] as number);
      const i2 = c2 * (z[p2 + 1] as number) - s2 * (z[p2] as number);
      const r1 = c1 * (z[p1] as number) + s1 * (z[p1 + 1] as number);
      const i1 = c1 * (z[p1 + 1] as number) - s1 * (z[p1] as number);
      const r3 = c3 * (z[p3] as number) + s3 * (z[p3 + 1] as number);
      const i3 = c3 * (z[p3 + 1] as number) - s3 * (z[p3] as number);
      const evenR = r0 + r2;
      const evenI = i0 + i2;
      const lateR = r0 - r2;
      const lateI = i0 - i2;
      const oddR = r1 + r3;
      const oddI = i1 + i3;
      const turnR = i1 - i3;
      const turnI = r3 - r1;
      z[p0] = evenR + oddR;
      z[p0 + 1] = evenI + oddI;
      z[p2] = lateR + turnR;
      z[p2 + 1] = lateI + turnI;
      z[p1] = evenR - oddR;
      z[p1 + 1] = evenI - oddI;
      z[p3] = lateR - turnR;
      z[p3 + 1] = lateI - turnI;
    }
  }
}
