/** The LLC sublayer over HDLC (IEC 62056-46 clause 5): three octets before each APDU, and information in segments. */
import type { HdlcFrame } from './frame.ts';

/** Destination, source and quality: E6 E6 00 from client to server, E6 E7 00 back. */
export const llcHeader = {
  command: Uint8Array.of(0xe6, 0xe6, 0x00),
  response: Uint8Array.of(0xe6, 0xe7, 0x00),
} as const;

/** Whether octets begin with an LLC header of either direction. */
export function hasLlc(octets: Uint8Array): boolean {
  return octets[0] === 0xe6 && (octets[1] === 0xe6 || octets[1] === 0xe7) && octets[2] === 0;
}

/** The octets after the LLC header, when there is one: some meters leave it out after the first frame. */
export function withoutLlc(octets: Uint8Array): Uint8Array {
  return hasLlc(octets) ? octets.subarray(3) : octets;
}

/** Frames that make up one piece of information: all segments up to the first that is not segmented. */
export function groupSegments(frames: readonly HdlcFrame[]): readonly (readonly HdlcFrame[])[] {
  const groups: HdlcFrame[][] = [];
  let open: HdlcFrame[] | undefined;
  for (const frame of frames) {
    if (open) open.push(frame);
    else groups.push([frame]);
    open = frame.isSegmented ? (open ?? groups.at(-1)) : undefined;
  }
  return groups;
}
