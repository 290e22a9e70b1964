/** ClickHouse in this process by chdb: one data directory per process, a small pool of connections. */
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type Log, messageOf } from '@wattline/base';
import type { Session } from 'chdb';
import { storeError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { insertStatement, quotedStructure, segmentTables } from './segment-insert.ts';

/** Connections for SELECTs: a connection runs its queries one after another. */
const readerCount = 2;
/** Fewer and queries starve the log's fdatasync, which runs on the same pool of libuv (seconds were seen). */
const leastThreads = 8;

// Databases load before the first query, and the engine takes no more threads for merges than the machine has cores. Whoever
// waits for an acknowledgement or an answer goes before them.
const connectionArgs = [
  '--async_load_databases=0',
  '--async_load_system_database=0',
  `--background_pool_size=${Math.max(2, availableParallelism())}`,
  '--os_threads_nice_value_merge_mutate=5',
];

/**
 * Opens the embedded engine on `directory`.
 * @throws CodedError `store/engine-missing`, `store/engine-busy`
 */
export async function openChdbEngine(directory: string, log: Log): Promise<Engine> {
  warnOfSmallPool(log);
  const { Session, drainPending } = await loadChdb();
  await drainPending();
  const sessions: Session[] = [];
  try {
    for (let i = 0; i < readerCount + 1; i++)
      sessions.push(new Session(resolve(directory), { connectionArgs }));
  } catch (error) {
    for (const session of sessions) session.close();
    throw storeError('store/engine-busy', messageOf(error), { directory }, error);
  }
  const [writer, ...readers] = sessions as [Session, ...Session[]];
  let turn = 0;
  let loads = 0;

  const nextReader = () => readers[turn++ % readers.length] as Session;

  async function run(session: Session, statement: string, format: string): Promise<Uint8Array> {
    try {
      return (await session.queryAsync(statement, { format })).bytes();
    } catch (error) {
      throw storeError('store/query-failed', messageOf(error), { statement: statement.slice(0, 200) }, error);
    }
  }

  return {
    form: { kind: 'embedded' },
    async execute(statement) {
      await run(writer, statement, 'TSV');
    },
    rows: (select) => run(nextReader(), select, 'RowBinary'),
    columns: (select) => run(nextReader(), select, 'Native'),
    async insertSegment({ path, content, onlyAbsent }) {
      const source = `file('${quotedPath(path)}', 'RowBinary', ${quotedStructure})`;
      for (const table of segmentTables) {
        if (table === 'block' && content.blocks === 0) continue;
        if (table === 'verdict' && content.verdicts === 0) continue;
        await run(writer, insertStatement({ table, source, content, onlyAbsent }), 'TSV');
      }
    },
    async load({ into, select, structure, octets }) {
      // The embedded engine takes binary rows from files alone.
      const path = join(resolve(directory), '..', `load-${loads++}.bin`);
      await writeFile(path, octets);
      try {
        const source = `file('${quotedPath(path)}', 'RowBinary', '${structure}')`;
        await run(writer, `INSERT INTO ${into} ${select} FROM ${source}`, 'TSV');
      } finally {
        await rm(path, { force: true });
      }
    },
    async close() {
      for (const session of sessions) session.close();
      await drainPending();
    },
  };
}

async function loadChdb(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb');
  } catch (error) {
    throw storeError(
      'store/engine-missing',
      `${process.platform}-${process.arch}: ${messageOf(error)}`,
      {},
      error,
    );
  }
}

function warnOfSmallPool(log: Log): void {
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  if (threads >= leastThreads) return;
  log.warn(
    { threads, wanted: 16 },
    'UV_THREADPOOL_SIZE is small: queries may delay acknowledgements; set it to 16 before the process starts',
  );
}

/** The path inside a quoted SQL text; our own data directory, still quoted as text must be. */
function quotedPath(path: string): string {
  return resolve(path).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
