/** What a review changes in a day: estimates for gaps and refuted values, marks on suspects, marks taken back. */
import { quality } from '@wattline/model';
import type { StoredBlock } from '@wattline/store/readings';
import { type Channel, storeDayOf } from '../channels/channel.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import type { LocalDay } from '../channels/local-days.ts';
import { indexSlots } from '../channels/slot-index.ts';
import { estimateDay } from '../estimation/estimate-day.ts';
import type { LikeDay } from '../estimation/like-day.ts';
import type { MdmPolicy } from '../policy.ts';
import { medianOf } from '../rules/slots-named.ts';
import { daysOf, gather } from './day-columns.ts';
import type { DayFinding } from './review-day.ts';
import type { Reviewed } from './review-task.ts';

/** Method of a version that takes a mark back: the measured value stands again. */
const restored = 'restored';
/** Method of a version that marks a value suspect. */
const marked = 'spike';

/** New versions for a day. */
export interface DayChanges {
  readonly blocks: readonly StoredBlock[];
  /** How the estimates were made, `''` when none were. */
  readonly detail: string;
  /** How many slots were newly estimated. */
  readonly estimates: number;
  /** Slots for which there is no basis. */
  readonly unestimated: readonly number[];
}

interface Version {
  readonly slot: number;
  readonly value: number;
  readonly flags: number;
  readonly method: string;
  /** Whether something stood in the slot before. */
  readonly liesOver: boolean;
}

/**
 * Whether what stands is what the finding wants: nothing to estimate or mark, or estimates that stand and sum to the
 * register. An estimate stands until something of its own day changes, so that bills do not move for its like days' sake.
 */
export function isStable(cache: DayCache, { task, columns, finding }: Reviewed): boolean {
  const { channel, day } = task;
  const isPlain = daysOf(channel, day).every(({ day: number }) => {
    if (!channel.held.has(number)) return true;
    const stored = cache.interval(channel, number);
    return stored.value === stored.meterValue;
  });
  const isQuiet = finding.toEstimate.length + finding.undecided.length + finding.confirmed.length === 0;
  if (isPlain) return isQuiet;
  const current = gather(cache, channel, day, 'current');
  const toEstimate = new Set(finding.toEstimate);
  const flagsWanted = flagsOf(finding);
  let sum = 0;
  for (let slot = 0; slot < current.value.length; slot++) {
    const flags = current.quality[slot] as number;
    if (toEstimate.has(slot)) {
      if ((flags & quality.estimated) === 0) return false;
      sum += current.value[slot] as number;
    } else if ((flags & quality.missing) === 0) {
      const meterFlags = columns.quality[slot] as number;
      if (flags !== flagsWanted(slot, meterFlags)) return false;
    }
  }
  return finding.remainder === null || sum === finding.remainder;
}

/** Flags that a measured value should have: doubted while nobody has decided, not doubted once the register bears it out. */
function flagsOf(finding: DayFinding): (slot: number, meterFlags: number) => number {
  const undecided = new Set(finding.undecided);
  const confirmed = new Set(finding.confirmed);
  return (slot, meterFlags) =>
    undecided.has(slot)
      ? meterFlags | quality.suspect
      : confirmed.has(slot)
        ? meterFlags & ~quality.suspect
        : meterFlags;
}

/** Store days that estimating needs: the neighbours of the day and its like days. */
export function historyDays({ task, finding }: Reviewed, policy: MdmPolicy, beside: Beside): DayWanted[] {
  if (finding.toEstimate.length === 0) return [];
  const { channel, day } = task;
  const wanted: DayWanted[] = [
    { channel, day: storeDayOf(channel, day.start - 1) },
    { channel, day: storeDayOf(channel, day.end) },
  ];
  for (const like of likeDaysOf(channel, day, policy)) wanted.push(...daysOf(channel, like));
  for (const other of beside.neighbours(channel)) wanted.push(...daysOf(other, day));
  return wanted;
}

