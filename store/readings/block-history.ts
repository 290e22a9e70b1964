/**
 * The history of one channel laid out from the engine's answer where it lies: a year is four hundred blocks, and an array
 * for each column of each of them has the garbage collector walk all of memory every tenth question.
 */
import { quality as flagOf } from '@wattline/model';
import { integer } from './aggregates.ts';
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

/** A stored block: `count` slots of its columns from slot `from` on. */
interface Row {
  readonly start: number;
  readonly from: number;
  readonly count: number;
  /** Two words a value, the low one first. */
  readonly words: Int32Array;
  readonly quality: Uint16Array;
  readonly knownMs: number;
}

/** A question about the history of one channel. */
export interface HistoryAsked {
  readonly channel: number;
  /** Blocks that begin in it are laid out. */
  readonly span: Span;
  readonly slots: Slots;
  /** What became known later is left out. */
  readonly asOfMs: number;
  /** Whether the store holds little of the channel outside of the span: then the engine need not tell it apart. */
  readonly isNearlyAll: boolean;
}

/**
 * Rows for {@link layHistory}. A year of a channel is a few hundred rows in a dozen parts, each column of each part costs a read,
 * and a condition on a column a step: so the span picks the rows to read by the index alone, one thread reads them, and the rest is
 * done here. Telling times apart in the index of each part costs a tenth of the question, and is left out when it would drop little.
 * Skip indexes and the cache of conditions have nothing to add to the key, and cost a tenth as well; as much again cost threads
 * that hand over what one alone reads and writes.
 */
export function historyQuery({
  channel,
  span,
  isNearlyAll,
}: Pick<HistoryAsked, 'channel' | 'span' | 'isNearlyAll'>): string {
  const times = `start >= ${integer(span.start)} AND start < ${integer(span.end)}`;
  return `SELECT start, value, quality, known FROM block PREWHERE channel = ${integer(channel)}
    ${isNearlyAll ? '' : `WHERE indexHint(${times})`}
    SETTINGS max_threads = 1, use_skip_indexes = 0, use_query_condition_cache = 0,
      output_format_parallel_formatting = 0, local_filesystem_read_method = 'pread'`;
}

/** Lays the blocks that begin in the span and were known at the time asked about over the slots, in order of knowledge; holes leave what is there. */
export function layHistory(octets: Uint8Array, { span, asOfMs, slots }: HistoryAsked): void {
  const rows: Row[] = [];
  for (const row of rowsIn(octets)) {
    if (row.start >= span.start && row.start < span.end && row.knownMs <= asOfMs) rows.push(row);
  }
  rows.sort((a, b) => a.knownMs - b.knownMs);
  for (const row of rows) layRow(row, slots);
  for (const { words, quality } of rows) {
    freeMemory(words);
    freeMemory(quality);
  }
}

/** Gives memory back at once: half a megabyte a question that waits for the garbage collector calls it too often. */
export function freeMemory({ buffer, byteLength }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength === byteLength)
    buffer.transfer(0);
}

/** The rows of an answer in Native: block by block a head with the number of columns and rows, then each column whole. */
function* rowsIn(octets: Uint8Array): Generator<Row> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const reader = new RowBinaryReader(octets);
  while (reader.hasMore()) {
    reader.count();
    const rows = reader.count();
    const startAt = skipColumn(reader, rows * 4);
    const value = skipArrays(reader, view, { rows, width: 8 });
    const flags = skipArrays(reader, view, { rows, width: 2 });
    const words = new Int32Array(aligned(octets, value));
    const quality = new Uint16Array(aligned(octets, flags));
    const knownAt = skipColumn(reader, rows * 8);
    for (let row = 0, from = 0; row < rows; row++) {
      const end = view.getUint32(value.endsAt + 8 * row, true);
      const known = knownAt + 8 * row;
      yield {
        start: view.getUint32(startAt + 4 * row, true),
        from,
        count: end - from,
        words,
        quality,
        knownMs: int64At(view, known),
      };
      from = end;
    }
  }
}

/** Passes over a column of `length` octets and its name and type; where its octets begin. */
function skipColumn(reader: RowBinaryReader, length: number): number {
  for (let text = 0; text < 2; text++) reader.skip(reader.count());
  return reader.skip(length);
}

/** The same for a column of arrays: the place where each ends stands before all that they hold, as a number of elements. */
function skipArrays(
  reader: RowBinaryReader,
  view: DataView,
  { rows, width }: { readonly rows: number; readonly width: number },
): Stretch & { readonly endsAt: number } {
  const endsAt = skipColumn(reader, rows * 8);
  const elements = rows === 0 ? 0 : view.getUint32(endsAt + 8 * (rows - 1), true);
  return { endsAt, at: reader.skip(elements * width), length: elements * width };
}

/** Octets of an answer. */
interface Stretch {
  readonly at: number;
  readonly length: number;
}

/** A copy whose words may be read as such: in the answer they stand anywhere. */
function aligned(octets: Uint8Array, { at, length }: Stretch): ArrayBuffer {
  // A Buffer's own slice would be a view.
  return Uint8Array.prototype.slice.call(octets, at, at + length).buffer as ArrayBuffer;
}

/** Exact between -2^53 and 2^53. */
function int64At(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 4_294_967_296;
}

function layRow(row: Row, { start, intervalSeconds, value, quality }: Slots): void {
  const { from, words } = row;
  const offset = (row.start - start) / intervalSeconds;
  const first = Math.max(0, -offset);
  const last = Math.min(row.count, value.length - offset);
  for (let i = first; i < last; i++) {
    const flags = row.quality[from + i] as number;
    if ((flags & flagOf.missing) !== 0) continue;
    const low = (words[2 * (from + i)] as number) >>> 0;
    // Int64 as it is stored, exact below 2^53: to have the engine turn it into Float64 costs more than this.
    value[offset + i] = low + (words[2 * (from + i) + 1] as number) * 4_294_967_296;
    quality[offset + i] = flags;
  }
}
