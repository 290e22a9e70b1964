/** A meter on transformers whose ratios are programmed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestStation, ratedMeters } from '../conformance/test-station.ts';
import { createFrontEnd } from '../front-end/front-end.ts';
import { balancedSource, threeWireSource } from '../front-end/source.ts';
import { nominalCalibration } from './calibration.ts';
import { runEngine, worstPercent } from './engine-fixture.ts';
import { withRatios } from './instrument-transformers.ts';

const star = balancedSource({ frequencyHz: 50, voltageV: 63.5, currentA: 3, lagRad: 0.6, phases: 3 });

describe('instrument transformers', () => {
  for (const [voltage, current] of [
    [1, 20],
    [110, 600],
  ] as const) {
    test(`VT ${voltage}, CT ${current}: power and energy are those of the primary side`, () => {
      const frontEnd = createFrontEnd(star, { sampleRateHz: 8000, fullScaleV: 600, fullScaleA: 16 });
      const { voltsPerCode, ampsPerCode } = frontEnd;
      const nominal = nominalCalibration({ serial: 'ratio', voltsPerCode, ampsPerCode, phases: 3 });
      const calibration = withRatios(nominal, { voltage, current });
      assert.equal(calibration.revision, 1);
      const run = runEngine({ source: star, seconds: 2, declaredV: 63.5 * voltage, calibration });
      const watts = 3 * 63.5 * 3 * Math.cos(0.6) * voltage * current;
      assert.ok(worstPercent(run, ({ activeW }) => activeW, watts) < 0.0003);
      const joules = run.engine.net.deliveredActive.joulesSince(0n);
      assert.ok(Math.abs(joules / (watts * (run.engine.countedToSample / 8000)) - 1) < 1e-4);
    });
  }
  test('the table of the current path is found at the primary current', () => {
    const station = createTestStation({ ...ratedMeters['0.2S'], startingShare: 0.05, largestA: 6 });
    const { calibration } = station;
    const [own, primary] = [calibration, withRatios(calibration, { voltage: 1, current: 600 })].map(
      ({ phases }) => phases[0]?.currentTable ?? [],
    );
    assert.deepEqual(
      primary?.map(({ gainError }) => gainError),
      own?.map(({ gainError }) => gainError),
    );
    assert.ok(Math.abs((primary?.[0]?.currentA ?? 0) - 600 * (own?.[0]?.currentA ?? 0)) < 1e-9);
  });
  test('a ratio below 1 is refused', () => {
    const nominal = nominalCalibration({ serial: 'ratio', voltsPerCode: 1, ampsPerCode: 1, phases: 1 });
    assert.throws(() => withRatios(nominal, { voltage: 1, current: 0.5 }), /from 1/);
  });
});

describe('three wires', () => {
  test('two elements see line voltages and show the power of three phases, reversed too', () => {
    for (const isReversed of [false, true]) {
      const load = {
        frequencyHz: 50,
        voltageV: 230,
        currentA: 5,
        lagRad: 0.6,
        phases: 3,
        isReversed,
      } as const;
      const source = threeWireSource(balancedSource(load));
      assert.deepEqual([source.voltages.length, source.currents.length], [2, 2]);
      const run = runEngine({
        ...{ source, seconds: 1, wiring: 'three-phase three-wire', declaredV: 400 },
        frontEnd: { fullScaleV: 900 },
      });
      assert.ok(worstPercent(run, ({ activeW }) => activeW, 3 * 230 * 5 * Math.cos(0.6)) < 0.0003);
      assert.ok(worstPercent(run, ({ phases }) => phases[0]?.voltageV ?? 0, 230 * Math.sqrt(3)) < 0.0003);
    }
  });
});
