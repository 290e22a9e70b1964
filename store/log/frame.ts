/**
 * A record on disk: mark, length, CRC-32, synced octets before it, payload, all little-endian. The four words are UInt32
 * so that a whole segment is also a RowBinary file whose rows begin with four UInt32 columns: ClickHouse reads it as it lies.
 */
import { crc32 } from 'node:zlib';

/** Octets of room a payload leaves at its front for the frame. */
export const frameRoom = 16;
/** `WLR1` as it lies in the file. */
const mark = 0x31524c57;
const markOctets = new Uint8Array([0x57, 0x4c, 0x52, 0x31]);

/**
 * Writes the frame into the first {@link frameRoom} octets of `record`. `synced` is how many octets of the segment are
 * durable as it is written: a later reader learns from it which damage can only have come after a sync.
 */
export function sealFrame(record: Uint8Array, synced: number): void {
  const view = new DataView(record.buffer, record.byteOffset, frameRoom);
  const length = record.length - frameRoom;
  view.setUint32(0, mark, true);
  view.setUint32(4, length, true);
  view.setUint32(12, synced, true);
  view.setUint32(8, checksum(record), true);
}

/** CRC over the length word and all that follows the CRC, so that a flipped length is seen too. */
function checksum(record: Uint8Array): number {
  return crc32(record.subarray(12), crc32(record.subarray(4, 8)));
}

/** A stretch of a segment that is no valid record. */
export interface Damage {
  readonly offset: number;
  readonly octets: number;
  /** How many whole records stand before it. */
  readonly recordsBefore: number;
  /** Whether a later record proves that it was synced once: then it changed since. */
  readonly wasSynced: boolean;
}

/** What stands in a segment. */
export interface SegmentScan {
  /** Whole records, frame included. */
  readonly records: readonly Uint8Array[];
  readonly damages: readonly Damage[];
}

/** Reads a segment's octets: every record whose checksum holds, and every stretch that is none. */
export function scanSegment(octets: Uint8Array): SegmentScan {
  const records: Uint8Array[] = [];
  const stretches: Omit<Damage, 'wasSynced'>[] = [];
  let offset = 0;
  while (offset < octets.length) {
    const record = recordAt(octets, offset);
    if (record) {
      records.push(record);
      offset += record.length;
      continue;
    }
    const next = nextRecord(octets, offset + 1);
    const end = next < 0 ? octets.length : next;
    stretches.push({ offset, octets: end - offset, recordsBefore: records.length });
    offset = end;
  }
  let synced = 0;
  for (const record of records) synced = Math.max(synced, syncedBefore(record));
  const damages = stretches.map((stretch) => ({ ...stretch, wasSynced: stretch.offset < synced }));
  return { records, damages };
}

function syncedBefore(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, frameRoom).getUint32(12, true);
}

function recordAt(octets: Uint8Array, offset: number): Uint8Array | null {
  if (octets.length - offset < frameRoom) return null;
  const view = new DataView(octets.buffer, octets.byteOffset + offset, frameRoom);
  if (view.getUint32(0, true) !== mark) return null;
  const end = offset + frameRoom + view.getUint32(4, true);
  if (end > octets.length) return null;
  const record = octets.subarray(offset, end);
  return checksum(record) === view.getUint32(8, true) ? record : null;
}

/** Offset of the next valid record at or after `from`, or -1. */
function nextRecord(octets: Uint8Array, from: number): number {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  for (let at = text.indexOf(markOctets, from); at >= 0; at = text.indexOf(markOctets, at + 1)) {
    if (recordAt(octets, at)) return at;
  }
  return -1;
}
