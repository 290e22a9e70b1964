/** A meter that lives on samples: three wires, what the samples say of the neutral, limits that are set while it runs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFrontEnd } from '../front-end/front-end.ts';
import { balancedSource, type SourceSpec, threeWireSource } from '../front-end/source.ts';
import { testMeter } from '../meter-fixture.ts';
import type { MeterSpec } from '../meter-spec.ts';
import { nominalCalibration } from './calibration.ts';
import { type Wiring, wirings } from './engine-options.ts';
import { attachEngine } from './waveform-meter.ts';

const management = { name: 'management', role: 'management' };
const load = { frequencyHz: 50, voltageV: 230, currentA: 10, lagRad: 0.4, phases: 3 } as const;
const balanced = balancedSource(load);

/** A meter on a source; its conditions occur after a second. */
function meterOn(
  source: SourceSpec,
  wiring: Wiring = 'three-phase four-wire',
  spec: Partial<MeterSpec> = {},
) {
  const frontEnd = createFrontEnd(source, { sampleRateHz: 8000, fullScaleV: 900, fullScaleA: 40 });
  const { meter } = testMeter({ phases: 3, ...spec });
  const names = ['phaseSequence', 'missingNeutral', 'neutralDisturbance', 'voltageMissing'];
  const quick = Object.fromEntries(names.map((name) => [name, { occurrenceS: 1 }]));
  assert.equal(meter.configuration.set('conditions', quick, management), undefined);
  const { voltsPerCode, ampsPerCode } = frontEnd;
  const { elements } = wirings[wiring];
  const supplyEvents: string[] = [];
  const attached = attachEngine(meter, {
    ...{ wiring, sampleRateHz: 8000, nominalHz: 50 },
    declaredV: wiring === 'three-phase three-wire' ? 400 : 230,
    calibration: nominalCalibration({ serial: 'test', voltsPerCode, ampsPerCode, phases: elements }),
    onSupplyEvent: ({ kind }) => supplyEvents.push(kind),
  });
  const run = (seconds: number) => {
    for (let second = 0; second < seconds; second++) attached.push(frontEnd.read(8000), 8000);
  };
  return { meter, run, supplyEvents, holds: (name: string) => meter.tamper.isActive(name as never) };
}

describe('a meter of three wires', () => {
  const star = balancedSource({ ...load, currentHarmonics: [{ order: 5, share: 0.2, angleRad: 0 }] });
  test('counts what three phases take, as a phasor meter does, and shows each line against the star point', () => {
    const { meter, run } = meterOn(threeWireSource(star), 'three-phase three-wire');
    run(30);
    const phasor = testMeter({ phases: 3 }).meter;
    const phasors = Array.from({ length: 3 }, () => ({ voltageV: 230, currentA: 10, angleRad: 0.4 }));
    phasor.measure({ endMs: meter.countedToMs, phasors, frequencyHz: 50 });
    assert.ok(phasor.metrology.delivered.wattHours > 50);
    for (const kind of ['delivered', 'received', 'reactiveQ1', 'reactiveQ4'] as const) {
      const [sampled, shown] = [meter, phasor].map(({ metrology }) => metrology.energies.read(kind));
      assert.ok(Math.abs((sampled ?? Number.NaN) - (shown ?? 0)) <= 1, `${kind}: ${sampled} for ${shown}`);
    }
    for (const { voltageV, currentA, activeW, reactiveVar } of meter.quantities().phases) {
      assert.ok(Math.abs(voltageV / 230 - 1) < 1e-5, String(voltageV));
      assert.ok(Math.abs(currentA / 10 - 1) < 1e-5, String(currentA));
      assert.ok(Math.abs(activeW / (2300 * Math.cos(0.4)) - 1) < 1e-5, String(activeW));
      assert.ok(Math.abs(reactiveVar / (2300 * Math.sin(0.4)) - 1) < 1e-5, String(reactiveVar));
    }
  });
  test('shows unequal lines by their own currents, which sum to nothing', () => {
    // Only line 1 and line 2 are loaded: a resistor between them.
    const current = { order: 1, rms: 8, angleRad: Math.PI / 6 };
    const back = { ...current, angleRad: current.angleRad + Math.PI };
    const source = threeWireSource({ ...balanced, currents: [[current], [back], []] });
    const { meter, run } = meterOn(source, 'three-phase three-wire');
    run(2);
    const { phases, activeW } = meter.quantities();
    const shown = phases.map(({ currentA }) => Math.round(currentA * 1000) / 1000);
    assert.deepEqual(shown, [8, 8, 0]);
    assert.ok(Math.abs(activeW / (Math.sqrt(3) * 230 * 8) - 1) < 1e-5, String(activeW));
  });
});

