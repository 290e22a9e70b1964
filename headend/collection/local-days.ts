/** The calendar of a fleet: thousands of meters of one zone ask the same day and the same offset, and Temporal answers slowly. */
import { dateOf, localDay, localTime, type Period } from '@wattline/base';

/** Answers kept; when there are more, all are forgotten. */
const keptMax = 1024;
const days = new Map<string, Period>();
const offsets = new Map<string, number>();

/** The local day that an instant falls into. */
export function localDayAt(instantMs: number, zone: string): Period {
  const known = days.get(zone);
  if (known && instantMs >= known.startMs && instantMs < known.endMs) return known;
  const day = localDay(dateOf(instantMs, zone), zone);
  remember(days, zone, day);
  return day;
}

/** Minutes that the wall clock of `zone` is east of UTC at an instant. */
export function offsetMinutesAt(instantMs: number, zone: string): number {
  const name = `${zone} ${instantMs}`;
  let offset = offsets.get(name);
  if (offset === undefined) {
    offset = localTime(instantMs, zone).offsetMinutes;
    remember(offsets, name, offset);
  }
  return offset;
}

function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  if (map.size >= keptMax) map.clear();
  map.set(name, value);
}
