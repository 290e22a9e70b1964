/** A Kysely dialect on the runtime's own `node:sqlite`. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Dialect, SqliteDialect } from 'kysely';

/** Pages kept in memory, KiB: those of the indexes that a storm of events writes all over, which would else be read again and again. */
const cacheKib = 16_384;

/** Opens (and creates) the database file with write-ahead logging; every commit is synced to disk before it returns. */
export function nodeSqliteDialect(path: string): Dialect {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  database.exec(`pragma busy_timeout = 5000; pragma cache_size = -${cacheKib}`);
  const statements = new Map<string, ReturnType<typeof statementOf>>();
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(text) {
        const known = statements.get(text);
        if (known) return known;
        const statement = statementOf(database, text);
        if (statements.size >= statementsMax) statements.clear();
        statements.set(text, statement);
        return statement;
      },
    },
  });
}

/** Texts kept prepared; a query with lists of many lengths has as many texts. */
const statementsMax = 256;

/** Kysely speaks better-sqlite3's statement; the differences are the parameter list and how a reader is told. */
function statementOf(database: DatabaseSync, text: string) {
  const statement = prepareForRows(database, text);
  const names = statement.columns().map(({ name }) => name as string);
  const inputs = (parameters: readonly unknown[]) => parameters.map(inputOf);
  return {
    reader: names.length > 0,
    all: (parameters: readonly unknown[]) =>
      (statement.all(...inputs(parameters)) as unknown as Values[]).map((values) => rowOf(names, values)),
    run: (parameters: readonly unknown[]) => statement.run(...inputs(parameters)),
    // Rows taken one by one leave room for the same query in between: each reader has a statement of its own.
    *iterate(parameters: readonly unknown[]) {
      const own = prepareForRows(database, text);
      for (const values of own.iterate(...inputs(parameters)) as unknown as Iterable<Values>)
        yield rowOf(names, values);
    },
  };
}

type Values = readonly unknown[];

/** Rows as arrays: the runtime's own row objects are hash tables, made at twice and read at twenty times the cost of these. */
function prepareForRows(database: DatabaseSync, text: string): StatementSync {
  const statement = database.prepare(text);
  statement.setReturnArrays(true);
  return statement;
}

function rowOf(names: readonly string[], values: Values): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let column = 0; column < names.length; column++) row[names[column] as string] = values[column];
  return row;
}

function inputOf(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value as SQLInputValue;
}
