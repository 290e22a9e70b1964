/** A channel in memory: who it is, which of its slots are known, what its days usually peak at. */
import { type ReadingType, readingTypeOf } from '@wattline/model';
import { daySeconds } from '@wattline/store/readings';
import type { DayShelf } from './day-shelf.ts';
import type { IndexState } from './index-snapshot.ts';
import type { LocalDays } from './local-days.ts';
import { PeakHistory } from './peak-history.ts';
import { RangeSet } from './range-set.ts';

/** A row of the registry as this room needs it. */
export interface ChannelRow {
  readonly number: number;
  readonly id: string;
  readonly usagePointId: string;
  readonly readingType: string;
  readonly intervalSeconds: number;
  readonly zone: string;
}

/** The state of a channel; instants are UTC seconds. */
export interface Channel {
  readonly number: number;
  readonly id: string;
  readonly usagePointId: string;
  /** The meter's serial number, null while none stands there. */
  serial: string | null;
  readonly type: ReadingType;
  readonly isRegister: boolean;
  readonly intervalSeconds: number;
  /** Seconds by which the channel's grid, and so its store days, are shifted against UTC midnight. */
  readonly phase: number;
  /** Local days; cut where the interval length changes. */
  days: LocalDays;
  /** Itself and the parts with other interval lengths, in order; null when its length never changed. */
  parts: readonly Channel[] | null;
  /** From and until when (UTC seconds) this part speaks: 0 and infinity when its length never changed. */
  from: number;
  until: number;
  /** First second from which readings are expected, or null when no meter stands there. */
  installed: number | null;
  /** Slots that came from the meter. */
  readonly known: RangeSet;
  /** Slots whose latest version is an estimate. */
  readonly estimated: RangeSet;
  /** Slots reviewed, found missing and not estimated. */
  readonly missing: RangeSet;
  /** Store days of which something is held, by number. */
  readonly held: RangeSet;
  /** Local days (as seconds) whose review stands: nothing came since. */
  readonly settled: RangeSet;
  readonly peaks: PeakHistory;
  /** Its days in memory, kept by the day cache; null when there are none. */
  inMemory: DayShelf | null;
  /** All channels of the point met so far, itself among them; one array for all of them. */
  siblings: Channel[];
  /** Rated generation behind the meter, W. */
  generationW: number;
  /** What kind of customer: home, shop, public. */
  customerKind: string;
  /** What the index keeps of it; `known`, `estimated` and `held` above are its own. */
  readonly index: IndexState;
}

/** The channel of a registry row, to be entered among `siblings`; with null it is the first of its point. */
export function channelOf(
  row: ChannelRow,
  days: LocalDays,
  index: IndexState,
  siblings: Channel[] | null,
): Channel {
  const type = readingTypeOf(row.readingType);
  const isRegister = type.kind === 'register';
  const channel: Channel = {
    number: row.number,
    id: row.id,
    usagePointId: row.usagePointId,
    serial: null,
    type,
    isRegister,
    intervalSeconds: isRegister ? 0 : row.intervalSeconds,
    phase: isRegister ? 0 : gridPhase(days, row.intervalSeconds),
    days,
    parts: null,
    from: 0,
    until: Number.POSITIVE_INFINITY,
    installed: null,
    known: index.known,
    estimated: index.estimated,
    missing: new RangeSet(),
    held: index.held,
    settled: new RangeSet(),
    peaks: new PeakHistory(index.held.isEmpty),
    inMemory: null,
    siblings: siblings ?? none,
    generationW: 0,
    customerKind: '',
    index,
  };
  // An array that grows from nothing makes room for seventeen: a million points of one channel need less.
  if (!siblings) channel.siblings = [channel];
  return channel;
}

const none: Channel[] = [];

/** Meters cut intervals at local boundaries: an hourly channel in a zone of +05:30 stands half an hour off UTC. */
export function gridPhase(days: LocalDays, intervalSeconds: number): number {
  const anySecond = 1_767_225_600; // 2026-01-01T00:00:00Z
  return intervalSeconds > 0 ? days.of(anySecond).start % intervalSeconds : 0;
}

/** Number of the store day that holds `second`. */
export function storeDayOf(channel: Channel, second: number): number {
  return Math.floor((second - channel.phase) / daySeconds);
}

/** First second of a store day. */
export function storeDayStart(channel: Channel, day: number): number {
  return day * daySeconds + channel.phase;
}

/** First second of interest: the meter's installation on the grid, else the first known slot. */
export function expectedFrom(channel: Channel): number {
  if (channel.installed === null) return Math.max(channel.known.start, channel.from);
  const step = channel.intervalSeconds;
  const first = Math.ceil((channel.installed - channel.phase) / step) * step + channel.phase;
  return Math.max(first, channel.from);
}

/** Where an event happened, as far as it is known. */
export function place(channel: Channel | undefined): { usagePointId?: string; serial?: string } {
  if (!channel) return {};
  return {
    usagePointId: channel.usagePointId,
    ...(channel.serial === null ? {} : { serial: channel.serial }),
  };
}
