/** Takes a CSV of readings: every row is stored or refused with a code, and all of it is counted. */
import { pipeline, type Readable } from 'node:stream';
import { messageOf } from '@wattline/base';
import { channelIdOf, type ReadingBlock, type SystemEvent } from '@wattline/model';
import { type CsvError, parse } from 'csv-parse';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { type ImportedLine, orderLines, toBatches, toBlocks } from './import-blocks.ts';
import { blockOf, keepRefusals, placelessValue, type RefusalCount, Refusals } from './import-refusals.ts';
import {
  type ColumnIndex,
  type importColumns,
  readHeader,
  readType,
  readValue,
  rowFailure,
} from './import-rows.ts';

/** What became of an import, see the schema of the same name. */
export interface ImportReport {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly errors: readonly RefusalCount[];
  readonly refusedRows: readonly { readonly line: number; readonly code: string; readonly message: string }[];
  /** Numbers in the quarantine of what was refused. */
  readonly held: readonly number[];
}

/** Longest row, octets. */
const longestRow = 4096;

type System = ApiContext['system'];

/** Lines of one channel. */
interface ChannelLines {
  readonly intervalSeconds: number;
  readonly lines: ImportedLine[];
}

/**
 * Imports the readings of a CSV: a header with {@link importColumns}, values in the unit of the reading type.
 * @throws CodedError `server/bad-import` when the whole is no such CSV.
 */
export async function importReadings(
  system: System,
  csv: Readable,
  { name }: { readonly name: string },
): Promise<ImportReport> {
  const refusals = new Refusals();
  const places = createPlaces(system);
  const channels = new Map<string, ChannelLines>();
  let columns: ColumnIndex | undefined;
  let rows = 0;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
    max_record_size: longestRow,
  });
  // However either stream ends, reading the parser tells of it.
  pipeline(csv, parser, () => {});
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (columns === undefined) {
        columns = expectHeader(record);
        continue;
      }
      rows++;
      const taken = await takeRow(record, columns, places);
      if (taken.ok) keepLine(channels, taken.value, info.lines);
      else {
        refusals.row(info.lines, taken.error);
        const placeless = placelessValue(record, columns, taken.error);
        if (placeless) refusals.value(placeless);
      }
    }
  } catch (error) {
    throw asBadImport(error);
  }
  if (columns === undefined) expectHeader([]);
  const stored = await store(system, channels, { name, refusals });
  await reportRefusals(system, refusals, name);
  const held = await keepRefusals(system, refusals, name);
  return {
    rows,
    ...stored,
    refused: refusals.total,
    errors: refusals.errors(),
    refusedRows: refusals.rows,
    held,
  };
}

function expectHeader(cells: readonly string[]): ColumnIndex {
  const header = readHeader(cells);
  if (header.ok) return header.value;
  throw serverError('server/bad-import', header.error.message, header.error.where);
}

/** What the parser cannot read at all ends the import; what we threw stays what it is. */
function asBadImport(error: unknown): unknown {
  const code = (error as Partial<CsvError> | null)?.code;
  if (typeof code !== 'string' || !code.startsWith('CSV_')) return error;
  const line = (error as { lines?: unknown }).lines;
  const where = typeof line === 'number' ? { line } : {};
  return serverError(
    'server/bad-import',
    `expected CSV, found something else: ${messageOf(error)}`,
    where,
    error,
  );
}

interface TakenRow {
  readonly channel: string;
  readonly intervalSeconds: number;
  readonly line: Omit<ImportedLine, 'line'>;
}

async function takeRow(cells: readonly string[], columns: ColumnIndex, places: Places) {
  const width = Object.keys(columns).length;
  if (cells.length !== width) {
    return rowFailure('server/bad-row', `expected ${width} cells, found ${cells.length}`);
  }
  const cell = (name: (typeof importColumns)[number]) => cells[columns[name] ?? -1];
  const usagePointId = cell('usage_point') ?? '';
  const place = await places.get(usagePointId);
  if (!place) {
    return rowFailure(
      'server/unknown-usage-point',
      `expected the id of a usage point, found '${usagePointId.slice(0, 60)}'`,
    );
  }
  const type = readType(cell('reading_type') ?? '');
  if (!type.ok) return type;
  const channel = channelIdOf(usagePointId, type.value.id);
  const intervalSeconds = place.intervals.get(channel);
  if (intervalSeconds === undefined) {
    return rowFailure(
      'server/unknown-channel',
      `${usagePointId} has no channel of reading type '${type.value.id}'`,
    );
  }
  const value = readValue(
    { start: cell('start') ?? '', value: cell('value') ?? '', quality: cell('quality') },
    place.zone,
  );
  if (!value.ok) return value;
  const isRegister = type.value.kind === 'register';
  return {
    ok: true,
    value: { channel, intervalSeconds: isRegister ? 0 : intervalSeconds, line: value.value },
  } as const;
}

