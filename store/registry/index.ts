/** The registry: meters, keys, customers, events, bills. SQLite by default, PostgreSQL by URL. */
export { openRegistry, type Registry } from './open.ts';
export type * from './schema.ts';
