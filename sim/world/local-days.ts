/** The world's slots grouped into local days: 23 hours in spring, 25 in autumn, 24 otherwise. */
import { dateOf, localDay, localTime } from '@wattline/base';

/** A local calendar day as a run of slots; slot `n` starts at `startMs + n x slotMs` of the world. */
export interface LocalDay {
  readonly date: string;
  /** Days of the local date since 1970-01-01. */
  readonly epochDay: number;
  /** 1 is Monday. */
  readonly dayOfWeek: number;
  readonly firstSlot: number;
  readonly slots: number;
  /** Instant of the first slot. */
  readonly startMs: number;
  readonly slotMs: number;
  /** Wall clock at the start of each slot. */
  readonly minuteOfDay: Int16Array;
}

/** Finds the local day of any slot, before the world's start too. */
export interface LocalDays {
  at(slot: number): LocalDay;
}

const dayMs = 86_400_000;
/** Days kept; eleven years, so that in practice none is made twice. */
const mostDays = 4096;

/** Local days of `zone` on the grid that starts at `startMs`. */
export function createLocalDays(zone: string, startMs: number, slotMs: number): LocalDays {
  const byDate = new Map<string, LocalDay>();
  const bySpan = new Map<number, LocalDay[]>();
  let last: LocalDay | undefined;
  const find = (slot: number): LocalDay => {
    // A span of 24 hours on the grid touches at most three local days.
    const span = Math.floor((slot * slotMs) / dayMs);
    let near = bySpan.get(span);
    if (!near) {
      if (bySpan.size >= mostDays) {
        bySpan.clear();
        byDate.clear();
      }
      near = [];
      bySpan.set(span, near);
    }
    let day = near.find((candidate) => contains(candidate, slot));
    if (!day) {
      const date = dateOf(startMs + slot * slotMs, zone);
      day = byDate.get(date) ?? makeDay({ date, zone, startMs, slotMs });
      byDate.set(date, day);
      near.push(day);
    }
    return day;
  };
  return {
    at(slot) {
      if (!last || !contains(last, slot)) last = find(slot);
      return last;
    },
  };
}

function contains(day: LocalDay, slot: number): boolean {
  return slot >= day.firstSlot && slot < day.firstSlot + day.slots;
}

function makeDay(of: {
  readonly date: string;
  readonly zone: string;
  readonly startMs: number;
  readonly slotMs: number;
}): LocalDay {
  const { date, zone, startMs, slotMs } = of;
  const period = localDay(date, zone);
  const firstSlot = Math.ceil((period.startMs - startMs) / slotMs);
  const slots = Math.ceil((period.endMs - startMs) / slotMs) - firstSlot;
  const firstMs = startMs + firstSlot * slotMs;
  const isPlain = period.endMs - period.startMs === dayMs;
  const minuteOfDay = Int16Array.from({ length: slots }, (_, slot) => {
    const atMs = firstMs + slot * slotMs;
    return isPlain ? Math.floor((atMs - period.startMs) / 60_000) : localTime(atMs, zone).minuteOfDay;
  });
  const plain = Temporal.PlainDate.from(date);
  const epochDay = epochDayOf(date);
  return {
    date,
    epochDay,
    dayOfWeek: plain.dayOfWeek,
    firstSlot,
    slots,
    startMs: firstMs,
    slotMs,
    minuteOfDay,
  };
}

/** Days of a date since 1970-01-01. */
export function epochDayOf(date: string): number {
  return Temporal.Instant.from(`${date}T00:00:00Z`).epochMilliseconds / dayMs;
}

/** The date of a number of days since 1970-01-01. */
export function dateOfEpochDay(epochDay: number): string {
  return dateOf(epochDay * dayMs, 'UTC');
}
