/**
 * The history of one channel laid out from the engine's answer where it lies: a year is four hundred blocks, and an array
 * for each column of each of them has the garbage collector walk all of memory every tenth question.
 */
import { quality as flagOf } from '@wattline/model';
import { RowBinaryReader } from './row-binary.ts';

/** Half-open stretch of UTC seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Slots of a regular grid that begins at `start` (UTC seconds); `quality` holds the flag `missing` where nothing is known. */
export interface Slots {
  readonly start: number;
  readonly intervalSeconds: number;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** A block's columns by their place in the octets. */
interface Row {
  readonly start: number;
  readonly count: number;
  readonly valueAt: number;
  readonly qualityAt: number;
  readonly knownMs: number;
}

/** Rows of {@link layHistory}: the columns of a block that a series is laid out from. */
export const historyColumns = 'start, value, quality, known';

/** Lays the blocks that begin in the span and were known at `asOfMs` over `slots`, in order of knowledge; holes leave what is there. */
export function layHistory(
  octets: Uint8Array,
  { span, asOfMs, slots }: { readonly span: Span; readonly asOfMs: number; readonly slots: Slots },
): void {
  const rows: Row[] = [];
  const reader = new RowBinaryReader(octets);
  while (reader.hasMore()) {
    const row = readRow(reader);
    if (row.start >= span.start && row.start < span.end && row.knownMs <= asOfMs) rows.push(row);
  }
  rows.sort((a, b) => a.knownMs - b.knownMs);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (const row of rows) layRow(view, row, slots);
}

function readRow(reader: RowBinaryReader): Row {
  const start = reader.uint32();
  const count = reader.count();
  const valueAt = reader.skip(count * 8);
  reader.count();
  const qualityAt = reader.skip(count * 2);
  return { start, count, valueAt, qualityAt, knownMs: reader.int64() };
}

function layRow(view: DataView, row: Row, { start, intervalSeconds, value, quality }: Slots): void {
  const offset = (row.start - start) / intervalSeconds;
  const first = Math.max(0, -offset);
  const last = Math.min(row.count, value.length - offset);
  for (let i = first; i < last; i++) {
    const flags = view.getUint16(row.qualityAt + 2 * i, true);
    if ((flags & flagOf.missing) !== 0) continue;
    // Int64 as it is stored, exact below 2^53: to have the engine turn it into Float64 costs more than this.
    const at = row.valueAt + 8 * i;
    value[offset + i] = view.getUint32(at, true) + view.getInt32(at + 4, true) * 4_294_967_296;
    quality[offset + i] = flags;
  }
}
