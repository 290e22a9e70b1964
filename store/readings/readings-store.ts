/** The readings store: blocks, versions and verdicts in ClickHouse, append-only, known from when on. */
import { type Clock, type Log, messageOf, realClock } from '@wattline/base';
import type { Origin, ReadingVersion } from '@wattline/model';
import {
  type Bounds,
  type ChannelSet,
  contestedWhere,
  createMemberSets,
  type GroupSlots,
  groupSlotsQuery,
  type MemberSet,
  type Members,
  readGroupSlots,
} from './aggregates.ts';
import { type BlockExtents, extentsQuery, packedExtents } from './block-extents.ts';
import { freeMemory, type HistoryAsked, historyQuery, layHistory, type Span } from './block-history.ts';
import { openChdbEngine } from './chdb-engine.ts';
import type { DayLayout } from './day-layout.ts';
import type { Engine, SegmentToInsert } from './engine.ts';
import { type AgedYear, type AgingTable, agedYears, forgetYears } from './forget.ts';
import { type PatternSums, patternSumsOf } from './pattern-sums.ts';
import type { StoredBlock } from './record.ts';
import { RowBinaryReader } from './row-binary.ts';
import { type ServerSettings, serverAddress } from './server-address.ts';
import { openServerEngine } from './server-engine.ts';
import { madeWithQuery, settingChanges, tableStatements } from './table-statements.ts';
import { daySeconds } from './tables.ts';

/** A block with the time it became known; blocks come in the order in which they became known. */
export interface KnownBlock extends Omit<StoredBlock, 'liesOver'> {
  readonly knownMs: number;
}

/** A verdict with the time it was given. */
export interface KnownVerdict {
  readonly channel: number;
  readonly start: number;
  readonly rule: string;
  readonly hasFailed: boolean;
  readonly detail: string;
  readonly knownMs: number;
}

/** A block as a change: what it speaks of, not what it says. */
export interface BlockChange {
  readonly batch: number;
  readonly knownMs: number;
  readonly channel: number;
  readonly start: number;
  readonly intervalSeconds: number;
  readonly slots: number;
  readonly method: string;
}

/** The largest value of a block and the sum of its values. */
export interface BlockPeak {
  readonly channel: number;
  readonly start: number;
  readonly peak: number;
  readonly sum: number;
}

/** What the store is asked; implemented once, over the embedded engine and over a server alike. */
export interface ReadingsStore {
  /** Puts a sealed log segment's rows into the tables; resolves when they are durable and seen by queries. */
  insertSegment(segment: SegmentToInsert): Promise<void>;
  /** Blocks of the channels that begin in the span, as known at `asOfMs` (default: all), in order of knowledge. */
  blocks(channels: readonly number[], span: Span, asOfMs?: number): Promise<KnownBlock[]>;
  /** Lays the blocks of one channel that begin in the span, as known at the time asked about, over its slots in order of knowledge. */
  layHistory(asked: HistoryAsked): Promise<void>;
  /** Every version of the slot of a channel at `start`, oldest knowledge first, with its origin. */
  versions(channel: number, start: number): Promise<ReadingVersion[]>;
  /** Verdicts on the channel's interval or day that begin at one of `starts`, oldest first. */
  verdicts(channel: number, starts: readonly number[]): Promise<KnownVerdict[]>;
  /** The last verdict of each rule on each start in the span. */
  lastVerdicts(channels: readonly number[], span: Span): Promise<KnownVerdict[]>;
  /** Largest value and sum of each block from the meter, per channel, beginning in the span. */
  peaks(channels: readonly number[], span: Span): Promise<BlockPeak[]>;
  /** Start of the last interval or day of each channel with a verdict of a batch after `batch`. */
  lastVerdictStarts(batch: number): Promise<{ channel: number; start: number }[]>;
  /** Stretches stored by batches after `batch`. */
  extents(batch: number): Promise<BlockExtents>;
  /** All blocks of the store days that a batch after `batch` touched and that hold something derived, or holes since. */
  patchedBlocks(batch: number): Promise<KnownBlock[]>;
  /** Makes members known to the engine; the same members again cost nothing. */
  memberSet(members: Members): Promise<MemberSet>;
  /** Sums by group and slot, and the blocks of days that must be laid out first, in order of knowledge. */
  groupSums(set: MemberSet, bounds: Bounds): Promise<{ slots: GroupSlots[]; contested: KnownBlock[] }>;
  /** Sums by channel and stretch of day, and the blocks of days that must be laid out first: those are in no sum. */
  patternSums(
    channels: Uint32Array,
    bounds: Bounds,
    layout: DayLayout,
  ): Promise<{ readonly sums: Iterable<PatternSums>; readonly contested: readonly KnownBlock[] }>;
  /** Start of the newest interval block, UTC seconds; 0 when there is none. */
  newestStart(): Promise<number>;
  /** Slots held per channel and store day from `span`: for dashboards over many channels. */
  heldByDay(span: Span): Promise<{ channel: number; day: number; held: number }[]>;
  /** Stretches stored by batches after `after` (and up to `through`), in that order, at most `limit`. */
  changes(after: number, limit: number, through?: number): Promise<BlockChange[]>;
  /** The highest batch number and knowledge time, and the ids of the `count` newest batches. */
  tail(count: number): Promise<{ batch: number; knownMs: number; ids: string[] }>;
  /** What the table holds of stretches that begin before `before`, UTC seconds. */
  aged(table: AgingTable, before: number): Promise<AgedYear[]>;
  /** Removes them for good. What an index remembers of them is the caller's affair. */
  forget(table: AgingTable, before: number): Promise<void>;
  close(): Promise<void>;
}

