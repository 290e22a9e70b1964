/** The LLC sublayer over HDLC (IEC 62056-46 clause 5): three octets before each APDU, and information in segments. */
import { formatAddress } from './address.ts';
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

/**
 * Frames that make up one piece of information: all segments of one sender up to its first frame that is not segmented.
 * What the other side sends between them, and acknowledgements of either, break no piece.
 */
export function groupSegments(frames: readonly HdlcFrame[]): readonly (readonly HdlcFrame[])[] {
  const groups: HdlcFrame[][] = [];
  const open = new Map<string, HdlcFrame[]>();
  for (const frame of frames) {
    if (frame.control.kind === 'RR' || frame.control.kind === 'RNR') continue;
    // SNRM, DISC and what answers them begin or end a link: what was under way is lost.
    if (frame.control.kind !== 'I' && frame.control.kind !== 'UI') open.clear();
    const sender = formatAddress(frame.source);
    const begun = open.get(sender);
    const group = begun ?? [];
    if (!begun) groups.push(group);
    group.push(frame);
    if (frame.isSegmented) open.set(sender, group);
    else open.delete(sender);
  }
  return groups;
}
