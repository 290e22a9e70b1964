/** The calendar of intervals as geometry: one row a day, one column for each interval of a plain day. */
import type { Day, Slot } from './series.ts';

/** Steps of the colour scale. */
export const heatSteps = 7;

/** A cell; a repeated hour (autumn) shares its column with the first, each half as high. */
export interface HeatCell {
  readonly slot: Slot;
  readonly row: number;
  readonly column: number;
  readonly half: 'whole' | 'upper' | 'lower';
}

/** The cells of the days, oldest day first. Hours skipped in spring leave their columns empty. */
export function heatCells(days: readonly Day[], intervalMinutes: number): HeatCell[] {
  return days.flatMap((day, row) => {
    const seen = new Map<number, number>();
    for (const { minute } of day.slots) seen.set(minute, (seen.get(minute) ?? 0) + 1);
    const drawn = new Set<number>();
    return day.slots.map((slot): HeatCell => {
      const isTwice = (seen.get(slot.minute) ?? 0) > 1;
      const half = !isTwice ? 'whole' : drawn.has(slot.minute) ? 'lower' : 'upper';
      drawn.add(slot.minute);
      return { slot, row, column: Math.floor(slot.minute / intervalMinutes), half };
    });
  });
}

/** The step of the colour scale for an average power, 0 to {@link heatSteps} - 1. */
export function heatStep(watts: number, topWatts: number): number {
  const step = Math.floor((watts / topWatts) * heatSteps);
  return Math.min(heatSteps - 1, Math.max(0, step));
}

/** The cell of a column and row nearest to a place within the row: `isLower` chooses between two halves. */
export function cellAt(
  cells: readonly HeatCell[],
  place: { readonly row: number; readonly column: number; readonly isLower: boolean },
): HeatCell | undefined {
  const here = cells.filter((cell) => cell.row === place.row && cell.column === place.column);
  return here.find((cell) => cell.half === (place.isLower ? 'lower' : 'upper')) ?? here[0];
}

/** Round steps of an axis from 0 to at least `top`, about `atMost` of them above 0. */
export function axisSteps(top: number, atMost: number): number[] {
  if (!(top > 0)) return [0, 1];
  const rough = top / atMost;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    ([1, 2, 2.5, 5, 10].find((candidate) => rough <= candidate * power * (1 + 1e-9)) ?? 10) * power;
  const count = Math.ceil(top / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
