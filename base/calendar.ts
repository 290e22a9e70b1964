/** Local days and months as half-open UTC intervals. Days can have 23 or 25 hours; Temporal knows when. */

/** A half-open interval of instants, [startMs, endMs), UTC ms. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** The local calendar day `date` (`2025-03-30`) in `zone`, as instants. */
export function localDay(date: string, zone: string): Period {
  const day = Temporal.PlainDate.from(date);
  return { startMs: startOfDay(day, zone), endMs: startOfDay(day.add({ days: 1 }), zone) };
}

/** The local calendar month `month` (`2025-03`) in `zone`, as instants. */
export function localMonth(month: string, zone: string): Period {
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { startMs: startOfDay(first, zone), endMs: startOfDay(first.add({ months: 1 }), zone) };
}

/** The local date (`2025-03-30`) of an instant in `zone`. */
export function dateOf(instantMs: number, zone: string): string {
  return zoned(instantMs, zone).toPlainDate().toString();
}

/** The local month (`2025-03`) of an instant in `zone`. */
export function monthOf(instantMs: number, zone: string): string {
  return dateOf(instantMs, zone).slice(0, 7);
}

/** The local days that [startMs, endMs) touches, in order. */
export function localDays(
  period: Period,
  zone: string,
): { readonly date: string; readonly period: Period }[] {
  const days = [];
  let at = period.startMs;
  while (at < period.endMs) {
    const date = dateOf(at, zone);
    const day = localDay(date, zone);
    days.push({ date, period: day });
    at = day.endMs;
  }
  return days;
}

/** Local wall-clock fields of an instant; `dayOfWeek` 1 is Monday (ISO 8601). */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfWeek: number;
  readonly minuteOfDay: number;
  readonly offsetMinutes: number;
}

/** The wall clock of `zone` at an instant. */
export function localTime(instantMs: number, zone: string): LocalTime {
  const at = zoned(instantMs, zone);
  return {
    year: at.year,
    month: at.month,
    day: at.day,
    dayOfWeek: at.dayOfWeek,
    minuteOfDay: at.hour * 60 + at.minute,
    offsetMinutes: at.offsetNanoseconds / 60e9,
  };
}

/** An instant as RFC 3339 text in UTC, without fraction when it is whole seconds. */
export function formatInstant(instantMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toString();
}

function startOfDay(day: Temporal.PlainDate, zone: string): number {
  return day.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
}

function zoned(instantMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone);
}
