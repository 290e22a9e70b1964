/** The clock of a meter as its readout spells it: 0.9.1 and 0.9.2, or both in one as 0.9.4 or 0-0:1.0.0. */
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { compactTime, daysOf, localClock } from './time-label.ts';

/** What a meter says of its clock's season, beside the digits. */
type Season = 'winter' | 'summer' | 'utc' | 'unsaid';

/** A wall-clock time of a meter: ms since 1970 as if it stood in UTC. */
export interface ReadoutTime {
  readonly wallMs: number;
  readonly season: Season;
}

/** Seasons by the digit before date or time (VDEW, as recalled) and by the letter after both (DSMR). */
const seasons: Readonly<Record<string, Season>> = {
  '': 'unsaid',
  '0': 'winter',
  '1': 'summer',
  '2': 'utc',
  W: 'winter',
  S: 'summer',
};
const dateText =
  /^(?<season>[012](?=\d{6}$))?(?:20)?(?<year>\d\d)(?<dash>-?)(?<month>\d\d)\k<dash>(?<day>\d\d)$/;
const clockText = /^(?<season>[012](?=\d{6}$))?(?<digits>\d{6}|\d{4})$/;
/** A clock that never was set counts on from the year 2000. */
const firstYear = 2001;
const dayMs = 86_400_000;

/** `[s]YYMMDDhhmm[ss]`, with `W` or `S` after it. Null when it is no time, or of a clock that was never set. */
export function readoutTime(text: string): ReadoutTime | null {
  const [, digit = '', digits = '', letter = ''] =
    /^([012](?=\d{12}$))?(\d{10}|\d{12})([SW]?)$/.exec(text) ?? [];
  const wallMs = compactTime(`20${digits}`, 0);
  if (digits === '' || wallMs === null || Number(`20${digits.slice(0, 2)}`) < firstYear) return null;
  return { wallMs, season: seasons[digit || letter] ?? 'unsaid' };
}

/** The time of a date and a time said apart: `[s]YYMMDD`, `YY-MM-DD`, `CCYY-MM-DD` and `[s]hhmmss`, `hhmm`, with colons or without. */
export function readoutTimeOf(date: string, time: string): ReadoutTime | null {
  const day = dateText.exec(date)?.groups;
  const clock = clockText.exec(time.replaceAll(':', ''))?.groups;
  const read = day && clock && readoutTime(`${day.year}${day.month}${day.day}${clock.digits}`);
  return read ? { ...read, season: seasons[day.season ?? clock.season ?? ''] ?? 'unsaid' } : null;
}

/** The instant of a meter's time in its zone, or why there is none. */
export function readoutInstant(
  { wallMs, season }: ReadoutTime,
  zone: string | undefined,
): number | ExchangeProblemCode {
  if (season === 'utc') return wallMs;
  if (zone === undefined) return 'mdm/exchange-bad-time';
  const year = Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO('UTC').year;
  const offsets = [1, 7].map((month) => offsetMs(daysOf(year, month, 1) * dayMs, zone));
  if (season === 'winter') return wallMs - Math.min(...offsets);
  // Some meters say summer all the year: there is none in winter.
  const summer = wallMs - Math.max(...offsets);
  const isSummer = season === 'summer' && wallMs - summer === offsetMs(summer, zone);
  return isSummer ? summer : localClock(zone)(wallMs);
}

function offsetMs(instantMs: number, zone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
}
