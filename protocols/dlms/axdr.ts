/** A-XDR (IEC 62056-6) of the CHOICE `Data`: reading with bounded depth and size, and writing. */
import assert from 'node:assert/strict';
import type { Result } from '@wattline/base';
import { AxdrWriter, ranged } from './axdr-writer.ts';
import { messageBudget } from './budget.ts';
import type { Data, TypeDescription } from './data.ts';
import { printScalar, textOf } from './data-text.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import { fixedSize, typeCode, typeName } from './type-codes.ts';

const maxDepth = messageBudget.depth;

type ScalarType = Exclude<Data['type'], 'array' | 'structure' | 'compact-array'>;
type Scalar = Exclude<Data, { type: 'array' | 'structure' | 'compact-array' }>;
type NumberType = Extract<Data, { value: number }>['type'];

/** How each type of plain numbers is read and written. */
const numbers: Readonly<Record<NumberType, NumberCodec>> = {
  'double-long': signed(32),
  'double-long-unsigned': unsigned(32),
  bcd: signed(8),
  integer: signed(8),
  long: signed(16),
  unsigned: unsigned(8),
  'long-unsigned': unsigned(16),
  enum: unsigned(8),
  float32: { read: (r) => r.f32(), write: (w, value) => w.rawFloat32(value) },
  float64: { read: (r) => r.f64(), write: (w, value) => w.rawFloat64(value) },
  'delta-integer': signed(8),
  'delta-long': signed(16),
  'delta-double-long': signed(32),
  'delta-unsigned': unsigned(8),
  'delta-long-unsigned': unsigned(16),
  'delta-double-long-unsigned': unsigned(32),
};

interface NumberCodec {
  read(reader: OctetReader): number;
  write(writer: AxdrWriter, value: number): void;
}

/**
 * A-XDR octets of a value, tag first.
 * Values outside their type's range are our own mistake and fail an assertion.
 */
export function encodeData(data: Data): Uint8Array {
  const writer = new AxdrWriter();
  writeData(writer, data);
  return writer.finish();
}

/**
 * The value that starts at `offset`, and the offset after it. Octets that follow are the caller's to judge.
 * Fails with `dlms/truncated`, `dlms/bad-tag`, `dlms/bad-length`, `dlms/bad-value`, `dlms/too-deep` or
 * `dlms/too-many-elements`; `where.offset` is the octet.
 */
export function decodeData(octets: Uint8Array, offset = 0): Result<{ value: Data; end: number }> {
  return attempt(() => {
    const reader = new OctetReader(octets, offset);
    const value = readData(reader);
    return { value, end: reader.at };
  });
}

/** Reads one value, tag first. */
export function readData(reader: OctetReader, depth = 0): Data {
  const { trace } = reader;
  if (!trace) return readTagged(reader, depth);
  trace.open(typeName[reader.peek()] ?? 'data', reader.at);
  const value = readTagged(reader, depth);
  trace.close(reader.at, printScalar(value));
  return value;
}

function readTagged(reader: OctetReader, depth: number): Data {
  const type = readType(reader);
  reader.spend(1);
  if (type === 'array' || type === 'structure') {
    return { type, value: readElements(reader, depth) };
  }
  if (type === 'compact-array') return readCompactArray(reader, depth);
  return readScalar(reader, type);
}

/** Passes over one value as {@link readData} would read it, building nothing, and returns its octets. */
export function readEncoded(reader: OctetReader): Uint8Array {
  const start = reader.at;
  if (reader.trace) readData(reader);
  else skipData(reader, 0);
  return reader.octets.subarray(start, reader.at);
}

