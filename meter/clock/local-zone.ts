/** An IANA zone as stretches of constant offset and as local days, remembered, so that the meter asks Temporal once a day. */
import { dateOf, localDay, type Period } from '@wattline/base';

/** A stretch in which the wall clock runs evenly, [startMs, endMs). */
export interface ZoneStretch extends Period {
  /** Minutes that local time is ahead of UTC. */
  readonly offsetMinutes: number;
  /** The offset is above the least one of the year. Ireland, whose law names winter time the deviation, is seen as its neighbours are. */
  readonly isDaylightSaving: boolean;
}

/** A zone. */
export interface LocalZone {
  readonly name: string;
  /** Offset of standard time, minutes ahead of UTC, in the year of the instant. */
  standardOffset(atMs: number): number;
  stretchAt(atMs: number): ZoneStretch;
  /** The local day that holds the instant. */
  dayAt(atMs: number): Period;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Days kept; a meter walks through time, so old ones are not missed. */
const mostDays = 1024;

const zones = new Map<string, LocalZone>();

/** The zone of a name; the same object for the same name, as it is a pure function of the name. */
export function localZone(name: string): LocalZone {
  let zone = zones.get(name);
  if (!zone) {
    zone = createZone(name);
    zones.set(name, zone);
  }
  return zone;
}

function createZone(name: string): LocalZone {
  const stretches: ZoneStretch[] = [];
  const days = new Map<number, Period>();
  let lastStretch: ZoneStretch | undefined;
  let lastDay: Period | undefined;
  const standardOffset = (atMs: number) => {
    const at = zoned(atMs, name);
    return Math.min(...[1, 7].map((month) => offsetOf(at.with({ month, day: 1 }))));
  };
  const stretchAt = (atMs: number) => {
    if (lastStretch && holds(lastStretch, atMs)) return lastStretch;
    lastStretch = stretches.find((stretch) => holds(stretch, atMs));
    if (!lastStretch) {
      lastStretch = findStretch(name, atMs, standardOffset(atMs));
      stretches.push(lastStretch);
    }
    return lastStretch;
  };
  return {
    name,
    standardOffset,
    stretchAt,
    dayAt(atMs) {
      if (lastDay && holds(lastDay, atMs)) return lastDay;
      const number = Math.floor((atMs + stretchAt(atMs).offsetMinutes * minuteMs) / dayMs);
      let day = days.get(number);
      if (!day || !holds(day, atMs)) {
        day = localDay(dateOf(atMs, name), name);
        if (days.size >= mostDays) days.clear();
        days.set(number, day);
      }
      lastDay = day;
      return day;
    },
  };
}

function holds({ startMs, endMs }: Period, atMs: number): boolean {
  return atMs >= startMs && atMs < endMs;
}

function findStretch(name: string, atMs: number, standardOffsetMinutes: number): ZoneStretch {
  // "Previous" is strictly before: a millisecond later the transition at this very instant counts.
  const previous = zoned(atMs + 1, name).getTimeZoneTransition('previous');
  const next = zoned(atMs, name).getTimeZoneTransition('next');
  const offsetMinutes = offsetOf(zoned(atMs, name));
  return {
    startMs: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    endMs: next?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMinutes,
    isDaylightSaving: offsetMinutes > standardOffsetMinutes,
  };
}

function zoned(atMs: number, name: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(name);
}

function offsetOf(at: Temporal.ZonedDateTime): number {
  return Math.round(at.offsetNanoseconds / 60e9);
}
