/** A Kysely dialect on the runtime's own `node:sqlite`. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { messageOf } from '@wattline/base';
import { type Dialect, SqliteDialect } from 'kysely';
import { type StoreErrorCode, storeError } from '../errors.ts';

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
  const isRollback = /^rollback$/i.test(text);
  const inputs = (parameters: readonly unknown[]) => parameters.map(inputOf);
  return {
    reader: names.length > 0,
    all(parameters: readonly unknown[]) {
      try {
        const rows = statement.all(...inputs(parameters)) as unknown as Values[];
        return rows.map((values) => rowOf(names, values));
      } catch (error) {
        throw failureOf(error);
      }
    },
    run(parameters: readonly unknown[]) {
      // A full disk ends the transaction by itself; taking it back once more would hide why.
      if (isRollback && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      try {
        return statement.run(...inputs(parameters));
      } catch (error) {
        throw failureOf(error);
      }
    },
    // Rows taken one by one leave room for the same query in between: each reader has a statement of its own.
    *iterate(parameters: readonly unknown[]) {
      const own = prepareForRows(database, text);
      for (const values of own.iterate(...inputs(parameters)) as unknown as Iterable<Values>)
        yield rowOf(names, values);
    },
  };
}

/** Primary result codes of SQLite that are the disk's: SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL. */
const diskCodes: Readonly<Record<number, StoreErrorCode>> = {
  8: 'store/read-only',
  10: 'store/registry-unavailable',
  13: 'store/disk-full',
};

/** The coded error of a disk that fails; anything else as it came. */
function failureOf(error: unknown): unknown {
  const { errcode } = error as { readonly errcode?: unknown };
  // The extended codes keep the primary one in their lowest octet.
  const code = typeof errcode === 'number' ? diskCodes[errcode & 0xff] : undefined;
  return code ? storeError(code, `registry: ${messageOf(error)}`, { sqlite: String(errcode) }, error) : error;
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
