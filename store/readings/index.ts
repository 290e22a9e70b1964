/** Readings at rest in ClickHouse: embedded by default, a server by URL. */

export type { GroupSlots, MemberSet, Members } from './aggregates.ts';
export type { BlockExtent, BlockExtents } from './block-extents.ts';
export type { Slots, Span } from './block-history.ts';
export { type DayLayout, mostPatternDays, type PatternDay } from './day-layout.ts';
export type { SegmentToInsert } from './engine.ts';
export type { AgedYear, AgingTable } from './forget.ts';
export type { PatternSums } from './pattern-sums.ts';
export {
  type KnownBlock,
  type KnownVerdict,
  openReadingsStore,
  type ReadingsStore,
  type ReadingsStoreOptions,
} from './readings-store.ts';
export {
  decodeBatch,
  encodeBatch,
  type StoredBatch,
  type StoredBlock,
  type StoredVerdict,
} from './record.ts';
export type { SegmentContent } from './segment-insert.ts';
export type { ServerSettings } from './server-address.ts';
export { storeStatements } from './table-statements.ts';
export { daySeconds } from './tables.ts';
