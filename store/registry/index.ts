/** The registry: meters, keys, customers, events, bills. SQLite by default, PostgreSQL by URL. */
export { compileEventInsert, compileInsert, compileStatement, parameter } from './compiled-statement.ts';
export { type GroupCommit, openGroupCommit, type Work } from './group-commit.ts';
export { createLeases, type Lease, type Leases } from './leases.ts';
export { openRegistry, type Registry } from './open.ts';
export { type FirstMeter, firstMeters, removedMeters, standingMeter } from './removed-meters.ts';
export type * from './schema.ts';