/** Where the store is and what it needs. */
export interface ReadingsStoreOptions {
  /** Directory of the embedded ClickHouse. */
  readonly directory: string;
  /** A server or cluster instead. */
  readonly server?: ServerSettings;
  readonly log: Log;
  /** Time of the pauses between tries; the machine's when left out. */
  readonly clock?: Clock;
}

/**
 * Opens the store: the embedded ClickHouse in `directory`, or a server. Tables that are not there are made; those of an
 * earlier release get the settings of this one.
 * @throws CodedError `store/engine-missing`, `store/engine-busy`, `store/query-failed`; for a server `store/bad-setting`,
 * `store/unreachable`, `store/server-refused`, `store/server-busy`, `store/server-too-old`, `store/no-database`, `store/no-cluster`
 */
export async function openReadingsStore(options: ReadingsStoreOptions): Promise<ReadingsStore> {
  const { directory, server, log, clock = realClock() } = options;
  const engine = await (server
    ? openServerEngine(serverAddress(server), clock)
    : openChdbEngine(directory, log));
  try {
    if (!server?.hasTables) await makeTables(engine);
    if (!server) await rehearse(engine);
  } catch (error) {
    await engine.close().catch((reason: unknown) => {
      log.error({ error: messageOf(reason) }, 'the readings store did not close');
    });
    throw error;
  }
  return storeOver(engine);
}

async function makeTables(engine: Engine): Promise<void> {
  for (const statement of tableStatements(engine.form)) await engine.execute(statement);
  const madeWith = readRows(
    await engine.rows(madeWithQuery),
    (reader) => [reader.text(), reader.text()] as const,
  );
  for (const statement of settingChanges(engine.form, new Map(madeWith))) await engine.execute(statement);
}

/** Asks for a channel's history once: else the first customer of the day waits while the engine reads where things are in each part. */
async function rehearse(engine: Engine): Promise<void> {
  const any = await engine.rows('SELECT channel FROM block LIMIT 1');
  if (any.length === 0) return;
  const channel = new RowBinaryReader(any).uint32();
  freeMemory(
    await engine.columns(historyQuery({ channel, span: { start: 0, end: 2 ** 32 - 1 }, isNearlyAll: true })),
  );
}

const blockColumns = `channel, start, interval, toString(method), CAST(value AS Array(Float64)), quality, known`;

