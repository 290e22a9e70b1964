/** Cutting a stream of octets into HDLC frames, whatever the cuts and the noise of the line; bounded. */
import type { Failure } from '@wattline/base';
import { decodeHdlcFrame, type HdlcFrame, hdlcFlag } from './frame.ts';

/** The longest frame: its length field has eleven bits. */
const maxFrame = 0x7ff;

/** Cuts frames out of a stream; a damaged frame is reported and the next flag is tried. */
export interface HdlcCutter {
  push(octets: Uint8Array): { readonly frames: readonly HdlcFrame[]; readonly failures: readonly Failure[] };
}

/** A cutter that holds at most one frame. */
export function createHdlcCutter(): HdlcCutter {
  const held = new Uint8Array(maxFrame);
  let length = 0;
  let isInside = false;

  /** The length the frame announces, once its format field is there. */
  const announced = () => (length < 2 ? maxFrame : (((held[0] as number) & 7) << 8) | (held[1] as number));

  return {
    push(octets) {
      const frames: HdlcFrame[] = [];
      const failures: Failure[] = [];
      for (const octet of octets) {
        // Inside a frame only the length tells its end: contents may hold the flag's own octet.
        if (octet === hdlcFlag && (!isInside || length === 0 || length >= announced())) {
          if (isInside && length > 0) {
            const decoded = decodeHdlcFrame(held.slice(0, length));
            if (decoded.ok) frames.push(decoded.value);
            else failures.push(decoded.error);
          }
          // One flag may close a frame and open the next.
          isInside = true;
          length = 0;
        } else if (isInside) {
          const isLost = length >= Math.min(maxFrame, announced()) || (length === 0 && octet >> 4 !== 0xa);
          if (isLost) {
            failures.push({ code: 'dlms/bad-hdlc-frame', message: 'expected a flag at the end of a frame', where: {} });
            isInside = false;
            length = 0;
          } else {
            held[length++] = octet;
          }
        }
      }
      return { frames, failures };
    },
  };
}
