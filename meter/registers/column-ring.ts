/** The buffer of a Profile generic (Blue Book 4.3.6) as a ring of typed columns: first in, first out, bounded; it grows as it fills. */
import assert from 'node:assert/strict';

/** Storage of a column: instants and registers need 53 bits, interval energies 32, codes 16, flags 8. */
const storages = {
  float64: (capacity: number) => new Float64Array(capacity),
  uint32: (capacity: number) => new Uint32Array(capacity),
  int32: (capacity: number) => new Int32Array(capacity),
  uint16: (capacity: number) => new Uint16Array(capacity),
  int16: (capacity: number) => new Int16Array(capacity),
  uint8: (capacity: number) => new Uint8Array(capacity),
} as const;
export type Storage = keyof typeof storages;
type Column = Float64Array | Uint32Array | Int32Array | Uint16Array | Int16Array | Uint8Array;

/** Least and greatest whole number of each. */
const storageRange: Readonly<Record<Storage, readonly [number, number]>> = {
  float64: [0, Number.MAX_SAFE_INTEGER],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint16: [0, 2 ** 16 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint8: [0, 255],
};

/** Entries that there is room for at first. */
const firstRoom = 16;
/** By how much it grows when it is full: between the copies that growing costs and the room that lies idle. */
const growth = 1.5;

/** Rows of whole numbers; entry 0 is the oldest still held. */
export class ColumnRing {
  readonly capacity: number;
  /** Told of each row that is added, and when all are forgotten: for those who keep them. */
  onAppend: ((row: readonly number[]) => void) | undefined;
  onClear: (() => void) | undefined;
  readonly #kinds: readonly Storage[];
  #columns: readonly Column[] = [];
  #room = 0;
  #first = 0;
  #length = 0;

  constructor(capacity: number, kinds: readonly Storage[]) {
    assert(Number.isInteger(capacity) && capacity > 0, `a buffer holds at least one entry, not ${capacity}`);
    this.capacity = capacity;
    this.#kinds = kinds;
  }

  /** Columns of a row. */
  get width(): number {
    return this.#kinds.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Octets of memory that its columns take now. */
  get heldBytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Adds a row; the oldest makes room when the ring is full. */
  append(row: readonly number[]): void {
    assert(row.length === this.#kinds.length, `expected ${this.#kinds.length} columns, found ${row.length}`);
    if (this.#length === this.#room && this.#room < this.capacity) this.#grow();
    const place = (this.#first + this.#length) % this.#room;
    for (let column = 0; column < row.length; column++) {
      const value = row[column] as number;
      const kind = this.#kinds[column] as Storage;
      const [least, most] = storageRange[kind];
      assert(Number.isInteger(value) && value >= least && value <= most, `${value} is no ${kind}`);
      (this.#columns[column] as Column)[place] = value;
    }
    if (this.#length < this.#room) this.#length++;
    else this.#first = (this.#first + 1) % this.#room;
    this.onAppend?.(row);
  }

  /** The value at an entry that is held. */
  at(column: number, entry: number): number {
    return (this.#columns[column] as Column)[(this.#first + entry) % this.#room] as number;
  }

  /** Forgets all entries and gives their memory back. */
  clear(): void {
    this.#columns = [];
    this.#room = 0;
    this.#first = 0;
    this.#length = 0;
    this.onClear?.();
  }

  /** Only before it is full for the first time, while entry 0 still stands at place 0. */
  #grow(): void {
    this.#room = Math.min(this.capacity, Math.max(firstRoom, Math.ceil(this.#room * growth)));
    this.#columns = this.#kinds.map((kind, index) => {
      const wider = storages[kind](this.#room);
      const held = this.#columns[index];
      if (held) (wider as Float64Array).set(held as Float64Array);
      return wider;
    });
  }
}
