/**
 * One transaction for many writes, on disk before it is acknowledged, without holding the thread while the disk works: SQLite commits
 * into its write-ahead log unsynced (`synchronous = normal`), and the log is synced by the platform's own threads.
 *
 * That is as durable as `full`: the log is what recovery reads, its frames carry checksums, and it is synced here before anybody
 * is told. What differs is only who waits. All parts of a program that write to one registry so share the transaction and the sync.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Clock, messageOf, realClock } from '@wattline/base';
import { CompiledQuery, SqliteAdapter, sql } from 'kysely';
import { storeError } from '../errors.ts';
import { longLogPages, openCheckpoints } from './checkpoints.ts';
import type { Registry } from './open.ts';

/** Statements to run inside a transaction; they may be run again in one of their own. */
export type Work = (transaction: Registry) => Promise<void>;

/** Commits works in groups. */
export interface GroupCommit {
  /** Resolves when `work` is committed and on disk; rejects, with nothing written of it, when `work` does. */
  commit(work: Work): Promise<void>;
  close(): void;
}

/** The works of one registry, shared by all who commit into it. */
interface Lane {
  users: number;
  commit(work: Work): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const groupMax = 256;
/** So many rows changed by one group are a crowd: more of it is about to come. */
const crowd = 32;
/** After a crowd's group the next begins this long after that one began: what a transaction and a sync cost hardly depends on their rows. */
const paceMs = 8;
const lanes = new WeakMap<Registry, Promise<Lane>>();

/** Group commits over a registry. */
export async function openGroupCommit(registry: Registry, clock = realClock()): Promise<GroupCommit> {
  const opening = lanes.get(registry) ?? openLane(registry, clock);
  lanes.set(registry, opening);
  const lane = await opening;
  lane.users++;
  let isOpen = true;
  return {
    commit: (work) => lane.commit(work),
    close() {
      if (isOpen && --lane.users === 0) {
        lanes.delete(registry);
        lane.close();
      }
      isOpen = false;
    },
  };
}

async function openLane(registry: Registry, clock: Clock): Promise<Lane> {
  const { run, close } = await openTransactions(registry);
  let waiting: Waiting[] = [];
  let isDraining = false;

  /** Resolves to how many rows it changed. */
  const commitGroup = async (group: readonly Waiting[]): Promise<number> => {
    try {
      const changed = await run(async (transaction) => {
        for (const { work } of group) await work(transaction);
      });
      for (const { resolve } of group) resolve();
      return changed;
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      // One bad work must not take the others with it.
      else for (const single of group) await commitGroup([single]);
      return 0;
    }
  };
  const drain = async () => {
    isDraining = true;
    // What is asked for in this turn of the event loop belongs to the first group.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupMax);
      waiting = waiting.slice(groupMax);
      const begunMs = clock.monotonic();
      const changed = await commitGroup(group);
      const leftMs = begunMs + paceMs - clock.monotonic();
      if (changed >= crowd && leftMs > 0) await clock.sleep(leftMs);
    }
    isDraining = false;
  };
  return {
    users: 0,
    close,
    commit: (work) =>
      new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        if (!isDraining) void drain();
      }),
  };
}

const sync = promisify(fdatasync);

/** Rows changed before a checkpoint is begun: some tens of megabytes of pages at most. */
const checkpointRows = 10_000;

/** Transactions that are on disk when they resolve; PostgreSQL and a database in memory commit as they always do. */
async function openTransactions(registry: Registry) {
  const path = await sqlitePath(registry);
  if (path === undefined) {
    const run = (work: Work) => registry.transaction().execute(work);
    return { run: (work: Work) => run(work).then(() => 0), close() {} };
  }
  // Kept open: SQLite resets the file but never replaces it while a connection stands.
  const log = openSync(`${path}-wal`, 'r+');
  const checkpoints = openCheckpoints(path);
  let changedBefore = 0;
  let checkpointedAt = 0;
  return {
    async run(work: Work) {
      let changedNow = 0;
      await registry.connection().execute(async (connection) => {
        const told = checkpoints.take();
        // Few pages are left to copy, and while they are nobody adds any.
        if (told && told.logged > longLogPages) await connection.executeQuery(finishCheckpoint);
        await connection.executeQuery(looseSync);
        await connection.executeQuery(noAutoCheckpoint);
        try {
          await connection.transaction().execute(work);
        } finally {
          await connection.executeQuery(fullSync);
          await connection.executeQuery(autoCheckpoint);
        }
        const { rows } = await connection.executeQuery(changedRows);
        const { changed } = rows[0] as { changed: number };
        changedNow = changed - changedBefore;
        changedBefore = changed;
        if (changed - checkpointedAt >= checkpointRows) {
          checkpointedAt = changed;
          checkpoints.begin();
        }
      });
      try {
        await sync(log);
      } catch (error) {
        throw storeError('store/sync-failed', `${path}-wal: ${messageOf(error)}`, { path }, error);
      }
      return changedNow;
    },
    close() {
      checkpoints.close();
      closeSync(log);
    },
  };
}

const looseSync = CompiledQuery.raw('pragma synchronous = normal');
const fullSync = CompiledQuery.raw('pragma synchronous = full');
const noAutoCheckpoint = CompiledQuery.raw('pragma wal_autocheckpoint = 0');
const autoCheckpoint = CompiledQuery.raw('pragma wal_autocheckpoint = 1000');
const finishCheckpoint = CompiledQuery.raw('pragma wal_checkpoint(passive)');
const changedRows = CompiledQuery.raw('select total_changes() as changed');

/** The file of a SQLite registry; undefined in memory and on PostgreSQL. */
async function sqlitePath(registry: Registry): Promise<string | undefined> {
  if (!(registry.getExecutor().adapter instanceof SqliteAdapter)) return undefined;
  const { rows } = await sql<{ name: string; file: string }>`pragma database_list`.execute(registry);
  const file = rows.find(({ name }) => name === 'main')?.file;
  return file === '' ? undefined : file;
}
