/** Randomness as an argument: seeded streams for the simulated world, the platform's source for secrets. */
import { randomFillSync } from 'node:crypto';

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal (mean 0, deviation 1). */
  normal(): number;
  /** `length` random octets. */
  bytes(length: number): Uint8Array;
  /** An independent stream named by `label`: the same seed and label give the same stream. */
  fork(label: string): Random;
}

/** A reproducible stream (sfc32, Chris Doty-Humphrey's PractRand), keyed by any text or number. Not for secrets. */
export function seededRandom(seed: number | string): Random {
  const key = String(seed);
  let [a, b, c, d] = hash128(key);
  const next32 = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();
  return fromSource(next32, (label) => seededRandom(`${key}/${label}`));
}

/** The platform's cryptographic source. `fork` returns the source itself. */
export function secureRandom(): Random {
  const word = new Uint32Array(1);
  const next32 = () => randomFillSync(word)[0] as number;
  const source: Random = fromSource(next32, () => source);
  return { ...source, bytes: pooledBytes(), fork: () => source };
}

/** Octets drawn ahead: a session wants a few at a time, and each draw costs more than the octets. */
const poolLength = 4096;

/** Octets of the platform's source; what was handed out is wiped from the pool, so that memory tells no later reader. */
function pooledBytes(): (length: number) => Uint8Array {
  const pool = new Uint8Array(poolLength);
  let at = poolLength;
  return (length) => {
    if (length > poolLength / 16) return randomFillSync(new Uint8Array(length));
    if (at + length > poolLength) {
      randomFillSync(pool);
      at = 0;
    }
    const octets = pool.slice(at, at + length);
    pool.fill(0, at, at + length);
    at += length;
    return octets;
  };
}

function fromSource(next32: () => number, fork: (label: string) => Random): Random {
  const next = () => next32() / 4294967296;
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    bytes: (length) => Uint8Array.from({ length }, () => next32() & 0xff),
    fork,
  };
}

/** Four 32-bit words out of text: the cyrb128 mixing function, enough to separate streams. */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [(h1 ^ h2 ^ h3 ^ h4) | 0, (h2 ^ h1) | 0, (h3 ^ h1) | 0, (h4 ^ h1) | 0];
}
