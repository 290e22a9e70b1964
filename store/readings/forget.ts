/**
 * Rows too old to be kept. Tables are partitioned by year, so that a year of a channel lies in few parts: years that are old as a whole are
 * dropped, of the year on the edge the old rows are deleted.
 */
import { integer } from './aggregates.ts';
import type { Engine } from './engine.ts';
import { RowBinaryReader } from './row-binary.ts';
import { dropPartition, heldIn, onCluster } from './table-statements.ts';

/** The tables with rows that have an age. */
export type AgingTable = 'block' | 'verdict';

/** Old rows of one year. */
export interface AgedYear {
  readonly year: number;
  readonly rows: number;
  /** Whether they are all that the table holds of the year. */
  readonly isWhole: boolean;
}

/** What a table holds of stretches that begin before `before`, UTC seconds, by year. */
export async function agedYears(engine: Engine, table: AgingTable, before: number): Promise<AgedYear[]> {
  const aged = `countIf(start < ${integer(before)})`;
  const reader = new RowBinaryReader(
    await engine.rows(
      `SELECT toUInt32(toYear(toDateTime(start, 'UTC'))) AS year, toUInt64(${aged}), toUInt64(count()) FROM ${table}
        GROUP BY year HAVING ${aged} > 0 ORDER BY year`,
    ),
  );
  const years: AgedYear[] = [];
  while (reader.hasMore()) {
    const [year, rows, all] = [reader.uint32(), reader.uint64(), reader.uint64()];
    years.push({ year, rows, isWhole: rows === all });
  }
  return years;
}

/** Removes what {@link agedYears} tells; done when it is gone. Once more does nothing. */
export async function forgetYears(engine: Engine, table: AgingTable, before: number): Promise<void> {
  for (const { year, isWhole } of await agedYears(engine, table, before)) {
    const statement = isWhole
      ? dropPartition(engine.form, table, String(year))
      : `ALTER TABLE ${heldIn(engine.form, table)}${onCluster(engine.form)} DELETE IN PARTITION ${year} WHERE start < ${integer(before)} SETTINGS mutations_sync = 2`;
    await engine.execute(statement);
  }
}