function skipData(reader: OctetReader, depth: number): void {
  // Nothing is built here: the octets themselves bound the work.
  const code = reader.u8();
  const size = fixedSize[code] as number;
  if (size >= 0) {
    if (size > 0) reader.skip(size);
  } else if (code === typeCode.array || code === typeCode.structure) {
    const count = readCount(reader, depth);
    for (let i = 0; i < count; i++) skipData(reader, depth + 1);
  } else if (code === typeCode['bit-string']) {
    reader.skip(Math.ceil(reader.size() / 8));
  } else if (code === typeCode['octet-string'] || code === typeCode['visible-string']) {
    reader.skip(reader.size());
  } else {
    reader.at -= 1;
    readTagged(reader, depth);
  }
}

function readType(reader: OctetReader): Data['type'] {
  const code = reader.u8();
  const type = typeName[code];
  if (type === undefined) reader.fail('dlms/bad-tag', `expected the tag of a Data type, found ${code}`, -1);
  return type;
}

function readCount(reader: OctetReader, depth: number): number {
  if (depth >= maxDepth) reader.fail('dlms/too-deep', `expected at most ${maxDepth} levels of nesting`);
  const count = reader.size();
  if (count > reader.remaining) {
    reader.fail('dlms/truncated', `expected ${count} elements, found only ${reader.remaining} octets`);
  }
  return count;
}

function readElements(reader: OctetReader, depth: number): Data[] {
  const count = readCount(reader, depth);
  const elements: Data[] = [];
  for (let i = 0; i < count; i++) elements.push(readData(reader, depth + 1));
  return elements;
}

/** Contents of a type without its tag: also how elements stand inside a compact-array. */
function readScalar(reader: OctetReader, type: ScalarType): Data {
  switch (type) {
    case 'null-data':
      return { type };
    case 'boolean':
      return { type, value: reader.u8() !== 0 };
    case 'bit-string': {
      const bits = reader.size();
      return { type, bits, value: reader.bytes(Math.ceil(bits / 8)) };
    }
    case 'octet-string':
      return { type, value: reader.sized() };
    case 'visible-string':
      return { type, value: textOf(reader.sized(), 'latin1') };
    case 'utf8-string':
      return { type, value: textOf(reader.sized(), 'utf8') };
    case 'long64':
      return { type, value: reader.i64() };
    case 'long64-unsigned':
      return { type, value: reader.u64() };
    case 'date-time':
    case 'date':
    case 'time':
      return { type, value: reader.bytes(fixedSize[typeCode[type]] as number) };
    default:
      return { type, value: numbers[type].read(reader) };
  }
}

function readCompactArray(reader: OctetReader, depth: number): Data {
  const description = readDescription(reader, depth);
  const length = reader.size();
  if (leastSize(description) === 0 && length > 0) {
    reader.fail('dlms/bad-value', 'expected a compact-array of elements that take octets');
  }
  const value: Data[] = [];
  reader.within(length, () => {
    while (reader.remaining > 0) value.push(readDescribed(reader, description));
  });
  return { type: 'compact-array', description, value };
}

function readDescription(reader: OctetReader, depth: number): TypeDescription {
  if (depth >= maxDepth) reader.fail('dlms/too-deep', `expected at most ${maxDepth} levels of nesting`);
  reader.spend(1);
  const type = readType(reader);
  if (type === 'array') return { type, count: reader.u16(), of: readDescription(reader, depth + 1) };
  if (type === 'structure') {
    const count = readCount(reader, depth);
    return { type, of: Array.from({ length: count }, () => readDescription(reader, depth + 1)) };
  }
  if (type === 'compact-array') reader.fail('dlms/bad-tag', 'a compact-array cannot hold compact-arrays', -1);
  return { type };
}

/** The least number of octets an element takes: zero would let nothing repeat for ever. */
function leastSize(description: TypeDescription): number {
  if (description.type === 'array') return description.count * leastSize(description.of);
  if (description.type === 'structure') return description.of.reduce((sum, of) => sum + leastSize(of), 0);
  return Math.abs(fixedSize[typeCode[description.type]] as number);
}

