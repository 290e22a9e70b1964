/** What the engine says of one 10/12-cycle window: quantities by phase and in sum (IEEE 1459-2010, IEC 61000-4-30, IEC 62053-24). */

/** One phase, or one element of a three-wire connection. */
export interface PhaseReading {
  voltageV: number;
  currentA: number;
  /** Active power with harmonics, W; positive is delivered (+A). */
  activeW: number;
  /** Reactive power of the fundamental, var; positive is inductive. */
  reactiveVar: number;
  apparentVa: number;
  /** P / S, 1 without load. */
  powerFactor: number;
  fundamentalV: number;
  fundamentalA: number;
  /** Angle of the fundamental voltage to that of phase 1, rad. */
  voltageAngleRad: number;
  /** Angle by which the fundamental current lags its voltage, rad. */
  lagRad: number;
  /** Total harmonic distortion of subgroups, as a share of the fundamental (THDS, IEC 61000-4-7). */
  thdVoltage: number;
  thdCurrent: number;
  /** RMS of subgroups by order from 1; index 0 is DC. */
  readonly voltageHarmonicsV: Float64Array;
  readonly currentHarmonicsA: Float64Array;
  /** RMS of the interharmonic subgroup above each order from 0; empty when not asked for. */
  readonly voltageInterharmonicsV: Float64Array;
  readonly currentInterharmonicsA: Float64Array;
}

/** A window. The object is used again for the next one: copy what is to be kept. */
export interface WindowReading {
  /** First sample and length of the window, in samples and fractions. */
  startSample: number;
  lengthSamples: number;
  startS: number;
  durationS: number;
  frequencyHz: number;
  /** No voltage: the frequency is the last one known. */
  isFrequencyHeld: boolean;
  /** A dip, swell or interruption touches the window (IEC 61000-4-30, 4.7). */
  isFlagged: boolean;
  readonly phases: readonly PhaseReading[];
  activeW: number;
  reactiveVar: number;
  apparentVa: number;
  powerFactor: number;
  neutralA: number;
  /** Negative and zero sequence voltage as shares of the positive; 0 for one phase. */
  negativeSequence: number;
  zeroSequence: number;
}

/** A reading with room for phases, harmonics and so many subgroups of interharmonics. */
export function emptyReading(phases: number, highestOrder: number, interharmonics = 0): WindowReading {
  const phase = (): PhaseReading => ({
    voltageV: 0,
    currentA: 0,
    activeW: 0,
    reactiveVar: 0,
    apparentVa: 0,
    powerFactor: 1,
    fundamentalV: 0,
    fundamentalA: 0,
    voltageAngleRad: 0,
    lagRad: 0,
    thdVoltage: 0,
    thdCurrent: 0,
    voltageHarmonicsV: new Float64Array(highestOrder + 1),
    currentHarmonicsA: new Float64Array(highestOrder + 1),
    voltageInterharmonicsV: new Float64Array(interharmonics),
    currentInterharmonicsA: new Float64Array(interharmonics),
  });
  return {
    startSample: 0,
    lengthSamples: 0,
    startS: 0,
    durationS: 0,
    frequencyHz: 0,
    isFrequencyHeld: false,
    isFlagged: false,
    phases: Array.from({ length: phases }, phase),
    activeW: 0,
    reactiveVar: 0,
    apparentVa: 0,
    powerFactor: 1,
    neutralA: 0,
    negativeSequence: 0,
    zeroSequence: 0,
  };
}
