/** Instants of schedules: dates and times of the wall clock with fields left open (Blue Book 4.1.6.1), found in a stretch of meter time. */
import type { MeterClock } from '../clock/clock.ts';
import type { Passed } from './interface-class.ts';

/** What must hold at an instant: 4 octets of time, 5 of date; FF is any. */
export interface WallTimePattern {
  readonly time: Uint8Array;
  readonly date: Uint8Array;
}

const open = 0xff;
const lastDayOfMonth = 0xfe;
const secondLastDayOfMonth = 0xfd;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Fields of the wall clock; weekdays count from Monday, 1. */
export interface WallFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly daysInMonth: number;
}

/** The wall clock at a meter time. */
export function wallFieldsAt(clock: MeterClock, meterMs: number): WallFields {
  const localMs = meterMs + clock.zone.stretchAt(meterMs).offsetMinutes * minuteMs;
  const local = Temporal.Instant.fromEpochMilliseconds(localMs).toZonedDateTimeISO('UTC');
  const { year, month, day, dayOfWeek: weekday, hour, minute, daysInMonth } = local;
  return { year, month, day, weekday, hour, minute, daysInMonth };
}

/** Whether a date of 5 octets, fields of which may be open, holds on a day. */
export function isDateOn(date: Uint8Array, on: WallFields): boolean {
  const [yearHigh = open, yearLow = open, month = open, day = open, weekday = open] = date;
  const year = (yearHigh << 8) | yearLow;
  return (
    (year === 0xffff || year === on.year) &&
    (month === open || month === on.month) &&
    isDayOfMonth(day, on) &&
    (weekday === open || weekday === on.weekday)
  );
}

function isDayOfMonth(day: number, on: WallFields): boolean {
  if (day === lastDayOfMonth) return on.day === on.daysInMonth;
  if (day === secondLastDayOfMonth) return on.day === on.daysInMonth - 1;
  return day === open || day === on.day;
}

/**
 * Instants within a stretch at which a pattern holds, at most one a minute: an open second means 0. Of a stretch beyond a day (a clock
 * that was set) the last day counts.
 */
export function instantsIn(clock: MeterClock, { fromMs, toMs }: Passed, pattern: WallTimePattern): number[] {
  const [hour = open, minute = open, second = open] = pattern.time;
  const secondMs = second === open ? 0 : second * 1000;
  const instants: number[] = [];
  const startMs = Math.max(fromMs, toMs - dayMs);
  for (
    let minuteStart = Math.floor(startMs / minuteMs) * minuteMs;
    minuteStart < toMs;
    minuteStart += minuteMs
  ) {
    const atMs = minuteStart + secondMs;
    if (atMs < startMs || atMs >= toMs) continue;
    const on = wallFieldsAt(clock, minuteStart);
    const isTime = (hour === open || hour === on.hour) && (minute === open || minute === on.minute);
    if (isTime && isDateOn(pattern.date, on)) instants.push(atMs);
  }
  return instants;
}

/** Time and date of a date-time of 12 octets. */
export function patternOf(dateTime: Uint8Array): WallTimePattern {
  return { date: dateTime.subarray(0, 5), time: dateTime.subarray(5, 9) };
}

/** Whether a date-time names anything: one that is all open is "never" in activations. */
export function isSpecified(dateTime: Uint8Array): boolean {
  return dateTime.subarray(0, 8).some((octet) => octet !== open);
}
