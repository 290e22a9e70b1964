/** CO2 of what is taken from the grid: milligrams by interval out of a dated table of factors, in whole numbers. */
import assert from 'node:assert/strict';
import type { EntryLabel } from '../registers/entry-label.ts';
import { type LoadProfile, loadProfileColumn } from '../registers/load-profile.ts';

/** A factor from an instant on. */
export interface CarbonFactor {
  /** UTC ms. */
  readonly fromMs: number;
  /** Milligrams for a watt-hour: the same figure as grams for a kilowatt-hour. */
  readonly milligramsPerWattHour: number;
  /** Where the figure is from. */
  readonly source: string;
}

/** The table: factors by their instant, first one first. */
export type CarbonTable = readonly CarbonFactor[];

/** What is wrong with a table; undefined when it can be used. */
export function wrongInTable(table: CarbonTable): string | undefined {
  for (const [index, { fromMs, milligramsPerWattHour }] of table.entries()) {
    if (!Number.isSafeInteger(fromMs)) return `factor ${index}: expected an instant`;
    if (
      !Number.isSafeInteger(milligramsPerWattHour) ||
      milligramsPerWattHour < 0 ||
      milligramsPerWattHour > 5000
    )
      return `factor ${index}: expected whole milligrams from 0 to 5000`;
    if (index > 0 && fromMs <= (table[index - 1] as CarbonFactor).fromMs)
      return `factor ${index}: expected a later instant`;
  }
  return undefined;
}

/** The factor at an instant; undefined before the first. */
export function factorAt(table: CarbonTable, atMs: number): CarbonFactor | undefined {
  return table.findLast(({ fromMs }) => fromMs <= atMs);
}

/** Milligrams of an interval, which has the factor of its start; undefined when none is known. */
export function carbonOf(
  table: CarbonTable,
  interval: { readonly startMs: number; readonly deliveredWh: number },
): number | undefined {
  const factor = factorAt(table, interval.startMs);
  if (!factor) return undefined;
  const milligrams = interval.deliveredWh * factor.milligramsPerWattHour;
  assert(Number.isSafeInteger(milligrams), 'milligrams of an interval are a whole number');
  return milligrams;
}

/** The factors of a meter, and what its intervals come to. */
export class CarbonAccount {
  table: CarbonTable = [];

  /** Milligrams of an entry of the load profile, oldest 0; undefined while no factor is known. */
  ofEntry(
    { ring }: LoadProfile,
    entry: number,
    { intervalSeconds, label = 'end' }: { readonly intervalSeconds: number; readonly label?: EntryLabel },
  ): number | undefined {
    const labelMs = ring.at(loadProfileColumn.label, entry);
    const startMs = label === 'end' ? labelMs - intervalSeconds * 1000 : labelMs;
    return carbonOf(this.table, { startMs, deliveredWh: ring.at(loadProfileColumn.delivered, entry) });
  }
}
