/** An engine on a synthesised source, for tests: what it said of each window, copied. */
import { blockLength, createFrontEnd, type FrontEndSpec } from '../front-end/front-end.ts';
import type { SourceSpec } from '../front-end/source.ts';
import { type Calibration, nominalCalibration } from './calibration.ts';
import { type EngineOptions, wirings } from './engine-options.ts';
import { MetrologyEngine } from './metrology-engine.ts';
import type { SupplyEvent } from './supply-events.ts';
import type { WindowReading } from './window-reading.ts';

/** What a run gave; the first window, which has no predecessor, is not among the readings. */
export interface EngineRun {
  readonly engine: MetrologyEngine;
  readonly readings: readonly WindowReading[];
  readonly events: readonly SupplyEvent[];
}

/** How to run. */
export interface RunOptions extends Partial<Omit<EngineOptions, 'calibration'>> {
  readonly source: SourceSpec;
  readonly seconds: number;
  readonly frontEnd?: Partial<FrontEndSpec>;
  readonly calibration?: Calibration;
}

/** Runs the engine at 8 kHz unless told otherwise. */
export function runEngine(run: RunOptions): EngineRun {
  const { source, seconds, frontEnd: more, ...options } = run;
  const sampleRateHz = options.sampleRateHz ?? 8000;
  const frontEnd = createFrontEnd(source, { sampleRateHz, fullScaleV: 600, fullScaleA: 16, ...more });
  const wiring = options.wiring ?? (source.voltages.length === 1 ? 'one-phase' : 'three-phase four-wire');
  const readings: WindowReading[] = [];
  const events: SupplyEvent[] = [];
  let windows = 0;
  const engine = new MetrologyEngine({
    nominalHz: 50,
    declaredV: 230,
    ...options,
    wiring,
    sampleRateHz,
    calibration:
      options.calibration ??
      nominalCalibration({
        serial: 'test',
        voltsPerCode: frontEnd.voltsPerCode,
        ampsPerCode: frontEnd.ampsPerCode,
        phases: wirings[wiring].elements,
      }),
    onWindow(reading) {
      if (windows++ > 0) readings.push(structuredClone(reading));
      options.onWindow?.(reading);
    },
    onSupplyEvent: (event) => events.push(event),
  });
  for (let left = Math.round(seconds * sampleRateHz); left > 0; ) {
    const count = Math.min(left, blockLength);
    engine.push(frontEnd.read(count), count);
    left -= count;
  }
  return { engine, readings, events };
}

/** The largest relative error of a value over the readings, percent. */
export function worstPercent(
  { readings }: EngineRun,
  value: (reading: WindowReading) => number,
  expected: number,
): number {
  if (readings.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(...readings.map((reading) => Math.abs(value(reading) / expected - 1) * 100));
}

/** The error of the mean over the readings, percent. */
export function meanPercent(
  { readings }: EngineRun,
  value: (reading: WindowReading) => number,
  expected: number,
): number {
  const mean = readings.reduce((sum, reading) => sum + value(reading), 0) / readings.length;
  return Math.abs(mean / expected - 1) * 100;
}
