/** A local day of a channel gathered from the store days in memory, as the rules want it. */
import { quality } from '@wattline/model';
import { daySeconds } from '@wattline/store/readings';
import { countedBetween, type RegisterCourse } from '../assets/register-course.ts';
import { type Channel, expectedFrom, storeDayOf, storeDayStart } from '../channels/channel.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import type { LocalDay } from '../channels/local-days.ts';
import { type IntervalDay, totalsOfDay } from '../channels/stored-day.ts';
import type { MdmPolicy } from '../policy.ts';
import { totalsOf } from '../rules/day-totals.ts';
import type { DayColumns } from '../rules/rule.ts';

/** Store days that a local day touches. */
export function daysOf(channel: Channel, day: LocalDay): DayWanted[] {
  const first = storeDayOf(channel, day.start);
  const last = storeDayOf(channel, day.end - 1);
  return first === last
    ? [{ channel, day: first }]
    : [
        { channel, day: first },
        { channel, day: last },
      ];
}

/** Store days of the register that hold the two midnights of a local day. */
export function registerDaysOf(register: Channel | undefined, day: LocalDay): DayWanted[] {
  if (!register) return [];
  return [
    { channel: register, day: storeDayOf(register, day.start) },
    { channel: register, day: storeDayOf(register, day.end) },
  ];
}

/** Store days of the other parts of a channel whose interval length changes within the day. */
export function daysOfOtherParts(channel: Channel, day: LocalDay): DayWanted[] {
  return otherParts(channel, day).flatMap(({ part, stretch }) => daysOf(part, stretch));
}

/** Stretches of the calendar day on which other parts speak; none as a rule. */
function otherParts(channel: Channel, day: LocalDay): { part: Channel; stretch: LocalDay }[] {
  const { parts, days } = channel;
  if (!parts) return [];
  const { start, end } = days.whole(day);
  if (start === day.start && end === day.end) return [];
  return parts.flatMap((part) => {
    if (part === channel || part.from >= end || part.until <= start) return [];
    const stretches = days.between(Math.max(start, part.from), Math.min(end, part.until));
    return stretches.map((stretch) => ({ part, stretch }));
  });
}

/** Which layer of a day: what the meter said, or what stands now. */
export type Layer = 'meter' | 'current';

/** Values and flags of the local day, one per slot, to be read only. All its store days are in memory. */
export function gather(
  cache: DayCache,
  channel: Channel,
  day: LocalDay,
  layer: Layer,
): { value: Float64Array; quality: Uint16Array } {
  const step = channel.intervalSeconds;
  const slots = Math.round((day.end - day.start) / step);
  const only = storeDayOf(channel, day.start);
  if (slots * step === daySeconds && storeDayStart(channel, only) === day.start && channel.held.has(only)) {
    // The local day is a store day: its arrays serve as they are, and nobody writes to columns.
    const stored = cache.interval(channel, only);
    return layer === 'meter'
      ? { value: stored.meterValue, quality: stored.meterQuality }
      : { value: stored.value, quality: stored.quality };
  }
  const value = new Float64Array(slots);
  const flags = new Uint16Array(slots).fill(quality.missing);
  for (const { day: number } of daysOf(channel, day)) {
    if (!channel.held.has(number)) continue;
    const stored = cache.interval(channel, number);
    const storedStart = storeDayStart(channel, number);
    const from = Math.max(day.start, storedStart);
    const to = Math.min(day.end, storedStart + daySeconds);
    const source = (from - storedStart) / step;
    const sourceEnd = (to - storedStart) / step;
    const values = layer === 'meter' ? stored.meterValue : stored.value;
    const qualities = layer === 'meter' ? stored.meterQuality : stored.quality;
    value.set(values.subarray(source, sourceEnd), (from - day.start) / step);
    flags.set(qualities.subarray(source, sourceEnd), (from - day.start) / step);
  }
  return { value, quality: flags };
}

