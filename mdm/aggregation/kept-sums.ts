/**
 * Sums of groups by store day that are kept while readings come in, so that the balance of a day asks for no reading. A day
 * is kept from the first question about it on: what was known until then is summed once by the store, what comes after
 * is added slot by slot, less what stood before. Days after all that was known begin at nothing and are kept from their first reading.
 */
import { quality } from '@wattline/model';
import { daySeconds, type MemberSet, type Members, type ReadingsStore } from '@wattline/store/readings';
import type { Channel } from '../channels/channel.ts';
import type { DayChange, DayWatcher } from '../channels/day-cache.ts';
import type { Ledger } from '../ingest/ledger.ts';
import { flagsTogether } from '../rules/day-totals.ts';
import { partsOfStore, type SumPart } from './store-sums.ts';

/** Sets of members whose sums are kept; the one unasked for longest goes. */
const setsKept = 8;
/** Octets of sums kept for one set; its oldest days go. */
const octetsKept = 32 * 2 ** 20;
/** Channel numbers up to which a set is kept: one word each. */
const largestNumber = 2 ** 26;

/** What was added to a day since its base, on one grid. */
interface Added {
  readonly start: number;
  readonly intervalSeconds: number;
  /** Group by group, slot by slot. */
  readonly values: Float64Array;
  readonly held: Int32Array;
  readonly derived: Int32Array;
  readonly isTouched: Uint8Array;
}

interface KeptDay {
  /** What is known by then is in the base. */
  readonly sinceMs: number;
  readonly base: Promise<readonly SumPart[]>;
  /** By grid: interval length and phase. */
  readonly added: Map<number, Added>;
}

interface KeptSet {
  /** Group plus one by channel number; 0 for channels of none. */
  readonly groupOf: Uint32Array;
  readonly groups: number;
  readonly sinceMs: number;
  readonly days: Map<number, KeptDay>;
  /** The first store day of which nothing was known at `sinceMs`; days before it are kept once asked for. */
  emptyFrom: number;
}

const nothing: Promise<readonly SumPart[]> = Promise.resolve([]);

/** The kept sums of one store. */
export class KeptSums implements DayWatcher {
  private readonly store: ReadingsStore;
  private readonly ledger: Pick<Ledger, 'asOf' | 'flush'>;
  private readonly sets = new Map<string, Promise<KeptSet>>();
  private readonly listening = new Set<KeptSet>();

  constructor(store: ReadingsStore, ledger: Pick<Ledger, 'asOf' | 'flush'>) {
    this.store = store;
    this.ledger = ledger;
  }

  /** Whether somebody wants to hear of the channel. */
  wants(channel: Channel): boolean {
    for (const { groupOf } of this.listening) if ((groupOf[channel.number] ?? 0) > 0) return true;
    return false;
  }

  /** A day of a channel stands otherwise than before. */
  note(channel: Channel, change: DayChange): void {
    for (const set of this.listening) {
      const group = set.groupOf[channel.number] ?? 0;
      if (group > 0) noteIn(set, channel, group - 1, change);
    }
  }

  /** Sums of the groups over whole store days, as they stand; null when they are not kept. */
  async parts(
    { members, set }: { readonly members: Members; readonly set: MemberSet },
    days: { readonly first: number; readonly last: number },
  ): Promise<SumPart[] | null> {
    if (largestOf(members) > largestNumber) return null;
    const kept = await this.keep(members, set);
    const parts: SumPart[] = [];
    for (let number = days.first; number <= days.last; number++) {
      const day =
        kept.days.get(number) ?? (number < kept.emptyFrom ? this.begin(kept, members, set, number) : null);
      if (day === null) continue;
      parts.push(...(await day.base));
      for (const added of day.added.values()) parts.push(...partsOf(added, kept.groups));
    }
    return parts;
  }

  private keep(members: Members, { digest }: MemberSet): Promise<KeptSet> {
    const known = this.sets.get(digest);
    if (known) {
      this.sets.delete(digest);
      this.sets.set(digest, known);
      return known;
    }
    const set: KeptSet = { ...groupsOf(members), sinceMs: this.ledger.asOf(), days: new Map(), emptyFrom: 0 };
    // From this moment on it hears of everything that is not known yet; what is known is soon in the store.
    this.listening.add(set);
    const made = this.sinceWhen(set).catch((error: unknown) => {
      this.listening.delete(set);
      this.sets.delete(digest);
      throw error;
    });
    this.sets.set(digest, made);
    if (this.sets.size > setsKept) this.dropOldest();
    return made;
  }

  private async sinceWhen(set: KeptSet): Promise<KeptSet> {
    await this.ledger.flush();
    const newest = await this.store.newestStart();
    set.emptyFrom = Math.max(set.emptyFrom, Math.floor(newest / daySeconds) + 1);
    for (const number of set.days.keys()) if (number < set.emptyFrom) set.days.delete(number);
    return set;
  }

