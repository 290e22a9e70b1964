/** Wall clocks of a zone in any browser: instants come in UTC, people read local days. Days can have 23 or 25 hours. */

/** What a clock on the wall of a zone shows at an instant. */
export interface Wall {
  /** Local date, `2026-10-25`. */
  readonly date: string;
  /** Minute of the local day by the clock's face, 0 to 1439; an hour that comes twice gives the same minutes twice. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const minuteMs = 60_000;
const dayMs = 86_400_000;

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Minutes by which the zone is ahead of UTC at an instant. */
export function offsetMinutes(instantMs: number, zone: string): number {
  const field: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(instantMs)) field[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  return Math.round((wallMs - Math.floor(instantMs / 1000) * 1000) / minuteMs);
}

/** The wall clock of `zone` at an instant. */
export function wallOf(instantMs: number, zone: string): Wall {
  const shifted = instantMs + offsetMinutes(instantMs, zone) * minuteMs;
  const day = Math.floor(shifted / dayMs);
  return { date: dateText(day), minute: Math.floor((shifted - day * dayMs) / minuteMs) };
}

/** The first instant of a local day, UTC ms. */
export function dayStart(date: string, zone: string): number {
  const utcMs = Date.parse(`${date}T00:00:00Z`);
  const offsets = [offsetMinutes(utcMs - dayMs, zone), offsetMinutes(utcMs + dayMs, zone)];
  const candidates = offsets.map((offset) => utcMs - offset * minuteMs).sort((a, b) => a - b);
  // Where midnight itself was skipped, the day begins with the first instant that carries its date.
  const found = candidates.find((candidate) => wallOf(candidate, zone).date === date);
  return found ?? (candidates.at(-1) as number);
}

/** The date `days` later (or earlier). */
export function addDays(date: string, days: number): string {
  return dateText(Math.round(Date.parse(`${date}T00:00:00Z`) / dayMs) + days);
}

/** Every date from `first` to `last`, both included. */
export function datesBetween(first: string, last: string): string[] {
  const dates = [];
  for (let date = first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** Day of the week of a date, 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

function dateText(daysSinceEpoch: number): string {
  return new Date(daysSinceEpoch * dayMs).toISOString().slice(0, 10);
}

const tickMinutes = [15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 10_080];

/** Instants at round local times within [startMs, endMs], at most about `atMost` of them: the ticks of a time axis. */
export function timeTicks(startMs: number, endMs: number, zone: string, atMost: number): number[] {
  const spanMinutes = (endMs - startMs) / minuteMs;
  const step = tickMinutes.find((minutes) => spanMinutes / minutes <= Math.max(1, atMost)) ?? 10_080;
  const ticks = [];
  const first = wallOf(startMs, zone).date;
  if (step >= 1440) {
    for (let date = first; dayStart(date, zone) <= endMs; date = addDays(date, step / 1440)) {
      const at = dayStart(date, zone);
      if (at >= startMs) ticks.push(at);
    }
    return ticks;
  }
  for (let at = dayStart(first, zone); at <= endMs; at += 15 * minuteMs) {
    if (at >= startMs && wallOf(at, zone).minute % step === 0) ticks.push(at);
  }
  return ticks;
}