function keepLine(channels: Map<string, ChannelLines>, taken: TakenRow, line: number): void {
  let entry = channels.get(taken.channel);
  if (!entry) {
    entry = { intervalSeconds: taken.intervalSeconds, lines: [] };
    channels.set(taken.channel, entry);
  }
  entry.lines.push({ ...taken.line, line });
}

/** Hands the lines to meter data management, channel by channel in order of time. */
async function store(
  system: System,
  channels: ReadonlyMap<string, ChannelLines>,
  { name, refusals }: { readonly name: string; readonly refusals: Refusals },
): Promise<{ accepted: number; duplicates: number }> {
  const blocks: ReadingBlock[] = [];
  let accepted = 0;
  let duplicates = 0;
  for (const [channel, { intervalSeconds, lines }] of channels) {
    const { values, repeats, conflicts } = orderLines(lines);
    duplicates += repeats;
    for (const conflict of conflicts) {
      const code = 'server/duplicate-row';
      const message = 'another line gives another value for the same channel and start; the first one counts';
      refusals.row(conflict.line, { code, message });
      refusals.value({ channel, code, message, block: blockOf(channel, intervalSeconds, conflict) });
    }
    blocks.push(...toBlocks(channel, intervalSeconds, values));
  }
  for (const batch of toBatches(blocks, { name, receivedMs: system.clock.now() })) {
    const receipt = await system.mdm.ingest(batch);
    accepted += receipt.accepted;
    duplicates += receipt.duplicates;
    for (const { channel, code, message, count, blocks = [] } of receipt.rejected) {
      const line = lineOf(channels.get(channel)?.lines ?? [], blocks[0]);
      refusals.count({ code, message, count, line });
      for (const block of blocks) refusals.value({ channel, code, message, block });
    }
  }
  return { accepted, duplicates };
}

/** The line on which the first refused value stood. */
function lineOf(lines: readonly ImportedLine[], block: ReadingBlock | undefined): number | null {
  return lines.find(({ startMs }) => startMs === block?.startMs)?.line ?? null;
}

/** One event a code: what meter data management refuses it reports itself. */
async function reportRefusals(system: System, refusals: Refusals, name: string): Promise<void> {
  const nowMs = system.clock.now();
  for (const { code, message, count, firstLine } of refusals.errors()) {
    if (firstLine === null || code.startsWith('mdm/')) continue;
    const event: SystemEvent = {
      kind: 'import-invalid',
      occurredMs: nowMs,
      receivedMs: nowMs,
      code,
      message: `${count} rows of ${name} refused, first in line ${firstLine}: ${message}`,
    };
    await system.events.report(event);
  }
}

interface Place {
  readonly zone: string;
  /** Registered interval of each channel, s. */
  readonly intervals: ReadonlyMap<string, number>;
}

interface Places {
  get(usagePointId: string): Place | undefined | Promise<Place | undefined>;
}

/** Zone and channels of usage points, looked up once each. */
function createPlaces({ registry }: System): Places {
  const known = new Map<string, Place | undefined>();
  const find = async (id: string): Promise<Place | undefined> => {
    const point = await registry
      .selectFrom('usage_point')
      .select('zone')
      .where('id', '=', id)
      .executeTakeFirst();
    const channels = await registry
      .selectFrom('channel')
      .selectAll()
      .where('usage_point_id', '=', id)
      .execute();
    const intervals = new Map(channels.map((channel) => [channel.id, channel.interval_seconds]));
    const place = point && { zone: point.zone, intervals };
    known.set(id, place);
    return place;
  };
  return { get: (id) => (known.has(id) ? known.get(id) : find(id)) };
}
