/** Numbers, units and times as people read them: the one place where a screen turns data into text. */
import { addDays, wallOf, weekdayOf } from './zone-time.ts';

/** A number and its unit, kept apart so that a screen can set them in different type but never lose one. */
export interface Quantity {
  readonly number: string;
  readonly unit: string;
}

export const minus = '\u2212';
export const noValue = '\u2013';
const thinSpace = '\u202f';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Digits in groups of three: `12345.678` is `12,345.678`; a minus is a real one. */
export function groupDigits(decimal: string): string {
  const isNegative = decimal.startsWith('-');
  const [whole = '0', fraction] = decimal.replace(/^[-+]/, '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${isNegative ? minus : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A count: `12,345`. */
export function formatCount(count: number): string {
  return groupDigits(String(count));
}

/**
 * Energy, given as an integer of `10^scale` Wh: in kWh with as many digits as are useful, exact below 1 kWh (in Wh).
 * `null` is no value and shows as a dash with its unit.
 */
export function formatEnergy(value: bigint | number | string | null, scale = 0): Quantity {
  if (value === null) return { number: noValue, unit: 'kWh' };
  const wh = Number(value) * 10 ** scale;
  const size = Math.abs(wh);
  if (size < 1000) return { number: groupDigits(trimNegativeZero(wh.toFixed(0))), unit: 'Wh' };
  if (size < 100_000) return { number: groupDigits((wh / 1000).toFixed(2)), unit: 'kWh' };
  if (size < 1_000_000) return { number: groupDigits((wh / 1000).toFixed(1)), unit: 'kWh' };
  if (size < 100_000_000) return { number: groupDigits((wh / 1000).toFixed(0)), unit: 'kWh' };
  return { number: groupDigits((wh / 1e6).toFixed(1)), unit: 'MWh' };
}

/** Energy always in kWh with two digits: for sums that stand beside others. */
export function formatKwh(value: bigint | number | string | null, scale = 0): Quantity {
  if (value === null) return { number: noValue, unit: 'kWh' };
  const kwh = (Number(value) * 10 ** scale) / 1000;
  return { number: groupDigits(trimNegativeZero(kwh.toFixed(2))), unit: 'kWh' };
}

/** Average power in W as kW with two digits, or W below 1 kW. */
export function formatPower(watts: number | null): Quantity {
  if (watts === null) return { number: noValue, unit: 'kW' };
  if (Math.abs(watts) < 1000) return { number: trimNegativeZero(watts.toFixed(0)), unit: 'W' };
  return { number: groupDigits((watts / 1000).toFixed(2)), unit: 'kW' };
}

/** A quantity as one text, held together by a narrow space that does not break. */
export function quantityText({ number, unit }: Quantity): string {
  return unit === '' ? number : `${number}${thinSpace}${unit}`;
}

function trimNegativeZero(text: string): string {
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}

const symbols: Readonly<Record<string, string>> = { GBP: '£', EUR: '€', USD: '$', INR: '₹' };

/** Money, given as integer minor units in decimal text: exact, `-1250` of GBP is `−£12.50`. */
export function formatMoney(minor: string, currency: string, minorDigits: number): string {
  const isNegative = minor.startsWith('-');
  const digits = minor.replace(/^[-+]/, '').padStart(minorDigits + 1, '0');
  const whole = minorDigits === 0 ? digits : digits.slice(0, -minorDigits);
  const amount = groupDigits(minorDigits === 0 ? whole : `${whole}.${digits.slice(-minorDigits)}`);
  const symbol = symbols[currency];
  return `${isNegative ? minus : ''}${symbol ?? ''}${amount}${symbol ? '' : `${thinSpace}${currency}`}`;
}

/** A price of the major unit with every digit it has: `0.2834` of GBP per kWh is `£0.2834`. */
export function formatPrice(price: string, currency: string): string {
  const symbol = symbols[currency];
  return symbol ? `${symbol}${groupDigits(price)}` : `${groupDigits(price)}${thinSpace}${currency}`;
}

/** A share from 0 to 1 as percent; only all is `100 %`: 0.99996 stays below. */
export function formatShare(share: number): string {
  const floored = Math.floor(share * 10_000 + 1e-9) / 100;
  const digits = floored === 100 || floored === 0 ? 0 : floored >= 99 ? 2 : 1;
  const factor = 10 ** digits;
  return `${(Math.floor(floored * factor + 1e-9) / factor).toFixed(digits)}${thinSpace}%`;
}

/** The wall clock at an instant, `14:15`. */
export function formatTime(instantMs: number, zone: string): string {
  return clockFace(wallOf(instantMs, zone).minute);
}

/** The wall clock with seconds, `14:15:07`. */
export function formatClock(instantMs: number, zone: string): string {
  const second = Math.floor(instantMs / 1000) % 60;
  return `${formatTime(instantMs, zone)}:${String(second).padStart(2, '0')}`;
}

/** An interval by the wall clock, `14:15–14:30`; one that ends at midnight ends at `24:00`. */
export function formatInterval(startMs: number, endMs: number, zone: string): string {
  const end = wallOf(endMs, zone).minute;
  return `${formatTime(startMs, zone)}–${end === 0 ? '24:00' : clockFace(end)}`;
}

function clockFace(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** A date with the day's name: `Sat 21 Nov`, or long `Saturday 21 November 2026`. */
export function formatDate(date: string, length: 'short' | 'medium' | 'long' = 'short'): string {
  const [year = '', month = '1', day = '1'] = date.split('-');
  const weekday = weekdays[weekdayOf(date)] as string;
  const name = months[Number(month) - 1] as string;
  if (length === 'short') return `${weekday.slice(0, 3)} ${Number(day)} ${name.slice(0, 3)}`;
  if (length === 'medium') return `${weekday} ${Number(day)} ${name}`;
  return `${weekday} ${Number(day)} ${name} ${year}`;
}

/** Day and month without the day's name, `21 Nov`. */
export function formatDayMonth(date: string): string {
  const [, month = '1', day = '1'] = date.split('-');
  return `${Number(day)} ${(months[Number(month) - 1] as string).slice(0, 3)}`;
}

/** A month, `October 2026`. */
export function formatMonth(month: string): string {
  const [year = '', number = '1'] = month.split('-');
  return `${months[Number(number) - 1]} ${year}`;
}

/** Day and time of an instant in a zone: `Sat 21 Nov 14:15`, or the time alone when it is on `today`. */
export function formatMoment(instantMs: number, zone: string, today?: string): string {
  const { date } = wallOf(instantMs, zone);
  const time = formatTime(instantMs, zone);
  return date === today ? time : `${formatDate(date)} ${time}`;
}

/** A half-open period as its first and last day: `1 Oct – 31 Oct 2026`. */
export function formatPeriod(startMs: number, endMs: number, zone: string): string {
  const end = wallOf(endMs, zone);
  const last = end.minute === 0 ? addDays(end.date, -1) : end.date;
  const first = wallOf(startMs, zone).date;
  return `${formatDayMonth(first)} – ${formatDayMonth(last)} ${last.slice(0, 4)}`;
}

/** How long ago, in the one unit that matters: `12 s`, `5 min`, `3 h`, `2 days`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** What is left of a window: `14 min 59 s`, `0 min 00 s` once it is over; not to be taken for a time of day. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Load of a piece of the grid in megawatts, or in kilowatts below a tenth of one. */
export function formatLoad(watts: number): Quantity {
  return watts < 100_000
    ? { number: formatCount(Math.round(watts / 1000)), unit: 'kW' }
    : { number: (watts / 1_000_000).toFixed(2), unit: 'MW' };
}

/** The length of an interval: `15 min`, `1 h`. */
export function formatLength(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}

const instantInText =
  /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z)(?:\/(\d{2}:\d{2})(?::\d{2})?Z)?/g;

/**
 * A message of the server with its instants as local times: `2026-10-12T15:45:00Z/16:45:00Z` in London is
 * `Mon 12 Oct 16:45–17:45`. The end of a pair is the next moment with that time.
 */
export function localiseInstants(text: string, zone: string): string {
  return text.replace(instantInText, (_, start: string, endTime: string | undefined) => {
    const startMs = Date.parse(start);
    const moment = formatMoment(startMs, zone);
    if (endTime === undefined) return moment;
    const sameDay = Date.parse(`${start.slice(0, 11)}${endTime}:00Z`);
    const endMs = sameDay > startMs ? sameDay : sameDay + 86_400_000;
    const end = wallOf(endMs, zone).minute;
    return `${moment}–${end === 0 ? '24:00' : clockFace(end)}`;
  });
}

/** Octets in hexadecimal as a dump: offset, then sixteen octets a row in two groups of eight. */
export function hexRows(hex: string): readonly { readonly offset: string; readonly octets: string }[] {
  const octets = hex.replace(/\s+/g, '').match(/../g) ?? [];
  const rows = [];
  for (let at = 0; at < octets.length; at += 16) {
    const row = octets.slice(at, at + 16);
    rows.push({
      offset: at.toString(16).padStart(4, '0'),
      octets: [row.slice(0, 8).join(' '), row.slice(8).join(' ')].filter(Boolean).join('  '),
    });
  }
  return rows;
}
