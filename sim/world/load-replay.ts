/** Real series on the town's calendar: shifted by whole weeks, so that weekday, wall clock and season stay what they were. */
import { CodedError, dateOf, localDay, type Period, type Random } from '@wattline/base';
import { halfHourMs, type LoadSeries, type LoadSet } from '../load/load-set.ts';
import { shuffle } from './draw.ts';
import type { DayEnergy, LoadSource } from './load-source.ts';
import { dateOfEpochDay, epochDayOf, type LocalDay } from './local-days.ts';
import { faultFreeMeters } from './meter-fault.ts';

/** A replayed source, with what a person should know of it. */
export interface ReplayedLoad extends LoadSource {
  readonly note: string;
  /** Rated solar power behind the meter of a premises, W. */
  solarW(premisesIndex: number): number;
}

const daysPerYear = 365.2425;
/** Reused series are shifted by up to so many weeks either way: near enough for the season, far enough to differ. */
const mostShiftWeeks = 12;

/** One premises' share of the load set. */
interface Assignment {
  readonly series: LoadSeries;
  /** Epoch day of the first day of the series that is replayed, and how many days: a multiple of 7. */
  readonly firstDay: number;
  readonly days: number;
  /** Added to a world's day to find its source day, then wrapped into the span; a multiple of 7. */
  readonly shiftDays: number;
}

/**
 * Replays `load` on the premises of a world that starts at `startMs` in `zone`. Each series serves one premises; when there
 * are more premises, series serve again with another shift. A series shorter than the world is repeated.
 */
export function replayLoad(of: {
  readonly load: LoadSet;
  readonly meters: number;
  readonly zone: string;
  readonly startMs: number;
  readonly random: Random;
}): ReplayedLoad {
  const { load, meters, random } = of;
  if (load.series.length === 0) {
    throw new CodedError('sim/load-empty', `expected a series to replay, found none in ${load.name}`);
  }
  const worldDay = epochDayOf(dateOf(of.startMs, of.zone));
  const spans = load.series.map((series) => spanOf(series, load.zone));
  const order = orderSeries(spans, random.fork('order'));
  const assignments = Array.from({ length: meters }, (_, index): Assignment => {
    const place = order[index % order.length] as number;
    const span = spans[place] as Span;
    const weeks = reuseShiftWeeks(span, Math.floor(index / order.length), random.fork(`shift/${place}`));
    return { ...span, shiftDays: seasonalShift(span, worldDay) + 7 * weeks };
  });
  const distinct = new Set(assignments.map(({ series, shiftDays }) => `${series.id}/${shiftDays}`));
  const clock = createSourceClock(load.zone);
  const locate = (index: number, day: LocalDay) => locateDay(assignments[index] as Assignment, day, clock);
  return {
    note: noteOf(load, meters, distinct.size < meters),
    solarW: (index) => (assignments[index] as Assignment).series.solarW,
    day: (index, day) => dayEnergy((assignments[index] as Assignment).series, locate(index, day)),
    gaps: (index, day) => dayGaps((assignments[index] as Assignment).series, locate(index, day), day),
  };
}

interface Span {
  readonly series: LoadSeries;
  readonly firstDay: number;
  readonly days: number;
}

/** The whole weeks within a series; a series of less than a week is taken as one week with gaps. */
function spanOf(series: LoadSeries, zone: string): Span {
  const endMs = series.startMs + series.missing.length * halfHourMs;
  const startDate = dateOf(series.startMs, zone);
  const isWhole = localDay(startDate, zone).startMs === series.startMs;
  const firstWhole = epochDayOf(startDate) + (isWhole ? 0 : 1);
  const weeks = Math.floor((epochDayOf(dateOf(endMs, zone)) - firstWhole) / 7);
  if (weeks < 1) return { series, firstDay: epochDayOf(startDate), days: 7 };
  return { series, firstDay: firstWhole, days: weeks * 7 };
}

/**
 * Series in a seeded order, but the most complete of the long ones first: guides and demonstrations name the first
 * meters of a town and need them whole.
 */
function orderSeries(spans: readonly Span[], random: Random): number[] {
  const missing = spans.map(({ series }) => series.missing.reduce((sum, value) => sum + value, 0));
  const longest = Math.max(...spans.map(({ days }) => days));
  const order = shuffle(
    spans.map((_, index) => index),
    random,
  );
  const whole = order
    .filter((index) => (spans[index] as Span).days * 2 >= longest)
    .sort((a, b) => (missing[a] as number) - (missing[b] as number))
    .slice(0, faultFreeMeters);
  return [...whole, ...order.filter((index) => !whole.includes(index))];
}

