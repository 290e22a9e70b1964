/** The registry: meters, keys, customers, events, bills. SQLite by default, PostgreSQL by URL. */
export { type GroupCommit, openGroupCommit } from './group-commit.ts';
export { openRegistry, type Registry } from './open.ts';
export type * from './schema.ts';
