/** The days of one channel that are in memory: a few as a rule, by number. */
import { type StoredDay, sizeOfDay } from './stored-day.ts';

/** Store days by number, ascending. */
export class DayShelf {
  private readonly numbers: number[] = [];
  private readonly days: StoredDay[] = [];

  get isEmpty(): boolean {
    return this.numbers.length === 0;
  }

  get(number: number): StoredDay | undefined {
    const at = this.placeOf(number);
    return this.numbers[at] === number ? this.days[at] : undefined;
  }

  /** Puts a day in; its number must not be there. */
  set(number: number, day: StoredDay): void {
    const at = this.placeOf(number);
    if (at === this.numbers.length) {
      this.numbers.push(number);
      this.days.push(day);
    } else {
      this.numbers.splice(at, 0, number);
      this.days.splice(at, 0, day);
    }
  }

  /** Drops days not used since the last call whose newest batch is in the store; returns the octets that came free. */
  dropStale(storedBatch: number): number {
    let octets = 0;
    let kept = 0;
    for (let at = 0; at < this.days.length; at++) {
      const day = this.days[at] as StoredDay;
      if (day.isRecent || day.batch > storedBatch) {
        day.isRecent = false;
        this.numbers[kept] = this.numbers[at] as number;
        this.days[kept++] = day;
      } else octets += sizeOfDay(day);
    }
    this.numbers.length = kept;
    this.days.length = kept;
    return octets;
  }

  /** Place of the first day with this number or a later one. */
  private placeOf(number: number): number {
    let low = 0;
    let high = this.numbers.length;
    if (high > 0 && (this.numbers[high - 1] as number) < number) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.numbers[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