/** Days from a world's day to its source day: whole weeks nearest to whole years that land within the span, if any do. */
function seasonalShift(span: Span, worldDay: number): number {
  const about = Math.round((worldDay - span.firstDay) / daysPerYear);
  for (const years of [about, about - 1, about + 1]) {
    const shift = -7 * Math.round((years * daysPerYear) / 7);
    const position = worldDay + shift - span.firstDay;
    if (position >= 0 && position < span.days) return shift;
  }
  return 0;
}

/** Weeks by which a series may be shifted for another use: 1, -1, 2, -2, ... each landing on another week of the series. */
function shiftsOf(span: Span): number[] {
  const weeks = span.days / 7;
  const landed = new Set([0]);
  return Array.from({ length: mostShiftWeeks }, (_, k) => [k + 1, -k - 1])
    .flat()
    .filter((shift) => {
      const week = ((shift % weeks) + weeks) % weeks;
      if (landed.has(week)) return false;
      landed.add(week);
      return true;
    });
}

/** 0 for the first use, then the shifts in an order of the series' own; each differs until all are used. */
function reuseShiftWeeks(span: Span, reuse: number, random: Random): number {
  const shifts = shiftsOf(span);
  if (reuse === 0 || shifts.length === 0) return 0;
  return shuffle(shifts, random)[(reuse - 1) % shifts.length] as number;
}

/** The half hours of local days of the source's zone. */
interface SourceClock {
  /** Half hour since 1970 of a wall-clock minute of a day; a skipped time is taken an hour later, a repeated one first. */
  halfHourOf(epochDay: number, minuteOfDay: number): number;
}

function createSourceClock(zone: string): SourceClock {
  const days = new Map<
    number,
    { readonly date: string; readonly first: number; readonly isPlain: boolean }
  >();
  return {
    halfHourOf(epochDay, minuteOfDay) {
      let day = days.get(epochDay);
      if (!day) {
        const date = dateOfEpochDay(epochDay);
        const period = localDay(date, zone);
        day = {
          date,
          first: period.startMs / halfHourMs,
          isPlain: period.endMs - period.startMs === 48 * halfHourMs,
        };
        days.set(epochDay, day);
      }
      if (day.isPlain) return day.first + Math.floor(minuteOfDay / 30);
      const wall = Temporal.PlainDate.from(day.date).toPlainDateTime().add({ minutes: minuteOfDay });
      return Math.floor(wall.toZonedDateTime(zone).epochMilliseconds / halfHourMs);
    },
  };
}

/** Index into the series for each slot of the day; -1 where the series does not reach. */
function locateDay(assignment: Assignment, day: LocalDay, clock: SourceClock): Int32Array {
  const { series, firstDay, days, shiftDays } = assignment;
  const position = day.epochDay + shiftDays - firstDay;
  const sourceDay = firstDay + (((position % days) + days) % days);
  const first = series.startMs / halfHourMs;
  return Int32Array.from({ length: day.slots }, (_, slot) => {
    const index = clock.halfHourOf(sourceDay, day.minuteOfDay[slot] as number) - first;
    return index >= 0 && index < series.missing.length ? index : -1;
  });
}

/** A load file tells both directions after netting: delivered stands for the load, received for the generation. */
function dayEnergy(series: LoadSeries, where: Int32Array): DayEnergy {
  const { deliveredWh, receivedWh } = series;
  const load = Int32Array.from(where, (index) => deliveredWh[index] ?? 0);
  return { load, solar: receivedWh ? Int32Array.from(where, (index) => receivedWh[index] ?? 0) : null };
}

function dayGaps(series: LoadSeries, where: Int32Array, day: LocalDay): readonly Period[] {
  const gaps: { startMs: number; endMs: number }[] = [];
  for (let slot = 0; slot < where.length; slot++) {
    if (series.missing[where[slot] as number] === 0) continue;
    const startMs = day.startMs + slot * day.slotMs;
    const last = gaps.at(-1);
    if (last?.endMs === startMs) last.endMs += day.slotMs;
    else gaps.push({ startMs, endMs: startMs + day.slotMs });
  }
  return gaps;
}

function noteOf(load: LoadSet, meters: number, isRepeated: boolean): string {
  const series = load.series.length;
  if (meters <= series) {
    return `${load.name}: ${meters} of ${series} series serve ${meters} meters, shifted by whole weeks.`;
  }
  const reused = meters - series;
  const serve = `${series} series ${series === 1 ? 'serves' : 'serve'} ${meters} meters`;
  const reuse = `${reused} ${reused === 1 ? 'reuses' : 'reuse'} a series by further whole-week shifts`;
  return `${load.name}: ${serve}; ${reuse}${isRepeated ? ', and some of them show the same load' : ''}.`;
}
