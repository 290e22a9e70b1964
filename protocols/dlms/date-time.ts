/** Date-time of COSEM (Blue Book 4.1.6.1): twelve octets of local wall clock, deviation and clock status. */
import { failure, type Result, success } from '@wattline/base';

/** A date-time as an instant. */
export interface DateTime {
  /** UTC ms. */
  readonly instantMs: number;
  /** Minutes that local time is ahead of UTC (CET 60); undefined when the deviation is not specified. */
  readonly offsetMinutes: number | undefined;
  /** Clock status: bit 0 invalid, 1 doubtful, 2 different base, 3 invalid status, 7 daylight saving; 255 not specified. */
  readonly status: number;
}

/** How to read a date-time that leaves its deviation unspecified. */
export interface DateTimeOptions {
  /** Offset of local time from UTC in minutes, east positive, when the deviation is 0x8000; 0 unless told. */
  readonly defaultOffsetMinutes?: number;
}

const dayMs = 86_400_000;
const deviationUnspecified = -0x8000;

/** Days from 1970-01-01 of a civil date (proleptic Gregorian), by Howard Hinnant's counting of 400-year eras. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of {@link daysFromCivil}. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/**
 * Twelve octets of the wall clock `offsetMinutes` east of UTC. The deviation field counts from local time to UTC, so CET
 * (offset 60) carries -60. The daylight saving bit 0x80 of `status` is the caller's to set. Resolution is 10 ms.
 */
export function encodeDateTime(instantMs: number, offsetMinutes: number, status = 0): Uint8Array {
  const octets = new Uint8Array(12);
  writeDateTime(octets, 0, instantMs, { offsetMinutes, status });
  return octets;
}

/** As {@link encodeDateTime}, into `target` at `at`. */
export function writeDateTime(
  target: Uint8Array,
  at: number,
  instantMs: number,
  clock: { readonly offsetMinutes: number; readonly status: number },
): void {
  const localMs = instantMs + clock.offsetMinutes * 60_000;
  const days = Math.floor(localMs / dayMs);
  const ofDay = localMs - days * dayMs;
  const { year, month, day } = civilFromDays(days);
  target[at] = year >> 8;
  target[at + 1] = year;
  target[at + 2] = month;
  target[at + 3] = day;
  // 1970-01-01 was a Thursday; day of week 1 is Monday.
  target[at + 4] = ((((days + 3) % 7) + 7) % 7) + 1;
  target[at + 5] = ofDay / 3_600_000;
  target[at + 6] = (ofDay / 60_000) % 60;
  target[at + 7] = (ofDay / 1000) % 60;
  target[at + 8] = (ofDay / 10) % 100;
  target[at + 9] = -clock.offsetMinutes >> 8;
  target[at + 10] = -clock.offsetMinutes;
  target[at + 11] = clock.status;
}

/**
 * The instant of twelve octets. Hundredths not specified count as 0, as do seconds; a deviation not specified reads the
 * wall clock as UTC, or as `defaultOffsetMinutes` when given.
 * Fails with `dlms/bad-date-time` when the length is not 12 or year, month, day, hour or minute name no one instant.
 */
export function decodeDateTime(octets: Uint8Array, options: DateTimeOptions = {}): Result<DateTime> {
  const instantMs =
    octets.length === 12 ? readInstant(octets, 0, options.defaultOffsetMinutes ?? 0) : Number.NaN;
  if (Number.isNaN(instantMs)) {
    return failure(
      'dlms/bad-date-time',
      octets.length === 12
        ? 'expected year, month, day, hour and minute that name one instant'
        : `expected 12 octets of date-time, found ${octets.length}`,
      { offset: 0 },
    );
  }
  return success({ instantMs, offsetMinutes: readOffset(octets, 0), status: octets[11] as number });
}

/** The offset of local time from UTC in minutes of the date-time at `at`; undefined when not specified or out of range. */
export function readOffset(octets: Uint8Array, at: number): number | undefined {
  const deviation = (((octets[at + 9] as number) << 24) >> 16) | (octets[at + 10] as number);
  // -0 would print and compare oddly: 0 - deviation keeps it out.
  return deviation === deviationUnspecified || Math.abs(deviation) > 1440 ? undefined : 0 - deviation;
}

/** The instant of the date-time at `at`, UTC ms, or NaN when its fields name none; 12 octets must be there. */
export function readInstant(octets: Uint8Array, at: number, defaultOffsetMinutes: number): number {
  const offset = readOffset(octets, at) ?? defaultOffsetMinutes;
  return readDay(octets, at) * dayMs - offset * 60_000 + readTimeOfDay(octets, at);
}

/** Days from 1970-01-01 of the date in the date-time at `at`, NaN when there is no such day. */
export function readDay(octets: Uint8Array, at: number): number {
  const year = ((octets[at] as number) << 8) | (octets[at + 1] as number);
  const month = octets[at + 2] as number;
  const day = octets[at + 3] as number;
  if (year === 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return Number.NaN;
  }
  return daysFromCivil(year, month, day);
}

/** Milliseconds after midnight of the date-time at `at`; NaN when hour, minute, second or hundredths are none. */
export function readTimeOfDay(octets: Uint8Array, at: number): number {
  const hour = octets[at + 5] as number;
  const minute = octets[at + 6] as number;
  const second = octets[at + 7] === 0xff ? 0 : (octets[at + 7] as number);
  const hundredths = octets[at + 8] === 0xff ? 0 : (octets[at + 8] as number);
  // Hour 24 of a day occurs in captures as the end of that day.
  if (hour > 24 || minute > 59 || second > 59 || hundredths > 99) return Number.NaN;
  if (hour === 24 && minute + second + hundredths > 0) return Number.NaN;
  return hour * 3_600_000 + minute * 60_000 + second * 1000 + hundredths * 10;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (monthDays[month - 1] as number);
}
