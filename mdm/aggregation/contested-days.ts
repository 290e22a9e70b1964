/** Days in which versions lie over one another, laid out slot by slot as they stand. */
import { daySeconds, type KnownBlock } from '@wattline/store/readings';
import { applyPiece, emptyIntervalDay, type IntervalDay } from '../channels/stored-day.ts';

/** A store day of a channel as it stands. */
export interface LaidOutDay {
  readonly channel: number;
  readonly number: number;
  readonly intervalSeconds: number;
  readonly day: IntervalDay;
}

/** Lays blocks, given in order of knowledge, over one another by channel and store day. */
export function layOutDays(blocks: readonly KnownBlock[]): LaidOutDay[] {
  const days = new Map<string, LaidOutDay>();
  for (const block of blocks) {
    const { channel, start, intervalSeconds } = block;
    const phase = start % intervalSeconds;
    const number = Math.floor((start - phase) / daySeconds);
    const key = `${channel}/${number}`;
    const laid = days.getOrInsertComputed(key, () => {
      const day = emptyIntervalDay(number * daySeconds + phase, daySeconds / intervalSeconds);
      return { channel, number, intervalSeconds, day };
    });
    applyPiece(laid.day, block);
  }
  return [...days.values()];
}
