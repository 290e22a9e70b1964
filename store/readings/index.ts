/** Readings at rest in ClickHouse: embedded by default, a server by URL. */
export type { SegmentToInsert } from './engine.ts';
export {
  type BlockExtent,
  type KnownBlock,
  type KnownVerdict,
  openReadingsStore,
  type ReadingsStore,
  type Span,
} from './readings-store.ts';
export {
  decodeBatch,
  encodeBatch,
  type StoredBatch,
  type StoredBlock,
  type StoredVerdict,
} from './record.ts';
export { daySeconds, type SegmentContent } from './tables.ts';
