/**
 * Rows of one layout (Blue Book 4.3.6): the normal case of a profile buffer, every row a structure of the same types. The
 * layout is read off the first row; then each column is one loop at a fixed stride that checks its tags on the way.
 */
import { readDay, readOffset, readTimeOfDay } from './date-time.ts';
import { integerSize, typeCode } from './type-codes.ts';

/** Where the rows of a buffer lie. */
export interface RowSpan {
  readonly octets: Uint8Array;
  /** Offset of the first row. */
  readonly start: number;
  readonly rows: number;
  readonly width: number;
}

/** Types of one row: `tags[i]` stands `offsets[i]` octets after the row's first, `length` is the octets of a row. */
export interface RowLayout {
  readonly tags: readonly number[];
  readonly offsets: readonly number[];
  readonly length: number;
}

/** A clock: UTC ms, clock status and minutes east of UTC (the default offset where the meter states none). */
export interface InstantColumn {
  readonly kind: 'instant';
  readonly instantMs: Float64Array;
  readonly status: Uint8Array;
  readonly offsetMinutes: Int16Array;
}

/** Integers up to 2^53 in magnitude, unscaled; where `isNull` is 1 the meter sent null-data and the value is NaN. */
export interface IntegerColumn {
  readonly kind: 'integer';
  readonly value: Float64Array;
  readonly isNull: Uint8Array;
}

/** What a layout can hold: clocks and integers. */
export type PlainColumn = InstantColumn | IntegerColumn;

/** Octets of a date-time. */
const clockLength = 12;
/** Tag and length of a clock inside an octet-string. */
const clockHead = 2;
const msPerDay = 86_400_000;

/** Octets of a value with its tag, 0 for types that have no place in a layout. */
const valueLength = integerSize.map((size) => (size === 0 ? 0 : 1 + size));
valueLength[typeCode['date-time']] = 1 + clockLength;
valueLength[typeCode['octet-string']] = clockHead + clockLength;

/** The layout of the first row; undefined when it holds anything but clocks and integers, or the rows do not fill the octets. */
export function layoutOf({ octets, start, rows, width }: RowSpan): RowLayout | undefined {
  if (width > 127) return undefined;
  const tags: number[] = [];
  const offsets: number[] = [];
  let at = start + 2;
  for (let i = 0; i < width; i++) {
    const tag = octets[at] ?? 0;
    const length = valueLength[tag] as number;
    if (length === 0 || (tag === typeCode['octet-string'] && octets[at + 1] !== clockLength))
      return undefined;
    tags.push(tag);
    offsets.push(at - start);
    at += length;
  }
  const length = at - start;
  return start + rows * length === octets.length ? { tags, offsets, length } : undefined;
}

/** Octets of a row in columns: instant, offset and status of a clock; value and mark of an integer. */
const instantOctets = 8 + 2 + 1;
const integerOctets = 8 + 1;

/** Fresh columns for a layout, all in one buffer: an allocation for each array costs more than reading it. */
export function columnsFor({ tags }: RowLayout, rows: number): PlainColumn[] {
  const clocks = tags.filter(isClock).length;
  const integers = tags.length - clocks;
  const buffer = new ArrayBuffer(rows * (clocks * instantOctets + integers * integerOctets));
  // Wide elements first, so that all are aligned.
  let wide = 0;
  let middle = rows * tags.length * 8;
  let narrow = middle + rows * clocks * 2;
  return tags.map((tag): PlainColumn => {
    const value = new Float64Array(buffer, wide, rows);
    const marks = new Uint8Array(buffer, narrow, rows);
    wide += 8 * rows;
    narrow += rows;
    if (!isClock(tag)) return { kind: 'integer', value, isNull: marks };
    const offsetMinutes = new Int16Array(buffer, middle, rows);
    middle += 2 * rows;
    return { kind: 'instant', instantMs: value, status: marks, offsetMinutes };
  });
}

function isClock(tag: number): boolean {
  return tag === typeCode['octet-string'] || tag === typeCode['date-time'];
}

/**
 * Reads all rows into `columns`, which {@link columnsFor} made for the layout and this number of rows; false when a row
 * is laid out otherwise or a value has no place in its column, after which the columns hold nothing to rely on.
 */
export function readLaidOutRows(
  span: RowSpan,
  layout: RowLayout,
  columns: readonly PlainColumn[],
  defaultOffsetMinutes: number,
): boolean {
  const { octets, start, rows, width } = span;
  const { tags, offsets, length } = layout;
  if (tags.length !== width || start + rows * length !== octets.length) return false;
  if (!haveHead(span, length)) return false;
  for (let i = 0; i < width; i++) {
    const column = columns[i] as PlainColumn;
    const at = start + (offsets[i] as number);
    const isRead =
      column.kind === 'instant'
        ? readClocks(octets, at, length, tags[i] as number, column, defaultOffsetMinutes)
        : readIntegers(octets, at, length, tags[i] as number, column);
    if (!isRead) return false;
  }
  return true;
}

