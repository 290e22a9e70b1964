/**
 * The log record of readings and verdicts: one row of ClickHouse's RowBinary, so that a sealed log segment is inserted
 * as it lies, without passing through JavaScript again. Columns are declared once, in {@link recordStructure}.
 */
import type { Origin } from '@wattline/model';
import { frameRoom } from '../log/frame.ts';
import { RowBinaryReader } from './row-binary.ts';

/**
 * Values of one channel as stored: on a regular grid within one store day, or one register reading (`intervalSeconds` 0).
 * A slot whose quality has the flag `missing` says nothing: it leaves what is known of that slot as it was.
 */
export interface StoredBlock {
  /** Number of the channel in the registry. */
  readonly channel: number;
  /** UTC seconds. */
  readonly start: number;
  readonly intervalSeconds: number;
  /** Rule or estimation method that made it; `''` for what came from the meter. */
  readonly method: string;
  /** Whether a slot of it says something of which something was known: then earlier blocks of the day may not just be summed. */
  readonly liesOver: boolean;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** What a rule said; `start` in UTC seconds is the interval's, or the local day's. */
export interface StoredVerdict {
  readonly channel: number;
  readonly start: number;
  readonly rule: string;
  readonly hasFailed: boolean;
  readonly detail: string;
}

/** A delivery or the outcome of a review: what one acknowledgement covers. */
export interface StoredBatch {
  /** Number in the order of acknowledgement, unique for the life of the store. */
  readonly batch: number;
  /** Knowledge time, UTC ms; never runs backwards from one batch to the next. */
  readonly knownMs: number;
  readonly receivedMs: number;
  /** Idempotency key. */
  readonly id: string;
  readonly origin: Origin;
  readonly blocks: readonly StoredBlock[];
  readonly verdicts: readonly StoredVerdict[];
}

/** The columns of a record as ClickHouse's `file` and `input` table functions want them. */
export const recordStructure = [
  'mark UInt32',
  'length UInt32',
  'crc UInt32',
  'synced UInt32',
  'batch UInt64',
  'known Int64',
  'received Int64',
  'id String',
  'source String',
  'reference String',
  `blocks Array(Tuple(channel UInt32, start UInt32, interval UInt32, method String, over UInt8, value Array(Float64), quality Array(UInt16)))`,
  'verdicts Array(Tuple(channel UInt32, start UInt32, rule String, failed UInt8, detail String))',
].join(', ');

const utf8 = new TextEncoder();

/** Texts that recur (methods, rules, empty details) are encoded once. */
const recurring = new Map<string, Uint8Array>();

function textOctets(text: string): Uint8Array {
  if (text.length > 16) return utf8.encode(text);
  const known = recurring.get(text);
  if (known) return known;
  const octets = utf8.encode(text);
  if (recurring.size < 1000) recurring.set(text, octets);
  return octets;
}

/** A batch as a log record, with room for the frame at its front. */
export function encodeBatch(batch: StoredBatch): Uint8Array {
  const id = textOctets(batch.id);
  const source = textOctets(batch.origin.source);
  const reference = textOctets(batch.origin.reference);
  let size = frameRoom + 24 + sizeOfText(id) + sizeOfText(source) + sizeOfText(reference);
  size += sizeOfCount(batch.blocks.length) + sizeOfCount(batch.verdicts.length);
  const details = batch.verdicts.map((verdict) => textOctets(verdict.detail));
  for (const block of batch.blocks) size += sizeOfBlock(block);
  batch.verdicts.forEach((verdict, index) => {
    size += 9 + sizeOfText(textOctets(verdict.rule)) + sizeOfText(details[index] as Uint8Array);
  });
  const writer = new RecordWriter(size);
  writer.uint64(batch.batch);
  writer.uint64(batch.knownMs);
  writer.uint64(batch.receivedMs);
  writer.text(id);
  writer.text(source);
  writer.text(reference);
  writer.count(batch.blocks.length);
  for (const block of batch.blocks) writeBlock(writer, block);
  writer.count(batch.verdicts.length);
  batch.verdicts.forEach((verdict, index) => {
    writer.uint32(verdict.channel);
    writer.uint32(verdict.start);
    writer.text(textOctets(verdict.rule));
    writer.octet(verdict.hasFailed ? 1 : 0);
    writer.text(details[index] as Uint8Array);
  });
  return writer.whole();
}

function writeBlock(writer: RecordWriter, block: StoredBlock): void {
  writer.uint32(block.channel);
  writer.uint32(block.start);
  writer.uint32(block.intervalSeconds);
  writer.text(textOctets(block.method));
  writer.octet(block.liesOver ? 1 : 0);
  writer.count(block.value.length);
  writer.octets(new Uint8Array(block.value.buffer, block.value.byteOffset, block.value.byteLength));
  writer.count(block.quality.length);
  writer.octets(new Uint8Array(block.quality.buffer, block.quality.byteOffset, block.quality.byteLength));
}

/** The batch of a log record; the inverse of {@link encodeBatch}. */
export function decodeBatch(record: Uint8Array): StoredBatch {
  const reader = new RowBinaryReader(record.subarray(frameRoom));
  const batch = reader.uint64();
  const knownMs = reader.int64();
  const receivedMs = reader.int64();
  const id = reader.text();
  const origin = { source: reader.text() as Origin['source'], reference: reader.text() };
  const blocks = reader.array(() => ({
    channel: reader.uint32(),
    start: reader.uint32(),
    intervalSeconds: reader.uint32(),
    method: reader.text(),
    liesOver: reader.octet() === 1,
    value: reader.float64Array(),
    quality: reader.uint16Array(),
  }));
  const verdicts = reader.array(() => ({
    channel: reader.uint32(),
    start: reader.uint32(),
    rule: reader.text(),
    hasFailed: reader.octet() === 1,
    detail: reader.text(),
  }));
  return { batch, knownMs, receivedMs, id, origin, blocks, verdicts };
}

function sizeOfBlock(block: StoredBlock): number {
  const count = sizeOfCount(block.value.length);
  return 13 + sizeOfText(textOctets(block.method)) + 2 * count + block.value.length * 10;
}

function sizeOfText(octets: Uint8Array): number {
  return sizeOfCount(octets.length) + octets.length;
}

/** Octets of an unsigned LEB128. */
function sizeOfCount(count: number): number {
  return count < 128 ? 1 : count < 16_384 ? 2 : count < 2_097_152 ? 3 : count < 268_435_456 ? 4 : 5;
}

class RecordWriter {
  private readonly record: Uint8Array;
  private readonly view: DataView;
  private at = frameRoom;

  constructor(size: number) {
    // Not from the shared pool: the record outlives this tick and goes to the disk as it is.
    // All of it but the frame is written, and that before it goes out.
    this.record = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.record.buffer);
  }

  octet(value: number): void {
    this.view.setUint8(this.at++, value);
  }

  uint32(value: number): void {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  uint64(value: number): void {
    this.view.setUint32(this.at, value % 4_294_967_296, true);
    this.view.setUint32(this.at + 4, Math.floor(value / 4_294_967_296), true);
    this.at += 8;
  }

  count(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.octet((rest & 127) | 128);
      rest >>>= 7;
    }
    this.octet(rest);
  }

  text(octets: Uint8Array): void {
    this.count(octets.length);
    this.octets(octets);
  }

  octets(octets: Uint8Array): void {
    this.record.set(octets, this.at);
    this.at += octets.length;
  }

  whole(): Uint8Array {
    return this.record;
  }
}
