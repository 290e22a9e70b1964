/** The general way through a profile buffer (Blue Book 4.3.6): any types, nulls and mixtures, value by value into columns. */
import type { Result } from '@wattline/base';
import { decodeData, encodeData, readData, readEncoded } from './axdr.ts';
import type { Data } from './data.ts';
import { readInstant, readOffset } from './date-time.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import type { InstantColumn, IntegerColumn } from './profile-rows.ts';
import { integerSize, typeCode } from './type-codes.ts';

/** One column of a profile buffer. */
export type ProfileColumn =
  | InstantColumn
  | IntegerColumn
  /** Anything else, and integers beyond 2^53. */
  | { readonly kind: 'data'; readonly value: Data[] };

/** A profile buffer by columns, in the order of its capture objects. */
export interface ProfileColumns {
  readonly rows: number;
  readonly columns: readonly ProfileColumn[];
}

/** How to read what a buffer leaves out. */
export interface ProfileOptions {
  /** Capture period, s: lets a null clock after the first be filled. Else two explicit clocks above it give the period. */
  readonly capturePeriodSeconds?: number;
  /** Null in a value column repeats the value above it (IDIS); otherwise it is a missing value. */
  readonly isNullPrevious?: boolean;
  /** Offset of clocks whose deviation is not specified, minutes east of UTC; 0 unless told. */
  readonly defaultOffsetMinutes?: number;
}

/** What a column turned out to hold; `open` until its first value that is not null, `misfit` once a value has no place in it. */
type Kind = 'open' | 'instant' | 'integer' | 'data' | 'misfit';

interface Column {
  kind: Kind;
  /** Its values are passed over. */
  isDone: boolean;
  value: Float64Array;
  flag: Uint8Array;
  offsetMinutes: Int16Array;
  data: Data[];
  /** Rows of the last two explicit clocks, -1 before. */
  lastExplicit: number;
  beforeLast: number;
}

/** The general way: any types, nulls and mixtures, value by value. */
export function decodeAnyRows(encoded: Uint8Array, options: ProfileOptions = {}): Result<ProfileColumns> {
  if (encoded[0] === typeCode['compact-array']) {
    const decoded = decodeData(encoded);
    if (!decoded.ok) return decoded;
    const { value: buffer, end } = decoded.value;
    if (end === encoded.length && buffer.type === 'compact-array') {
      return decodeAnyRows(encodeData({ type: 'array', value: buffer.value }), options);
    }
  }
  return attempt(() => {
    const reader = new OctetReader(encoded);
    const rows = readRowCount(reader);
    if (rows === 0) {
      reader.expectEnd();
      return { rows, columns: [] };
    }
    const start = reader.at;
    const width = readWidth(reader);
    if (width === 0 || rows * (width + 2) > reader.remaining + 2) {
      reader.fail('dlms/bad-profile', `expected ${rows} structures of ${width} elements, found fewer octets`);
    }
    reader.at = start;
    return readColumns(reader, { rows, width }, options);
  });
}

function readRowCount(reader: OctetReader): number {
  if (reader.u8() !== typeCode.array) reader.fail('dlms/bad-profile', 'expected an array of structures', -1);
  return reader.size();
}

function readWidth(reader: OctetReader): number {
  if (reader.u8() !== typeCode.structure) reader.fail('dlms/bad-profile', 'expected a structure', -1);
  return reader.size();
}

/** Columns that turn out to hold what their kind cannot are read once more, all of them together, as data. */
function readColumns(
  reader: OctetReader,
  shape: { readonly rows: number; readonly width: number },
  options: ProfileOptions,
): ProfileColumns {
  const start = reader.at;
  let columns = Array.from({ length: shape.width }, () => openColumn('open', shape.rows));
  readRows(reader, columns, { ...shape, options });
  if (columns.some(({ kind }) => kind === 'misfit')) {
    // The columns that fitted are done: the second pass builds the others alone.
    columns = columns.map((column) =>
      column.kind === 'misfit' ? openColumn('data', 0) : { ...column, isDone: true },
    );
    reader.at = start;
    readRows(reader, columns, { ...shape, options });
  }
  return { rows: shape.rows, columns: columns.map((column) => finish(column)) };
}

/** Reads all rows; a column whose value does not fit its kind is marked and passed over from there on. */
function readRows(
  reader: OctetReader,
  columns: readonly Column[],
  shape: { readonly rows: number; readonly width: number; readonly options: ProfileOptions },
): void {
  const { octets } = reader;
  const { rows, width, options } = shape;
  for (let row = 0; row < rows; row++) {
    const found = readWidth(reader);
    if (found !== width) {
      reader.fail('dlms/bad-profile', `expected a structure of ${width}, found one of ${found}`);
    }
    for (let i = 0; i < width; i++) {
      const column = columns[i] as Column;
      if (column.isDone) {
        readEncoded(reader);
        continue;
      }
      const size = integerSize[octets[reader.at] as number] as number;
      if (size > 0 && size < 8 && column.kind === 'integer' && reader.at + size < reader.end) {
        column.value[row] = readInteger(octets, reader.at);
        reader.at += size + 1;
      } else {
        const at = reader.at;
        if (readValue(reader, column, row, options)) continue;
        column.kind = 'misfit';
        column.isDone = true;
        reader.at = at;
        readEncoded(reader);
      }
    }
  }
  reader.expectEnd();
}

