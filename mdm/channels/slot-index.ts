/** Slots of a day entered into a channel's ranges: which are known, which estimated. */
import { quality } from '@wattline/model';
import type { RangeSet } from './range-set.ts';
import type { IntervalDay } from './stored-day.ts';

/** The ranges of an interval channel. */
export interface Indexed {
  readonly known: RangeSet;
  readonly estimated: RangeSet;
  /** Null while nobody has judged what is missing. */
  readonly missing: RangeSet | null;
  readonly intervalSeconds: number;
}

/** Enters slots [from, to) of a day into the channel's ranges as they stand. */
export function indexSlots(channel: Indexed, day: IntervalDay, from: number, to: number): void {
  const step = channel.intervalSeconds;
  for (let slot = from; slot < to; ) {
    const isKnown = ((day.meterQuality[slot] as number) & quality.missing) === 0;
    const isEstimated = ((day.quality[slot] as number) & quality.estimated) !== 0;
    let end = slot + 1;
    while (
      end < to &&
      (((day.meterQuality[end] as number) & quality.missing) === 0) === isKnown &&
      (((day.quality[end] as number) & quality.estimated) !== 0) === isEstimated
    ) {
      end++;
    }
    const start = day.start + slot * step;
    const stop = day.start + end * step;
    if (isKnown) channel.known.add(start, stop);
    if (isEstimated) channel.estimated.add(start, stop);
    else if (!channel.estimated.isEmpty) channel.estimated.remove(start, stop);
    if ((isKnown || isEstimated) && channel.missing && !channel.missing.isEmpty)
      channel.missing.remove(start, stop);
    slot = end;
  }
}
