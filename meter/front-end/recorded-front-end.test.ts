/** A front end on a record: whole cycles again and again, through ratios, sensors and converter. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nominalCalibration } from '../engine/calibration.ts';
import { MetrologyEngine } from '../engine/metrology-engine.ts';
import type { WindowReading } from '../engine/window-reading.ts';
import { chooseChannels, frequencyOfRecord } from './record-channels.ts';
import { createRecordedFrontEnd, type RecordedFrontEndSpec } from './recorded-front-end.ts';
import type { RecordedChannel, Recording } from './recording.ts';
import { currentTransformer } from './sensor.ts';

const hz = 50.2;
const sampleRateHz = 6400;
const wave = (name: string, unit: RecordedChannel['unit'], rms: number, lagRad: number, third = 0) => ({
  name,
  unit,
  samples: Float64Array.from({ length: 2000 }, (_, n) => {
    const at = (2 * Math.PI * hz * n) / sampleRateHz - lagRad;
    return Math.SQRT2 * rms * (Math.cos(at) + third * Math.cos(3 * at));
  }),
});
const record: Recording = {
  sampleRateHz,
  length: 2000,
  channels: [wave('I', 'A', 200, 0.5, 0.2), wave('trigger', '', 1, 0), wave('U', 'V', 11_000, 0)],
};

function measure(spec: Partial<RecordedFrontEndSpec>): WindowReading {
  const frontEnd = createRecordedFrontEnd(record, {
    choice: chooseChannels(record),
    frequencyHz: hz,
    ...spec,
  });
  const { voltsPerCode, ampsPerCode, voltageV } = frontEnd;
  let last: WindowReading | undefined;
  const engine = new MetrologyEngine({
    ...{ wiring: 'one-phase', sampleRateHz, nominalHz: 50, declaredV: voltageV },
    calibration: nominalCalibration({ serial: 'record', voltsPerCode, ampsPerCode, phases: 1 }),
    onWindow: (reading) => {
      last = structuredClone(reading);
    },
  });
  for (let second = 0; second < 4; second++) engine.push(frontEnd.read(sampleRateHz), sampleRateHz);
  assert.ok(last);
  return last;
}
const near = (found: number, wanted: number, share: number) =>
  assert.ok(Math.abs(found / wanted - 1) < share, `${found} for ${wanted}`);

describe('a recorded front end', () => {
  test('finds channels by unit and the frequency from zero crossings', () => {
    assert.deepEqual(chooseChannels(record), { voltages: [2], currents: [0], phases: 1 });
    near(frequencyOfRecord(record.channels[2]?.samples ?? new Float64Array(), sampleRateHz) ?? 0, hz, 1e-5);
    assert.equal(frequencyOfRecord(new Float64Array(100), sampleRateHz), undefined);
  });
  test('the meter sees the record divided by the ratios of its transformers, seconds after the record ended', () => {
    const [phase] = measure({ voltageRatio: 110, currentRatio: 40 }).phases;
    assert.ok(phase);
    near(phase.fundamentalV, 100, 5e-4);
    near(phase.fundamentalA, 5, 5e-4);
    near(phase.activeW, 100 * 5 * Math.cos(0.5), 1e-3);
    near(phase.currentHarmonicsA[3] ?? 0, 1, 2e-3);
  });
  test('a transformer with an angle turns the current of the record, its harmonics by less', () => {
    const sensor = currentTransformer({
      ratedA: 5,
      ratioError: -0.01,
      angleRad: 0.02,
      exponent: 0,
      ppmPerK: 0,
    });
    const plain = measure({ currentRatio: 40 }).phases[0];
    const turned = measure({ currentRatio: 40, currentSensor: sensor }).phases[0];
    assert.ok(plain && turned);
    assert.ok(Math.abs(plain.lagRad - turned.lagRad - 0.02) < 1e-5);
    near(turned.fundamentalA, 0.99 * plain.fundamentalA, 1e-5);
    near(turned.currentHarmonicsA[3] ?? 0, 0.99 * (plain.currentHarmonicsA[3] ?? 0), 1e-4);
  });
  test('a converter of 10 bits shows its steps', () => {
    const spec = { choice: chooseChannels(record), frequencyHz: hz, bits: 10 };
    const codes = createRecordedFrontEnd(record, spec).read(2000).voltages[0]?.subarray(0, 2000) ?? [];
    assert.deepEqual([Math.min(...codes), Math.max(...codes)], [-410, 410]);
  });
  test('a record without currents or without a whole cycle is refused', () => {
    const refused = { code: 'meter/recording-unreadable' };
    const [, , voltage] = record.channels;
    assert.ok(voltage);
    assert.throws(() => chooseChannels({ ...record, channels: [voltage] }), refused);
    const short = { ...record, length: 100 };
    const spec = { choice: chooseChannels(record), frequencyHz: hz };
    assert.throws(() => createRecordedFrontEnd(short, spec), refused);
    assert.throws(
      () => createRecordedFrontEnd(record, { ...spec, choice: { voltages: [9], currents: [0] } }),
      refused,
    );
  });
});