function readDescribed(reader: OctetReader, description: TypeDescription): Data {
  reader.spend(1);
  if (description.type === 'array') {
    const value: Data[] = [];
    for (let i = 0; i < description.count; i++) value.push(readDescribed(reader, description.of));
    return { type: 'array', value };
  }
  if (description.type === 'structure') {
    return { type: 'structure', value: description.of.map((of) => readDescribed(reader, of)) };
  }
  return readScalar(reader, description.type);
}

/** Writes one value, tag first. */
export function writeData(writer: AxdrWriter, data: Data): void {
  writer.u8(typeCode[data.type]);
  if (data.type === 'array' || data.type === 'structure') {
    writer.size(data.value.length);
    for (const element of data.value) writeData(writer, element);
  } else if (data.type === 'compact-array') {
    writeDescription(writer, data.description);
    const contents = new AxdrWriter();
    for (const element of data.value) writeDescribed(contents, data.description, element);
    writer.size(contents.length).raw(contents.finish());
  } else {
    writeScalar(writer, data as Scalar);
  }
}

function writeScalar(writer: AxdrWriter, data: Scalar): void {
  switch (data.type) {
    case 'null-data':
      return;
    case 'boolean':
      writer.u8(data.value ? 1 : 0);
      return;
    case 'bit-string':
      assert(data.value.length === Math.ceil(data.bits / 8), 'the bits do not fill the octets');
      writer.size(data.bits).raw(data.value);
      return;
    case 'octet-string':
      writer.size(data.value.length).raw(data.value);
      return;
    case 'visible-string':
    case 'utf8-string': {
      const octets = Buffer.from(data.value, data.type === 'utf8-string' ? 'utf8' : 'latin1');
      writer.size(octets.length).raw(octets);
      return;
    }
    case 'long64':
    case 'long64-unsigned':
      writer.u64(data.value);
      return;
    case 'date-time':
    case 'date':
    case 'time':
      assert(data.value.length === fixedSize[typeCode[data.type]], `${data.type} has a fixed length`);
      writer.raw(data.value);
      return;
    default:
      numbers[data.type].write(writer, data.value);
  }
}

function writeDescription(writer: AxdrWriter, description: TypeDescription): void {
  writer.u8(typeCode[description.type]);
  if (description.type === 'array') {
    writer.u16(description.count);
    writeDescription(writer, description.of);
  } else if (description.type === 'structure') {
    writer.size(description.of.length);
    for (const of of description.of) writeDescription(writer, of);
  }
}

function writeDescribed(writer: AxdrWriter, description: TypeDescription, element: Data): void {
  assert(element.type === description.type, `expected ${description.type}, found ${element.type}`);
  if (description.type === 'array') {
    assert(element.type === 'array' && element.value.length === description.count);
    for (const inner of element.value) writeDescribed(writer, description.of, inner);
  } else if (description.type === 'structure') {
    assert(element.type === 'structure' && element.value.length === description.of.length);
    for (const [i, of] of description.of.entries()) writeDescribed(writer, of, element.value[i] as Data);
  } else {
    writeScalar(writer, element as Scalar);
  }
}

function unsigned(bits: 8 | 16 | 32): NumberCodec {
  const most = 2 ** bits - 1;
  if (bits === 8) return { read: (r) => r.u8(), write: (w, value) => w.u8(ranged(value, 0, most)) };
  if (bits === 16) return { read: (r) => r.u16(), write: (w, value) => w.u16(ranged(value, 0, most)) };
  return { read: (r) => r.u32(), write: (w, value) => w.u32(ranged(value, 0, most)) };
}

function signed(bits: 8 | 16 | 32): NumberCodec {
  const most = 2 ** (bits - 1) - 1;
  const least = -most - 1;
  if (bits === 8) return { read: (r) => r.i8(), write: (w, value) => w.u8(ranged(value, least, most)) };
  if (bits === 16) return { read: (r) => r.i16(), write: (w, value) => w.u16(ranged(value, least, most)) };
  return { read: (r) => r.i32(), write: (w, value) => w.u32(ranged(value, least, most)) };
}
