/** Statements built once and run often: with Kysely building a small statement costs several times what running it does. */
import {
  type Compilable,
  type CompiledQuery,
  type DialectAdapter,
  type QueryResult,
  SqliteAdapter,
} from 'kysely';
import type { Registry } from './open.ts';
import type { NewRow, RegistryTables } from './schema.ts';

/** Runs a statement with its parameters, in the order in which they stand in it. */
export type CompiledStatement<Answer> = (
  registry: Registry,
  parameters: readonly unknown[],
) => Promise<QueryResult<Answer>>;

/** Stands for a value while a statement is built; the values come with each run. */
export const parameter = 0 as never;

/** A statement out of `build`, which writes {@link parameter} where a value belongs and no value of its own. */
export function compileStatement<Answer>(
  build: (registry: Registry) => Compilable<Answer>,
): CompiledStatement<Answer> {
  const byEngine = new WeakMap<DialectAdapter, CompiledQuery<Answer>>();
  return (registry, parameters) => {
    const { adapter } = registry.getExecutor();
    let compiled = byEngine.get(adapter);
    if (!compiled) {
      compiled = build(registry).compile();
      byEngine.set(adapter, compiled);
    }
    return registry.executeQuery({ ...compiled, parameters });
  };
}

/** Rows a statement inserts: few sizes, so that few statements are prepared. */
const insertSizes = [256, 64, 16, 4, 1] as const;

/** Inserts rows in statements of `build`; resolves to what each answered, in order. A column that a row lacks is null. */
export function compileInsert<T extends keyof RegistryTables, Answer>(
  columns: readonly (keyof NewRow<T> & string)[],
  build: (registry: Registry, rows: readonly NewRow<T>[]) => Compilable<Answer>,
): (registry: Registry, rows: readonly NewRow<T>[]) => Promise<QueryResult<Answer>[]> {
  const row = Object.fromEntries(columns.map((column) => [column, parameter])) as NewRow<T>;
  const statements = insertSizes.map((size) => ({
    size,
    run: compileStatement((registry) => build(registry, Array<NewRow<T>>(size).fill(row))),
  }));
  return async (registry, rows) => {
    const answers: QueryResult<Answer>[] = [];
    let at = 0;
    for (const { size, run } of statements) {
      for (; rows.length - at >= size; at += size) {
        const parameters: unknown[] = [];
        for (let i = at; i < at + size; i++) {
          const one = rows[i] as NewRow<T>;
          for (const column of columns) parameters.push(one[column] ?? null);
        }
        answers.push(await run(registry, parameters));
      }
    }
    return answers;
  };
}

/**
 * Inserts rows of the event log; resolves to their numbers, in the order of the rows. SQLite is asked for the last number of a
 * statement alone: inside it nobody else takes one.
 */
export function compileEventInsert(
  columns: readonly (keyof NewRow<'event'>)[],
): (registry: Registry, rows: readonly NewRow<'event'>[]) => Promise<number[]> {
  const insert = compileInsert<'event', { id: number }>(columns, (registry, rows) => {
    const statement = registry.insertInto('event').values(rows);
    const isSqlite = registry.getExecutor().adapter instanceof SqliteAdapter;
    return (isSqlite ? statement : statement.returning('id')) as Compilable<{ id: number }>;
  });
  return async (registry, rows) => {
    const numbers: number[] = [];
    for (const { insertId, numAffectedRows, rows: told } of await insert(registry, rows)) {
      for (const { id } of told) numbers.push(Number(id));
      const count = told.length > 0 ? 0 : Number(numAffectedRows);
      for (let i = 1; i <= count; i++) numbers.push(Number(insertId) - count + i);
    }
    return numbers.sort((a, b) => a - b);
  };
}
