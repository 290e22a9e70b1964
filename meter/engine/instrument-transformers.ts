/**
 * Instrument transformers before the meter: with their ratios in the calibration the meter shows and counts primary values, as one that is
 * programmed for 100 to 3000 A to 5 A. Ratios are part of the sealed object: who changes them changes what is counted.
 */
import assert from 'node:assert/strict';
import type { Calibration } from './calibration.ts';

/** Ratios of primary to secondary, from 1. */
export interface TransformerRatios {
  readonly voltage: number;
  readonly current: number;
}

/** The next revision of a calibration made at the secondary side, for primary values. */
export function withRatios(calibration: Calibration, { voltage, current }: TransformerRatios): Calibration {
  assert(voltage >= 1 && current >= 1, `ratios are from 1, not ${voltage} and ${current}`);
  return {
    ...calibration,
    revision: calibration.revision + 1,
    voltsPerCode: calibration.voltsPerCode * voltage,
    ampsPerCode: calibration.ampsPerCode * current,
    phases: calibration.phases.map((phase) => ({
      ...phase,
      currentTable: phase.currentTable.map((error) => ({ ...error, currentA: error.currentA * current })),
    })),
  };
}
