/** Store days in memory: complete when present, loaded from the store when absent, dropped when memory runs short. */
import type { ReadingsStore } from '@wattline/store/readings';
import { daySeconds } from '@wattline/store/readings';
import { type Channel, storeDayOf, storeDayStart } from './channel.ts';
import { dayOn, dropStale, putDay } from './day-shelf.ts';
import {
  applyPiece,
  type DayPiece,
  emptyIntervalDay,
  emptyRegisterDay,
  type IntervalDay,
  type RegisterDay,
  type StoredDay,
  sizeOfDay,
} from './stored-day.ts';

/** A store day of a channel. */
export interface DayWanted {
  readonly channel: Channel;
  readonly day: number;
}

/** What of a day stands now, and what stood before; null when nothing did. */
export interface DayChange {
  readonly day: IntervalDay;
  readonly before: { readonly value: Float64Array; readonly quality: Uint16Array } | null;
  readonly knownMs: number;
}

/** Somebody who keeps figures of days as they change. */
export interface DayWatcher {
  wants(channel: Channel): boolean;
  note(channel: Channel, change: DayChange): void;
}

/** When something became known and by which batch. */
export interface Knowledge {
  readonly batch: number;
  readonly knownMs: number;
}

/** Day numbers stay below this until the year 2243. */
const dayRange = 100_000;

/** A cached day is complete; a day that is not cached has all it has in the store. Days hang on their channel. */
export class DayCache {
  private readonly store: ReadingsStore;
  private readonly limitOctets: number;
  /** Channels with days in memory, from `hand` on in the order in which days to drop are sought among them. */
  private holders: Channel[] = [];
  private hand = 0;
  private octets = 0;
  private watcher: DayWatcher | null = null;

  constructor(store: ReadingsStore, limitOctets: number) {
    this.store = store;
    this.limitOctets = limitOctets;
  }

  /** The day when it is in memory, or an empty one when nothing of it was ever stored; undefined when it must be loaded. */
  find(channel: Channel, day: number): StoredDay | undefined {
    const entry = present(channel, day);
    if (entry) {
      entry.isRecent = true;
      return entry;
    }
    if (channel.held.has(day)) return undefined;
    const empty = emptyDay(channel, day);
    this.put(channel, empty);
    return empty;
  }

  /** An interval day that is known to be in memory. */
  interval(channel: Channel, day: number): IntervalDay {
    const found = this.find(channel, day);
    if (found?.kind !== 'interval') throw new TypeError(`day ${day} of ${channel.id} is not in memory`);
    return found;
  }

  /** A register day that is known to be in memory. */
  register(channel: Channel, day: number): RegisterDay {
    const found = this.find(channel, day);
    if (found?.kind !== 'register') throw new TypeError(`day ${day} of ${channel.id} is not in memory`);
    return found;
  }

  /** Whether nothing of a day is in memory or in the store. */
  isNew(channel: Channel, day: number): boolean {
    return !channel.held.has(day) && present(channel, day) === undefined;
  }

  /** Tells `watcher` of every change from now on. */
  watch(watcher: DayWatcher): void {
    this.watcher = watcher;
  }

  /** Puts an acknowledged piece on its day, which is in memory. */
  apply(channel: Channel, day: StoredDay, piece: DayPiece, known: Knowledge): void {
    const isWatched = day.kind === 'interval' && this.watcher?.wants(channel) === true;
    const before = isWatched ? { value: day.value.slice(), quality: day.quality.slice() } : null;
    applyPiece(day, piece);
    this.enter(channel, day, before, known);
  }

  /** Takes in a day of which nothing was known. */
  adopt(channel: Channel, day: IntervalDay, known: Knowledge): void {
    this.put(channel, day);
    this.enter(channel, day, null, known);
  }

  private enter(
    channel: Channel,
    day: StoredDay,
    before: DayChange['before'],
    { batch, knownMs }: Knowledge,
  ): void {
    const number = storeDayOf(channel, day.start);
    day.knownMs = knownMs;
    day.batch = batch;
    channel.held.add(number, number + 1);
    if (day.kind === 'interval' && this.watcher) this.watcher.note(channel, { day, before, knownMs });
  }

  private put(channel: Channel, entry: StoredDay): void {
    if (channel.inMemory === null) {
      channel.inMemory = [entry];
      this.holders.push(channel);
    } else putDay(channel.inMemory, entry);
    this.octets += sizeOfDay(entry);
  }

  /** Runs `act` at a moment at which all days wanted are in memory, and returns its result. */
  async withDays<T>(wanted: readonly DayWanted[], act: () => T): Promise<T> {
    for (;;) {
      const absent = wanted.filter(({ channel, day }) => !this.isPresent(channel, day));
      if (absent.length === 0) return act();
      await this.load(absent);
    }
  }

  /**
   * Forgets days not used lately, sparing what the store does not hold yet. Who keeps a day goes to the end: what came last
   * is looked at last, since its review is still to come.
   */
  trim(storedBatch: number): void {
    if (this.octets <= this.limitOctets) return;
    const end = this.holders.length;
    while (this.hand < end && this.octets > this.limitOctets * 0.9) {
      const channel = this.holders[this.hand++] as Channel;
      this.octets -= dropStale(channel.inMemory ?? [], storedBatch);
      if (channel.inMemory?.length === 0) channel.inMemory = null;
      else this.holders.push(channel);
    }
    if (this.hand * 2 < this.holders.length) return;
    this.holders = this.holders.slice(this.hand);
    this.hand = 0;
  }

  private isPresent(channel: Channel, day: number): boolean {
    return present(channel, day) !== undefined || !channel.held.has(day);
  }

  private async load(absent: readonly DayWanted[]): Promise<void> {
    const channels = new Map(absent.map(({ channel }) => [channel.number, channel]));
    const loaded = new Map<number, DayWanted & { readonly entry: StoredDay }>();
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { channel, day } of absent) {
      start = Math.min(start, storeDayStart(channel, day));
      end = Math.max(end, storeDayStart(channel, day + 1));
      loaded.set(channel.number * dayRange + day, { channel, day, entry: emptyDay(channel, day) });
    }
    for (const block of await this.store.blocks([...channels.keys()], { start, end })) {
      const channel = channels.get(block.channel) as Channel;
      const entry = loaded.get(channel.number * dayRange + storeDayOf(channel, block.start))?.entry;
      if (!entry) continue;
      applyPiece(entry, block);
      entry.knownMs = Math.max(entry.knownMs, block.knownMs);
    }
    for (const { channel, day, entry } of loaded.values()) {
      // Another loader may have been quicker, and its day may have taken something new since.
      if (present(channel, day) === undefined) this.put(channel, entry);
    }
  }
}

function present(channel: Channel, day: number): StoredDay | undefined {
  return channel.inMemory === null ? undefined : dayOn(channel.inMemory, day);
}

function emptyDay(channel: Channel, day: number): StoredDay {
  const start = storeDayStart(channel, day);
  return channel.isRegister
    ? emptyRegisterDay(start)
    : emptyIntervalDay(start, daySeconds / channel.intervalSeconds);
}
