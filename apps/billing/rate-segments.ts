/**
 * A tariff's calendar laid over a period: which TOU rate holds from when to when.
 * The rate is that of the wall clock of the tariff's zone, so an hour that a clock change repeats has its rate twice
 * and an hour that it skips has none. Temporal is asked once a day; what follows is arithmetic.
 */
import { localDays, localTime, type Period } from '@wattline/base';
import type { Tariff, TouSwitch } from '@wattline/model';

/** A stretch of one local day with one rate, [startMs, endMs). */
export interface RateSegment {
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly rate: number;
}

/** Days of the week as tariffs name them, Monday first (ISO 8601). */
export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const minuteMs = 60_000;
const dayMinutes = 1440;

/** The rates of a checked tariff over `period`, in order and without gaps. */
export function rateSegments(tariff: Pick<Tariff, 'zone' | 'calendar'>, period: Period): RateSegment[] {
  const week = weekProfile(tariff.calendar);
  const segments: RateSegment[] = [];
  for (const { date, period: day } of localDays(period, tariff.zone)) {
    for (const piece of constantOffsets(day, tariff.zone)) {
      const wall = localTime(piece.startMs, tariff.zone);
      // The instant at which the wall clock of this piece would show 00:00.
      const midnightMs = piece.startMs - wall.minuteOfDay * minuteMs;
      for (const { fromMinute, toMinute, rate } of week[wall.dayOfWeek - 1] ?? []) {
        const startMs = Math.max(midnightMs + fromMinute * minuteMs, piece.startMs, period.startMs);
        const endMs = Math.min(midnightMs + toMinute * minuteMs, piece.endMs, period.endMs);
        if (startMs < endMs) segments.push({ date, startMs, endMs, rate });
      }
    }
  }
  return segments;
}

/** A wall-clock time of a switch (`07:00`) as minutes since midnight. */
export function minuteOf(wallClock: string): number {
  return Number(wallClock.slice(0, 2)) * 60 + Number(wallClock.slice(3));
}

interface DayPart {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly rate: number;
}

/** For each day of the week its parts; before its first switch the rate of the day before goes on. */
function weekProfile(calendar: readonly TouSwitch[]): DayPart[][] {
  const switches = weekDays.map((day) =>
    calendar
      .filter((entry) => entry.days.includes(day))
      .map((entry) => ({ fromMinute: minuteOf(entry.from), rate: entry.rate }))
      .sort((a, b) => a.fromMinute - b.fromMinute),
  );
  return switches.map((own, index) => {
    const before = switches[(index + 6) % 7]?.at(-1);
    const isOpenAtMidnight = own[0]?.fromMinute !== 0 && before !== undefined;
    const starts = isOpenAtMidnight ? [{ fromMinute: 0, rate: before.rate }, ...own] : own;
    return starts.map((start, at) => ({ ...start, toMinute: starts[at + 1]?.fromMinute ?? dayMinutes }));
  });
}

/** The parts of a local day in which the wall clock runs evenly: one, or two on the day of a clock change. */
function constantOffsets(day: Period, zone: string): Period[] {
  if (day.endMs - day.startMs === dayMinutes * minuteMs) return [day];
  const pieces: Period[] = [];
  let startMs = day.startMs;
  for (;;) {
    const at = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(zone);
    const nextMs = at.getTimeZoneTransition('next')?.epochMilliseconds ?? day.endMs;
    pieces.push({ startMs, endMs: Math.min(nextMs, day.endMs) });
    if (nextMs >= day.endMs) return pieces;
    startMs = nextMs;
  }
}
