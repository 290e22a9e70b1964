/** Calibration on a bench: what the uncorrected engine reads at known loads becomes gains and the table of the current path. */
import type { Calibration, CurrentError, PhaseCalibration } from './calibration.ts';

/** One test load of a phase: what was set, and the means of what was read with a nominal calibration. */
export interface CalibrationPoint {
  readonly phase: number;
  readonly set: TestLoad;
  readonly read: TestLoad;
}

/** Fundamental voltage and current, RMS, and the angle by which the current lags. */
export interface TestLoad {
  readonly voltageV: number;
  readonly currentA: number;
  readonly lagRad: number;
}

/** The next revision of a calibration: voltage gain by the mean of the points, current errors as a table by the current read. */
export function calibrationOf(nominal: Calibration, points: readonly CalibrationPoint[]): Calibration {
  const phases = nominal.phases.map((phase, index) => {
    const own = points.filter((point) => point.phase === index);
    return own.length === 0 ? phase : phaseCalibration(phase, own);
  });
  return { ...nominal, revision: nominal.revision + 1, phases };
}

function phaseCalibration(nominal: PhaseCalibration, points: readonly CalibrationPoint[]): PhaseCalibration {
  const gains = points.map(({ set, read }) => set.voltageV / read.voltageV);
  const currentTable = points
    .map(
      ({ set, read }): CurrentError => ({
        currentA: read.currentA,
        gainError: read.currentA / set.currentA - 1,
        angleRad: set.lagRad - read.lagRad,
      }),
    )
    .sort((a, b) => a.currentA - b.currentA);
  return {
    ...nominal,
    voltageGain: gains.reduce((sum, gain) => sum + gain, 0) / gains.length,
    currentTable,
  };
}
