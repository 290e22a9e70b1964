/** What a session received: count and digest of all of it, and the last whole frames up to a bound (wrapper of IEC 62056-47). */
import { createHash } from 'node:crypto';
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

/** A journal that keeps at most `limit` octets of text-to-be. */
export function createFrameJournal(limit: number): FrameJournal {
  const hash = createHash('sha256');
  let octets = 0;
  let frames: Uint8Array[] = [];
  let kept = 0;
  let partial: Uint8Array = new Uint8Array(0);
  let isFramed = true;

  const keep = (frame: Uint8Array) => {
    frames.push(frame);
    kept += frame.length;
    let dropped = 0;
    while (kept > limit && dropped < frames.length - 1) kept -= frames[dropped++]?.length ?? 0;
    if (dropped > 0) frames = frames.slice(dropped);
  };

  return {
    add(chunk) {
      hash.update(chunk);
      octets += chunk.length;
      if (!isFramed) return keep(chunk.slice(-limit));
      let rest = partial.length > 0 ? concatBytes(partial, chunk) : chunk.slice();
      while (rest.length >= headerLength) {
        const length = headerLength + (((rest[6] as number) << 8) | (rest[7] as number));
        if (rest[0] !== 0 || rest[1] !== 1) {
          // No wrapper: from here on octets are kept as they come.
          isFramed = false;
          keep(rest.slice(-limit));
          rest = rest.subarray(rest.length);
          break;
        }
        if (rest.length < length) break;
        keep(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      partial = rest;
    },
    octets: () => octets,
    digest: () => (octets === 0 ? null : hash.copy().digest('hex')),
    hex: () => (octets === 0 ? null : toHex(concatBytes(...frames, partial).slice(-limit))),
  };
}
