/** Channels gathered by what a question about many must know of them: days, interval, grid, and the stretch on which they speak. */
import type { Period } from '@wattline/base';
import type { ChannelId } from '@wattline/model';
import { daySeconds, mostPatternDays } from '@wattline/store/readings';
import type { ChannelGrid } from '../channels/channel-grids.ts';
import { partsWithin } from '../channels/channel-parts.ts';
import { mdmError } from '../errors.ts';

/** A stretch of time, UTC seconds, and the channels that are asked about it, by number; `part` is one of them. */
export interface AlikeStretch {
  readonly part: ChannelGrid;
  readonly start: number;
  readonly end: number;
  readonly ids: Map<number, ChannelId>;
}

/** Seconds that the store is asked about at once: a day less than it takes, since a stretch may begin and end within one. */
const longest = (mostPatternDays - 1) * daySeconds;

/**
 * The stretches of the period over the channels, whose grids are given.
 * @throws CodedError `mdm/unknown-channel`, `mdm/not-an-interval-channel`
 */
export function alikeStretches(
  grids: ReadonlyMap<ChannelId, ChannelGrid>,
  channels: readonly ChannelId[],
  period: Period,
): AlikeStretch[] {
  const found = new Map<string, AlikeStretch>();
  let last: AlikeStretch | undefined;
  for (const id of channels) {
    const channel = grids.get(id);
    if (!channel) throw mdmError('mdm/unknown-channel', id, { channel: id });
    if (channel.isRegister) throw mdmError('mdm/not-an-interval-channel', id, { channel: id });
    for (const { part, start, end } of partsWithin(channel, period.startMs / 1000, period.endMs / 1000)) {
      for (let from = start; from < end; from += longest) {
        const stretch = { part, start: from, end: Math.min(end, from + longest) };
        // Nearly all channels are like the one before them.
        if (!last || !isAlike(last, stretch))
          last = found.getOrInsertComputed(keyOf(stretch), () => ({ ...stretch, ids: new Map() }));
        last.ids.set(part.number, part.id);
      }
    }
  }
  return [...found.values()];
}

type Stretch = Omit<AlikeStretch, 'ids'>;

function isAlike(one: Stretch, other: Stretch): boolean {
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.part.days === other.part.days &&
    one.part.intervalSeconds === other.part.intervalSeconds &&
    one.part.phase === other.part.phase
  );
}

/** Days that are cut are those of one channel alone, but lie in its zone all the same. */
function keyOf({ part, start, end }: Stretch): string {
  return `${part.days.zone} ${part.intervalSeconds} ${part.phase} ${start} ${end} ${part.from}`;
}
