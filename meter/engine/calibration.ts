/**
 * Calibration of a meter as an object: gains, delay, offsets and the table of its current transformers; sealed by Ed25519
 * (WELMEC 7.2, extension of legally relevant parameters: a change without the key is found).
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { CodedError } from '@wattline/base';

/** What the current path adds at a current: a share of the ratio and an angle, rad, by which it leads. */
export interface CurrentError {
  readonly currentA: number;
  readonly gainError: number;
  readonly angleRad: number;
}

/** One phase. Offsets are converter codes, used when DC is kept. */
export interface PhaseCalibration {
  readonly voltageGain: number;
  readonly currentGain: number;
  /** Time by which the current channel lags the voltage channel, s. */
  readonly delayS: number;
  readonly voltageOffset: number;
  readonly currentOffset: number;
  /** By rising current; empty: no transformer. Between points a cubic in the logarithm of the current; beyond the ends, the end. */
  readonly currentTable: readonly CurrentError[];
}

/** The whole object. `revision` counts calibrations of this meter. */
export interface Calibration {
  readonly serial: string;
  readonly revision: number;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  readonly phases: readonly PhaseCalibration[];
}

/** A calibration with the signature of its text. */
export interface SealedCalibration {
  readonly calibration: Calibration;
  /** Ed25519 over the canonical text, base64. */
  readonly signature: string;
}

/** A calibration that changes nothing. */
export function nominalCalibration(of: {
  readonly serial: string;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  readonly phases: number;
}): Calibration {
  const phase = {
    voltageGain: 1,
    currentGain: 1,
    delayS: 0,
    voltageOffset: 0,
    currentOffset: 0,
    currentTable: [],
  };
  const { serial, voltsPerCode, ampsPerCode } = of;
  return {
    serial,
    revision: 0,
    voltsPerCode,
    ampsPerCode,
    phases: Array.from({ length: of.phases }, () => phase),
  };
}

/** Seals a calibration with the laboratory's Ed25519 key. */
export function sealCalibration(calibration: Calibration, privateKey: KeyObject): SealedCalibration {
  const signature = sign(null, canonicalText(calibration), privateKey).toString('base64');
  return { calibration, signature };
}

/**
 * The calibration, when its seal is whole.
 * @throws CodedError `meter/calibration-seal-broken`
 */
export function openCalibration(sealed: SealedCalibration, publicKey: KeyObject): Calibration {
  const { calibration, signature } = sealed;
  if (!verify(null, canonicalText(calibration), publicKey, Buffer.from(signature, 'base64'))) {
    throw new CodedError(
      'meter/calibration-seal-broken',
      'the signature does not belong to this calibration',
      {
        serial: calibration.serial,
        revision: calibration.revision,
      },
    );
  }
  return calibration;
}

/** The same text for the same content: keys in alphabetical order. */
function canonicalText(calibration: Calibration): Buffer {
  const sorted = (_: string, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return Buffer.from(JSON.stringify(calibration, sorted));
}

/** The table made ready for fast use: logarithms and columns; `gainError` and `angleRad` hold the last answer. */
export class CurrentErrorTable {
  gainError = 0;
  angleRad = 0;
  readonly #logs: Float64Array;
  readonly #gains: Float64Array;
  readonly #angles: Float64Array;

  constructor(table: readonly CurrentError[]) {
    this.#logs = Float64Array.from(table, ({ currentA }) => Math.log(currentA));
    this.#gains = Float64Array.from(table, ({ gainError }) => gainError);
    this.#angles = Float64Array.from(table, ({ angleRad }) => angleRad);
  }

  /** Finds the errors at a current: a cubic through the four points around it. */
  lookUp(currentA: number): void {
    const logs = this.#logs;
    const last = logs.length - 1;
    this.gainError = 0;
    this.angleRad = 0;
    if (last < 0) return;
    const floor = logs[0] as number;
    const log = Math.min(logs[last] as number, currentA > 0 ? Math.max(floor, Math.log(currentA)) : floor);
    let above = 1;
    while (above < last && (logs[above] as number) < log) above++;
    const from = Math.max(0, Math.min(above - 2, last - 3));
    const to = Math.min(last, from + 3);
    for (let i = from; i <= to; i++) {
      let weight = 1;
      for (let j = from; j <= to; j++) {
        if (i === j) continue;
        const distance = (logs[i] as number) - (logs[j] as number);
        weight *= (log - (logs[j] as number)) / distance;
      }
      this.gainError += weight * (this.#gains[i] as number);
      this.angleRad += weight * (this.#angles[i] as number);
    }
  }
}
