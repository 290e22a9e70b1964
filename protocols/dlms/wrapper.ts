/** The TCP and UDP wrapper (IEC 62056-47): version 1, source and destination wPort, length; and its cutting out of a stream. */
import type { Failure } from '@wattline/base';
import type { DlmsErrorCode } from './errors.ts';

/** Octets of the header. */
export const wrapperHeaderLength = 8;
const wrapperVersion = 1;

/** One wrapped APDU. */
export interface WrapperFrame {
  /** wPort of the sender: its SAP. */
  readonly source: number;
  readonly destination: number;
  readonly apdu: Uint8Array;
}

/** Octets of a wrapped APDU of at most 65535 octets. */
export function encodeWrapper(frame: WrapperFrame): Uint8Array {
  const octets = new Uint8Array(wrapperHeaderLength + frame.apdu.length);
  const fields = [wrapperVersion, frame.source, frame.destination, frame.apdu.length];
  for (const [i, field] of fields.entries()) {
    octets[2 * i] = field >> 8;
    octets[2 * i + 1] = field;
  }
  octets.set(frame.apdu, wrapperHeaderLength);
  return octets;
}

/** Whether octets are one whole wrapped APDU and nothing else. */
export function isWrapped(octets: Uint8Array): boolean {
  if (octets.length < wrapperHeaderLength) return false;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return view.getUint16(0) === wrapperVersion && view.getUint16(6) === octets.length - wrapperHeaderLength;
}

/** Cuts a stream into frames, whatever the cuts of the link; holds at most one frame. */
export interface WrapperCutter {
  /** Frames completed by these octets; after a `failure` the stream cannot be cut any more. */
  push(octets: Uint8Array): { readonly frames: readonly WrapperFrame[]; readonly failure?: Failure };
}

/** A cutter that takes APDUs of at most `maxApduSize` octets. */
export function createWrapperCutter(maxApduSize: number): WrapperCutter {
  let held = new Uint8Array(0);
  let heldLength = 0;
  let broken: Failure | undefined;

  /** Keeps what is left of a frame, in a buffer that grows by doubling up to one frame. */
  const keep = (rest: Uint8Array) => {
    if (heldLength + rest.length > held.length) {
      const grown = new Uint8Array(Math.max(64, held.length * 2, heldLength + rest.length));
      grown.set(held.subarray(0, heldLength));
      held = grown;
    }
    held.set(rest, heldLength);
    heldLength += rest.length;
  };

  return {
    push(octets) {
      if (broken) return { frames: [], failure: broken };
      const frames: WrapperFrame[] = [];
      let rest = octets;
      while (rest.length > 0) {
        const isHolding = heldLength > 0;
        const wanted = isHolding ? frameLength(held.subarray(0, heldLength)) : frameLength(rest);
        if (isHolding) {
          const taken = Math.min(rest.length, wanted - heldLength);
          keep(rest.subarray(0, taken));
          rest = rest.subarray(taken);
        }
        const at = isHolding ? held.subarray(0, heldLength) : rest;
        broken = checkHeader(at, maxApduSize);
        if (broken) return { frames, failure: broken };
        // The length is known only once the header is there: ask again.
        const length = frameLength(at);
        if (at.length < length) {
          if (!isHolding) {
            keep(rest);
            break;
          }
          continue;
        }
        frames.push(readFrame(at, length));
        if (isHolding) heldLength = 0;
        else rest = rest.subarray(length);
      }
      return { frames };
    },
  };
}

function frameLength(octets: Uint8Array): number {
  if (octets.length < wrapperHeaderLength) return wrapperHeaderLength;
  return wrapperHeaderLength + (((octets[6] as number) << 8) | (octets[7] as number));
}

/** The frame that begins `octets`. Its APDU is copied out, so that no frame keeps the link's or the cutter's buffer. */
function readFrame(octets: Uint8Array, length: number): WrapperFrame {
  return {
    source: ((octets[2] as number) << 8) | (octets[3] as number),
    destination: ((octets[4] as number) << 8) | (octets[5] as number),
    apdu: new Uint8Array(octets.subarray(wrapperHeaderLength, length)),
  };
}

/** A header is refused at its first wrong octet, before the rest arrives. */
function checkHeader(octets: Uint8Array, maxApduSize: number): Failure | undefined {
  if ((octets[0] ?? 0) !== 0 || (octets[1] ?? wrapperVersion) !== wrapperVersion) {
    const found = `${octets[0]} ${octets[1] ?? ''}`.trim();
    return fail('dlms/bad-wrapper', `expected version 0 1 at the start of a wrapper, found ${found}`, 0);
  }
  const length = frameLength(octets) - wrapperHeaderLength;
  if (length > maxApduSize) {
    return fail('dlms/frame-too-long', `expected at most ${maxApduSize} octets of APDU, found ${length}`, 6);
  }
  return undefined;
}

function fail(code: DlmsErrorCode, message: string, offset: number): Failure {
  return { code, message, where: { offset } };
}
