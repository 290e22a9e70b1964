/** Lines of dots for a terminal: a character holds two by four of them (Unicode braille patterns). */

/** Bits of the dots of a character, by row and column. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const blank = 0x2800;

/** A canvas of so many characters; dots count from the upper left corner. */
export class BrailleCanvas {
  readonly width: number;
  readonly height: number;
  readonly #columns: number;
  readonly #cells: Uint8Array;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.width = 2 * columns;
    this.height = 4 * rows;
    this.#cells = new Uint8Array(columns * rows);
  }

  /** Sets a dot; outside the canvas nothing happens. */
  dot(x: number, y: number): void {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return;
    const cell = (row >> 2) * this.#columns + (column >> 1);
    this.#cells[cell] = (this.#cells[cell] as number) | (dots[row & 3]?.[(column & 1) as 0 | 1] ?? 0);
  }

  /** A line; of every `spacing` dots one is set. */
  line(from: readonly [number, number], to: readonly [number, number], spacing = 1): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
    for (let step = 0; step <= steps; step += spacing) {
      const share = step / steps;
      this.dot(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share);
    }
  }

  /** The rows as text. */
  rows(): string[] {
    const cells = [...this.#cells].map((bits) => (bits === 0 ? ' ' : String.fromCharCode(blank + bits)));
    return Array.from({ length: this.#cells.length / this.#columns }, (_, row) =>
      cells.slice(row * this.#columns, (row + 1) * this.#columns).join(''),
    );
  }
}
