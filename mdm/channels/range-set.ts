/** A set of integers as sorted, disjoint, half-open ranges: which slots of a channel are known. */

/** Half-open [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Grows and shrinks by ranges; a gapless history is one range, whatever its length, and one range needs no array. */
export class RangeSet {
  /** The only range while `bounds` is null; empty when both are equal. */
  private from = 0;
  private to = 0;
  /** Starts and ends in turn, once there are two ranges or more. */
  private bounds: number[] | null = null;

  /** The set of `count` ranges that stand in `words` as pairs of start and end, sorted and disjoint. */
  static fromPairs(words: Uint32Array, at: number, count: number): RangeSet {
    const set = new RangeSet();
    set.keep(Array.from(words.subarray(at, at + 2 * count)));
    return set;
  }

  /** Writes all ranges into `words` as pairs from `at` on; returns where the next may stand. */
  copyInto(words: Uint32Array, at: number): number {
    const bounds = this.all();
    words.set(bounds, at);
    return at + bounds.length;
  }

  /** How many ranges. */
  get size(): number {
    return this.bounds === null ? Number(this.from < this.to) : this.bounds.length / 2;
  }

  get isEmpty(): boolean {
    return this.bounds === null && this.from === this.to;
  }

  /** End of the last range, or -Infinity. */
  get end(): number {
    if (this.bounds !== null) return this.bounds[this.bounds.length - 1] as number;
    return this.from < this.to ? this.to : Number.NEGATIVE_INFINITY;
  }

  /** Start of the first range, or Infinity. */
  get start(): number {
    if (this.bounds !== null) return this.bounds[0] as number;
    return this.from < this.to ? this.from : Number.POSITIVE_INFINITY;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    if (this.isEmpty) {
      this.from = start;
      this.to = end;
    } else if (this.bounds === null && start <= this.to && end >= this.from) {
      if (start < this.from) this.from = start;
      if (end > this.to) this.to = end;
    } else this.merge(start, end);
  }

  remove(start: number, end: number): void {
    if (!this.overlaps(start, end)) return;
    const bounds = this.all();
    const first = this.firstEndingAtOrAfter(start + 1);
    let past = first;
    while (past < bounds.length && (bounds[past] as number) < end) past += 2;
    const kept: number[] = [];
    const before = bounds[first] as number;
    const after = bounds[past - 1] as number;
    if (before < start) kept.push(before, start);
    if (after > end) kept.push(end, after);
    this.keep(bounds.toSpliced(first, past - first, ...kept));
  }

  has(point: number): boolean {
    if (this.bounds === null) return point >= this.from && point < this.to;
    return this.startOf(this.firstEndingAtOrAfter(point + 1)) <= point;
  }

  /** Whether any point of [start, end) is in the set. */
  overlaps(start: number, end: number): boolean {
    if (start >= end) return false;
    if (this.bounds === null) return this.from < this.to && start < this.to && end > this.from;
    return this.startOf(this.firstEndingAtOrAfter(start + 1)) < end;
  }

  /** Whether all of [start, end) is in the set. */
  covers(start: number, end: number): boolean {
    return start >= end || this.coveredUntil(start) >= end;
  }

  /** End of the range that holds `point`; `point` itself when none does. */
  coveredUntil(point: number): number {
    if (this.bounds === null) return point >= this.from && point < this.to ? this.to : point;
    const at = this.firstEndingAtOrAfter(point + 1);
    return this.startOf(at) <= point ? (this.bounds[at + 1] as number) : point;
  }

  /** Ranges of [start, end) that are in the set. */
  within(start: number, end: number): Range[] {
    const found: Range[] = [];
    const bounds = this.all();
    for (let at = this.firstEndingAtOrAfter(start + 1); at < bounds.length; at += 2) {
      const from = Math.max(start, bounds[at] as number);
      const to = Math.min(end, bounds[at + 1] as number);
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
    if (this.bounds === null) return Math.max(0, Math.min(end, this.to) - Math.max(start, this.from));
    return this.within(start, end).reduce((sum, range) => sum + range.end - range.start, 0);
  }

  /** Adds a range to others: those that touch it become one with it. */
  private merge(start: number, end: number): void {
    const bounds = this.all();
    const first = this.firstEndingAtOrAfter(start);
    let past = first;
    while (past < bounds.length && (bounds[past] as number) <= end) past += 2;
    const from = past > first ? Math.min(start, bounds[first] as number) : start;
    const to = past > first ? Math.max(end, bounds[past - 1] as number) : end;
    this.keep(bounds.toSpliced(first, past - first, from, to));
  }

  private keep(bounds: number[]): void {
    this.bounds = bounds.length > 2 ? bounds : null;
    this.from = bounds.length === 2 ? (bounds[0] as number) : 0;
    this.to = bounds.length === 2 ? (bounds[1] as number) : 0;
  }

  private all(): readonly number[] {
    return this.bounds ?? (this.from < this.to ? [this.from, this.to] : []);
  }

  /** Start of the range at a place of `bounds`; Infinity past the last. */
  private startOf(at: number): number {
    return this.bounds?.[at] ?? Number.POSITIVE_INFINITY;
  }

  /** Place in the bounds of the first range whose end is at or after `point`. */
  private firstEndingAtOrAfter(point: number): number {
    if (this.bounds === null) return this.from < this.to && this.to < point ? 2 : 0;
    let low = 0;
    let high = this.bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.bounds[2 * middle + 1] as number) < point) low = middle + 1;
      else high = middle;
    }
    return 2 * low;
  }
}