  private dropOldest(): void {
    for (const [digest, made] of this.sets) {
      this.sets.delete(digest);
      void made.then((set) => this.listening.delete(set)).catch(() => {});
      return;
    }
  }

  private begin(kept: KeptSet, members: Members, set: MemberSet, number: number): KeptDay {
    const sinceMs = this.ledger.asOf();
    const start = number * daySeconds;
    const base = this.ledger
      .flush()
      .then(() =>
        partsOfStore(this.store, { members, set, start, end: start + daySeconds, asOfMs: sinceMs }),
      );
    const day = { sinceMs, base, added: new Map() };
    kept.days.set(number, day);
    base.catch(() => kept.days.delete(number));
    return day;
  }
}

function largestOf({ channels }: Pick<Members, 'channels'>): number {
  return channels.reduce((largest, number) => Math.max(largest, number), 0);
}

function groupsOf({ channels, groups }: Members): { groupOf: Uint32Array; groups: number } {
  const groupOf = new Uint32Array(largestOf({ channels }) + 1);
  let count = 0;
  for (let index = 0; index < channels.length; index++) {
    const group = groups[index] as number;
    groupOf[channels[index] as number] = group + 1;
    count = Math.max(count, group + 1);
  }
  return { groupOf, groups: count };
}

function noteIn(set: KeptSet, channel: Channel, group: number, change: DayChange): void {
  const { day, before, knownMs } = change;
  const number = Math.floor(day.start / daySeconds);
  let kept = set.days.get(number);
  if (!kept) {
    if (number < set.emptyFrom) return;
    kept = { sinceMs: set.sinceMs, base: nothing, added: new Map() };
    set.days.set(number, kept);
  }
  if (knownMs <= kept.sinceMs) return;
  const key = channel.intervalSeconds * daySeconds + channel.phase;
  let added = kept.added.get(key);
  if (!added) {
    added = emptyAdded(day.start, channel.intervalSeconds, set.groups);
    kept.added.set(key, added);
    makeRoom(set);
  }
  add(added, group, day, 1);
  if (before) add(added, group, before, -1);
}

function emptyAdded(start: number, intervalSeconds: number, groups: number): Added {
  return {
    start,
    intervalSeconds,
    values: new Float64Array(groups * (daySeconds / intervalSeconds)),
    held: new Int32Array(groups),
    derived: new Int32Array(groups),
    isTouched: new Uint8Array(groups),
  };
}

/** Drops the oldest days while the sums take too much; days dropped are asked of the store again. */
function makeRoom(set: KeptSet): void {
  let octets = 0;
  for (const { added } of set.days.values())
    for (const { values } of added.values()) octets += values.byteLength;
  while (octets > octetsKept && set.days.size > 1) {
    const oldest = Math.min(...set.days.keys());
    for (const { values } of set.days.get(oldest)?.added.values() ?? []) octets -= values.byteLength;
    set.days.delete(oldest);
    set.emptyFrom = Math.max(set.emptyFrom, oldest + 1);
  }
}

interface Layer {
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** Adds a layer of a day to the sums of a group; a slot without a value holds 0. */
function add(added: Added, group: number, { value, quality: flags }: Layer, sign: 1 | -1): void {
  const { values } = added;
  const from = group * value.length;
  for (let slot = 0; slot < value.length; slot++)
    values[from + slot] = (values[from + slot] as number) + sign * (value[slot] as number);
  const { held, derived } = countsOf(flags);
  added.held[group] = (added.held[group] as number) + sign * held;
  added.derived[group] = (added.derived[group] as number) + sign * derived;
  added.isTouched[group] = 1;
}

const isDerived = quality.estimated | quality.edited;

/** Slots with a value, and those of them that were not measured. */
function countsOf(flags: Uint16Array): { readonly held: number; readonly derived: number } {
  if ((flagsTogether(flags) & (quality.missing | isDerived)) === 0) return { held: flags.length, derived: 0 };
  let held = 0;
  let derived = 0;
  for (const bits of flags) {
    if ((bits & quality.missing) !== 0) continue;
    held++;
    if ((bits & isDerived) !== 0) derived++;
  }
  return { held, derived };
}

function* partsOf(added: Added, groups: number): Generator<SumPart> {
  const { start, intervalSeconds } = added;
  const slots = daySeconds / intervalSeconds;
  for (let group = 0; group < groups; group++) {
    if (added.isTouched[group] === 0) continue;
    const values = added.values.subarray(group * slots, (group + 1) * slots);
    const held = added.held[group] as number;
    yield { group, start, intervalSeconds, values, held, derived: added.derived[group] as number };
  }
}
