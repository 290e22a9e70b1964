/** What passes between the head-end and the thread that opens seals: many at once, in buffers that are handed over and not copied. */
import type { Failure } from '@wattline/base';
import type { Protection, SecurityKeys } from '@wattline/protocols/dlms';

/** Words of each job: number of its keys, offset, length; of its answer: protection, offset, length, invocation counter. */
export const jobWords = 4;

/** Protections by the number that stands for them. */
export const protections: readonly Protection[] = ['none', 'a', 'e', 'ae'];

/** Keys that the thread is told of. */
export interface KeyRow {
  readonly number: number;
  readonly systemTitle: Uint8Array;
  readonly keys: SecurityKeys;
}

/** Seals to be opened. */
export interface Batch {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly keys: readonly KeyRow[];
  /** Keys told before are no more. */
  readonly forget: boolean;
}

/** The same seals opened, in place; those that cannot be by their number. */
export interface Answer {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly failures: readonly (readonly [number, Failure])[];
}
