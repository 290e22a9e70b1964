/** What was met lately, by key: two generations, of which the older goes as a whole. Dropping one by one costs the more, the more were dropped. */

/** Holds at least the newest half of `capacity` entries and never more than `capacity`. */
export class RecentMap<K, V> {
  private readonly generation: number;
  private young = new Map<K, V>();
  private old = new Map<K, V>();

  constructor(capacity: number) {
    this.generation = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: K): V | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  has(key: K): boolean {
    return this.young.has(key) || this.old.has(key);
  }

  set(key: K, value: V): void {
    if (this.young.size >= this.generation && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }
}
