/** Local days of a zone in UTC seconds, remembered: the calendar is asked once per day and zone. */
import { dateOf, localDay, localTime } from '@wattline/base';

/** A local calendar day; 23 or 25 hours long when the clocks change. UTC seconds. */
export interface LocalDay {
  readonly date: string;
  readonly start: number;
  readonly end: number;
  /** ISO day of the week, Monday is 1. */
  readonly dayOfWeek: number;
}

const dayMs = 86_400_000;

/** Finds local days of one zone. */
export class LocalDays {
  readonly zone: string;
  /** Local days that touch a UTC day, by its number. */
  private readonly byUtcDay = new Map<number, readonly LocalDay[]>();
  private readonly byDate = new Map<string, LocalDay>();
  /** The day found last: deliveries come day by day. */
  private last: LocalDay | null = null;

  constructor(zone: string) {
    this.zone = zone;
  }

  /** The local day that holds `second`. */
  of(second: number): LocalDay {
    const { last } = this;
    if (last && second >= last.start && second < last.end) return last;
    for (const day of this.touching(Math.floor(second / 86_400))) {
      if (second >= day.end) continue;
      this.last = day;
      return day;
    }
    throw new RangeError(`no local day of ${this.zone} holds ${second}`);
  }

  /** The day before. */
  before(day: LocalDay): LocalDay {
    return this.of(day.start - 1);
  }

  /** The calendar day of a stretch: itself, unless days are cut. */
  whole(day: LocalDay): LocalDay {
    return day;
  }

  /** Local days that touch [start, end), in order. */
  between(start: number, end: number): LocalDay[] {
    const days: LocalDay[] = [];
    for (let at = start; at < end; ) {
      const day = this.of(at);
      days.push(day);
      at = day.end;
    }
    return days;
  }

  /** Minute of the local day at which each slot of the day begins; differs from `slot x interval` when clocks change. */
  minutes(day: LocalDay, intervalSeconds: number): number[] {
    const count = Math.round((day.end - day.start) / intervalSeconds);
    const { start, end } = this.whole(day);
    // A stretch of a day that is cut may last 24 hours and be no plain day.
    const isPlain = end - start === 86_400;
    return Array.from({ length: count }, (_, slot) =>
      isPlain
        ? (day.start - start + slot * intervalSeconds) / 60
        : localTime((day.start + slot * intervalSeconds) * 1000, this.zone).minuteOfDay,
    );
  }

  private touching(utcDay: number): readonly LocalDay[] {
    const known = this.byUtcDay.get(utcDay);
    if (known) return known;
    const days: LocalDay[] = [];
    for (let atMs = utcDay * dayMs; atMs < (utcDay + 1) * dayMs; ) {
      const day = this.named(dateOf(atMs, this.zone));
      days.push(day);
      atMs = day.end * 1000;
    }
    this.byUtcDay.set(utcDay, days);
    return days;
  }

  private named(date: string): LocalDay {
    const known = this.byDate.get(date);
    if (known) return known;
    const { startMs, endMs } = localDay(date, this.zone);
    const { dayOfWeek } = localTime(startMs, this.zone);
    const day = { date, start: startMs / 1000, end: endMs / 1000, dayOfWeek };
    this.byDate.set(date, day);
    return day;
  }
}
