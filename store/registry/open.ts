/** Opens the registry: SQLite in a file by default, PostgreSQL by URL. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, types } from 'pg';
import { type Migration, migrations } from './migrations.ts';
import { nodeSqliteDialect } from './node-sqlite.ts';
import type { RegistryTables } from './schema.ts';

/** The registry: a Kysely over our tables. */
export type Registry = Kysely<RegistryTables>;

// Our bigint columns are instants and counters below 2^53; PostgreSQL sends int8 as text.
types.setTypeParser(20, Number);

/**
 * Opens and migrates the registry at `where`: a file path, `:memory:`, or `postgres://user:password@host/database`.
 * The caller destroys it.
 */
export async function openRegistry(where: string): Promise<Registry> {
  const isPostgres = /^postgres(ql)?:\/\//.test(where);
  const dialect = isPostgres
    ? new PostgresDialect({ pool: new Pool({ connectionString: where, max: 8 }) })
    : nodeSqliteDialect(where);
  const registry = new Kysely<RegistryTables>({ dialect });
  await migrate(registry, isPostgres ? 'postgres' : 'sqlite', migrations);
  return registry;
}

async function migrate(
  registry: Registry,
  engine: 'sqlite' | 'postgres',
  steps: readonly Migration[],
): Promise<void> {
  await sql`create table if not exists migration (name text primary key)`.execute(registry);
  const done = await sql<{ name: string }>`select name from migration`.execute(registry);
  const names = new Set(done.rows.map((row) => row.name));
  for (const step of steps) {
    if (names.has(step.name)) continue;
    await registry.transaction().execute(async (transaction) => {
      await step.up(transaction as unknown as Kysely<unknown>, engine);
      await sql`insert into migration (name) values (${step.name})`.execute(transaction);
    });
  }
}
