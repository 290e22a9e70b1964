/** Completeness by local day, counted from the index in memory: no reading is touched. */
import type { Period } from '@wattline/base';
import { type Channel, expectedFrom } from '../channels/channel.ts';
import type { LocalDay, LocalDays } from '../channels/local-days.ts';
import type { DayCompleteness } from '../mdm.ts';

/**
 * Counts slots of delivered channels for each day of `days` that touches the period. Slots are expected from the meter's
 * installation on, and up to the earlier of the period's end and `now` (UTC s): nothing is missing before it is due.
 */
export function completenessOf(
  channels: Iterable<Channel>,
  period: Period,
  days: LocalDays,
  now: number,
): DayCompleteness[] {
  const until = Math.min(now, period.endMs / 1000);
  const delivered = [...channels].filter((channel) => channel.type.id === 'delivered');
  return days.between(period.startMs / 1000, until).map((day) => countDay(delivered, day, until));
}

function countDay(channels: readonly Channel[], day: LocalDay, until: number): DayCompleteness {
  const total = { expected: 0, received: 0, estimated: 0 };
  for (const channel of channels) {
    const step = channel.intervalSeconds;
    const from = Math.max(day.start, expectedFrom(channel));
    const to = Math.min(
      day.end,
      channel.until,
      Math.floor((until - channel.phase) / step) * step + channel.phase,
    );
    if (from >= to) continue;
    const known = channel.known.countWithin(from, to) / step;
    let estimated = 0;
    let setAside = 0;
    for (const range of channel.estimated.within(from, to)) {
      estimated += (range.end - range.start) / step;
      setAside += channel.known.countWithin(range.start, range.end) / step;
    }
    total.expected += (to - from) / step;
    total.received += known - setAside;
    total.estimated += estimated;
  }
  return { date: day.date, ...total, missing: total.expected - total.received - total.estimated };
}
