/** The list of meters: searched, filtered, sorted, and cut to the rows in sight. */
import type { MeterStatus } from '@wattline/model';
import { type MeterState, meterStates, naturalOrder } from './feeder-tree.ts';

/** Columns by which the list can be sorted. */
export const meterColumns = [
  'state',
  'serial',
  'customer',
  'transformer',
  'lastContact',
  'lastInterval',
] as const;
export type MeterColumn = (typeof meterColumns)[number];

/** What a person asked the list for. */
export interface MeterQuery {
  readonly find: string;
  readonly state: MeterState | null;
  readonly sort: MeterColumn;
  readonly isDescending: boolean;
}

/** The meters that fit, sorted; words of `find` must all occur somewhere in serial, customer, address, point or transformer. */
export function selectMeters(meters: readonly MeterStatus[], query: MeterQuery): MeterStatus[] {
  const wanted = query.find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = meters.filter((meter) => {
    if (query.state && meter.state !== query.state) return false;
    const text = [meter.serial, meter.customer, meter.address, meter.usagePointId, meter.transformer]
      .join(' ')
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const sign = query.isDescending ? -1 : 1;
  return found.sort((a, b) => sign * compare(a, b, query.sort) || naturalOrder(a.serial, b.serial));
}

function compare(a: MeterStatus, b: MeterStatus, column: MeterColumn): number {
  if (column === 'state') return meterStates.indexOf(a.state) - meterStates.indexOf(b.state);
  if (column === 'lastContact' || column === 'lastInterval') {
    // Never heard of is the oldest contact of all.
    return naturalOrder(a[column] ?? '', b[column] ?? '');
  }
  return naturalOrder(a[column], b[column]);
}

/** The rows in sight of a scrolled list, with some beyond each edge so that scrolling shows no gap. */
export function rowsInSight(options: {
  readonly count: number;
  readonly rowHeight: number;
  readonly height: number;
  readonly scrollTop: number;
}): { readonly first: number; readonly end: number } {
  const spare = 6;
  const first = Math.max(0, Math.floor(options.scrollTop / options.rowHeight) - spare);
  const shown = Math.ceil(options.height / options.rowHeight) + 2 * spare;
  return {
    first: Math.min(first, Math.max(0, options.count - 1)),
    end: Math.min(options.count, first + shown),
  };
}
