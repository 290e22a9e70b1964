/** Estimation `like-day`: the mean of the same local time on like days (weekdays, or days of the weekend). */

/** A day of the past, by minute of the local day; undefined where it has nothing measured. */
export type LikeDay = ReadonlyMap<number, number>;

/** What like days say of a slot. */
export interface LikeDayValue {
  /** Mean, rounded half up to whole units. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly days: number;
}

/** The estimate of the slot at `minute`, or null when no like day has a value there. */
export function likeDayValue(days: readonly LikeDay[], minute: number): LikeDayValue | null {
  let sum = 0;
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const day of days) {
    const value = day.get(minute);
    if (value === undefined) continue;
    sum += value;
    count++;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (count === 0) return null;
  return { value: Math.floor(sum / count + 0.5), least, most, days: count };
}
