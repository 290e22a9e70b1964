/** Sums of a series by local day and TOU rate: the ground on which determinants and explanations stand alike. */
import type { Period } from '@wattline/base';
import { isBillable, quality, type Series } from '@wattline/model';
import type { RateSegment } from './rate-segments.ts';

/** What one rate of one local day sums to. */
export interface DaySum {
  readonly date: string;
  readonly rate: number;
  /** Wh; an integer below 2^53. */
  readonly wh: number;
  /** Slots of the grid, missing ones included. */
  readonly intervals: number;
  readonly estimated: number;
  /** Slots without a value that a bill may stand on: counted as zero. */
  readonly missing: number;
}

/**
 * Sums `series` over segments in order. An interval belongs to the day and rate in which it starts;
 * slots of the grid that the series does not hold count as missing.
 */
export function sumByDay(series: Series, segments: readonly RateSegment[]): DaySum[] {
  const sums = new Map<string, DaySum>();
  for (const segment of segments) {
    const key = `${segment.date}/${segment.rate}`;
    const part = sumSegment(series, segment);
    const sum = sums.get(key);
    sums.set(key, sum ? addSums(sum, part) : part);
  }
  return [...sums.values()];
}

/** The sum of day sums: energy and counts. */
export function totalOf(sums: readonly DaySum[]): Omit<DaySum, 'date' | 'rate'> {
  let total = { date: '', rate: 0, wh: 0, intervals: 0, estimated: 0, missing: 0 };
  for (const sum of sums) total = addSums(total, sum);
  const { wh, intervals, estimated, missing } = total;
  return { wh, intervals, estimated, missing };
}

/** A series of a channel that was never heard of over `period`: every slot missing. */
export function silentSeries(
  channel: string,
  period: Period,
  options: { readonly intervalSeconds: number; readonly asOfMs: number },
): Series {
  const count = Math.ceil((period.endMs - period.startMs) / (options.intervalSeconds * 1000));
  return {
    channel,
    startMs: period.startMs,
    value: new Float64Array(count),
    quality: new Uint16Array(count).fill(quality.missing),
    ...options,
  };
}

/** Whether a series has no value at all. */
export function isSilent(series: Series): boolean {
  return series.quality.every((bits) => (bits & quality.missing) !== 0);
}

function sumSegment(series: Series, { date, rate, startMs, endMs }: RateSegment): DaySum {
  const stepMs = series.intervalSeconds * 1000;
  const first = Math.ceil((startMs - series.startMs) / stepMs);
  const end = Math.ceil((endMs - series.startMs) / stepMs);
  const held = Math.min(end, series.value.length);
  let wh = 0;
  let estimated = 0;
  let missing =
    Math.max(0, Math.min(0, end) - first) + Math.max(0, end - Math.max(first, series.value.length));
  for (let slot = Math.max(0, first); slot < held; slot++) {
    const bits = series.quality[slot] as number;
    if (!isBillable(bits)) missing++;
    else {
      wh += series.value[slot] as number;
      if ((bits & quality.estimated) !== 0) estimated++;
    }
  }
  return { date, rate, wh, intervals: end - first, estimated, missing };
}

function addSums(a: DaySum, b: DaySum): DaySum {
  return {
    date: a.date,
    rate: a.rate,
    wh: a.wh + b.wh,
    intervals: a.intervals + b.intervals,
    estimated: a.estimated + b.estimated,
    missing: a.missing + b.missing,
  };
}