function storeOver(engine: Engine): ReadingsStore {
  const contested = async (set: ChannelSet, bounds: Bounds) =>
    readBlocks(
      await engine.rows(
        `SELECT ${blockColumns} FROM block WHERE ${contestedWhere(set, bounds)} ORDER BY known, batch`,
      ),
    );
  const memberSet = createMemberSets(engine);
  return {
    memberSet,
    async groupSums(set, bounds) {
      const [octets, blocks] = await Promise.all([
        engine.rows(groupSlotsQuery(set, bounds)),
        contested(set, bounds),
      ]);
      return { slots: readRows(octets, readGroupSlots), contested: blocks };
    },
    patternSums: (channels, bounds, layout) =>
      patternSumsOf({ engine, memberSet, contested }, channels, bounds, layout),
    insertSegment: (segment) => engine.insertSegment(segment),
    aged: (table, before) => agedYears(engine, table, before),
    forget: (table, before) => forgetYears(engine, table, before),
    close: () => engine.close(),
    async blocks(channels, span, asOfMs) {
      if (channels.length === 0) return [];
      const known = asOfMs === undefined ? '' : ` AND known <= ${whole(asOfMs)}`;
      const where = `${inChannels(channels)} AND ${inSpan(span)}${known}`;
      return readBlocks(
        await engine.rows(`SELECT ${blockColumns} FROM block WHERE ${where} ORDER BY known, batch`),
      );
    },
    async layHistory(asked) {
      const octets = await engine.columns(historyQuery(asked));
      layHistory(octets, asked);
      freeMemory(octets);
    },
    async versions(channel, start) {
      return readVersions(await engine.rows(versionsQuery(channel, start)));
    },
    async verdicts(channel, starts) {
      if (starts.length === 0) return [];
      const where = `channel = ${whole(channel)} AND start IN (${starts.map(whole).join(',')})`;
      return readVerdicts(
        await engine.rows(
          `SELECT ${verdictColumns} FROM verdict WHERE ${where} ORDER BY known, batch, start DESC, rule`,
        ),
      );
    },
    async lastVerdicts(channels, span) {
      if (channels.length === 0) return [];
      const columns =
        'channel, start, toString(rule), argMax(failed, known), argMax(detail, known), max(known)';
      const where = `${inChannels(channels)} AND ${inSpan(span)}`;
      return readVerdicts(
        await engine.rows(`SELECT ${columns} FROM verdict WHERE ${where} GROUP BY channel, start, rule`),
      );
    },
    async peaks(channels, span) {
      if (channels.length === 0) return [];
      const where = `${inChannels(channels)} AND ${inSpan(span)} AND method = '' AND notEmpty(value)`;
      const select = `SELECT channel, start, toFloat64(arrayMax(value)), toFloat64(arraySum(value)) FROM block WHERE ${where}`;
      return readRows(await engine.rows(select), (reader) => ({
        channel: reader.uint32(),
        start: reader.uint32(),
        peak: reader.float64(),
        sum: reader.float64(),
      }));
    },
    async lastVerdictStarts(batch) {
      const select = `SELECT channel, max(start) FROM verdict WHERE batch > ${whole(batch)} GROUP BY channel`;
      return readRows(await engine.rows(select), (reader) => ({
        channel: reader.uint32(),
        start: reader.uint32(),
      }));
    },
    async extents(batch) {
      return packedExtents(await engine.rows(extentsQuery(batch)));
    },
    async patchedBlocks(batch) {
      // A store day may be shifted against UTC by the channel's grid phase, so the days beside it are looked at too.
      const near = `channel, intDiv(start, ${daySeconds}) + arrayJoin([-1, 0, 1])`;
      const since = `batch > ${whole(batch)}`;
      const touched = `(channel, intDiv(start, ${daySeconds})) IN (SELECT ${near} FROM block WHERE ${since})`;
      const patched = `(method != '' OR (${since} AND held < length(quality)))${batch > 0 ? ` AND ${touched}` : ''}`;
      const days = `SELECT ${near} FROM block WHERE ${patched}`;
      const where = `(channel, intDiv(start, ${daySeconds})) IN (${days}) AND interval > 0`;
      return readBlocks(
        await engine.rows(`SELECT ${blockColumns} FROM block WHERE ${where} ORDER BY known, batch`),
      );
    },
    async newestStart() {
      return new RowBinaryReader(
        await engine.rows('SELECT max(start) FROM block WHERE interval > 0'),
      ).uint32();
    },
    async heldByDay(span) {
      const select = `SELECT channel, toUInt32(intDiv(start, ${daySeconds})) AS day, toUInt32(sum(held)) FROM block
        WHERE ${inSpan(span)} AND method = '' AND interval > 0 GROUP BY channel, day ORDER BY channel, day`;
      return readRows(await engine.rows(select), (reader) => ({
        channel: reader.uint32(),
        day: reader.uint32(),
        held: reader.uint32(),
      }));
    },
    async changes(after, limit, through) {
      const upTo = through === undefined ? '' : ` AND batch <= ${whole(through)}`;
      const columns = 'batch, known, channel, start, interval, toUInt32(length(quality)), toString(method)';
      const select = `SELECT ${columns} FROM block WHERE batch > ${whole(after)}${upTo} ORDER BY batch, channel, start, method LIMIT ${whole(limit)}`;
      return readRows(await engine.rows(select), (reader) => ({
        batch: reader.uint64(),
        knownMs: reader.int64(),
        channel: reader.uint32(),
        start: reader.uint32(),
        intervalSeconds: reader.uint32(),
        slots: reader.uint32(),
        method: reader.text(),
      }));
    },
    async tail(count) {
      const last = new RowBinaryReader(await engine.rows('SELECT max(batch), max(known) FROM batch'));
      const ids = await engine.rows(`SELECT id FROM batch ORDER BY batch DESC LIMIT ${whole(count)}`);
      return {
        batch: last.uint64(),
        knownMs: last.int64(),
        ids: readRows(ids, (reader) => reader.text()).reverse(),
      };
    },
  };
}

