/** Estimation from days alike: the same local time on days of the same kind, the nearest in temperature when that is known. */

/** A day of the past, by minute of the local day; absent where it has nothing measured. */
export interface LikeDay {
  readonly values: ReadonlyMap<number, number>;
  /** Mean outdoor temperature, degrees Celsius; null when nobody knows. */
  readonly temperature: number | null;
}

/** What like days say of a slot. */
export interface LikeDayValue {
  /** Mean, rounded half up to whole units. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
  /** Standard deviation of the days, 0 for one day. */
  readonly deviation: number;
  readonly days: number;
}

/** The estimate of the slot at `minute`, or null when no like day has a value there. */
export function likeDayValue(days: readonly LikeDay[], minute: number): LikeDayValue | null {
  let sum = 0;
  let squares = 0;
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const day of days) {
    const value = day.values.get(minute);
    if (value === undefined) continue;
    sum += value;
    squares += value * value;
    count++;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (count === 0) return null;
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { value: Math.floor(mean + 0.5), least, most, deviation, days: count };
}

/** Days asked when temperature chooses among them. */
const nearestDays = 4;

/** The days nearest to `temperature`; null when too few of them have one, and then all days are as good as another. */
export function nearestInTemperature(days: readonly LikeDay[], temperature: number | null): LikeDay[] | null {
  if (temperature === null) return null;
  const known = days.filter((day) => day.temperature !== null && day.values.size > 0);
  if (known.length <= nearestDays) return null;
  const distance = (day: LikeDay) => Math.abs((day.temperature as number) - temperature);
  return known.toSorted((a, b) => distance(a) - distance(b)).slice(0, nearestDays);
}
