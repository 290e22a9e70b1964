/** Selective access to a Profile generic buffer (Blue Book 4.3.6): range_descriptor and entry_descriptor. */
import assert from 'node:assert/strict';
import { failure, type Result, success } from '@wattline/base';
import type { SelectiveAccess } from './cosem.ts';
import type { Data } from './data.ts';
import { type DateTimeOptions, decodeDateTime, encodeDateTime } from './date-time.ts';
import { parseObis } from './obis.ts';

/** Rows and columns of a profile by number, both from 1; 0 as an end means the last one there is. */
export interface EntryRange {
  readonly fromEntry: number;
  readonly toEntry: number;
  /** Default 1. */
  readonly fromColumn?: number;
  /** Default 0: all. */
  readonly toColumn?: number;
}

const rangeSelector = 1;
const entrySelector = 2;

/** The capture object that restricts by time: attribute 2 of the clock, class 8, 0.0.1.0.0.255. */
const clockColumn: Data = {
  type: 'structure',
  value: [
    { type: 'long-unsigned', value: 8 },
    { type: 'octet-string', value: parseObis('0.0.1.0.0.255') },
    { type: 'integer', value: 2 },
    { type: 'long-unsigned', value: 0 },
  ],
};

/**
 * Range_descriptor over the clock column, all columns: entries whose clock is from `from` to `to`, both included (UTC ms),
 * written as wall clock `offsetMinutes` east of UTC.
 */
export function encodeRange(from: number, to: number, offsetMinutes: number): SelectiveAccess {
  const clock = (instantMs: number): Data => ({
    type: 'octet-string',
    value: encodeDateTime(instantMs, offsetMinutes),
  });
  return {
    selector: rangeSelector,
    parameters: {
      type: 'structure',
      value: [clockColumn, clock(from), clock(to), { type: 'array', value: [] }],
    },
  };
}

/**
 * The instants of a range_descriptor over a clock column, both ends included.
 * Fails with `dlms/bad-value` when it is another descriptor or restricts by another column, `dlms/bad-date-time` when an end is no instant.
 */
export function decodeRange(
  access: SelectiveAccess,
  options: DateTimeOptions = {},
): Result<{ fromMs: number; toMs: number }> {
  const fields = structureOf(access, rangeSelector, 4);
  if (!fields)
    return failure('dlms/bad-value', 'expected a range_descriptor: selector 1 and a structure of four');
  const [column, from, to] = fields;
  if (!isClockColumn(column)) {
    return failure('dlms/bad-value', 'expected the clock (class 8, attribute 2) as the restricting object');
  }
  const start = instantOf(from, options);
  if (!start.ok) return start;
  const end = instantOf(to, options);
  if (!end.ok) return end;
  return success({ fromMs: start.value, toMs: end.value });
}

/** Entry_descriptor: rows and columns by number. */
export function encodeEntryRange(range: EntryRange): SelectiveAccess {
  const { fromEntry, toEntry, fromColumn = 1, toColumn = 0 } = range;
  assert([fromEntry, toEntry].every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32));
  return {
    selector: entrySelector,
    parameters: {
      type: 'structure',
      value: [
        { type: 'double-long-unsigned', value: fromEntry },
        { type: 'double-long-unsigned', value: toEntry },
        { type: 'long-unsigned', value: fromColumn },
        { type: 'long-unsigned', value: toColumn },
      ],
    },
  };
}

/** The numbers of an entry_descriptor; fails with `dlms/bad-value` when it is anything else. */
export function decodeEntryRange(access: SelectiveAccess): Result<Required<EntryRange>> {
  const fields = structureOf(access, entrySelector, 4)?.map(unsignedOf);
  const [fromEntry, toEntry, fromColumn, toColumn] = fields ?? [];
  if (
    fromEntry === undefined ||
    toEntry === undefined ||
    fromColumn === undefined ||
    toColumn === undefined
  ) {
    return failure('dlms/bad-value', 'expected an entry_descriptor: selector 2 and four unsigned numbers');
  }
  return success({ fromEntry, toEntry, fromColumn, toColumn });
}

function structureOf(access: SelectiveAccess, selector: number, count: number): readonly Data[] | undefined {
  const { parameters } = access;
  const isOne =
    access.selector === selector && parameters.type === 'structure' && parameters.value.length === count;
  return isOne ? parameters.value : undefined;
}

function isClockColumn(column: Data | undefined): boolean {
  if (column?.type !== 'structure' || column.value.length < 3) return false;
  const [classId, obis, attribute] = column.value;
  return (
    classId?.type === 'long-unsigned' &&
    classId.value === 8 &&
    obis?.type === 'octet-string' &&
    attribute?.type === 'integer' &&
    attribute.value === 2
  );
}

function instantOf(data: Data | undefined, options: DateTimeOptions): Result<number> {
  if (data?.type !== 'octet-string' && data?.type !== 'date-time') {
    return failure('dlms/bad-date-time', `expected a date-time, found ${data?.type ?? 'nothing'}`);
  }
  const decoded = decodeDateTime(data.value, options);
  return decoded.ok ? success(decoded.value.instantMs) : decoded;
}

function unsignedOf(data: Data): number | undefined {
  const isUnsigned =
    data.type === 'double-long-unsigned' || data.type === 'long-unsigned' || data.type === 'unsigned';
  return isUnsigned ? data.value : undefined;
}
