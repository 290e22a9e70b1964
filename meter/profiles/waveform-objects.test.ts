/** The objects of the wave: what a meter of either fidelity shows of harmonics, angles and samples, asked over a link. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { supplyEventKinds, waveformObis, waveOrigins } from '@wattline/model';
import type { Data } from '@wattline/protocols/dlms';
import { nominalCalibration } from '../engine/calibration.ts';
import { attachEngine, type WaveformMeter } from '../engine/waveform-meter.ts';
import { createFrontEnd } from '../front-end/front-end.ts';
import { balancedSource } from '../front-end/source.ts';
import { connect, testMeter } from '../meter-fixture.ts';

const lagRad = 0.5;
const load = { frequencyHz: 50.02, voltageV: 230, currentA: 5, lagRad, phases: 3 } as const;
const third = [{ order: 3, share: 0.1, angleRad: 0 }];

/** A meter that counted four seconds of samples with a dip in them. */
function sampledMeter() {
  const source = { ...balancedSource({ ...load, currentHarmonics: third }) };
  const disturbances = [{ startS: 1, endS: 1.1, factor: 0.5, phases: [1] }];
  const frontEnd = createFrontEnd(
    { ...source, disturbances },
    { sampleRateHz: 8000, fullScaleV: 600, fullScaleA: 30 },
  );
  let attached: WaveformMeter | undefined;
  const { meter } = testMeter({ phases: 3 }, { waveform: () => attached?.snapshot() });
  const { voltsPerCode, ampsPerCode } = frontEnd;
  attached = attachEngine(meter, {
    ...{ wiring: 'three-phase four-wire', sampleRateHz: 8000, nominalHz: 50, declaredV: 230 },
    calibration: nominalCalibration({ serial: 'wave', voltsPerCode, ampsPerCode, phases: 3 }),
  });
  for (let second = 0; second < 4; second++) attached.push(frontEnd.read(8000), 8000);
  return meter;
}

const parts = (data: Data | string | undefined): readonly Data[] => {
  assert.ok(
    typeof data === 'object' && (data.type === 'structure' || data.type === 'array'),
    JSON.stringify(data),
  );
  return data.value;
};
const number = (data: Data | string | undefined) => {
  assert.ok(typeof data === 'object' && 'value' in data);
  return Number(data.value);
};

describe('the wave of a meter', () => {
  test('that samples: origin, frequency, harmonics, two cycles whose RMS is the voltage, and the dip it saw', async () => {
    const reader = await connect(sampledMeter(), 'reader');
    const [origin, mHz, microvolts, , rate, phases, events] = parts(await reader.get(1, waveformObis, 2));
    assert.equal(waveOrigins[number(origin)], 'sampled');
    assert.equal(number(mHz), 50_020);
    const [first, second] = parts(phases).map(parts);
    assert.ok(first && second);
    assert.equal(number(second[0]), -12_000);
    assert.ok(Math.abs(number(first[1]) - (lagRad * 18_000) / Math.PI) <= 1);
    assert.equal(number(first[3]), 1000);
    assert.equal(number(parts(first[4])[0]), 230_000);
    assert.equal(number(parts(first[5])[2]), 5000);
    const octets = first[6];
    assert.ok(octets?.type === 'octet-string');
    const view = new DataView(octets.value.buffer, octets.value.byteOffset, octets.value.byteLength);
    const cycle = Array.from(
      { length: number(rate) / 50 },
      (_, n) => view.getInt16(2 * n) * number(microvolts),
    );
    const rms = Math.sqrt(cycle.reduce((sum, value) => sum + value * value, 0) / cycle.length) / 1e6;
    assert.ok(Math.abs(rms - 230) < 0.5, `${rms} V`);
    const [kind, , durationMs, extreme, phase] = parts(parts(events)[0]);
    assert.deepEqual([supplyEventKinds[number(kind)], number(phase)], ['dip', 2]);
    assert.ok(Math.abs(number(durationMs) - 100) <= 20 && Math.abs(number(extreme) - 115_000) < 500);
  });
  test('that measures phasors: said to be modelled, its fundamentals and angles those it measured', async () => {
    const { meter } = testMeter({ phases: 3 });
    const phasors = [0, 1, 2].map((n) => ({ voltageV: 230 + n, currentA: 4, angleRad: lagRad }));
    meter.measure({ endMs: meter.countedToMs + 1000, phasors, frequencyHz: 50 });
    const reader = await connect(meter, 'reader');
    const [origin, , , , , phases] = parts(await reader.get(1, waveformObis, 2));
    assert.equal(waveOrigins[number(origin)], 'modelled');
    for (const [index, phase] of parts(phases).map(parts).entries()) {
      assert.ok(Math.abs(number(parts(phase[4])[0]) - (230 + index) * 1000) < 5);
      assert.ok(Math.abs(number(parts(phase[5])[0]) - 40_000) < 5);
      assert.ok(Math.abs(number(phase[1]) - (lagRad * 18_000) / Math.PI) <= 1);
      // Electronics in the load: its third harmonic is the largest.
      assert.ok(number(phase[3]) > 400 && number(phase[3]) < 1200);
    }
  });
  test('angles and distortion stand in registers of standard codes too', async () => {
    const reader = await connect(sampledMeter(), 'reader');
    assert.equal(number(await reader.get(3, '1.0.81.7.10.255', 2)), -1200);
    assert.ok(Math.abs(number(await reader.get(3, '1.0.81.7.40.255', 2)) - 286) <= 1);
    assert.equal(number(await reader.get(3, '1.0.31.7.124.255', 2)), 1000);
  });
  test('the public client sees none of it, and a meter without supply has no wave', async () => {
    const { meter } = testMeter({ phases: 1 }, { waveform: () => undefined });
    assert.equal(await (await connect(meter, 'public')).get(1, waveformObis, 2), 'read-write-denied');
    const reader = await connect(meter, 'reader');
    assert.deepEqual(await reader.get(1, waveformObis, 2), { type: 'null-data' });
  });
});
