/**
 * One transaction for many writes, on disk before it is acknowledged, without holding the thread while the disk works: SQLite commits
 * into its write-ahead log unsynced (`synchronous = normal`), and the log is synced by the platform's own threads.
 *
 * That is as durable as `full`: the log is what recovery reads, its frames carry checksums, and it is synced here before anybody
 * is told. What differs is only who waits.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf } from '@wattline/base';
import { SqliteAdapter, sql } from 'kysely';
import { storeError } from '../errors.ts';
import type { Registry } from './open.ts';

/** Commits groups of writes. */
export interface GroupCommit {
  /** Resolves when `work` is committed and on disk; rejects, with nothing written, when `work` does. */
  commit(work: (transaction: Registry) => Promise<void>): Promise<void>;
  close(): void;
}

const sync = promisify(fdatasync);

/** Group commits over a registry; PostgreSQL and a database in memory commit as they always do. */
export async function openGroupCommit(registry: Registry): Promise<GroupCommit> {
  const path = await sqlitePath(registry);
  if (path === undefined) return { commit: (work) => registry.transaction().execute(work), close() {} };
  // Kept open: SQLite resets the file but never replaces it while a connection stands.
  const log = openSync(`${path}-wal`, 'r+');
  let isOpen = true;
  return {
    async commit(work) {
      await registry.connection().execute(async (connection) => {
        await sql`pragma synchronous = normal`.execute(connection);
        try {
          await connection.transaction().execute(work);
        } finally {
          await sql`pragma synchronous = full`.execute(connection);
        }
      });
      try {
        await sync(log);
      } catch (error) {
        throw storeError('store/sync-failed', `${path}-wal: ${messageOf(error)}`, { path }, error);
      }
    },
    close() {
      if (isOpen) closeSync(log);
      isOpen = false;
    },
  };
}

/** The file of a SQLite registry; undefined in memory and on PostgreSQL. */
async function sqlitePath(registry: Registry): Promise<string | undefined> {
  if (!(registry.getExecutor().adapter instanceof SqliteAdapter)) return undefined;
  const { rows } = await sql<{ name: string; file: string }>`pragma database_list`.execute(registry);
  const file = rows.find(({ name }) => name === 'main')?.file;
  return file === '' ? undefined : file;
}
