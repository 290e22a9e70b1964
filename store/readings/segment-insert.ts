/** A log segment on its way into the tables: the rows that each of them takes out of it, once, however often it is sent. */
import { recordStructure } from './record.ts';

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

/**
 * Names the insert of a segment into a table, so that a server knows it again: a function of what the segment holds alone. The
 * octets are in it because a segment from which damage was cut out is another one.
 */
export function insertToken(table: SegmentTable, content: SegmentContent, octets: number): string {
  const { firstBatch, lastBatch, blocks, verdicts } = content;
  return [table, firstBatch, lastBatch, blocks, verdicts, octets].join('/');
}

/** Asks for the first and the last batch of a segment: they are written last and by one insert, so 2 (or 1, when they are one) says that all of it is stored. */
export function storedEnds({ firstBatch, lastBatch }: SegmentContent): string {
  return `SELECT toUInt32(uniqExact(batch)) FROM batch WHERE batch IN (${firstBatch}, ${lastBatch})`;
}

/** The structure argument of `file` and `input`, quoted. */
export const quotedStructure = `'${recordStructure}'`;
