/** A-XDR writing (IEC 62056-6) of COSEM data, value by value into one growing buffer: for answers built fast. */
import assert from 'node:assert/strict';
import { writeDateTime } from './date-time.ts';
import { parseObis } from './obis.ts';
import { typeCode } from './type-codes.ts';

/** Writes `Data` values, each with its tag. Methods named after the types; every one returns the writer. */
export class AxdrWriter {
  private octets: Uint8Array;
  /** Made when first needed: most APDUs are short, and a view would move their octets out of the young heap. */
  private madeView: DataView | undefined;
  private at = 0;

  /** `capacity` octets are held at first; the buffer doubles when full. */
  constructor(capacity = 64) {
    this.octets = new Uint8Array(Math.max(16, capacity));
  }

  private get view(): DataView {
    this.madeView ??= new DataView(this.octets.buffer);
    return this.madeView;
  }

  /** Octets written so far. */
  get length(): number {
    return this.at;
  }

  nullData(): this {
    return this.u8(typeCode['null-data']);
  }

  /** Opens a structure of `count` elements, which follow. */
  structure(count: number): this {
    return this.u8(typeCode.structure).size(count);
  }

  /** Opens an array of `count` elements, which follow. */
  array(count: number): this {
    return this.u8(typeCode.array).size(count);
  }

  boolean(value: boolean): this {
    return this.u8(typeCode.boolean).u8(value ? 1 : 0);
  }

  /** Signed 8 bits. */
  integer(value: number): this {
    return this.u8(typeCode.integer).u8(ranged(value, -0x80, 0x7f));
  }

  /** Signed 16 bits. */
  long(value: number): this {
    return this.u8(typeCode.long).u16(ranged(value, -0x8000, 0x7fff));
  }

  /** Signed 32 bits. */
  doubleLong(value: number): this {
    return this.u8(typeCode['double-long']).u32(ranged(value, -0x80000000, 0x7fffffff));
  }

  /** Signed 64 bits. */
  long64(value: bigint): this {
    assert(BigInt.asIntN(64, value) === value, `${value} is outside long64`);
    return this.u8(typeCode.long64).u64(value);
  }

  /** Unsigned 8 bits. */
  unsigned(value: number): this {
    return this.u8(typeCode.unsigned).u8(ranged(value, 0, 0xff));
  }

  /** Unsigned 16 bits. */
  longUnsigned(value: number): this {
    return this.u8(typeCode['long-unsigned']).u16(ranged(value, 0, 0xffff));
  }

  /** Unsigned 32 bits. */
  doubleLongUnsigned(value: number): this {
    return this.u8(typeCode['double-long-unsigned']).u32(ranged(value, 0, 0xffffffff));
  }

  /** Unsigned 64 bits. */
  long64Unsigned(value: bigint): this {
    assert(BigInt.asUintN(64, value) === value, `${value} is outside long64-unsigned`);
    return this.u8(typeCode['long64-unsigned']).u64(value);
  }

  enumerate(value: number): this {
    return this.u8(typeCode.enum).u8(ranged(value, 0, 0xff));
  }

  float32(value: number): this {
    return this.u8(typeCode.float32).rawFloat32(value);
  }

  float64(value: number): this {
    return this.u8(typeCode.float64).rawFloat64(value);
  }

  octetString(value: Uint8Array): this {
    return this.u8(typeCode['octet-string']).size(value.length).raw(value);
  }

  /** Text of ASCII characters. */
  visibleString(value: string): this {
    const octets = Buffer.from(value, 'latin1');
    return this.u8(typeCode['visible-string']).size(octets.length).raw(octets);
  }

  utf8String(value: string): this {
    const octets = Buffer.from(value, 'utf8');
    return this.u8(typeCode['utf8-string']).size(octets.length).raw(octets);
  }

  /** `bits` bits, most significant first, out of `value`. */
  bitString(value: Uint8Array, bits: number = value.length * 8): this {
    assert(value.length === (bits + 7) >> 3, `${bits} bits do not fill ${value.length} octets`);
    return this.u8(typeCode['bit-string']).size(bits).raw(value);
  }

  /** A logical name as octet-string of six octets. */
  obis(text: string): this {
    return this.octetString(parseObis(text));
  }

  /** A date-time as octet-string of twelve octets, as meters send it. Arguments as of `encodeDateTime`. */
  dateTime(instantMs: number, offsetMinutes: number, status = 0): this {
    this.u8(typeCode['octet-string']).u8(12).reserve(12);
    writeDateTime(this.octets, this.at, instantMs, { offsetMinutes, status });
    this.at += 12;
    return this;
  }

  /** Octets as they are, without tag or length. */
  raw(octets: Uint8Array): this {
    this.reserve(octets.length);
    this.octets.set(octets, this.at);
    this.at += octets.length;
    return this;
  }

  /** One octet without tag; only the low 8 bits of `value` are kept. */
  u8(value: number): this {
    this.reserve(1);
    this.octets[this.at++] = value;
    return this;
  }

  /** Two octets without tag, most significant first. */
  u16(value: number): this {
    this.reserve(2);
    this.octets[this.at++] = value >> 8;
    this.octets[this.at++] = value;
    return this;
  }

  /** Four octets without tag, most significant first. */
  u32(value: number): this {
    this.reserve(4);
    this.octets[this.at++] = value >>> 24;
    this.octets[this.at++] = value >> 16;
    this.octets[this.at++] = value >> 8;
    this.octets[this.at++] = value;
    return this;
  }

  /** Eight octets without tag, most significant first. */
  u64(value: bigint): this {
    this.reserve(8);
    this.view.setBigUint64(this.at, value);
    this.at += 8;
    return this;
  }

  /** An IEEE 754 single without tag. */
  rawFloat32(value: number): this {
    this.reserve(4);
    this.view.setFloat32(this.at, value);
    this.at += 4;
    return this;
  }

  /** An IEEE 754 double without tag. */
  rawFloat64(value: number): this {
    this.reserve(8);
    this.view.setFloat64(this.at, value);
    this.at += 8;
    return this;
  }

  /** A length as A-XDR writes it: one octet to 127, else 0x80 + count of octets and the octets. */
  size(value: number): this {
    if (value < 0x80) return this.u8(value);
    if (value <= 0xff) return this.u8(0x81).u8(value);
    if (value <= 0xffff) return this.u8(0x82).u16(value);
    return this.u8(0x84).u32(value);
  }

  /** The octets written. The writer must not be used afterwards. */
  finish(): Uint8Array {
    // A view of a short array would move it out of the young heap: a copy is cheaper.
    return this.octets.length <= 64 ? this.octets.slice(0, this.at) : this.octets.subarray(0, this.at);
  }

  private reserve(count: number): void {
    if (this.at + count <= this.octets.length) return;
    const grown = new Uint8Array(Math.max(this.octets.length * 2, this.at + count));
    grown.set(this.octets.subarray(0, this.at));
    this.octets = grown;
    this.madeView = undefined;
  }
}

/** `value`, asserted to be an integer of the range: what we write ourselves must fit its type. */
export function ranged(value: number, least: number, most: number): number {
  assert(
    Number.isInteger(value) && value >= least && value <= most,
    `${value} is not an integer from ${least} to ${most}`,
  );
  return value;
}