function likeDaysOf(channel: Channel, day: LocalDay, policy: MdmPolicy): LocalDay[] {
  const isWeekend = (other: LocalDay) => policy.weekend.includes(other.dayOfWeek);
  const days: LocalDay[] = [];
  let other = day;
  for (let back = 0; back < policy.likeDayWeeks * 7; back++) {
    other = channel.days.before(other);
    if (isWeekend(other) === isWeekend(day)) days.push(other);
  }
  return days;
}

/** What estimating may look at beside the channel itself. */
export interface Beside {
  /** Mean outdoor temperature of a local date where the channel stands, degrees Celsius, or null. */
  readonly temperature: (channel: Channel, date: string) => number | null;
  /** Channels of comparable points. */
  readonly neighbours: (channel: Channel) => readonly Channel[];
}

/** What comparable points took, slot by slot, each scaled from its usual day to this one's; null where none has a value. */
function neighbourValues(
  cache: DayCache,
  channel: Channel,
  day: LocalDay,
  neighbours: readonly Channel[],
): (number | null)[] | null {
  const own = usualSum(channel, day);
  const slots = Math.round((day.end - day.start) / channel.intervalSeconds);
  const sums = new Float64Array(slots);
  const counts = new Uint32Array(slots);
  for (const other of neighbours) {
    if (!daysOf(other, day).some(({ day: number }) => other.held.has(number))) continue;
    const usual = usualSum(other, day);
    const scale = own === null || usual === null || usual === 0 ? 1 : own / usual;
    const { value, quality: flags } = gather(cache, other, day, 'meter');
    for (let slot = 0; slot < slots; slot++) {
      if (!isUsable(flags[slot] as number, flags[slot] as number)) continue;
      sums[slot] = (sums[slot] as number) + (value[slot] as number) * scale;
      counts[slot] = (counts[slot] as number) + 1;
    }
  }
  if (counts.every((count) => count === 0)) return null;
  return Array.from(sums, (sum, slot) => {
    const count = counts[slot] as number;
    return count === 0 ? null : Math.floor(sum / count + 0.5);
  });
}

/** The middle of a channel's recent days, or null. */
function usualSum(channel: Channel, day: LocalDay): number | null {
  const first = storeDayOf(channel, day.start);
  const { sums } = channel.peaks.around(first, first, 28);
  return sums.length === 0 ? null : medianOf(sums);
}

/** The new versions of a day. All days of {@link historyDays} are in memory. */
export function changesOf(cache: DayCache, entry: Reviewed, policy: MdmPolicy, beside: Beside): DayChanges {
  const { task, columns, finding } = entry;
  const { channel, day } = task;
  const current = gather(cache, channel, day, 'current');
  const estimate =
    finding.toEstimate.length === 0
      ? { slots: [], detail: '' }
      : estimateDay(
          {
            day: columns,
            slots: finding.toEstimate,
            before: measuredAt(cache, channel, day.start - channel.intervalSeconds),
            after: measuredAt(cache, channel, day.end),
            minutes: channel.days.minutes(day, channel.intervalSeconds),
            likeDays: likeDaysOf(channel, day, policy).map((like) =>
              readLikeDay(cache, channel, like, beside.temperature(channel, like.date)),
            ),
            temperature: beside.temperature(channel, day.date),
            neighbours: neighbourValues(cache, channel, day, beside.neighbours(channel)),
            remainder: finding.remainder,
          },
          policy,
        );
  const estimated = new Map(estimate.slots.map((found) => [found.slot, found]));
  const refuted = new Set(finding.refuted);
  const undecided = new Set(finding.undecided);
  const flagsWanted = flagsOf(finding);
  const versions: Version[] = [];
  let estimates = 0;
  for (let slot = 0; slot < columns.value.length; slot++) {
    const found = estimated.get(slot);
    const meterFlags = columns.quality[slot] as number;
    const isKnown = (meterFlags & quality.missing) === 0;
    if (!found && !isKnown) continue;
    const liesOver = ((current.quality[slot] as number) & quality.missing) === 0;
    const wanted: Version = found
      ? {
          slot,
          value: found.value,
          flags: quality.estimated | (refuted.has(slot) ? quality.suspect : 0),
          method: found.method,
          liesOver,
        }
      : {
          slot,
          value: columns.value[slot] as number,
          flags: flagsWanted(slot, meterFlags),
          method: undecided.has(slot) ? marked : restored,
          liesOver,
        };
    if (current.value[slot] === wanted.value && current.quality[slot] === wanted.flags) continue;
    versions.push(wanted);
    if (found) estimates++;
  }
  const unestimated = finding.toEstimate.filter((slot) => !estimated.has(slot));
  return { blocks: blocksOf(channel, day, versions), detail: estimate.detail, estimates, unestimated };
}

