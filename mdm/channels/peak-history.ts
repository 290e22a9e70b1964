/** The largest value of each of a channel's recent store days: what the spike rule calls typical. */

/** Days remembered; more than the rule looks at, so that a bulk load of history can look both ways. */
const capacity = 64;

/** A ring of daily peaks by store day number; an older day never replaces a newer one. */
export class PeakHistory {
  private days: Int32Array | null = null;
  private peaks: Float64Array | null = null;
  /** Whether what the store holds of earlier runs was put in. */
  isLoaded: boolean;

  constructor(isLoaded = true) {
    this.isLoaded = isLoaded;
  }

  note(day: number, peak: number): void {
    if (!this.days || !this.peaks) {
      this.days = new Int32Array(capacity).fill(-1);
      this.peaks = new Float64Array(capacity);
    }
    const at = day % capacity;
    const there = this.days[at] as number;
    if (there > day) return;
    this.peaks[at] = there === day ? Math.max(this.peaks[at] as number, peak) : peak;
    this.days[at] = day;
  }

  /** Peaks of up to `count` days nearest to the days [first, last], earlier ones first; these days themselves left out. */
  around(first: number, last: number, count: number): number[] {
    const found: number[] = [];
    if (!this.days || !this.peaks) return found;
    for (let day = first - 1; day >= first - count; day--) this.collect(day, found);
    for (let day = last + 1; day <= last + count && found.length < count; day++) this.collect(day, found);
    return found;
  }

  private collect(day: number, found: number[]): void {
    const at = ((day % capacity) + capacity) % capacity;
    if (this.days?.[at] === day) found.push(this.peaks?.[at] as number);
  }
}
