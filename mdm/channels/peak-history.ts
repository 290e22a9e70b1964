/** Largest value and sum of each of a channel's recent store days: what the rules call usual. */

/** Days remembered; more than the rules look at, so that a bulk load of history can look both ways. */
const capacity = 64;

/** What other days had, nearest first. */
export interface UsualDays {
  readonly peaks: number[];
  readonly sums: number[];
}

/** A ring of daily figures by store day number; an older day never replaces a newer one. */
export class PeakHistory {
  private days: Int32Array | null = null;
  private peaks: Float64Array | null = null;
  private sums: Float64Array | null = null;
  /** Whether what the store holds of earlier runs was put in. */
  isLoaded: boolean;

  constructor(isLoaded = true) {
    this.isLoaded = isLoaded;
  }

  /** A piece of a day: its largest value and its sum. */
  note(day: number, peak: number, sum: number): void {
    if (!this.days || !this.peaks || !this.sums) {
      this.days = new Int32Array(capacity).fill(-1);
      this.peaks = new Float64Array(capacity);
      this.sums = new Float64Array(capacity);
    }
    const at = day % capacity;
    const there = this.days[at] as number;
    if (there > day) return;
    const isSame = there === day;
    this.peaks[at] = isSame ? Math.max(this.peaks[at] as number, peak) : peak;
    this.sums[at] = isSame ? (this.sums[at] as number) + sum : sum;
    this.days[at] = day;
  }

  /** Up to `count` days nearest to the days [first, last], earlier ones first; these days themselves left out. */
  around(first: number, last: number, count: number): UsualDays {
    const found: UsualDays = { peaks: [], sums: [] };
    if (!this.days) return found;
    for (let day = first - 1; day >= first - count; day--) this.collect(day, found);
    for (let day = last + 1; day <= last + count && found.peaks.length < count; day++)
      this.collect(day, found);
    return found;
  }

  private collect(day: number, found: UsualDays): void {
    const at = ((day % capacity) + capacity) % capacity;
    if (this.days?.[at] !== day) return;
    found.peaks.push(this.peaks?.[at] as number);
    found.sums.push(this.sums?.[at] as number);
  }
}
