/** Voltages of the three phases of a real distribution transformer (data set B01), by quarter-hour. */
import { linesOf } from '../vee/real-series.ts';

const stepMs = 900_000;

/** Three phases on one grid of quarter-hours; NaN where the monitor said nothing. */
export interface PhaseVoltages {
  /** Number of the first quarter-hour since 1970, on the clock of the file. */
  readonly first: number;
  readonly phases: readonly [Float64Array, Float64Array, Float64Array];
}

/** The monitor's record; of several readings in a quarter-hour the last counts, and a dead channel says nothing. */
export function readPhases(): PhaseVoltages {
  const rows = new Map<number, readonly number[]>();
  for (const line of linesOf('B01_in_dt_current_voltage_15min.csv.gz').slice(1)) {
    const [at = '', ...cells] = line.split(',');
    const slot = Math.floor(Date.parse(`${at}:00Z`) / stepMs);
    const volts = cells.slice(0, 3).map(Number);
    if (Number.isFinite(slot) && volts.every((one) => one > 100)) rows.set(slot, volts);
  }
  const slots = [...rows.keys()];
  const first = slots.reduce((a, b) => Math.min(a, b));
  const count = slots.reduce((a, b) => Math.max(a, b)) - first + 1;
  const phase = (number: number) =>
    Float64Array.from({ length: count }, (_, at) => rows.get(first + at)?.[number] ?? Number.NaN);
  return { first, phases: [phase(0), phase(1), phase(2)] };
}
