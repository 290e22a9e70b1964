/**
 * The index on disk: which slots of each channel are known, so that a start need not read every row again. One file of
 * little-endian UInt32 words: header, the channels' numbers, where each one's words begin, the words, SHA-256 over it all.
 * It is a hint that can always be built again: a file that is torn, of another version or not of this store is passed over.
 */
import { createHash } from 'node:crypto';
import { RangeSet } from './range-set.ts';

/** What the index says of a channel; instants in UTC seconds, `held` in store days. */
export interface IndexState {
  readonly known: RangeSet;
  readonly estimated: RangeSet;
  readonly held: RangeSet;
  /** Start of the last interval or day that has a verdict; -Infinity when there is none. */
  lastVerdict: number;
}

/** A snapshot as it was read; records stay packed until asked for. */
export interface IndexSnapshot {
  /** Every batch up to this one is in it. */
  readonly position: number;
  /** No batch after this one is in it. */
  readonly lastBatch: number;
  readonly numbers: Uint32Array;
  readonly offsets: Uint32Array;
  readonly words: Uint32Array;
}

/** `WLIX` as it lies in the file. */
const mark = 0x58494c57;
const version = 1;
const headerWords = 8;
const digestOctets = 32;
const noVerdict = 0xffff_ffff;

/** A snapshot of nothing. */
export const emptySnapshot: IndexSnapshot = {
  position: 0,
  lastBatch: 0,
  numbers: new Uint32Array(),
  offsets: new Uint32Array(1),
  words: new Uint32Array(),
};

export function emptyIndexState(): IndexState {
  return {
    known: new RangeSet(),
    estimated: new RangeSet(),
    held: new RangeSet(),
    lastVerdict: Number.NEGATIVE_INFINITY,
  };
}

/** Collects records of channels in ascending order of their numbers, then gives out the file. */
export class SnapshotWriter {
  private numbers = new Uint32Array(1024);
  private offsets = new Uint32Array(1025);
  private words = new Uint32Array(16_384);
  private channels = 0;
  private used = 0;

  /** Adds a channel's state. */
  add(number: number, state: IndexState): void {
    const sets = [state.known, state.estimated, state.held];
    const size = 4 + 2 * sets.reduce((sum, set) => sum + set.size, 0);
    let at = this.open(number, size);
    for (const set of sets) this.words[at++] = set.size;
    this.words[at++] = state.lastVerdict < 0 ? noVerdict : state.lastVerdict;
    for (const set of sets) at = set.copyInto(this.words, at);
  }

  /** Adds a record of an earlier snapshot as it is. */
  copy(snapshot: IndexSnapshot, index: number): void {
    const from = snapshot.offsets[index] as number;
    const to = snapshot.offsets[index + 1] as number;
    const at = this.open(snapshot.numbers[index] as number, to - from);
    this.words.set(snapshot.words.subarray(from, to), at);
  }

  /** The octets of the file, in parts, and the snapshot they hold. */
  finish(position: number, lastBatch: number): { parts: Uint8Array[]; snapshot: IndexSnapshot } {
    const numbers = this.numbers.slice(0, this.channels);
    const offsets = this.offsets.slice(0, this.channels + 1);
    const words = this.words.slice(0, this.used);
    const header = Uint32Array.of(
      mark,
      version,
      this.channels,
      this.used,
      position % 2 ** 32,
      Math.floor(position / 2 ** 32),
      lastBatch % 2 ** 32,
      Math.floor(lastBatch / 2 ** 32),
    );
    const parts = [header, numbers, offsets, words].map(
      (part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    );
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return { parts: [...parts, hash.digest()], snapshot: { position, lastBatch, numbers, offsets, words } };
  }

  /** Makes room for a record of `size` words and returns where it begins. */
  private open(number: number, size: number): number {
    if (this.channels === this.numbers.length) {
      this.numbers = grown(this.numbers, this.channels * 2);
      this.offsets = grown(this.offsets, this.channels * 2 + 1);
    }
    while (this.used + size > this.words.length) this.words = grown(this.words, this.words.length * 2);
    const at = this.used;
    this.numbers[this.channels++] = number;
    this.used += size;
    this.offsets[this.channels] = this.used;
    return at;
  }
}

function grown(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(words);
  return larger;
}

/** Reads a snapshot; null when the octets are none, whole and unchanged. */
export function readSnapshot(octets: Uint8Array): IndexSnapshot | null {
  const body = octets.length - digestOctets;
  if (body < headerWords * 4 || body % 4 !== 0) return null;
  const digest = createHash('sha256').update(octets.subarray(0, body)).digest();
  if (!digest.equals(octets.subarray(body))) return null;
  // A file is read into a buffer of its own, or a pool: words want alignment.
  const aligned = octets.byteOffset % 4 === 0 ? octets : octets.slice();
  const all = new Uint32Array(aligned.buffer, aligned.byteOffset, body / 4);
  const [found, foundVersion, channels = 0, used = 0, low = 0, high = 0, lastLow = 0, lastHigh = 0] = all;
  if (found !== mark || foundVersion !== version) return null;
  if (all.length !== headerWords + 2 * channels + 1 + used) return null;
  const offsetsAt = headerWords + channels;
  const wordsAt = offsetsAt + channels + 1;
  return {
    position: low + high * 2 ** 32,
    lastBatch: lastLow + lastHigh * 2 ** 32,
    numbers: all.subarray(headerWords, offsetsAt),
    offsets: all.subarray(offsetsAt, wordsAt),
    words: all.subarray(wordsAt),
  };
}

/** Where a channel's record stands in the snapshot, or -1. */
export function recordIndex({ numbers }: IndexSnapshot, number: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = numbers[middle] as number;
    if (found === number) return middle;
    if (found < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The state of the record at `index`, unpacked. */
export function recordState({ offsets, words }: IndexSnapshot, index: number): IndexState {
  const at = offsets[index] as number;
  const [known = 0, estimated = 0, held = 0, lastVerdict = noVerdict] = words.subarray(at, at + 4);
  const from = at + 4;
  return {
    known: RangeSet.fromPairs(words, from, known),
    estimated: RangeSet.fromPairs(words, from + 2 * known, estimated),
    held: RangeSet.fromPairs(words, from + 2 * (known + estimated), held),
    lastVerdict: lastVerdict === noVerdict ? Number.NEGATIVE_INFINITY : lastVerdict,
  };
}