/** The integer of at most 32 bits whose tag stands at `at`; its octets must be there. */
function readInteger(octets: Uint8Array, at: number): number {
  const first = octets[at + 1] as number;
  switch (octets[at]) {
    case typeCode.unsigned:
    case typeCode.enum:
      return first;
    case typeCode.integer:
      return (first << 24) >> 24;
    case typeCode['long-unsigned']:
      return (first << 8) | (octets[at + 2] as number);
    case typeCode.long:
      return ((first << 24) >> 16) | (octets[at + 2] as number);
    default: {
      const word =
        (first << 24) |
        ((octets[at + 2] as number) << 16) |
        ((octets[at + 3] as number) << 8) |
        (octets[at + 4] as number);
      return octets[at] === typeCode['double-long'] ? word : word >>> 0;
    }
  }
}

/** Reads any value into its column; false when it does not fit the column's kind. */
function readValue(reader: OctetReader, column: Column, row: number, options: ProfileOptions): boolean {
  const tag = reader.peek();
  if (column.kind === 'data') {
    column.data.push(readData(reader));
    return true;
  }
  if (tag === typeCode['null-data']) {
    reader.at += 1;
    return readNull(reader, column, row, options);
  }
  if (column.kind === 'open') settleKind(column, kindOf(reader.octets, reader.at), row);
  if (column.kind === 'instant') return readClock(reader, column, row, options);
  if (column.kind !== 'integer' || integerSize[tag] === 0) return false;
  const data = readData(reader);
  const value = Number((data as { value: number | bigint }).value);
  column.value[row] = value;
  return Number.isSafeInteger(value);
}

function readNull(reader: OctetReader, column: Column, row: number, options: ProfileOptions): boolean {
  if (column.kind !== 'instant') {
    const isRepeat = options.isNullPrevious === true && row > 0 && column.kind === 'integer';
    column.value[row] = isRepeat ? (column.value[row - 1] as number) : Number.NaN;
    column.flag[row] = isRepeat ? (column.flag[row - 1] as number) : 1;
    return true;
  }
  const period = periodOf(column, options);
  if (period === undefined) {
    reader.fail(
      'dlms/bad-profile',
      'a clock is null and neither a capture period nor two clocks are known',
      -1,
    );
  }
  column.value[row] = (column.value[row - 1] as number) + period;
  column.flag[row] = column.flag[row - 1] as number;
  column.offsetMinutes[row] = column.offsetMinutes[row - 1] as number;
  return true;
}

function periodOf(column: Column, options: ProfileOptions): number | undefined {
  if (options.capturePeriodSeconds !== undefined) return options.capturePeriodSeconds * 1000;
  const { lastExplicit, beforeLast, value } = column;
  if (beforeLast < 0) return undefined;
  return ((value[lastExplicit] as number) - (value[beforeLast] as number)) / (lastExplicit - beforeLast);
}

function readClock(reader: OctetReader, column: Column, row: number, options: ProfileOptions): boolean {
  const { octets } = reader;
  const isOctets = octets[reader.at] === typeCode['octet-string'] && octets[reader.at + 1] === 12;
  if (!isOctets && octets[reader.at] !== typeCode['date-time']) return false;
  reader.at += isOctets ? 2 : 1;
  const at = reader.at;
  if (at + clockLength > reader.end) {
    reader.fail('dlms/truncated', `expected a clock of ${clockLength} octets`);
  }
  reader.at += clockLength;
  const instantMs = readInstant(octets, at, options.defaultOffsetMinutes ?? 0);
  column.value[row] = instantMs;
  column.flag[row] = octets[at + 11] as number;
  column.offsetMinutes[row] = readOffset(octets, at) ?? options.defaultOffsetMinutes ?? 0;
  column.beforeLast = column.lastExplicit;
  column.lastExplicit = row;
  return !Number.isNaN(instantMs);
}

function kindOf(octets: Uint8Array, at: number): Kind {
  const tag = octets[at] as number;
  if (tag === typeCode['date-time'] || (tag === typeCode['octet-string'] && octets[at + 1] === 12)) {
    return 'instant';
  }
  return integerSize[tag] === 0 ? 'data' : 'integer';
}

/** Octets of a date-time. */
const clockLength = 12;

const noOffsets = new Int16Array(0);

/** A clock cannot follow nulls (there is nothing to count from): such a column is data. */
function settleKind(column: Column, kind: Kind, row: number): void {
  column.kind = kind === 'instant' && row > 0 ? 'data' : kind;
  if (column.kind === 'instant') column.offsetMinutes = new Int16Array(column.value.length);
}

function openColumn(kind: 'open' | 'data', rows: number): Column {
  return {
    kind,
    isDone: false,
    value: new Float64Array(rows),
    flag: new Uint8Array(rows),
    offsetMinutes: noOffsets,
    data: [],
    lastExplicit: -1,
    beforeLast: -1,
  };
}

function finish(column: Column): ProfileColumn {
  if (column.kind === 'data') return { kind: 'data', value: column.data };
  if (column.kind === 'instant') {
    const { value: instantMs, flag: status, offsetMinutes } = column;
    return { kind: 'instant', instantMs, status, offsetMinutes };
  }
  return { kind: 'integer', value: column.value, isNull: column.flag };
}
