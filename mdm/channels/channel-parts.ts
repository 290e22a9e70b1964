/** The parts of a channel whose interval length changed: cut out of one another at the instants of change. */
import type { ReadingBlock } from '@wattline/model';
import { type Channel, channelOf } from './channel.ts';
import type { IndexState } from './index-snapshot.ts';
import type { IntervalLength } from './interval-lengths.ts';
import { type LocalDay, LocalDays } from './local-days.ts';

/** Local days cut at instants: what is reviewed, estimated and summed is the stretch of a day on one side of a cut. */
export class CutDays extends LocalDays {
  private readonly uncut: LocalDays;
  private readonly cuts: readonly number[];

  constructor(uncut: LocalDays, cuts: readonly number[]) {
    super(uncut.zone);
    this.uncut = uncut;
    this.cuts = cuts;
  }

  override of(second: number): LocalDay {
    const day = this.uncut.of(second);
    let { start, end } = day;
    for (const cut of this.cuts) {
      if (cut <= second) start = Math.max(start, cut);
      else end = Math.min(end, cut);
    }
    return start === day.start && end === day.end ? day : { ...day, start, end };
  }

  override whole(day: LocalDay): LocalDay {
    return this.uncut.of(day.start);
  }
}

/** Lays a channel out in parts, or makes it whole again; the parts are entered among its siblings by the caller. */
export function partChannel(
  head: Channel,
  lengths: readonly IntervalLength[],
  { stateOf, uncut }: { stateOf: (number: number) => IndexState; uncut: LocalDays },
): void {
  if (lengths.length === 0) {
    Object.assign(head, { parts: null, from: 0, until: Number.POSITIVE_INFINITY, days: uncut });
    return;
  }
  const row = { ...head, readingType: head.type.id, zone: uncut.zone };
  const partOf = (seconds: number, number: number) =>
    channelOf({ ...row, number, intervalSeconds: seconds }, uncut, stateOf(number), head.siblings);
  const cuts = lengths.slice(1).map(({ from }) => from);
  const days = new CutDays(uncut, cuts);
  const parts = lengths.map(({ from, seconds, number }, index) => {
    const until = cuts[index] ?? Number.POSITIVE_INFINITY;
    const known = head.parts?.find((part) => part.number === number);
    const part = number === null ? head : (known ?? partOf(seconds, number));
    const { serial, generationW, installed, customerKind } = head;
    return Object.assign(part, { from, until, days, serial, generationW, installed, customerKind });
  });
  for (const part of parts) part.parts = parts;
}

/** The part that speaks of a second. */
export function partAt(channel: Channel, second: number): Channel {
  return channel.parts?.find((part) => second < part.until) ?? channel;
}

/** Stretches of [start, end) with the part that speaks of each; one for a channel that never changed. */
export function partsWithin<C extends Pick<Channel, 'parts'>>(
  channel: C,
  start: number,
  end: number,
): { readonly part: C | Channel; readonly start: number; readonly end: number }[] {
  if (!channel.parts) return [{ part: channel, start, end }];
  const touched = channel.parts.filter((part) => part.from < end && part.until > start);
  return touched.map((part) => ({
    part,
    start: Math.max(start, part.from),
    end: Math.min(end, part.until),
  }));
}

/** A delivered block cut where the length changes; a piece of the wrong length is refused by its part. */
export function cutBlock(
  channel: Channel,
  block: ReadingBlock,
): readonly { readonly part: Channel; readonly block: ReadingBlock }[] {
  const { startMs, intervalSeconds, value, quality } = block;
  if (!channel.parts || intervalSeconds <= 0) return [{ part: channel, block }];
  const start = startMs / 1000;
  return partsWithin(channel, start, start + value.length * intervalSeconds).flatMap((piece) => {
    const from = Math.ceil((piece.start - start) / intervalSeconds);
    const to = Math.ceil((piece.end - start) / intervalSeconds);
    if (from >= to) return [];
    const cut = {
      ...block,
      startMs: startMs + from * intervalSeconds * 1000,
      value: value.subarray(from, to),
      quality: quality.subarray(from, to),
    };
    return [{ part: piece.part, block: cut }];
  });
}
