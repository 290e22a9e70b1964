/** Cutting a stream of octets into HDLC frames, whatever the cuts and the noise of the line; bounded. */
import type { Failure } from '@wattline/base';
import { decodeHdlcFrame, type HdlcFrame, hdlcFlag } from './frame.ts';

/** The longest frame between its flags: its length field has eleven bits. */
const maxFrame = 0x7ff;

/** Cuts frames out of a stream; what is damaged is reported and the next flag is tried. */
export interface HdlcCutter {
  push(octets: Uint8Array): { readonly frames: readonly HdlcFrame[]; readonly failures: readonly Failure[] };
  /** Forgets what is held of a frame: the line was silent for longer than between two octets. */
  reset(): void;
}

/** What the octets at the start of the buffer turned out to be, and how many of them are done with. */
type Cut =
  | { readonly kind: 'more' }
  | { readonly kind: 'skip'; readonly count: number; readonly failure?: Failure }
  | { readonly kind: 'frame'; readonly count: number; readonly frame: HdlcFrame };

/**
 * A cutter that holds at most one frame. Only the length field tells where a frame ends (its contents may hold the
 * octet of the flag), so noise that looks like a length delays what follows it, but loses none of it.
 */
export function createHdlcCutter(): HdlcCutter {
  let held = new Uint8Array(0);
  return {
    push(octets) {
      const frames: HdlcFrame[] = [];
      const failures: Failure[] = [];
      const buffer = new Uint8Array(held.length + octets.length);
      buffer.set(held);
      buffer.set(octets, held.length);
      let at = 0;
      for (;;) {
        const cut = cutFrame(buffer.subarray(at));
        if (cut.kind === 'more') break;
        if (cut.kind === 'frame') frames.push(cut.frame);
        else if (cut.failure) failures.push(cut.failure);
        at += cut.count;
      }
      held = buffer.slice(at);
      return { frames, failures };
    },
    reset() {
      held = new Uint8Array(0);
    },
  };
}

function cutFrame(octets: Uint8Array): Cut {
  if (octets.length === 0) return { kind: 'more' };
  if (octets[0] !== hdlcFlag) {
    const flag = octets.indexOf(hdlcFlag);
    const count = flag < 0 ? octets.length : flag;
    return { kind: 'skip', count, failure: malformed(`expected a flag, found ${count} octets of noise`) };
  }
  if (octets.length < 2) return { kind: 'more' };
  if (octets[1] === hdlcFlag) return { kind: 'skip', count: 1 };
  if ((octets[1] as number) >> 4 !== 0xa) {
    return { kind: 'skip', count: 1, failure: malformed('expected a frame of type 3 after a flag') };
  }
  if (octets.length < 3) return { kind: 'more' };
  const length = (((octets[1] as number) << 8) | (octets[2] as number)) & maxFrame;
  if (octets.length < length + 2) return { kind: 'more' };
  if (octets[length + 1] !== hdlcFlag) {
    return { kind: 'skip', count: 1, failure: malformed(`expected a flag after ${length} octets`) };
  }
  const decoded = decodeHdlcFrame(octets.slice(1, length + 1));
  // One flag may close a frame and open the next: it stays.
  if (decoded.ok) return { kind: 'frame', count: length + 1, frame: decoded.value };
  return { kind: 'skip', count: 1, failure: decoded.error };
}

function malformed(message: string): Failure {
  return { code: 'dlms/bad-hdlc-frame', message, where: {} };
}