/** Puts acknowledged changes into memory. */
export function enterDerived(
  cache: DayCache,
  { task }: Reviewed,
  change: DayChanges,
  known: { readonly batch: number; readonly knownMs: number },
): void {
  const { channel } = task;
  for (const block of change.blocks) {
    const number = storeDayOf(channel, block.start);
    const day = cache.interval(channel, number);
    cache.apply(channel, day, block, known);
    const from = (block.start - day.start) / channel.intervalSeconds;
    indexSlots(channel, day, from, from + block.value.length);
  }
}

/** Versions as blocks: one per store day and method, with holes between its slots. */
function blocksOf(channel: Channel, day: LocalDay, versions: readonly Version[]): StoredBlock[] {
  const groups = new Map<string, Version[]>();
  const step = channel.intervalSeconds;
  for (const version of versions) {
    const storeDay = storeDayOf(channel, day.start + version.slot * step);
    const key = `${storeDay}/${version.method}`;
    const group = groups.get(key);
    if (group) group.push(version);
    else groups.set(key, [version]);
  }
  return [...groups.values()].map((group) => {
    const first = group[0] as Version;
    const last = group[group.length - 1] as Version;
    const value = new Float64Array(last.slot - first.slot + 1);
    const flags = new Uint16Array(value.length).fill(quality.missing);
    for (const version of group) {
      value[version.slot - first.slot] = version.value;
      flags[version.slot - first.slot] = version.flags;
    }
    const start = day.start + first.slot * step;
    return {
      channel: channel.number,
      start,
      intervalSeconds: step,
      method: first.method,
      liesOver: group.some((version) => version.liesOver),
      value,
      quality: flags,
    };
  });
}

/** The measured, undoubted value of the slot at `second`, or null. */
function measuredAt(cache: DayCache, channel: Channel, second: number): number | null {
  const number = storeDayOf(channel, second);
  if (!channel.held.has(number)) return null;
  const day = cache.interval(channel, number);
  const slot = (second - day.start) / channel.intervalSeconds;
  return isUsable(day.meterQuality[slot] as number, day.quality[slot] as number)
    ? (day.meterValue[slot] as number)
    : null;
}

/** Whether other intervals may be estimated from it: measured, with supply, and not set aside. */
function isUsable(meterFlags: number, currentFlags: number): boolean {
  const bad = quality.missing | quality.suspect | quality.estimated | quality.powerFail;
  return (meterFlags & bad) === 0 && (currentFlags & (quality.suspect | quality.estimated)) === 0;
}

/** A past day by minute of the local day. */
function readLikeDay(cache: DayCache, channel: Channel, day: LocalDay, temperature: number | null): LikeDay {
  return { values: usableByMinute(cache, channel, day), temperature };
}

function usableByMinute(cache: DayCache, channel: Channel, day: LocalDay): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  const step = channel.intervalSeconds;
  if (!daysOf(channel, day).some(({ day: number }) => channel.held.has(number))) return values;
  const meter = gather(cache, channel, day, 'meter');
  const current = gather(cache, channel, day, 'current');
  channel.days.minutes(day, step).forEach((minute, slot) => {
    if (!isUsable(meter.quality[slot] as number, current.quality[slot] as number)) return;
    // On the day of 25 hours an hour comes twice: the first one counts.
    if (!values.has(minute)) values.set(minute, meter.value[slot] as number);
  });
  return values;
}