test('RMS values and powers are shown with their harmonics, S by the method of the meter', () => {
  const distortion = [{ order: 5, share: 0.4, angleRad: 0 }];
  const lagging = balancedSource({
    ...load,
    voltageHarmonics: distortion,
    currentHarmonics: distortion,
    loaded: [0],
  });
  const { meter, run } = meterOn(lagging);
  run(2);
  const { phases, activeW, reactiveVar, apparentVa } = meter.quantities();
  assert.ok(
    Math.abs((phases[0]?.currentA ?? 0) / (10 * Math.sqrt(1.16)) - 1) < 1e-5,
    String(phases[0]?.currentA),
  );
  const expectedW = 2300 * (Math.cos(0.4) + 0.16 * Math.cos(5 * 0.4));
  assert.ok(Math.abs(activeW / expectedW - 1) < 1e-5, `${activeW} for ${expectedW}`);
  assert.ok(Math.abs(reactiveVar / (2300 * Math.sin(0.4)) - 1) < 1e-5, String(reactiveVar));
  assert.ok(Math.abs(apparentVa / (2300 * 1.16) - 1) < 1e-5, String(apparentVa));
});

test('apparent energy of an unequal load is the same by samples and by phasors, vector or arithmetic', () => {
  const lags = [0, 1.2, -0.9];
  const currents = balanced.currents.map((_, phase) => [
    { order: 1, rms: 10, angleRad: (-2 * Math.PI * phase) / 3 - (lags[phase] ?? 0) },
  ]);
  const phasors = lags.map((angleRad) => ({ voltageV: 230, currentA: 10, angleRad }));
  const read = (['vector', 'arithmetic'] as const).map((apparent) => {
    const { meter, run } = meterOn({ ...balanced, currents }, 'three-phase four-wire', { apparent });
    run(20);
    const shown = testMeter({ phases: 3, apparent }).meter;
    shown.measure({ endMs: meter.countedToMs, phasors, frequencyHz: 50 });
    const [sampled, phasor] = [meter, shown].map(({ metrology }) =>
      metrology.energies.read('apparentDelivered'),
    );
    assert.ok(Math.abs((sampled ?? 0) - (phasor ?? 0)) <= 1, `${apparent}: ${sampled} for ${phasor}`);
    return phasor ?? 0;
  });
  assert.ok((read[0] ?? 0) < 0.9 * (read[1] ?? 0), String(read));
});

describe('what samples say of the circuit', () => {
  test('phases in the wrong order are that alone', () => {
    const { run, holds } = meterOn(balancedSource({ ...load, isReversed: true }));
    run(4);
    assert.deepEqual([holds('phaseSequence'), holds('missingNeutral')], [true, false]);
  });
  test('a neutral that is gone lets the star point wander: it is no missing phase', () => {
    const away = { order: 1, rms: 100, angleRad: 1 };
    const voltages = balanced.voltages.map((wave) => [...wave, away]);
    const { run, holds } = meterOn({ ...balanced, voltages });
    run(4);
    assert.deepEqual([holds('missingNeutral'), holds('phaseSequence')], [true, false]);
  });
  test('a phase that is gone is no missing neutral', () => {
    const { run, holds } = meterOn(balancedSource({ ...load, supplied: [0, 1] }));
    run(4);
    assert.deepEqual([holds('voltageMissing'), holds('missingNeutral')], [true, false]);
  });
  test('direct voltage on the neutral disturbs it', () => {
    const direct = { order: 0, rms: 120 / Math.SQRT2, angleRad: 0 };
    const { run, holds } = meterOn({
      ...balanced,
      voltages: balanced.voltages.map((wave) => [...wave, direct]),
    });
    run(4);
    assert.equal(holds('neutralDisturbance'), true);
  });
  test('a sensor in the neutral shows current that does not pass the meter', () => {
    const quick = { currentBypass: { occurrenceS: 1 } };
    const neutral = [{ order: 1, rms: 6, angleRad: 0 }];
    for (const [source, isBypassed] of [
      [{ ...balanced, neutral }, true],
      [
        { ...balancedSource({ ...load, loaded: [0] }), neutral: [{ order: 1, rms: 10, angleRad: -0.4 }] },
        false,
      ],
    ] as const) {
      const { meter, run, holds } = meterOn(source);
      assert.equal(meter.configuration.set('conditions', quick, management), undefined);
      run(4);
      assert.equal(holds('currentBypass'), isBypassed);
    }
  });
});

test('limits of supply events hold as soon as they are set', () => {
  const sag = (startS: number) => ({ startS, endS: startS + 0.2, factor: 0.87 });
  const { meter, run, supplyEvents } = meterOn({ ...balanced, disturbances: [sag(1), sag(3)] });
  run(2);
  assert.deepEqual(supplyEvents, ['dip']);
  const deeper = { dip: 0.8, swell: 1.1, interruption: 0.05, hysteresis: 0.02, rapidChange: 0.3 };
  assert.equal(meter.configuration.set('supply-events', deeper, management), undefined);
  run(4);
  assert.deepEqual(supplyEvents, ['dip']);
});