/** The columns of a local day for the rules; slots are due up to the second `due`. */
export function columnsOf(
  cache: DayCache,
  task: { readonly channel: Channel; readonly day: LocalDay; readonly due: number },
  beside: {
    readonly register: Channel | undefined;
    readonly related: readonly Channel[];
    readonly policy: MdmPolicy;
    readonly courseOf: (channel: string) => RegisterCourse;
  },
): DayColumns {
  const { channel, day, due } = task;
  const { register, related, policy } = beside;
  const step = channel.intervalSeconds;
  const slots = Math.round((day.end - day.start) / step);
  const first = storeDayOf(channel, day.start);
  const last = storeDayOf(channel, day.end - 1);
  const dueFrom = Math.min(slots, Math.max(0, Math.ceil((expectedFrom(channel) - day.start) / step)));
  const dueTo = Math.max(dueFrom, Math.min(slots, Math.floor((due - day.start) / step)));
  const stored = storeDayAlone(cache, channel, day);
  const columns = stored ?? withEdits(cache, channel, day);
  const usual = channel.peaks.around(first, last, policy.spikeDays);
  return {
    start: day.start,
    intervalSeconds: step,
    value: columns.value,
    quality: columns.quality,
    totals: stored ? totalsOfDay(stored.day) : totalsOf(columns.value, columns.quality),
    dueFrom,
    dueTo,
    registerDifference: register
      ? registerShare(cache, channel, day, { register, course: beside.courseOf(register.id) })
      : null,
    readingType: channel.type.id,
    peaks: usual.peaks,
    sums: usual.sums,
    related: relatedColumns(cache, related, day),
    generationW: channel.generationW,
  };
}

/** The store day that is the local day, when nothing derived lies over it: as nearly every day is. */
function storeDayAlone(
  cache: DayCache,
  channel: Channel,
  { start, end }: LocalDay,
): (ReturnType<typeof gather> & { readonly day: IntervalDay }) | null {
  const number = storeDayOf(channel, start);
  const isOne = end - start === daySeconds && storeDayStart(channel, number) === start;
  if (!isOne || !channel.held.has(number)) return null;
  const day = cache.interval(channel, number);
  return day.value === day.meterValue ? { value: day.value, quality: day.quality, day } : null;
}

/** What the meter said, with what people set over it: a rule judges that, and a review does not take it back. */
function withEdits(cache: DayCache, channel: Channel, day: LocalDay): ReturnType<typeof gather> {
  const meter = gather(cache, channel, day, 'meter');
  const isDerived = daysOf(channel, day).some(({ day: number }) => {
    if (!channel.held.has(number)) return false;
    const stored = cache.interval(channel, number);
    return stored.value !== stored.meterValue;
  });
  if (!isDerived) return meter;
  const current = gather(cache, channel, day, 'current');
  if (!current.quality.some((flags) => (flags & quality.edited) !== 0)) return meter;
  const columns = { value: meter.value.slice(), quality: meter.quality.slice() };
  current.quality.forEach((flags, slot) => {
    if ((flags & quality.edited) === 0) return;
    columns.value[slot] = current.value[slot] as number;
    columns.quality[slot] = flags;
  });
  return columns;
}

/** Other channels' columns of the day, those of which something is held. */
function relatedColumns(cache: DayCache, related: readonly Channel[], day: LocalDay): DayColumns['related'] {
  if (related.length === 0) return noColumns;
  const found: Record<string, ReturnType<typeof gather>> = {};
  for (const other of related) {
    if (!daysOf(other, day).some(({ day: number }) => other.held.has(number))) continue;
    found[other.type.id] = gather(cache, other, day, 'meter');
  }
  return found;
}

const noColumns: DayColumns['related'] = {};

/** What the register counted over the day, less what other parts of a cut day took; null when that is not known. */
function registerShare(
  cache: DayCache,
  channel: Channel,
  day: LocalDay,
  { register, course }: { readonly register: Channel; readonly course: RegisterCourse },
): number | null {
  let share = registerDifference(cache, register, channel.days.whole(day), course);
  for (const { part, stretch } of otherParts(channel, day)) {
    const { value, quality: flags } = gather(cache, part, stretch, 'current');
    if (share === null || flags.some((bits) => (bits & quality.missing) !== 0)) return null;
    share -= value.reduce((sum, one) => sum + one, 0);
  }
  return share;
}

function registerDifference(
  cache: DayCache,
  register: Channel,
  day: LocalDay,
  course: RegisterCourse,
): number | null {
  const [first, last] = registerDaysOf(register, day) as [DayWanted, DayWanted];
  if (!register.held.has(first.day) || !register.held.has(last.day)) return null;
  const before = cache.register(register, first.day).readings.get(day.start);
  const after = cache.register(register, last.day).readings.get(day.end);
  if (!before || !after) return null;
  const { start, end } = day;
  return countedBetween({ start, from: before.value, end, to: after.value }, course);
}
