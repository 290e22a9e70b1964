/** What a session received: count and digest of all of it, and the last whole frames up to a bound (wrapper of IEC 62056-47). */
import { createHash, hash as digestOf, type Hash } from 'node:crypto';
import { concatBytes, toHex } from '@wattline/base';

/** The account of what came. */
export interface FrameJournal {
  add(octets: Uint8Array): void;
  octets(): number;
  /** SHA-256 of everything received, hexadecimal; null when nothing came. */
  digest(): string | null;
  /** The last frames, hexadecimal; null when nothing came. Starts at a frame when the stream is one of wrapper frames. */
  hex(): string | null;
}

const headerLength = 8;
const noOctets = new Uint8Array(0);

/** A journal that keeps at most `limit` octets of text-to-be. */
export function createFrameJournal(limit: number): FrameJournal {
  /** Made when something has to go; until then the frames are all there is to digest, at once and at the end. */
  let hash: Hash | undefined;
  let octets = 0;
  let frames: Uint8Array[] = [];
  let kept = 0;
  let partial: Uint8Array = noOctets;
  let isFramed = true;
  /** What is kept in one piece, until more comes: digest and text are asked for together. */
  let whole: Uint8Array | undefined;
  const wholeOf = () => {
    whole ??= concatBytes(...frames, partial);
    return whole;
  };

  const keep = (frame: Uint8Array) => {
    frames.push(frame);
    kept += frame.length;
  };
  /** Drops the oldest frames over the limit, but never the last. */
  const trim = () => {
    if (kept <= limit || frames.length < 2) return;
    hash ??= [...frames, partial].reduce((all, part) => all.update(part), createHash('sha256'));
    let dropped = 0;
    while (kept > limit && dropped < frames.length - 1) kept -= frames[dropped++]?.length ?? 0;
    frames = frames.slice(dropped);
  };
  const cut = (chunk: Uint8Array) => {
    let rest = partial.length > 0 ? concatBytes(partial, chunk) : chunk.slice();
    while (rest.length >= headerLength) {
      const length = headerLength + (((rest[6] as number) << 8) | (rest[7] as number));
      if (rest[0] !== 0 || rest[1] !== 1) {
        // No wrapper: from here on octets are kept as they come.
        isFramed = false;
        keep(rest);
        rest = noOctets;
        break;
      }
      if (rest.length < length) break;
      keep(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    partial = rest;
  };

  return {
    add(chunk) {
      whole = undefined;
      octets += chunk.length;
      hash?.update(chunk);
      if (isFramed) cut(chunk);
      else keep(chunk.slice());
      trim();
    },
    octets: () => octets,
    digest() {
      if (octets === 0) return null;
      if (hash) return hash.copy().digest('hex');
      return digestOf('sha256', wholeOf(), 'hex');
    },
    hex: () => (octets === 0 ? null : toHex(wholeOf().subarray(-limit))),
  };
}
