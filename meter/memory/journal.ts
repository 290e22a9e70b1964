/**
 * A journal over sectors of a storage that survives a power cut at any octet. A sector begins with a header and a checkpoint of the
 * whole state; records follow, each synced before the next. When a sector is full the next one is erased and begun; the one before stays
 * valid until the new header stands. Sectors take turns, so that cells wear evenly.
 *
 *   header  magic 2 | version 1 | 0 | generation 4 | length 4 | crc32 4 (of what stands before and the checkpoint)
 *   record  kind 1 (below 0x80) | value 1 | crc16 2                   for what happens twenty times a second
 *           kind 1 (0x80 to 0xfe) | length 2 | payload | crc32 4      for the rest
 *
 * The checksum of a record runs over generation and place as well: what is left of an earlier round is never taken for a record. Kind and
 * value are never 0xff, what erased cells read as: a record of which octets are missing is no record.
 */
import { crc32 } from 'node:zlib';
import { meterError } from '../errors.ts';
import { erased, type StorageDevice } from './storage-device.ts';

/** What a journal keeps. */
export interface JournalContent {
  /** The whole state. */
  checkpoint(): Uint8Array;
  /** Takes the state from a checkpoint. */
  restore(checkpoint: Uint8Array): void;
  /** Takes what a record changed. */
  apply(kind: number, payload: Uint8Array): void;
}

/** An open journal. */
export interface Journal {
  /** On the storage when it returns; the content has applied it already. Kinds below 0x80 carry one octet, not 0xff. */
  append(kind: number, payload: Uint8Array): void;
  /** Sectors begun since the journal was made: erase cycles. */
  readonly generation: number;
}

const magic = 0x574a;
const version = 1;
const headerLength = 16;
const firstLongKind = 0x80;

/**
 * Opens the journal on a storage, whole sectors from its start, and replays it into the content; an empty storage is begun.
 * @throws CodedError `meter/memory-full` when a checkpoint does not fit into a sector
 */
export function openJournal(device: StorageDevice, sectorBytes: number, content: JournalContent): Journal {
  const sectors = Math.floor(device.size / sectorBytes);
  if (sectors < 2)
    throw meterError('meter/memory-full', `a journal takes turns on two sectors of ${sectorBytes} octets`, {
      size: device.size,
    });
  const newest = findNewest(device, sectorBytes, sectors);
  let generation = newest?.generation ?? 0;
  let sector = newest?.sector ?? sectors - 1;
  let place = 0;
  const begin = () => {
    const checkpoint = content.checkpoint();
    if (headerLength + checkpoint.length > sectorBytes) {
      const what = `${checkpoint.length} octets of state do not fit into a sector of ${sectorBytes}`;
      throw meterError('meter/memory-full', what, { needed: checkpoint.length, sectorBytes });
    }
    const next = (sector + 1) % sectors;
    device.write(next * sectorBytes, new Uint8Array(sectorBytes).fill(erased));
    device.sync();
    device.write(next * sectorBytes, headed(generation + 1, checkpoint));
    device.sync();
    generation++;
    sector = next;
    place = headerLength + checkpoint.length;
  };
  if (newest) {
    content.restore(newest.checkpoint);
    const end = replay(newest, sectorBytes, content);
    place = end;
    // A torn record lies there: nothing can be written over it.
    if (newest.octets.subarray(end).some((octet) => octet !== erased)) begin();
  } else begin();
  return {
    get generation() {
      return generation;
    },
    append(kind, payload) {
      const record = recordOf(kind, payload, generation, place);
      if (place + record.length > sectorBytes) {
        // The checkpoint holds what the record says.
        begin();
        return;
      }
      device.write(sector * sectorBytes + place, record);
      device.sync();
      place += record.length;
    },
  };
}

interface Sector {
  readonly sector: number;
  readonly generation: number;
  readonly checkpoint: Uint8Array;
  readonly octets: Uint8Array;
}

function findNewest(device: StorageDevice, sectorBytes: number, sectors: number): Sector | undefined {
  let newest: Sector | undefined;
  for (let sector = 0; sector < sectors; sector++) {
    const octets = device.read(sector * sectorBytes, sectorBytes);
    const found = readHeader(octets);
    if (found && found.generation > (newest?.generation ?? 0)) newest = { ...found, sector, octets };
  }
  return newest;
}

function readHeader(octets: Uint8Array): Pick<Sector, 'generation' | 'checkpoint'> | undefined {
  const view = viewOf(octets);
  if (view.getUint16(0) !== magic || octets[2] !== version) return undefined;
  const length = view.getUint32(8);
  if (headerLength + length > octets.length) return undefined;
  const checkpoint = octets.subarray(headerLength, headerLength + length);
  if (crc32(checkpoint, crc32(octets.subarray(0, 12))) !== view.getUint32(12)) return undefined;
  return { generation: view.getUint32(4), checkpoint };
}

function headed(generation: number, checkpoint: Uint8Array): Uint8Array {
  const octets = new Uint8Array(headerLength + checkpoint.length);
  const view = viewOf(octets);
  view.setUint16(0, magic);
  octets[2] = version;
  view.setUint32(4, generation);
  view.setUint32(8, checkpoint.length);
  view.setUint32(12, crc32(checkpoint, crc32(octets.subarray(0, 12))));
  octets.set(checkpoint, headerLength);
  return octets;
}

/** Applies records until the first that is none; returns its place. */
function replay(
  { octets, generation, checkpoint }: Sector,
  sectorBytes: number,
  content: JournalContent,
): number {
  let place = headerLength + checkpoint.length;
  while (place + 4 <= sectorBytes) {
    const kind = octets[place] as number;
    const length = kind < firstLongKind ? 4 : 7 + viewOf(octets).getUint16(place + 1);
    if (kind === erased || place + length > sectorBytes) break;
    const payload =
      kind < firstLongKind
        ? octets.subarray(place + 1, place + 2)
        : octets.subarray(place + 3, place + length - 4);
    if (kind < firstLongKind && payload[0] === erased) break;
    const expected = recordOf(kind, payload, generation, place);
    if (Buffer.compare(expected, octets.subarray(place, place + length)) !== 0) break;
    content.apply(kind, payload);
    place += length;
  }
  return place;
}

function recordOf(kind: number, payload: Uint8Array, generation: number, place: number): Uint8Array {
  const seed = new Uint8Array(8);
  viewOf(seed).setUint32(0, generation);
  viewOf(seed).setUint32(4, place);
  if (kind < firstLongKind) {
    const record = Uint8Array.of(kind, payload[0] as number, 0, 0);
    viewOf(record).setUint16(2, crc16(record.subarray(0, 2), crc16(seed, 0xffff)));
    return record;
  }
  const record = new Uint8Array(7 + payload.length);
  record[0] = kind;
  viewOf(record).setUint16(1, payload.length);
  record.set(payload, 3);
  const checked = record.length - 4;
  viewOf(record).setUint32(checked, crc32(record.subarray(0, checked), crc32(seed)));
  return record;
}

/** CRC-16/CCITT, polynomial 0x1021: finds every error within sixteen bits in a row. */
function crc16(octets: Uint8Array, seed: number): number {
  let crc = seed;
  for (const octet of octets) {
    crc ^= octet << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
