/**
 * Delta values (Green Book 9.5, delta-value-encoding): in a profile buffer an integer may be told by how much it differs from the one
 * above it in its column. Made from a buffer that is whole, and made whole again; what does not gain stays as it is.
 */
import { type Result, success } from '@wattline/base';
import { decodeData, encodeData } from './axdr.ts';
import type { Data } from './data.ts';

type Integer = Extract<Data, { value: number }>;

/** Types that a delta may stand for, with the span of each. */
const integers: ReadonlySet<Data['type']> = new Set([
  'integer',
  'unsigned',
  'long',
  'long-unsigned',
  'double-long',
  'double-long-unsigned',
]);

/** Delta types with the least and the most they hold, smallest first. */
const deltas = [
  { type: 'delta-integer', least: -0x80, most: 0x7f, size: 1 },
  { type: 'delta-unsigned', least: 0, most: 0xff, size: 1 },
  { type: 'delta-long', least: -0x8000, most: 0x7fff, size: 2 },
  { type: 'delta-long-unsigned', least: 0, most: 0xffff, size: 2 },
] as const;
const deltaTypes: ReadonlySet<Data['type']> = new Set([
  ...deltas.map(({ type }) => type),
  'delta-double-long',
  'delta-double-long-unsigned',
]);
/** Octets of the contents of the types a delta may shorten. */
const sizes: Readonly<Partial<Record<Data['type'], number>>> = {
  long: 2,
  'long-unsigned': 2,
  'double-long': 4,
  'double-long-unsigned': 4,
};

/** A buffer whose integers are told by their differences where that is shorter; any other value comes back as it came. */
export function toDeltas(encoded: Uint8Array): Uint8Array {
  const rows = rowsOf(encoded);
  if (!rows) return encoded;
  const above: (Integer | undefined)[] = [];
  return encodeData({
    type: 'array',
    value: rows.map((row) => ({
      type: 'structure',
      value: row.map((data, i): Data => {
        const last = above[i];
        above[i] = isInteger(data) ? data : undefined;
        return last && isInteger(data) && last.type === data.type ? (deltaOf(last, data) ?? data) : data;
      }),
    })),
  });
}

/**
 * A buffer in which every delta is added up again. Fails with `dlms/bad-value` for a delta that has nothing above it or leads out
 * of its type, and as `decodeData`.
 */
export function fromDeltas(encoded: Uint8Array): Result<Uint8Array> {
  const rows = rowsOf(encoded);
  if (!rows?.some((row) => row.some(({ type }) => deltaTypes.has(type)))) return success(encoded);
  const above: (Integer | undefined)[] = [];
  for (const [n, row] of rows.entries()) {
    for (const [i, data] of row.entries()) {
      const last = above[i];
      const whole = deltaTypes.has(data.type) ? last && sumOf(last, data as Integer) : data;
      if (!whole) {
        const message = `expected a value above the delta in row ${n}, column ${i}, and a sum within its type`;
        return { ok: false, error: { code: 'dlms/bad-value', message, where: { row: n, column: i } } };
      }
      row[i] = whole;
      above[i] = isInteger(whole) ? whole : undefined;
    }
  }
  return success(encodeData({ type: 'array', value: rows.map((value) => ({ type: 'structure', value })) }));
}

function isInteger(data: Data): data is Integer {
  return integers.has(data.type);
}

function deltaOf(last: Integer, data: Integer): Data | undefined {
  const value = data.value - last.value;
  const found = deltas.find(({ least, most }) => value >= least && value <= most);
  return found && found.size < (sizes[data.type] ?? 0) ? { type: found.type, value } : undefined;
}

function sumOf(last: Integer, delta: Integer): Integer | undefined {
  const value = last.value + delta.value;
  const bits = 8 * (sizes[last.type] ?? 1);
  const isUnsigned = last.type.endsWith('unsigned');
  const [least, most] = isUnsigned ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return value >= least && value <= most ? { type: last.type, value } : undefined;
}

/** The rows of an array of structures; undefined for any other value. */
function rowsOf(encoded: Uint8Array): Data[][] | undefined {
  const decoded = decodeData(encoded);
  if (!decoded.ok || decoded.value.end !== encoded.length) return undefined;
  const { value: buffer } = decoded.value;
  if (buffer.type !== 'array') return undefined;
  const rows: Data[][] = [];
  for (const row of buffer.value) {
    if (row.type !== 'structure') return undefined;
    rows.push([...row.value]);
  }
  return rows;
}
