/** The buffer of a Profile generic (Blue Book 4.3.6), straight from its octets to typed columns, no object per value. */
import { type Result, success } from '@wattline/base';
import {
  columnsFor,
  layoutOf,
  type PlainColumn,
  type RowLayout,
  type RowSpan,
  readLaidOutRows,
} from './profile-rows.ts';
import { decodeAnyRows, type ProfileColumns, type ProfileOptions } from './profile-values.ts';
import { typeCode } from './type-codes.ts';

/**
 * The columns of an encoded buffer: an array of structures of one width (or a compact-array of such).
 * A column whose first value is 12 octets is a clock; a column of integers is an integer column; a column that mixes
 * kinds, or holds what its kind cannot, is a data column.
 * Fails with `dlms/bad-profile`, `dlms/truncated`, `dlms/trailing-octets` and the codes of `decodeData`.
 */
export function decodeProfileColumns(
  encoded: Uint8Array,
  options: ProfileOptions = {},
): Result<ProfileColumns> {
  const span = spanOf(encoded);
  const layout = span && layoutOf(span);
  if (span && layout) {
    const columns = columnsFor(layout, span.rows);
    if (readLaidOutRows(span, layout, columns, options.defaultOffsetMinutes ?? 0)) {
      return success({ rows: span.rows, columns });
    }
  }
  return decodeAnyRows(encoded, options);
}

/**
 * Decodes buffers that look alike, one after the other, into the same columns: what it answered is overwritten by the
 * next buffer. For whoever copies the values on at once (a collector, a bench); otherwise as {@link decodeProfileColumns}.
 */
export function createProfileDecoder(
  options: ProfileOptions = {},
): (encoded: Uint8Array) => Result<ProfileColumns> {
  const defaultOffsetMinutes = options.defaultOffsetMinutes ?? 0;
  let known: { readonly layout: RowLayout; readonly columns: readonly PlainColumn[] } | undefined;
  let answer: Result<ProfileColumns> | undefined;
  let rows = 0;
  return (encoded) => {
    const span = spanOf(encoded);
    if (!span) return decodeAnyRows(encoded, options);
    if (known && answer && rows === span.rows) {
      if (readLaidOutRows(span, known.layout, known.columns, defaultOffsetMinutes)) return answer;
    }
    const layout = layoutOf(span);
    if (!layout) return decodeAnyRows(encoded, options);
    rows = span.rows;
    known = { layout, columns: columnsFor(layout, rows) };
    answer = success({ rows, columns: known.columns });
    const isRead = readLaidOutRows(span, layout, known.columns, defaultOffsetMinutes);
    return isRead ? answer : decodeAnyRows(encoded, options);
  };
}

/** Where rows lie when the buffer begins as nearly all do: an array of up to 65535 structures; undefined otherwise. */
function spanOf(octets: Uint8Array): RowSpan | undefined {
  if (octets[0] !== typeCode.array) return undefined;
  const count = octets[1] ?? 0;
  const more = count === 0x81 ? 1 : count === 0x82 ? 2 : 0;
  if (count > 0x7f && more === 0) return undefined;
  let rows = more === 0 ? count : 0;
  for (let i = 0; i < more; i++) rows = rows * 256 + (octets[2 + i] ?? 0);
  const start = 2 + more;
  const width = octets[start + 1] ?? 0;
  if (rows === 0 || width === 0 || octets[start] !== typeCode.structure) return undefined;
  return { octets, start, rows, width };
}
