/**
 * The entries of a buffer on a storage: each in a slot of its own with a number that only grows and a checksum; the oldest slot makes room.
 * A power cut at any octet loses the entry under way at most (and the oldest, which it was to replace); what is torn is no entry.
 *
 *   slot  number 4 | values of 8 octets each | crc32 4
 */
import { crc32 } from 'node:zlib';
import type { ColumnRing } from '../registers/column-ring.ts';
import { erased, type StorageDevice } from './storage-device.ts';

const overhead = 8;
const valueBytes = 8;

/** Octets that the storage of a ring has. */
export function ringStorageBytes({ capacity, width }: Pick<ColumnRing, 'capacity' | 'width'>): number {
  return capacity * slotBytes(width);
}

function slotBytes(width: number): number {
  return overhead + width * valueBytes;
}

/** Takes the entries that the storage holds into the ring, before those it has already, and keeps every further one. */
export function keepRing(ring: ColumnRing, storage: StorageDevice): void {
  const { width } = ring;
  const bytes = slotBytes(width);
  const slots = Math.floor(storage.size / bytes);
  const held = readSlots(storage, slots, width);
  const present = Array.from({ length: ring.length }, (_, entry) =>
    Array.from({ length: width }, (_, column) => ring.at(column, entry)),
  );
  ring.clear();
  for (const { row } of held) ring.append(row);
  let number = held.at(-1)?.number ?? 0;
  ring.onAppend = (row) => {
    number++;
    storage.write((number % slots) * bytes, slotOf(number, row));
    storage.sync();
  };
  ring.onClear = () => {
    storage.write(0, new Uint8Array(slots * bytes).fill(erased));
    storage.sync();
  };
  for (const row of present) ring.append(row);
}

function readSlots(storage: StorageDevice, slots: number, width: number) {
  const bytes = slotBytes(width);
  const held: { readonly number: number; readonly row: readonly number[] }[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const octets = Buffer.from(storage.read(slot * bytes, bytes));
    const number = octets.readUInt32BE(0);
    if (crc32(octets.subarray(0, bytes - 4)) !== octets.readUInt32BE(bytes - 4) || number % slots !== slot)
      continue;
    held.push({
      number,
      row: Array.from({ length: width }, (_, column) => octets.readDoubleBE(4 + column * valueBytes)),
    });
  }
  return held.sort((a, b) => a.number - b.number);
}

function slotOf(number: number, row: readonly number[]): Uint8Array {
  const octets = Buffer.alloc(slotBytes(row.length));
  octets.writeUInt32BE(number, 0);
  for (const [column, value] of row.entries()) octets.writeDoubleBE(value, 4 + column * valueBytes);
  octets.writeUInt32BE(crc32(octets.subarray(0, octets.length - 4)), octets.length - 4);
  return new Uint8Array(octets);
}
