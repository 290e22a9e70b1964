/** A set of integers as sorted, disjoint, half-open ranges: which slots of a channel are known. */

/** Half-open [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Grows and shrinks by ranges; a gapless history is one range, whatever its length. */
export class RangeSet {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** The set of `count` ranges that stand in `words` as pairs of start and end, sorted and disjoint. */
  static fromPairs(words: Uint32Array, at: number, count: number): RangeSet {
    const set = new RangeSet();
    for (let index = 0; index < count; index++) {
      set.starts.push(words[at + 2 * index] as number);
      set.ends.push(words[at + 2 * index + 1] as number);
    }
    return set;
  }

  /** Writes all ranges into `words` as pairs from `at` on; returns where the next may stand. */
  copyInto(words: Uint32Array, at: number): number {
    let next = at;
    for (let index = 0; index < this.starts.length; index++) {
      words[next++] = this.starts[index] as number;
      words[next++] = this.ends[index] as number;
    }
    return next;
  }

  /** How many ranges. */
  get size(): number {
    return this.starts.length;
  }

  get isEmpty(): boolean {
    return this.starts.length === 0;
  }

  /** End of the last range, or -Infinity. */
  get end(): number {
    return this.ends[this.ends.length - 1] ?? Number.NEGATIVE_INFINITY;
  }

  /** Start of the first range, or Infinity. */
  get start(): number {
    return this.starts[0] ?? Number.POSITIVE_INFINITY;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    // Nearly always the new range touches or follows the last one.
    const last = this.starts.length - 1;
    if (last < 0 || start > (this.ends[last] as number)) {
      this.starts.push(start);
      this.ends.push(end);
      return;
    }
    const from = this.firstEndingAtOrAfter(start);
    let to = from;
    let mergedStart = start;
    let mergedEnd = end;
    while (to <= last && (this.starts[to] as number) <= end) {
      mergedStart = Math.min(mergedStart, this.starts[to] as number);
      mergedEnd = Math.max(mergedEnd, this.ends[to] as number);
      to++;
    }
    this.starts.splice(from, to - from, mergedStart);
    this.ends.splice(from, to - from, mergedEnd);
  }

  remove(start: number, end: number): void {
    if (start >= end) return;
    const from = this.firstEndingAtOrAfter(start + 1);
    let to = from;
    const keptStarts: number[] = [];
    const keptEnds: number[] = [];
    while (to < this.starts.length && (this.starts[to] as number) < end) {
      const rangeStart = this.starts[to] as number;
      const rangeEnd = this.ends[to] as number;
      if (rangeStart < start) {
        keptStarts.push(rangeStart);
        keptEnds.push(start);
      }
      if (rangeEnd > end) {
        keptStarts.push(end);
        keptEnds.push(rangeEnd);
      }
      to++;
    }
    if (to === from) return;
    this.starts.splice(from, to - from, ...keptStarts);
    this.ends.splice(from, to - from, ...keptEnds);
  }

  has(point: number): boolean {
    const index = this.firstEndingAtOrAfter(point + 1);
    return index < this.starts.length && (this.starts[index] as number) <= point;
  }

  /** Whether any point of [start, end) is in the set. */
  overlaps(start: number, end: number): boolean {
    if (start >= end) return false;
    const index = this.firstEndingAtOrAfter(start + 1);
    return index < this.starts.length && (this.starts[index] as number) < end;
  }

  /** Whether all of [start, end) is in the set. */
  covers(start: number, end: number): boolean {
    const index = this.firstEndingAtOrAfter(start + 1);
    return (
      start >= end ||
      (index < this.starts.length &&
        (this.starts[index] as number) <= start &&
        (this.ends[index] as number) >= end)
    );
  }

  /** End of the range that holds `point`; `point` itself when none does. */
  coveredUntil(point: number): number {
    const index = this.firstEndingAtOrAfter(point + 1);
    return index < this.starts.length && (this.starts[index] as number) <= point
      ? (this.ends[index] as number)
      : point;
  }

  /** Ranges of [start, end) that are in the set. */
  within(start: number, end: number): Range[] {
    const found: Range[] = [];
    for (let i = this.firstEndingAtOrAfter(start + 1); i < this.starts.length; i++) {
      const from = Math.max(start, this.starts[i] as number);
      const to = Math.min(end, this.ends[i] as number);
      if (from >= to) break;
      found.push({ start: from, end: to });
    }
    return found;
  }

  /** Ranges of [start, end) that are not in the set. */
  gaps(start: number, end: number): Range[] {
    const found: Range[] = [];
    let at = start;
    for (const range of this.within(start, end)) {
      if (range.start > at) found.push({ start: at, end: range.start });
      at = range.end;
    }
    if (at < end) found.push({ start: at, end });
    return found;
  }

  /** How many integers of [start, end) are in the set. */
  countWithin(start: number, end: number): number {
    return this.within(start, end).reduce((sum, range) => sum + range.end - range.start, 0);
  }

  /** Index of the first range whose end is at or after `point`. */
  private firstEndingAtOrAfter(point: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] as number) < point) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
