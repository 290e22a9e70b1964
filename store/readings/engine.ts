/** What the readings store asks of a ClickHouse, embedded or served: statements, rows as RowBinary or Native, a segment inserted. */
import type { SegmentContent } from './segment-insert.ts';
import type { Form } from './table-statements.ts';

/** A sealed log segment on its way into the store. */
export interface SegmentToInsert {
  readonly path: string;
  readonly content: SegmentContent;
  /** True when part of it may be stored already. */
  readonly onlyAbsent: boolean;
}

/** Rows of our own on their way into a table. */
export interface RowsToLoad {
  /** Table and columns. */
  readonly into: string;
  /** `SELECT ...` without FROM, over the columns of `structure`. */
  readonly select: string;
  readonly structure: string;
  /** RowBinary. */
  readonly octets: Uint8Array;
}

/** A ClickHouse. Statements are built from numbers and constants only; no text from outside enters them. */
export interface Engine {
  readonly form: Form;
  execute(statement: string): Promise<void>;
  /** Rows of a SELECT in RowBinary. */
  rows(select: string): Promise<Uint8Array>;
  /** Rows of a SELECT as ClickHouse's Native has them: blocks of whole columns. */
  columns(select: string): Promise<Uint8Array>;
  insertSegment(segment: SegmentToInsert): Promise<void>;
  /** Tried once: the caller drops what a failed load may have left, then loads again. */
  load(rows: RowsToLoad): Promise<void>;
  close(): Promise<void>;
}