/** Whether every row is a structure of the width. */
function haveHead({ octets, start, width }: RowSpan, stride: number): boolean {
  let differs = 0;
  for (let at = start; at < octets.length; at += stride) {
    differs |= ((octets[at] as number) ^ typeCode.structure) | ((octets[at + 1] as number) ^ width);
  }
  return differs === 0;
}

function readClocks(
  octets: Uint8Array,
  first: number,
  stride: number,
  tag: number,
  column: InstantColumn,
  defaultOffsetMinutes: number,
): boolean {
  const { instantMs, status, offsetMinutes } = column;
  const inOctets = tag === typeCode['octet-string'];
  const head = inOctets ? clockHead : 1;
  const rows = instantMs.length;
  let differs = 0;
  let sum = 0;
  // Rows follow each other: most share their date and their deviation with the row before.
  let date = -1;
  let deviation = -1;
  let midnightMs = 0;
  let offset = 0;
  for (let row = 0, at = first; row < rows; row++, at += stride) {
    differs |= (octets[at] as number) ^ tag;
    if (inOctets) differs |= (octets[at + 1] as number) ^ clockLength;
    const clock = at + head;
    const rowDate =
      ((octets[clock] as number) << 24) |
      ((octets[clock + 1] as number) << 16) |
      ((octets[clock + 2] as number) << 8) |
      (octets[clock + 3] as number);
    const rowDeviation = ((octets[clock + 9] as number) << 8) | (octets[clock + 10] as number);
    if (rowDate !== date || rowDeviation !== deviation) {
      date = rowDate;
      deviation = rowDeviation;
      offset = readOffset(octets, clock) ?? defaultOffsetMinutes;
      midnightMs = readDay(octets, clock) * msPerDay - offset * 60_000;
    }
    const instant = midnightMs + readTimeOfDay(octets, clock);
    sum += instant;
    instantMs[row] = instant;
    status[row] = octets[clock + 11] as number;
    offsetMinutes[row] = offset;
  }
  // One clock that names no instant makes the sum none.
  return differs === 0 && !Number.isNaN(sum);
}

function readIntegers(
  octets: Uint8Array,
  first: number,
  stride: number,
  tag: number,
  { value }: IntegerColumn,
): boolean {
  // No row of a layout is null: the marks stay as they were made, all 0.
  switch (tag) {
    case typeCode.unsigned:
    case typeCode.enum:
      return readUnsigned8(octets, first, stride, tag, value);
    case typeCode.integer:
      return readSigned8(octets, first, stride, value);
    case typeCode['long-unsigned']:
      return readUnsigned16(octets, first, stride, value);
    case typeCode.long:
      return readSigned16(octets, first, stride, value);
    case typeCode['double-long-unsigned']:
      return readUnsigned32(octets, first, stride, value);
    case typeCode['double-long']:
      return readSigned32(octets, first, stride, value);
    default:
      return read64(octets, first, stride, tag, value);
  }
}

/** The loops below are one for each type on purpose: each stays small, without a call for a value. */
function readUnsigned8(
  octets: Uint8Array,
  first: number,
  stride: number,
  tag: number,
  out: Float64Array,
): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ tag;
    out[row] = octets[at + 1] as number;
  }
  return differs === 0;
}

function readSigned8(octets: Uint8Array, first: number, stride: number, out: Float64Array): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ typeCode.integer;
    out[row] = ((octets[at + 1] as number) << 24) >> 24;
  }
  return differs === 0;
}

function readUnsigned16(octets: Uint8Array, first: number, stride: number, out: Float64Array): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ typeCode['long-unsigned'];
    out[row] = ((octets[at + 1] as number) << 8) | (octets[at + 2] as number);
  }
  return differs === 0;
}

function readSigned16(octets: Uint8Array, first: number, stride: number, out: Float64Array): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ typeCode.long;
    out[row] = (((octets[at + 1] as number) << 24) >> 16) | (octets[at + 2] as number);
  }
  return differs === 0;
}

function readUnsigned32(octets: Uint8Array, first: number, stride: number, out: Float64Array): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ typeCode['double-long-unsigned'];
    out[row] = word(octets, at + 1) >>> 0;
  }
  return differs === 0;
}

function readSigned32(octets: Uint8Array, first: number, stride: number, out: Float64Array): boolean {
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ typeCode['double-long'];
    out[row] = word(octets, at + 1);
  }
  return differs === 0;
}

/** 64 bits as long as they are exact in a number. */
function read64(octets: Uint8Array, first: number, stride: number, tag: number, out: Float64Array): boolean {
  const isSigned = tag === typeCode.long64;
  let differs = 0;
  for (let row = 0, at = first; row < out.length; row++, at += stride) {
    differs |= (octets[at] as number) ^ tag;
    const high = word(octets, at + 1);
    const value = (isSigned ? high : high >>> 0) * 2 ** 32 + (word(octets, at + 5) >>> 0);
    if (!Number.isSafeInteger(value)) return false;
    out[row] = value;
  }
  return differs === 0;
}

function word(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] as number) << 24) |
    ((octets[at + 1] as number) << 16) |
    ((octets[at + 2] as number) << 8) |
    (octets[at + 3] as number)
  );
}
