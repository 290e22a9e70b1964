/** Opens the registry: SQLite in a file by default, PostgreSQL by URL. */
import { messageOf } from '@wattline/base';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, types } from 'pg';
import { storeError } from '../errors.ts';
import { type Migration, migrations } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite.ts';
import type { RegistryTables } from './schema.ts';

/** The registry: a Kysely over our tables. */
export type Registry = Kysely<RegistryTables>;

// Our bigint columns are instants and counters below 2^53; PostgreSQL sends int8 as text.
types.setTypeParser(20, Number);

/** Key of the advisory lock under which one process at a time migrates: `WATT` in ASCII. */
const migrationLock = 0x57415454;

/**
 * Opens and migrates the registry at `where`: a file path, `:memory:`, or `postgres://user:password@host/database`.
 * The caller destroys it.
 * @throws CodedError `store/registry-unavailable`
 */
export async function openRegistry(where: string): Promise<Registry> {
  const isPostgres = /^postgres(ql)?:\/\//.test(where);
  let registry: Registry | undefined;
  try {
    const dialect = isPostgres ? new PostgresDialect({ pool: poolOf(where) }) : nodeSqliteDialect(where);
    registry = new Kysely<RegistryTables>({ dialect });
    await migrate(registry, isPostgres ? 'postgres' : 'sqlite', migrations);
    return registry;
  } catch (error) {
    await registry?.destroy();
    // A URL may carry a password: only the host is told.
    const place = isPostgres ? (URL.parse(where)?.host ?? 'a malformed URL') : where;
    throw storeError('store/registry-unavailable', `${place}: ${reasonOf(error)}`, { place }, error);
  }
}

/** A pool that outlives a restart of its server: an idle connection that ends is dropped, and the next statement opens another. */
function poolOf(connectionString: string): Pool {
  const pool = new Pool({ connectionString, max: 8 });
  // Without a listener the end of an idle connection would end the process.
  pool.on('error', () => {});
  return pool;
}

/** Node reports a refused connection as an aggregate without a message of its own. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
}

async function migrate(
  registry: Registry,
  engine: 'sqlite' | 'postgres',
  steps: readonly Migration[],
): Promise<void> {
  await registry.transaction().execute(async (transaction) => {
    if (engine === 'postgres') {
      await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
    }
    await sql`create table if not exists migration (name text primary key)`.execute(transaction);
    const done = await sql<{ name: string }>`select name from migration`.execute(transaction);
    const names = new Set(done.rows.map((row) => row.name));
    for (const step of steps) {
      if (names.has(step.name)) continue;
      await step.up(transaction as unknown as Kysely<unknown>, engine);
      await sql`insert into migration (name) values (${step.name})`.execute(transaction);
    }
  });
}
