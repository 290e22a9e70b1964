/** Store days in memory: complete when present, loaded from the store when absent, dropped when memory runs short. */
import type { ReadingsStore } from '@wattline/store/readings';
import { daySeconds } from '@wattline/store/readings';
import { type Channel, storeDayOf, storeDayStart } from './channel.ts';
import {
  applyPiece,
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

/** Day numbers stay below this until the year 2243. */
const dayRange = 100_000;

/** A cached day is complete; a day that is not cached has all it has in the store. */
export class DayCache {
  private readonly store: ReadingsStore;
  private readonly limitOctets: number;
  private readonly entries = new Map<number, StoredDay>();
  private octets = 0;

  constructor(store: ReadingsStore, limitOctets: number) {
    this.store = store;
    this.limitOctets = limitOctets;
  }

  /** The day when it is in memory, or an empty one when nothing of it was ever stored; undefined when it must be loaded. */
  find(channel: Channel, day: number): StoredDay | undefined {
    const key = channel.number * dayRange + day;
    const entry = this.entries.get(key);
    if (entry) {
      entry.isRecent = true;
      return entry;
    }
    if (channel.held.has(day)) return undefined;
    const empty = channel.isRegister
      ? emptyRegisterDay()
      : emptyIntervalDay(storeDayStart(channel, day), daySeconds / channel.intervalSeconds);
    this.put(key, empty);
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

  /** Runs `act` at a moment at which all days wanted are in memory, and returns its result. */
  async withDays<T>(wanted: readonly DayWanted[], act: () => T): Promise<T> {
    for (;;) {
      const absent = wanted.filter(({ channel, day }) => !this.isPresent(channel, day));
      if (absent.length === 0) return act();
      await this.load(absent);
    }
  }

  /** Forgets days not used lately, sparing what the store does not hold yet. */
  trim(storedBatch: number): void {
    if (this.octets <= this.limitOctets) return;
    for (const [key, entry] of this.entries) {
      if (entry.isRecent || entry.batch > storedBatch) {
        entry.isRecent = false;
        continue;
      }
      this.entries.delete(key);
      this.octets -= sizeOfDay(entry);
      if (this.octets <= this.limitOctets * 0.9) return;
    }
  }

  private isPresent(channel: Channel, day: number): boolean {
    return this.entries.has(channel.number * dayRange + day) || !channel.held.has(day);
  }

  private put(key: number, entry: StoredDay): void {
    this.entries.set(key, entry);
    this.octets += sizeOfDay(entry);
  }

  private async load(absent: readonly DayWanted[]): Promise<void> {
    const channels = new Map(absent.map(({ channel }) => [channel.number, channel]));
    const wanted = new Set(absent.map(({ channel, day }) => channel.number * dayRange + day));
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { channel, day } of absent) {
      start = Math.min(start, storeDayStart(channel, day));
      end = Math.max(end, storeDayStart(channel, day + 1));
    }
    const blocks = await this.store.blocks([...channels.keys()], { start, end });
    const loaded = new Map<number, StoredDay>();
    for (const { channel, day } of absent) {
      const slots = daySeconds / channel.intervalSeconds;
      const empty = channel.isRegister
        ? emptyRegisterDay()
        : emptyIntervalDay(storeDayStart(channel, day), slots);
      loaded.set(channel.number * dayRange + day, empty);
    }
    for (const block of blocks) {
      const channel = channels.get(block.channel) as Channel;
      const key = channel.number * dayRange + storeDayOf(channel, block.start);
      if (!wanted.has(key)) continue;
      const entry = loaded.get(key) as StoredDay;
      applyPiece(entry, block);
      entry.knownMs = Math.max(entry.knownMs, block.knownMs);
    }
    // Another loader may have been quicker, and its day may have taken something new since.
    for (const [key, entry] of loaded) if (!this.entries.has(key)) this.put(key, entry);
  }
}
