/** The activity calendar of a meter out of a tariff (Blue Book 4.5.5, simple form: one season, one week, a day for each pattern). */
import assert from 'node:assert/strict';
import type { Period } from '@wattline/base';
import type { Tariff, TouSwitch } from '@wattline/model';
import { type LocalZone, localZone } from '../clock/local-zone.ts';

/** What of a tariff a meter needs. */
export type MeterTariff = Pick<Tariff, 'id' | 'zone' | 'calendar' | 'rates'>;

/** A switch within a day pattern. */
export interface DaySwitch {
  readonly minuteOfDay: number;
  readonly rate: number;
}

/** A stretch of time with one rate, [startMs, endMs). */
export interface RateStretch extends Period {
  readonly rate: number;
}

/** A tariff as the meter runs it. */
export interface TariffCalendar {
  readonly name: string;
  /** Highest rate number. */
  readonly rateCount: number;
  /** Day patterns; day_id is the index + 1. Each begins at 00:00. */
  readonly days: readonly (readonly DaySwitch[])[];
  /** Index into `days` of each weekday, Monday first. */
  readonly week: readonly number[];
  /** The stretch that holds the instant; it ends at the next switch or midnight at the latest. */
  stretchAt(atMs: number): RateStretch;
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const dayMs = 86_400_000;
const minuteMs = 60_000;
const mostDays = 512;

const calendars = new WeakMap<MeterTariff, TariffCalendar>();

/** The calendar of a tariff; all meters on one tariff object share it. */
export function tariffCalendar(tariff: MeterTariff): TariffCalendar {
  let calendar = calendars.get(tariff);
  if (!calendar) {
    calendar = createCalendar(tariff);
    calendars.set(tariff, calendar);
  }
  return calendar;
}

/** A calendar that knows one rate and no switch. */
export function fixedCalendar(rate: number): TariffCalendar {
  const stretch = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY, rate };
  return {
    name: `rate ${rate}`,
    rateCount: rate,
    days: [[{ minuteOfDay: 0, rate }]],
    week: [0, 0, 0, 0, 0, 0, 0],
    stretchAt: () => stretch,
  };
}

/** A day of the wall clock. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Monday is 1. */
  readonly weekday: number;
  /** The date so many days before. */
  earlier(days: number): LocalDate;
}

/** A calendar out of a rule that gives each day its pattern, which begins at 00:00. */
export function calendarFrom(
  of: Omit<TariffCalendar, 'stretchAt'> & {
    readonly zone: string;
    readonly patternOn: (date: LocalDate) => readonly DaySwitch[];
  },
): TariffCalendar {
  const { name, rateCount, days, week, patternOn } = of;
  const zone = localZone(of.zone);
  const stretches = new Map<number, readonly RateStretch[]>();
  const stretchesOf = (day: Period): readonly RateStretch[] => {
    let found = stretches.get(day.startMs);
    if (!found) {
      if (stretches.size >= mostDays) stretches.clear();
      found = layOver(day, zone, patternOn);
      stretches.set(day.startMs, found);
    }
    return found;
  };
  return {
    name,
    rateCount,
    days,
    week,
    stretchAt(atMs) {
      const stretch = stretchesOf(zone.dayAt(atMs)).find((one) => atMs < one.endMs);
      assert(stretch && atMs >= stretch.startMs, 'a day is covered by its stretches');
      return stretch;
    },
  };
}

function createCalendar(tariff: MeterTariff): TariffCalendar {
  const { days, week } = dayPatterns(tariff.calendar);
  const numbers = [...tariff.rates.map(({ rate }) => rate), ...tariff.calendar.map(({ rate }) => rate)];
  return calendarFrom({
    name: tariff.id,
    zone: tariff.zone,
    rateCount: Math.max(...numbers),
    days,
    week,
    patternOn: ({ weekday }) => days[week[weekday - 1] as number] as readonly DaySwitch[],
  });
}

/** Equal weekdays share a pattern. Before its first switch a day goes on with the rate of the day before. */
function dayPatterns(calendar: readonly TouSwitch[]): Pick<TariffCalendar, 'days' | 'week'> {
  const switches = weekdays.map((weekday) =>
    calendar
      .filter((entry) => entry.days.includes(weekday))
      .map((entry) => ({ minuteOfDay: minuteOf(entry.from), rate: entry.rate }))
      .sort((a, b) => a.minuteOfDay - b.minuteOfDay),
  );
  const rateBefore = (weekday: number): number => {
    for (let back = 1; back <= 7; back++) {
      const last = switches[(weekday + 7 - back) % 7]?.at(-1);
      if (last) return last.rate;
    }
    return 1;
  };
  const days: DaySwitch[][] = [];
  const week = switches.map((own, weekday) => {
    const day = own[0]?.minuteOfDay === 0 ? own : [{ minuteOfDay: 0, rate: rateBefore(weekday) }, ...own];
    const known = days.findIndex((other) => JSON.stringify(other) === JSON.stringify(day));
    return known >= 0 ? known : days.push(day) - 1;
  });
  return { days, week };
}

function minuteOf(wallClock: string): number {
  return Number(wallClock.slice(0, 2)) * 60 + Number(wallClock.slice(3, 5));
}

/**
 * A day pattern laid over a real day by the wall clock: an hour that occurs twice has its rate twice, one that is skipped never.
 */
function layOver(
  day: Period,
  zone: LocalZone,
  patternOn: (date: LocalDate) => readonly DaySwitch[],
): RateStretch[] {
  const stretches: RateStretch[] = [];
  for (let startMs = day.startMs; startMs < day.endMs; ) {
    const even = zone.stretchAt(startMs);
    const endMs = Math.min(day.endMs, even.endMs);
    const offsetMs = even.offsetMinutes * minuteMs;
    const localDayNumber = Math.floor((startMs + offsetMs) / dayMs);
    const midnightMs = localDayNumber * dayMs - offsetMs;
    const pattern = patternOn(dateOfDay(localDayNumber));
    pattern.forEach(({ minuteOfDay, rate }, index) => {
      const from = Math.max(startMs, midnightMs + minuteOfDay * minuteMs);
      const to = Math.min(endMs, midnightMs + (pattern[index + 1]?.minuteOfDay ?? 1440) * minuteMs);
      if (from < to) stretches.push({ startMs: from, endMs: to, rate });
    });
    startMs = endMs;
  }
  return stretches;
}

/** The date of a day counted from 1970-01-01. */
function dateOfDay(number: number): LocalDate {
  const date = Temporal.Instant.fromEpochMilliseconds(number * dayMs).toZonedDateTimeISO('UTC');
  const { year, month, day, dayOfWeek: weekday } = date;
  return { year, month, day, weekday, earlier: (days) => dateOfDay(number - days) };
}
