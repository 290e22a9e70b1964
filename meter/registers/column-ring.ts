/** The buffer of a Profile generic (Blue Book 4.3.6) as a ring of typed columns: first in, first out, bounded. */
import assert from 'node:assert/strict';

/** Storage of a column: instants and registers need 53 bits, interval energies 32, flags and codes 8. */
const storages = {
  float64: (capacity: number) => new Float64Array(capacity),
  uint32: (capacity: number) => new Uint32Array(capacity),
  uint8: (capacity: number) => new Uint8Array(capacity),
} as const;
export type Storage = keyof typeof storages;

const storageMax = { float64: Number.MAX_SAFE_INTEGER, uint32: 2 ** 32 - 1, uint8: 255 } as const;

/** Rows of whole numbers from 0; entry 0 is the oldest still held. */
export class ColumnRing {
  readonly capacity: number;
  readonly #kinds: readonly Storage[];
  readonly #columns: readonly (Float64Array | Uint32Array | Uint8Array)[];
  #first = 0;
  #length = 0;

  constructor(capacity: number, kinds: readonly Storage[]) {
    assert(Number.isInteger(capacity) && capacity > 0, `a buffer holds at least one entry, not ${capacity}`);
    this.capacity = capacity;
    this.#kinds = kinds;
    this.#columns = kinds.map((kind) => storages[kind](capacity));
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a row; the oldest makes room when the ring is full. */
  append(row: readonly number[]): void {
    assert(
      row.length === this.#columns.length,
      `expected ${this.#columns.length} columns, found ${row.length}`,
    );
    const place = (this.#first + this.#length) % this.capacity;
    for (let column = 0; column < row.length; column++) {
      const value = row[column] as number;
      const kind = this.#kinds[column] as Storage;
      assert(Number.isInteger(value) && value >= 0 && value <= storageMax[kind], `${value} is no ${kind}`);
      (this.#columns[column] as Float64Array)[place] = value;
    }
    if (this.#length < this.capacity) this.#length++;
    else this.#first = (this.#first + 1) % this.capacity;
  }

  /** The value at an entry that is held. */
  at(column: number, entry: number): number {
    return (this.#columns[column] as Float64Array)[(this.#first + entry) % this.capacity] as number;
  }
}
