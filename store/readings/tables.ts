/**
 * The tables of the readings store, declared once: columns with their compression and why, keys, partitions, shards. One row of
 * `block` is a channel's store day (or a piece of it) as it was learnt: a hundred times fewer rows than readings, so that keys and
 * knowledge times cost next to nothing per reading. `table-statements.ts` makes statements of it for each form of the store.
 */

/** Seconds of a store day: no block crosses a multiple of it (shifted by the channel's grid phase). */
export const daySeconds = 86_400;

/** A column: ClickHouse's type and codec, and why that codec. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly codec: string;
  /** Octets packed together: `small` for columns of a few octets a row that are read a few rows at a time. */
  readonly blocks?: 'small';
  /** The expression it is made of on insert. */
  readonly made?: string;
  readonly why: string;
}

/** A table. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Column with a minmax index beside the key. */
  readonly index?: string;
  readonly partition?: string;
  readonly order: string;
  readonly granularity?: number;
  /** What decides on which shard of a cluster a row lies. */
  readonly shard: string;
}

/** A channel's rows of all tables lie on one shard, so that a question about channels is answered where they are. */
const byChannel = 'cityHash64(channel)';

const numbered = 'runs of equal or neighbouring numbers: differences are small';

/**
 * Codecs measured on the 1.13 M half-hours of the London set (Low Carbon London, 2013), octets per reading over all
 * columns: T64+ZSTD(1) 1.15, T64+ZSTD(9) 1.14, T64+LZ4 1.23, ZSTD(1) 1.37, Delta+ZSTD(1) 1.80. Level 3 in all columns leaves
 * 2 % less than level 1 of what a year in weekly deliveries takes, for the same CPU time; 9 takes half as much again for nothing.
 */
export const tables: readonly Table[] = [
  {
    name: 'block',
    columns: [
      {
        name: 'channel',
        type: 'UInt32',
        codec: 'Delta, ZSTD(3)',
        blocks: 'small',
        why: `sorted by it: ${numbered}`,
      },
      {
        name: 'start',
        type: 'UInt32',
        codec: 'Delta, ZSTD(3)',
        blocks: 'small',
        why: 'a day after a day within a channel: one difference all the time',
      },
      {
        name: 'interval',
        type: 'UInt32',
        codec: 'T64, ZSTD(3)',
        blocks: 'small',
        why: 'a handful of small values: T64 drops the bits that are always zero',
      },
      {
        name: 'known',
        type: 'Int64',
        codec: 'Delta, ZSTD(3)',
        blocks: 'small',
        why: 'many rows of one delivery share it, and deliveries come in order',
      },
      {
        name: 'batch',
        type: 'UInt64',
        codec: 'Delta, ZSTD(3)',
        blocks: 'small',
        why: `as known: ${numbered}`,
      },
      {
        name: 'method',
        type: 'LowCardinality(String)',
        codec: 'ZSTD(3)',
        blocks: 'small',
        why: 'a dictionary of a dozen names; nearly always the empty one',
      },
      { name: 'over', type: 'UInt8', codec: 'ZSTD(3)', blocks: 'small', why: 'nearly always 0' },
      {
        name: 'value',
        type: 'Array(Int64)',
        codec: "T64('bit'), ZSTD(3)",
        why: 'loads jump, so differences are no smaller than values (Delta takes half as much again), but all are small: T64 transposes bits and drops the zero ones',
      },
      {
        name: 'quality',
        type: 'Array(UInt16)',
        codec: 'ZSTD(3)',
        blocks: 'small',
        why: 'long runs of one flag word',
      },
      {
        name: 'held',
        type: 'UInt16',
        codec: 'T64, ZSTD(3)',
        blocks: 'small',
        made: 'arrayCount(q -> bitAnd(q, 2) = 0, quality)',
        why: 'slots that say something, counted once so that no sum has to read `quality`; nearly always the whole day',
      },
    ],
    index: 'batch',
    partition: "toYear(toDateTime(start, 'UTC'))",
    order: '(channel, start, known)',
    granularity: 256,
    shard: byChannel,
  },
  {
    name: 'verdict',
    columns: [
      { name: 'channel', type: 'UInt32', codec: 'Delta, ZSTD(3)', why: `sorted by it: ${numbered}` },
      {
        name: 'start',
        type: 'UInt32',
        codec: 'DoubleDelta, ZSTD(3)',
        why: 'the same step again and again: the difference of differences is zero',
      },
      { name: 'rule', type: 'LowCardinality(String)', codec: 'ZSTD(3)', why: 'a dictionary of rule names' },
      { name: 'known', type: 'Int64', codec: 'Delta, ZSTD(3)', why: 'verdicts of one review share it' },
      { name: 'batch', type: 'UInt64', codec: 'Delta, ZSTD(3)', why: `as known: ${numbered}` },
      { name: 'failed', type: 'UInt8', codec: 'ZSTD(3)', why: 'nearly always 0' },
      { name: 'detail', type: 'String', codec: 'ZSTD(3)', why: 'sentences that repeat but for a number' },
    ],
    index: 'batch',
    partition: "toYear(toDateTime(start, 'UTC'))",
    order: '(channel, start, rule, known)',
    granularity: 1024,
    shard: byChannel,
  },
  {
    name: 'batch',
    columns: [
      { name: 'batch', type: 'UInt64', codec: 'Delta, ZSTD(1)', why: 'one more than the one before' },
      { name: 'known', type: 'Int64', codec: 'Delta, ZSTD(1)', why: 'grows by little' },
      { name: 'received', type: 'Int64', codec: 'Delta, ZSTD(1)', why: 'grows by little' },
      { name: 'id', type: 'String', codec: 'ZSTD(3)', why: 'names that share their beginning' },
      {
        name: 'source',
        type: 'LowCardinality(String)',
        codec: 'ZSTD(1)',
        why: 'a dictionary of a few sources',
      },
      { name: 'reference', type: 'String', codec: 'ZSTD(3)', why: 'names that share their beginning' },
    ],
    order: 'batch',
    granularity: 1024,
    // All on one: a delivery is there when its row is, so rows of one insert must not part.
    shard: '0',
  },
  {
    // Which channels belong to which group in a question about many: feeders, transformers. Filled when a question needs it.
    name: 'member',
    columns: [
      { name: 'digest', type: 'UInt64', codec: 'ZSTD(1)', why: 'one value a partition' },
      { name: 'channel', type: 'UInt32', codec: 'Delta, ZSTD(1)', why: `sorted by it: ${numbered}` },
      {
        name: 'grp',
        type: 'UInt32',
        codec: 'T64, ZSTD(1)',
        why: 'small numbers: T64 drops the bits that are always zero',
      },
    ],
    partition: 'digest',
    order: 'channel',
    shard: byChannel,
  },
];

/** All columns with their compression and the reason of it, as docs/reference/readings-store.md shows them. */
export function columnsTable(): string {
  const rows = tables.flatMap(({ name, columns }) =>
    columns.map(
      (column) => `| \`${name}.${column.name}\` | ${column.type} | \`${column.codec}\` | ${column.why} |`,
    ),
  );
  return ['| column | type | codec | why |', '|---|---|---|---|', ...rows].join('\n');
}
