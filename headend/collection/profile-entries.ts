/** From the entries of a profile to reading blocks: labels become interval starts here, once; what cannot be is dropped and counted. */
import { channelIdOf, quality, type ReadingBlock } from '@wattline/model';
import { type Data, decodeDateTime, type ProfileColumn, type ProfileColumns } from '@wattline/protocols/dlms';
import type { HeadendErrorCode } from '../errors.ts';
import { type MeterMapping, qualityOf } from './mapping.ts';
import type { ProfileShape } from './profile-shape.ts';
import type { TimeRange } from './time-ranges.ts';

/** What it takes to place entries. */
export interface EntryContext {
  readonly mapping: MeterMapping;
  readonly shape: ProfileShape;
  readonly usagePointId: string;
  readonly intervalSeconds: number;
  /** Interval starts (or, for registers, instants) that were asked for. */
  readonly range: TimeRange;
}

/** What the entries gave. */
export interface PlacedEntries {
  readonly blocks: readonly ReadingBlock[];
  /** Entries dropped, by reason. */
  readonly drops: ReadonlyMap<HeadendErrorCode, number>;
  /** End of the newest interval placed (the newest instant of registers); null when none was. */
  readonly newestMs: number | null;
  /** Ranges without entry that an entry follows: holes in the meter itself. */
  readonly holes: readonly TimeRange[];
}

interface Entry {
  readonly startMs: number;
  readonly row: number;
  readonly quality: number;
}

/** Blocks of interval values: one for each reading type and run of neighbouring entries. */
export function placeIntervals(columns: ProfileColumns, context: EntryContext): PlacedEntries {
  const drops = new Map<HeadendErrorCode, number>();
  const stepMs = context.intervalSeconds * 1000;
  const entries = readEntries(columns, context, drops);
  const blocks: ReadingBlock[] = [];
  for (const { readingType, index, factor } of context.shape.values) {
    const channel = channelIdOf(context.usagePointId, readingType);
    const column = columns.columns[index];
    for (const run of runsOf(entries, stepMs)) {
      blocks.push(...blocksOfRun(run, { column, factor, channel, stepMs, drops }));
    }
  }
  const last = entries.at(-1);
  return {
    blocks,
    drops,
    newestMs: last ? last.startMs + stepMs : null,
    holes: holesBetween(entries, context.range.startMs, stepMs),
  };
}

/** Blocks of registers: each value stood at one instant. */
export function placeRegisters(columns: ProfileColumns, context: EntryContext): PlacedEntries {
  const drops = new Map<HeadendErrorCode, number>();
  const entries = readEntries(columns, context, drops);
  const blocks: ReadingBlock[] = [];
  for (const { readingType, index, factor } of context.shape.values) {
    const channel = channelIdOf(context.usagePointId, readingType);
    for (const entry of entries) {
      const value = valueAt(columns.columns[index], entry.row, factor, drops);
      if (value === undefined) continue;
      blocks.push({
        channel,
        startMs: entry.startMs,
        intervalSeconds: 0,
        value: Float64Array.of(value),
        quality: Uint16Array.of(entry.quality),
      });
    }
  }
  return { blocks, drops, newestMs: entries.at(-1)?.startMs ?? null, holes: [] };
}

/** Entries that are where they may be, in order, with their quality. */
function readEntries(
  { rows, columns }: ProfileColumns,
  { mapping, shape, intervalSeconds, range }: EntryContext,
  drops: Map<HeadendErrorCode, number>,
): Entry[] {
  const stepMs = intervalSeconds * 1000;
  const labelShiftMs = shape.label === 'end' ? stepMs : 0;
  const clock = columns[shape.clock];
  const status = shape.status === undefined ? undefined : columns[shape.status];
  const entries: Entry[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    const labelMs = instantAt(clock, row);
    if (labelMs === undefined) {
      count(drops, 'headend/entry-clock-invalid');
      continue;
    }
    const startMs = labelMs - labelShiftMs;
    if (startMs < range.startMs || startMs >= range.endMs) count(drops, 'headend/entry-outside-range');
    else if (startMs % stepMs !== 0) count(drops, 'headend/entry-off-grid');
    else if (startMs <= lastMs) count(drops, 'headend/entry-out-of-order');
    else {
      entries.push({ startMs, row, quality: statusQuality(mapping, status, row) });
      lastMs = startMs;
    }
  }
  return entries;
}