const verdictColumns = 'channel, start, toString(rule), failed, detail, known';

function versionsQuery(channel: number, start: number): string {
  const slot = `intDiv(${whole(start)} - start, greatest(interval, 1)) + 1`;
  const rows = `SELECT known, batch, method, value[${slot}] AS v, quality[${slot}] AS q FROM block
    WHERE channel = ${whole(channel)} AND start > ${whole(Math.max(0, start - daySeconds))} AND start <= ${whole(start)}
      AND ${slot} <= length(quality) AND (${whole(start)} - start) % greatest(interval, 1) = 0`;
  // GLOBAL: on a cluster batches lie elsewhere than blocks; in one place it changes nothing.
  const origins = `SELECT batch, source, reference FROM batch WHERE batch GLOBAL IN (SELECT batch FROM (${rows}))`;
  return `SELECT known, toFloat64(v), q, toString(method), toString(source), reference
    FROM (${rows}) AS b GLOBAL INNER JOIN (${origins}) AS o USING (batch) WHERE bitAnd(q, 2) = 0 ORDER BY known, batch`;
}

function readBlocks(octets: Uint8Array): KnownBlock[] {
  return readRows(octets, (reader) => ({
    channel: reader.uint32(),
    start: reader.uint32(),
    intervalSeconds: reader.uint32(),
    method: reader.text(),
    value: reader.float64Array(),
    quality: reader.uint16Array(),
    knownMs: reader.int64(),
  }));
}

function readVersions(octets: Uint8Array): ReadingVersion[] {
  return readRows(octets, (reader) => ({
    knownMs: reader.int64(),
    value: reader.float64(),
    quality: reader.uint16(),
    method: reader.text(),
    origin: { source: reader.text() as Origin['source'], reference: reader.text() },
  }));
}

function readVerdicts(octets: Uint8Array): KnownVerdict[] {
  return readRows(octets, (reader) => ({
    channel: reader.uint32(),
    start: reader.uint32(),
    rule: reader.text(),
    hasFailed: reader.octet() === 1,
    detail: reader.text(),
    knownMs: reader.int64(),
  }));
}

function readRows<T>(octets: Uint8Array, row: (reader: RowBinaryReader) => T): T[] {
  const reader = new RowBinaryReader(octets);
  const rows: T[] = [];
  while (reader.hasMore()) rows.push(row(reader));
  return rows;
}

function inChannels(channels: readonly number[]): string {
  return channels.length === 1
    ? `channel = ${whole(channels[0] as number)}`
    : `channel IN (${channels.map(whole).join(',')})`;
}

function inSpan(span: Span): string {
  return `start >= ${whole(Math.max(0, span.start))} AND start < ${whole(span.end)}`;
}

/** A number as SQL; anything but a whole number is our own mistake. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected a whole number, found ${value}`);
  return String(value);
}
