/** Time labels of files: compact digits, ISO 8601 with offset, local wall clock on days of 23 and 25 hours. */
import type { ExchangeProblemCode } from './exchange-problems.ts';

const dayMs = 86_400_000;

/** Days from 1970-01-01 to a civil date, or NaN when there is no such date. */
export function daysOf(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN;
  // March-based years put the leap day last, so that month lengths follow one formula.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Ms since 1970 of `CCYYMMDD[HHMM[SS]]` on a clock `offsetMinutes` east of UTC, or null. */
export function compactTime(text: string, offsetMinutes: number): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = match;
  const days = daysOf(Number(year), Number(month), Number(day));
  const clock = clockMs(Number(hour), Number(minute), Number(second));
  const at = days * dayMs + clock - offsetMinutes * 60_000;
  return Number.isNaN(at) ? null : at;
}

function clockMs(hour: number, minute: number, second: number): number {
  // 24:00 is the end of a day (ISO 8601-1, 4.3.8).
  const isEndOfDay = hour === 24 && minute === 0 && second === 0;
  if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 59) return Number.NaN;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** A wall-clock time: ms since 1970 as if the clock stood in UTC, and the stated offset, null when there is none. */
export interface WallTime {
  readonly wallMs: number;
  readonly offsetMinutes: number | null;
}

const isoText =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Reads an ISO 8601 time or date, or null. */
export function isoTime(text: string): WallTime | null {
  const match = isoText.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const days = daysOf(Number(year), Number(month), Number(day));
  const clock = clockMs(Number(hour), Number(minute), Number(second));
  const wallMs = days * dayMs + clock + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (Number.isNaN(wallMs)) return null;
  return { wallMs, offsetMinutes: zone === undefined ? null : offsetOf(zone) };
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || '0');
  return zone.startsWith('-') ? -minutes : minutes;
}

/** The instant of an ISO 8601 text that carries its offset, or null. */
export function isoInstant(text: string): number | null {
  const time = isoTime(text);
  return time === null || time.offsetMinutes === null ? null : time.wallMs - time.offsetMinutes * 60_000;
}

/** Instants of wall-clock times of one zone, in the order of one series. */
export type LocalClock = (wallMs: number) => number | ExchangeProblemCode;

/**
 * A clock of `zone` for one series. A time that comes twice (clocks put back) means the first instant, and the second
 * one when the first is taken already by what came before: files list their values in order.
 */
export function localClock(zone: string): LocalClock {
  let before = Number.NEGATIVE_INFINITY;
  return (wallMs) => {
    const wall = Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO('UTC').toPlainDateTime();
    const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
    const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
    const isReal = earlier.toPlainDateTime().equals(wall);
    if (!isReal) return 'mdm/exchange-no-such-time';
    before = earlier.epochMilliseconds > before ? earlier.epochMilliseconds : later.epochMilliseconds;
    return before;
  };
}

/** Whether the name is a zone of the time-zone database. */
export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** `CCYYMMDDHHMM[SS]` of an instant on a clock `offsetMinutes` east of UTC. */
export function compactText(instantMs: number, offsetMinutes: number, digits: 8 | 12 | 14): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs + offsetMinutes * 60_000)
    .toString()
    .replace(/[-T:Z]|\.\d+/g, '')
    .slice(0, digits);
}