function statusQuality(mapping: MeterMapping, column: ProfileColumn | undefined, row: number): number {
  if (!column) return quality.measured;
  const word = integerAt(column, row);
  return word === undefined ? quality.measured : qualityOf(mapping, word);
}

function* runsOf(entries: readonly Entry[], stepMs: number): Iterable<readonly Entry[]> {
  let from = 0;
  for (let i = 1; i <= entries.length; i++) {
    if (i < entries.length && entries[i]?.startMs === (entries[i - 1]?.startMs ?? 0) + stepMs) continue;
    yield entries.slice(from, i);
    from = i;
  }
}

/** A run of one reading type; a null or impossible value in the middle cuts it, as nothing may stand in its place. */
function blocksOfRun(
  run: readonly Entry[],
  options: {
    readonly column: ProfileColumn | undefined;
    readonly factor: number;
    readonly channel: string;
    readonly stepMs: number;
    readonly drops: Map<HeadendErrorCode, number>;
  },
): ReadingBlock[] {
  const { column, factor, channel, stepMs, drops } = options;
  const value = new Float64Array(run.length);
  const flags = new Uint16Array(run.length);
  const blocks: ReadingBlock[] = [];
  let from = 0;
  const close = (end: number) => {
    if (end > from) {
      blocks.push({
        channel,
        startMs: (run[from] as Entry).startMs,
        intervalSeconds: stepMs / 1000,
        value: value.slice(from, end),
        quality: flags.slice(from, end),
      });
    }
    from = end + 1;
  };
  for (const [i, entry] of run.entries()) {
    const found = valueAt(column, entry.row, factor, drops);
    if (found === undefined) {
      close(i);
      continue;
    }
    value[i] = found;
    flags[i] = entry.quality;
  }
  close(run.length);
  return blocks;
}

function holesBetween(entries: readonly Entry[], startMs: number, stepMs: number): TimeRange[] {
  const holes: TimeRange[] = [];
  let at = startMs;
  for (const entry of entries) {
    if (entry.startMs > at) holes.push({ startMs: at, endMs: entry.startMs });
    at = entry.startMs + stepMs;
  }
  return holes;
}

/** A value as the integer of its reading type; undefined when the meter sent null or something that is none (then counted). */
function valueAt(
  column: ProfileColumn | undefined,
  row: number,
  factor: number,
  drops: Map<HeadendErrorCode, number>,
): number | undefined {
  if (column?.kind === 'integer' && column.isNull[row] === 1) return undefined;
  if (column?.kind === 'data' && column.value[row]?.type === 'null-data') return undefined;
  const value = (integerAt(column, row) ?? Number.NaN) * factor;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  count(drops, 'headend/entry-value-invalid');
  return undefined;
}

function integerAt(column: ProfileColumn | undefined, row: number): number | undefined {
  if (column?.kind === 'integer') return column.isNull[row] === 1 ? undefined : column.value[row];
  const data: Data | undefined = column?.kind === 'data' ? column.value[row] : undefined;
  if (!data || !('value' in data)) return undefined;
  // IDIS gives the status as an unsigned, others as a bit-string of eight.
  if (data.type === 'bit-string') return data.value[0];
  return typeof data.value === 'number' || typeof data.value === 'bigint' ? Number(data.value) : undefined;
}

function instantAt(column: ProfileColumn | undefined, row: number): number | undefined {
  if (column?.kind === 'instant') return column.instantMs[row];
  const data = column?.kind === 'data' ? column.value[row] : undefined;
  if (data?.type !== 'octet-string' && data?.type !== 'date-time') return undefined;
  const decoded = decodeDateTime(data.value);
  return decoded.ok ? decoded.value.instantMs : undefined;
}

function count(drops: Map<HeadendErrorCode, number>, code: HeadendErrorCode): void {
  drops.set(code, (drops.get(code) ?? 0) + 1);
}
