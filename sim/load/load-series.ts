/** Rows in file order become one gapless series: repeats refused, gaps found, generation netted. */
import { formatInstant } from '@wattline/base';
import type { LabelClock } from './label-clock.ts';
import type { ReportBuilder } from './load-report.ts';
import { halfHourMs, type LoadSeries } from './load-set.ts';

/** The rows of one series as columns, in file order; `loadWh` is NaN when not understood and -1 when below zero. */
export interface SeriesRows {
  readonly halfHours: number[];
  readonly lines: number[];
  readonly loadWh: number[];
  /** Empty when the format has no generation. */
  readonly generationWh: number[];
}

interface SeriesPlan {
  readonly id: string;
  readonly rows: SeriesRows;
  readonly clock: LabelClock;
  readonly report: ReportBuilder;
  readonly solarW: number;
  readonly isSolar: boolean;
}

/** The series from its first to its last row. A series has at least one row. */
export function buildSeries(plan: SeriesPlan): LoadSeries {
  const { rows, id, solarW } = plan;
  const { first, last } = extentOf(rows.halfHours, plan.clock);
  const length = last - first + 1;
  const rowOf = placeRows(plan, first, length);
  const deliveredWh = new Float64Array(length);
  const receivedWh = new Float64Array(length);
  const missing = new Uint8Array(length).fill(1);
  const halfHourOf = (index: number) => formatInstant((first + index) * halfHourMs);
  for (let index = 0; index < length; index++) {
    const row = (rowOf[index] as number) - 1;
    if (row < 0) continue;
    const load = rows.loadWh[row] as number;
    const generation = plan.isSolar ? (rows.generationWh[row] as number) : 0;
    const line = rows.lines[row] as number;
    if (Number.isNaN(load + generation)) {
      const describe = () => ({
        line,
        series: id,
        message: `energy of ${halfHourOf(index)} is no plain decimal`,
      });
      plan.report.problem('sim/load-row-invalid', 1, describe);
    } else if (load < 0) {
      const describe = () => ({ line, series: id, message: `energy of ${halfHourOf(index)} is below zero` });
      plan.report.problem('sim/load-row-negative', 1, describe);
    } else {
      deliveredWh[index] = Math.max(load - generation, 0);
      receivedWh[index] = Math.max(generation - load, 0);
      missing[index] = 0;
    }
  }
  reportGaps(plan, rowOf, halfHourOf);
  const startMs = first * halfHourMs;
  return { id, startMs, deliveredWh, missing, solarW, ...(plan.isSolar ? { receivedWh } : {}) };
}

/** The first and last half hour any row may take; a loop, for a spread of a million arguments overflows the stack. */
function extentOf(halfHours: readonly number[], clock: LabelClock): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const halfHour of halfHours) {
    if (halfHour < first) first = halfHour;
    if (halfHour > last) last = halfHour;
  }
  // A series that ends within a repeated hour may hold its second half.
  const later = clock.laterOf(last);
  const isRepeated = later !== undefined && halfHours.indexOf(last) !== halfHours.lastIndexOf(last);
  return { first, last: isRepeated ? later : last };
}

/** Gives each half hour the number (from 1) of its row, 0 when it has none. */
function placeRows(plan: SeriesPlan, first: number, length: number): Uint32Array {
  const { rows, clock, report, id } = plan;
  const rowOf = new Uint32Array(length);
  for (let row = 0; row < rows.halfHours.length; row++) {
    let index = (rows.halfHours[row] as number) - first;
    if (rowOf[index] !== 0) {
      // In autumn the same label comes twice and the second is an hour later.
      const later = clock.laterOf(index + first);
      if (later !== undefined && rowOf[later - first] === 0) index = later - first;
      else {
        const line = rows.lines[row] as number;
        const at = (index + first) * halfHourMs;
        const describe = () => ({ line, series: id, message: `a second row for ${formatInstant(at)}` });
        report.problem('sim/load-row-repeated', 1, describe);
        continue;
      }
    }
    rowOf[index] = row + 1;
  }
  return rowOf;
}

function reportGaps(plan: SeriesPlan, rowOf: Uint32Array, halfHourOf: (index: number) => string): void {
  for (let index = 0; index < rowOf.length; index++) {
    if (rowOf[index] !== 0) continue;
    let end = index;
    while (end < rowOf.length && rowOf[end] === 0) end++;
    const from = index;
    plan.report.problem('sim/load-row-missing', end - index, () => ({
      line: plan.rows.lines[(rowOf[end] ?? 1) - 1] ?? 1,
      series: plan.id,
      message: `${end - from} half hours without a row, ${halfHourOf(from)} to ${halfHourOf(end)}`,
    }));
    index = end;
  }
}
