/** Largest value and sum of each of a channel's recent store days: what the rules call usual. */

/** Days remembered; more than the rules look at, so that a bulk load of history can look both ways. */
const capacity = 64;
/** A channel of which little is known takes less room, and one day none of its own: there are a million of them. */
const firstCapacity = 4;
/** Words of a day: its number plus one, peak, sum. */
const words = 3;

/** What other days had, nearest first. */
export interface UsualDays {
  readonly peaks: number[];
  readonly sums: number[];
}

const nothing: UsualDays = { peaks: [], sums: [] };

/** A ring of daily figures by store day number, to 24 bits; an older day never replaces a newer one. */
export class PeakHistory {
  private ring: Float32Array | null = null;
  /** The only day, while there is no ring; -1 when there is none. */
  private day = -1;
  private peak = 0;
  private sum = 0;
  /** Whether what the store holds of earlier runs was put in. */
  isLoaded: boolean;

  constructor(isLoaded = true) {
    this.isLoaded = isLoaded;
  }

  /** A piece of a day: its largest value and its sum. */
  note(day: number, peak: number, sum: number): void {
    if (this.ring === null && (this.day === -1 || this.day === day)) {
      this.day = day;
      this.peak = Math.max(this.peak, Math.fround(peak));
      this.sum = Math.fround(this.sum + sum);
      return;
    }
    this.ring ??= this.firstRing();
    let ring = this.ring;
    let at = (day % (ring.length / words)) * words;
    while (ring[at] !== 0 && ring[at] !== day + 1 && ring.length < capacity * words) {
      this.ring = ring = grown(ring);
      at = (day % (ring.length / words)) * words;
    }
    const there = (ring[at] as number) - 1;
    if (there > day) return;
    const isSame = there === day;
    ring[at] = day + 1;
    ring[at + 1] = isSame ? Math.max(ring[at + 1] as number, peak) : peak;
    ring[at + 2] = isSame ? (ring[at + 2] as number) + sum : sum;
  }

  /** Up to `count` days nearest to the days [first, last], earlier ones first; these days themselves left out. */
  around(first: number, last: number, count: number): UsualDays {
    if (this.ring === null && (this.day === -1 || (this.day >= first && this.day <= last))) return nothing;
    this.ring ??= this.firstRing();
    const { ring } = this;
    if (first === last && isOnly(ring, first)) return nothing;
    const found: UsualDays = { peaks: [], sums: [] };
    for (let day = first - 1; day >= first - count; day--) collect(ring, day, found);
    for (let day = last + 1; day <= last + count && found.peaks.length < count; day++)
      collect(ring, day, found);
    return found;
  }

  private firstRing(): Float32Array {
    const ring = new Float32Array(firstCapacity * words);
    ring.set([this.day + 1, this.peak, this.sum], (this.day % firstCapacity) * words);
    return ring;
  }
}

function grown(ring: Float32Array): Float32Array {
  const larger = new Float32Array(ring.length * 4);
  const days = larger.length / words;
  for (let at = 0; at < ring.length; at += words) {
    const day = (ring[at] as number) - 1;
    if (day >= 0) larger.set(ring.subarray(at, at + words), (day % days) * words);
  }
  return larger;
}

/** Whether a small ring holds no other day. */
function isOnly(ring: Float32Array, day: number): boolean {
  if (ring.length === capacity * words) return false;
  for (let at = 0; at < ring.length; at += words) {
    if (ring[at] !== 0 && ring[at] !== day + 1) return false;
  }
  return true;
}

function collect(ring: Float32Array, day: number, found: UsualDays): void {
  const days = ring.length / words;
  const at = (((day % days) + days) % days) * words;
  if (ring[at] !== day + 1) return;
  found.peaks.push(ring[at + 1] as number);
  found.sums.push(ring[at + 2] as number);
}
