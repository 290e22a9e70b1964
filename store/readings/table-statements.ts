/** The statements that make the tables, for each form of the store: in this process, on a server, on a cluster. */
import { storeError } from '../errors.ts';
import { type Column, type Table, tables } from './tables.ts';

/** Where the tables stand. On a cluster each is a Distributed table over Replicated ones, which are named `<table>_local`. */
export type Form =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'server' }
  | { readonly kind: 'cluster'; readonly cluster: string };

/**
 * A cluster by its name in the server's `remote_servers`.
 * @throws CodedError `store/bad-setting` when it is no plain name: it stands in statements.
 */
export function clusterNamed(cluster: string): Form {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(cluster)) return { kind: 'cluster', cluster };
  throw storeError('store/bad-setting', `cluster: expected letters, digits, _ and -, found '${cluster}'`);
}

/**
 * fsync on insert: a log segment is deleted once its rows are stored, so they must survive a power cut by then. On a merge too: the
 * engine deletes the parts that were merged, and the log no longer has their rows. Since what they became is on disk by then, they
 * need not stand beside it for the eight minutes that the engine gives them by default: a bulk load would take twice its room, and
 * a start in that time looks into all of them.
 */
const durable = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
  old_parts_lifetime: 60,
} as const;

/**
 * How many of its last inserts a server's table knows again. A segment is a few blocks a table and year, and is repeated before any
 * other is sent: hundreds would do. The time is what a server may be away before the repeat comes.
 */
const insertsRemembered = 10_000;
const secondsRemembered = 30 * 86_400;

/** Settings that may be changed on a table that stands, and are when they differ. */
export function tableSettings({ kind }: Form): Readonly<Record<string, number>> {
  if (kind === 'embedded') return durable;
  if (kind === 'server') return { ...durable, non_replicated_deduplication_window: insertsRemembered };
  return {
    ...durable,
    replicated_deduplication_window: insertsRemembered,
    replicated_deduplication_window_seconds: secondsRemembered,
  };
}

/** The table that holds rows, as against the one that is asked. */
export function heldIn({ kind }: Form, table: string): string {
  return kind === 'cluster' ? `${table}_local` : table;
}

/** ` ON CLUSTER '...'`, or nothing. */
export function onCluster(form: Form): string {
  return form.kind === 'cluster' ? ` ON CLUSTER '${form.cluster}'` : '';
}

/** All statements that make the store, in order; each does nothing when what it makes is there. */
export function tableStatements(form: Form): string[] {
  const statements = tables.map((table) => createTable(table, form));
  if (form.kind === 'cluster') statements.push(...tables.map((table) => createDistributed(table, form)));
  return [...statements, readingView(form)];
}

/** The statements for a server, or for a cluster of that name: for people who make the tables themselves. */
export function storeStatements(cluster?: string): string[] {
  return tableStatements(cluster === undefined ? { kind: 'server' } : clusterNamed(cluster));
}

function createTable(table: Table, form: Form): string {
  const { columns, index, partition, order, granularity, name } = table;
  const lines = columns.map(columnLine);
  if (index) lines.push(`INDEX ${name}_${index} ${index} TYPE minmax GRANULARITY 1`);
  const settings = { ...(granularity ? { index_granularity: granularity } : {}), ...tableSettings(form) };
  return `CREATE TABLE IF NOT EXISTS ${heldIn(form, name)}${onCluster(form)} (
    ${lines.join(',\n    ')}
  ) ENGINE = ${engineOf(form, name)}${partition ? ` PARTITION BY ${partition}` : ''} ORDER BY ${order}
  SETTINGS ${listOf(settings)}`;
}

/** The path in the keeper and the replica's name come from the macros of each server. */
function engineOf({ kind }: Form, name: string): string {
  if (kind !== 'cluster') return 'MergeTree';
  return `ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/${name}', '{replica}')`;
}

function createDistributed({ name, shard }: Table, form: Form & { kind: 'cluster' }): string {
  const local = heldIn(form, name);
  return `CREATE TABLE IF NOT EXISTS ${name}${onCluster(form)} AS ${local}
  ENGINE = Distributed('${form.cluster}', currentDatabase(), '${local}', ${shard})`;
}

/**
 * Octets that are packed together in a column of a few octets a row. A channel's year is some forty rows in each of a dozen
 * parts: with the usual 64 KB each column of each part unpacks 16,000 rows for them, and the question costs half as much again.
 */
const small = ' SETTINGS (min_compress_block_size = 4096, max_compress_block_size = 32768)';

function columnLine({ name, type, codec, blocks, made }: Column): string {
  return `${name} ${type}${made ? ` MATERIALIZED ${made}` : ''} CODEC(${codec})${blocks ? small : ''}`;
}

/** For people with a SQL prompt: every version of every reading, one a row. */
function readingView(form: Form): string {
  return `CREATE VIEW IF NOT EXISTS reading${onCluster(form)} AS
    SELECT channel, toDateTime(block.start + (slot - 1) * interval, 'UTC') AS start, interval, v AS value, q AS quality,
      fromUnixTimestamp64Milli(known, 'UTC') AS known, batch, method
    FROM block ARRAY JOIN value AS v, quality AS q, arrayEnumerate(value) AS slot WHERE bitAnd(q, 2) = 0`;
}

/** What each held table is made with, by its name: the question whose answer {@link settingChanges} reads. */
export const madeWithQuery =
  'SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() ORDER BY name';

/** The statements that bring tables of an earlier release to the settings of this one; `madeWith` is name and engine of each table. */
export function settingChanges(form: Form, madeWith: ReadonlyMap<string, string>): string[] {
  const wanted = Object.entries(tableSettings(form));
  return tables.flatMap(({ name }) => {
    const table = heldIn(form, name);
    const engine = madeWith.get(table);
    if (engine === undefined) return [];
    const has = new Map(
      [...engine.matchAll(/(\w+) = '?(\d+)'?/g)].map(([, key = '', value]) => [key, value]),
    );
    const changed = wanted.filter(([key, value]) => has.get(key) !== String(value));
    if (changed.length === 0) return [];
    return [`ALTER TABLE ${table}${onCluster(form)} MODIFY SETTING ${listOf(Object.fromEntries(changed))}`];
  });
}

/** The statement that drops a partition of a table, named by the value it is partitioned by. */
export function dropPartition(form: Form, table: string, partition: string): string {
  return `ALTER TABLE ${heldIn(form, table)}${onCluster(form)} DROP PARTITION ${partition}`;
}

function listOf(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');
}
