/** Real load as the world replays it: half-hour series on a gapless grid, and what was wrong with the file. */
import type { SimErrorCode } from '../errors.ts';

/** Half hours, the grid of every load file read here. */
export const halfHourMs = 1_800_000;

/** One household's half hours from its first to its last row. */
export interface LoadSeries {
  /** The source's own (already masked) id. */
  readonly id: string;
  /** Start of half hour 0, UTC ms. */
  readonly startMs: number;
  /** Whole Wh delivered in each half hour, net of own generation; 0 where missing. */
  readonly deliveredWh: Float64Array;
  /** Whole Wh received in each half hour, where the source has generation. */
  readonly receivedWh?: Float64Array;
  /** 1 where the file gave no usable value. */
  readonly missing: Uint8Array;
  /** Rated solar power behind the meter, W; 0 when none. */
  readonly solarW: number;
}

/** A row, or a run of absent rows, that could not be used as it stood. */
export interface LoadProblem {
  readonly code: SimErrorCode;
  /** Line of the file, the header being 1; for absent rows the line of the row after them. */
  readonly line: number;
  readonly series: string;
  readonly message: string;
}

/** Counts of what was met; `problems` keeps the first few of each code. */
export interface LoadReport {
  /** Data rows read, good or bad. */
  readonly rows: number;
  /** Half hours without any row between the first and the last row of their series. */
  readonly missing: number;
  readonly repeated: number;
  readonly negative: number;
  readonly invalid: number;
  /** Rows labelled with a wall-clock time that does not exist on their day. */
  readonly nonexistent: number;
  readonly problems: readonly LoadProblem[];
}

/** A load file, read. */
export interface LoadSet {
  readonly name: string;
  /** IANA zone in which these customers live. */
  readonly zone: string;
  readonly intervalSeconds: 1800;
  readonly series: readonly LoadSeries[];
  readonly report: LoadReport;
}
