/** Hours in which nobody is darkened for lack of credit: nights, weekends, holidays; the meter goes on into debt until they end. */

/** When it is friendly, by the wall clock. */
export interface FriendlyHours {
  /** From and to, minutes of the day; from above to means over midnight. Equal: no such hours. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Whole days that are friendly, Monday is 1. */
  readonly weekdays: readonly number[];
  /** Dates, as 2026-12-25 or 12-25 for each year. */
  readonly dates: readonly string[];
}

export const noFriendlyHours: FriendlyHours = { fromMinute: 0, toMinute: 0, weekdays: [], dates: [] };

/** Whether nobody is darkened at a meter time. */
export function isFriendly(hours: FriendlyHours, meterMs: number, zone: string): boolean {
  const { fromMinute, toMinute, weekdays, dates } = hours;
  if (fromMinute === toMinute && weekdays.length === 0 && dates.length === 0) return false;
  const here = Temporal.Instant.fromEpochMilliseconds(meterMs).toZonedDateTimeISO(zone);
  const date = here.toPlainDate().toString();
  if (weekdays.includes(here.dayOfWeek) || dates.some((one) => date === one || date.slice(5) === one))
    return true;
  const minute = here.hour * 60 + here.minute;
  if (fromMinute <= toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}
