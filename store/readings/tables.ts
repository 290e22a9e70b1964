/**
 * The tables of the readings store. One row of `block` is a channel's store day (or a piece of it) as it was learnt:
 * a hundred times fewer rows than readings, so that keys and knowledge times cost next to nothing per reading.
 */
import { recordStructure } from './record.ts';

/** Seconds of a store day: no block crosses a multiple of it (shifted by the channel's grid phase). */
export const daySeconds = 86_400;

/**
 * fsync on insert: a log segment is deleted once its rows are stored, so they must survive a power cut by then. On a merge too: the
 * embedded engine deletes the parts that were merged at once, and the log no longer has their rows.
 */
const durable = 'fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1';

/**
 * Octets that are packed together in a column of a few octets a row. A channel's year is some forty rows in each of a dozen
 * parts: with the usual 64 KB each column of each part unpacks 16,000 rows for them, and the question costs half as much again.
 */
const small = 'SETTINGS (min_compress_block_size = 4096, max_compress_block_size = 32768)';

/**
 * Codecs measured on the 1.13 M half-hours of the London set (Low Carbon London, 2013), octets per reading over all
 * columns: T64+ZSTD(1) 1.15, T64+ZSTD(9) 1.14, T64+LZ4 1.23, ZSTD(1) 1.37, Delta+ZSTD(1) 1.80. Level 3 in all columns leaves
 * 2 % less than level 1 of what a year in weekly deliveries takes, for the same CPU time; 9 takes half as much again for nothing.
 */
export const tableStatements: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS block (
    channel UInt32 CODEC(Delta, ZSTD(3)) ${small},
    start UInt32 CODEC(Delta, ZSTD(3)) ${small},
    interval UInt32 CODEC(T64, ZSTD(3)) ${small},
    known Int64 CODEC(Delta, ZSTD(3)) ${small},
    batch UInt64 CODEC(Delta, ZSTD(3)) ${small},
    method LowCardinality(String) CODEC(ZSTD(3)) ${small},
    over UInt8 CODEC(ZSTD(3)) ${small},
    value Array(Int64) CODEC(T64('bit'), ZSTD(3)),
    quality Array(UInt16) CODEC(ZSTD(3)) ${small},
    held UInt16 MATERIALIZED arrayCount(q -> bitAnd(q, 2) = 0, quality) CODEC(T64, ZSTD(3)) ${small},
    INDEX block_batch batch TYPE minmax GRANULARITY 1
  ) ENGINE = MergeTree PARTITION BY toYear(toDateTime(start, 'UTC')) ORDER BY (channel, start, known)
  SETTINGS index_granularity = 256, ${durable}`,
  `CREATE TABLE IF NOT EXISTS verdict (
    channel UInt32 CODEC(Delta, ZSTD(3)),
    start UInt32 CODEC(DoubleDelta, ZSTD(3)),
    rule LowCardinality(String) CODEC(ZSTD(3)),
    known Int64 CODEC(Delta, ZSTD(3)),
    batch UInt64 CODEC(Delta, ZSTD(3)),
    failed UInt8 CODEC(ZSTD(3)),
    detail String CODEC(ZSTD(3)),
    INDEX verdict_batch batch TYPE minmax GRANULARITY 1
  ) ENGINE = MergeTree PARTITION BY toYear(toDateTime(start, 'UTC')) ORDER BY (channel, start, rule, known)
  SETTINGS index_granularity = 1024, ${durable}`,
  `CREATE TABLE IF NOT EXISTS batch (
    batch UInt64 CODEC(Delta, ZSTD(1)),
    known Int64 CODEC(Delta, ZSTD(1)),
    received Int64 CODEC(Delta, ZSTD(1)),
    id String CODEC(ZSTD(3)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    reference String CODEC(ZSTD(3))
  ) ENGINE = MergeTree ORDER BY batch SETTINGS index_granularity = 1024, ${durable}`,
  // Which channels belong to which group in a question about many: feeders, transformers. Filled when a question needs it.
  `CREATE TABLE IF NOT EXISTS member (digest UInt64, channel UInt32 CODEC(Delta, ZSTD(1)), grp UInt32 CODEC(T64, ZSTD(1)))
    ENGINE = MergeTree PARTITION BY digest ORDER BY channel SETTINGS ${durable}`,
  // For people with a SQL prompt: every version of every reading, one a row.
  `CREATE VIEW IF NOT EXISTS reading AS
    SELECT channel, toDateTime(block.start + (slot - 1) * interval, 'UTC') AS start, interval, v AS value, q AS quality,
      fromUnixTimestamp64Milli(known, 'UTC') AS known, batch, method
    FROM block ARRAY JOIN value AS v, quality AS q, arrayEnumerate(value) AS slot WHERE bitAnd(q, 2) = 0`,
];

/** Rows of a log segment on their way into each table; `source` is the table function that reads the segment. */
const segmentRows = {
  block: {
    from: (
      source: string,
    ) => `SELECT tupleElement(b, 'channel') AS channel, tupleElement(b, 'start') AS start,
      tupleElement(b, 'interval') AS interval, known, batch, tupleElement(b, 'method') AS method,
      tupleElement(b, 'over') AS over, CAST(tupleElement(b, 'value') AS Array(Int64)) AS value, tupleElement(b, 'quality') AS quality
      FROM (SELECT known, batch, arrayJoin(blocks) AS b FROM ${source})`,
    columns: 'channel, start, interval, known, batch, method, over, value, quality',
    key: 'batch, channel, start, method',
  },
  verdict: {
    from: (
      source: string,
    ) => `SELECT tupleElement(v, 'channel') AS channel, tupleElement(v, 'start') AS start,
      tupleElement(v, 'rule') AS rule, known, batch, tupleElement(v, 'failed') AS failed,
      tupleElement(v, 'detail') AS detail
      FROM (SELECT known, batch, arrayJoin(verdicts) AS v FROM ${source})`,
    columns: 'channel, start, rule, known, batch, failed, detail',
    key: 'batch, channel, start, rule',
  },
  batch: {
    from: (source: string) => `SELECT batch, known, received, id, source, reference FROM ${source}`,
    columns: 'batch, known, received, id, source, reference',
    key: 'batch',
  },
} as const;
export type SegmentTable = keyof typeof segmentRows;
/** `batch` last: a batch that is there is there with all its rows. */
export const segmentTables: readonly SegmentTable[] = ['block', 'verdict', 'batch'];

/** What a segment holds, so that tables without rows are passed over and a repeat looks only where it must. */
export interface SegmentContent {
  readonly firstBatch: number;
  readonly lastBatch: number;
  readonly blocks: number;
  readonly verdicts: number;
}

/**
 * The statement that puts a segment's rows into `table`. With `onlyAbsent` rows already there are left out: the
 * repeat after a crash or a failed insert, when part of the rows may have got through.
 */
export function insertStatement(options: {
  readonly table: SegmentTable;
  readonly source: string;
  readonly content: SegmentContent;
  readonly onlyAbsent: boolean;
}): string {
  const { table, source, content, onlyAbsent } = options;
  const { from, columns, key } = segmentRows[table];
  const insert = `INSERT INTO ${table} (${columns}) ${from(source)}`;
  if (!onlyAbsent) return insert;
  const between = `batch BETWEEN ${content.firstBatch} AND ${content.lastBatch}`;
  return `${insert} WHERE (${key}) NOT IN (SELECT ${key} FROM ${table} WHERE ${between})`;
}

/** The structure argument of `file` and `input`, quoted. */
export const quotedStructure = `'${recordStructure}'`;
