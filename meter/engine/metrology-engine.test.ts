/** The engine on sources whose quantities are known in closed form. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { balancedSource, type SourceSpec, threeWireSource } from '../front-end/source.ts';
import { meanPercent, runEngine, worstPercent } from './engine-fixture.ts';

const distortion = [
  { order: 3, share: 0.1, angleRad: 0.3 },
  { order: 5, share: 0.05, angleRad: 1 },
  { order: 7, share: 0.04, angleRad: 2 },
  { order: 31, share: 0.01, angleRad: 1 },
];
const distorted = (frequencyHz: number) =>
  balancedSource({
    frequencyHz,
    voltageV: 230,
    currentA: 5,
    lagRad: Math.PI / 3,
    phases: 3,
    voltageHarmonics: distortion,
    currentHarmonics: distortion.map((harmonic) => ({ ...harmonic, angleRad: harmonic.angleRad + 0.5 })),
  });
/** U I cos of one phase, harmonic by harmonic. */
const distortedW =
  230 *
  5 *
  (Math.cos(Math.PI / 3) +
    distortion.reduce((sum, { order, share }) => {
      return sum + share ** 2 * Math.cos(order * (Math.PI / 3) - 0.5);
    }, 0));
const tables = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/tables`;
const skip = existsSync(tables) ? false : `${tables} is not there`;
const table = (name: string) => JSON.parse(readFileSync(`${tables}/${name}`, 'utf8'));
const radians = (degrees: number) => (degrees * Math.PI) / 180;

describe('a window of 10 cycles', () => {
  for (const frequencyHz of [42.5, 46.03, 50, 53.21, 57.5]) {
    test(`at ${frequencyHz} Hz with 12 % distortion shows P, Q1, U and the 31st harmonic`, () => {
      const run = runEngine({ source: distorted(frequencyHz), seconds: 3 });
      assert.ok(worstPercent(run, ({ phases }) => phases[1]?.activeW ?? 0, distortedW) < 0.0003);
      const reactive = 230 * 5 * Math.sin(Math.PI / 3);
      assert.ok(worstPercent(run, ({ phases }) => phases[2]?.reactiveVar ?? 0, reactive) < 0.0003);
      const rms = 230 * Math.sqrt(1 + distortion.reduce((sum, { share }) => sum + share ** 2, 0));
      assert.ok(worstPercent(run, ({ phases }) => phases[0]?.voltageV ?? 0, rms) < 0.0003);
      assert.ok(worstPercent(run, ({ phases }) => phases[0]?.currentHarmonicsA[31] ?? 0, 0.05) < 0.01);
      for (const reading of run.readings) assert.ok(Math.abs(reading.frequencyHz - frequencyHz) < 1e-5);
    });
  }
  test('the 50th harmonic at 16 kHz is read within 0.01 %', () => {
    const fiftieth = [{ order: 50, share: 0.02, angleRad: 0.7 }];
    const load = { frequencyHz: 51.3, voltageV: 230, currentA: 5, lagRad: 0, phases: 1 } as const;
    const source = balancedSource({ ...load, voltageHarmonics: fiftieth });
    const run = runEngine({ source, seconds: 2, sampleRateHz: 16_000 });
    assert.ok(worstPercent(run, ({ phases }) => phases[0]?.voltageHarmonicsV[50] ?? 0, 4.6) < 0.01);
  });
  test('frequency with distortion, a 1 % interharmonic and 80 dB of noise is within 0.2 mHz over 10 s', () => {
    const source = distorted(49.87);
    const voltages = source.voltages.map((wave) => [...wave, { order: 2.4, rms: 2.3, angleRad: 0.4 }]);
    const run = runEngine({ source: { ...source, voltages }, seconds: 11, frontEnd: { noiseDb: 80 } });
    assert.ok(Math.abs(run.engine.synchroniser.longFrequencyHz - 49.87) < 2e-4);
  });
  test('a mains that comes back far from the nominal frequency is found again', () => {
    for (const frequencyHz of [43, 57.2]) {
      const source = { ...distorted(frequencyHz), disturbances: [{ startS: 0, endS: 1.03, factor: 0 }] };
      const { readings } = runEngine({ source, seconds: 3 });
      assert.ok(readings.some(({ isFrequencyHeld }) => isFrequencyHeld));
      const last = readings.at(-1);
      assert.ok(last && Math.abs(last.frequencyHz - frequencyHz) < 1e-4, `${last?.frequencyHz} Hz`);
      assert.ok(Math.abs(last.activeW / (3 * distortedW) - 1) < 3e-6);
    }
  });
  test('a mains that is not there has no frequency, no power and no energy', () => {
    const source = balancedSource({ frequencyHz: 50, voltageV: 0, currentA: 0, lagRad: 0, phases: 3 });
    const { readings, engine } = runEngine({ source, seconds: 2, frontEnd: { noiseDb: 90 }, creepW: 0.5 });
    assert.ok(readings.length > 5);
    for (const { isFrequencyHeld, frequencyHz } of readings)
      assert.deepEqual([isFrequencyHeld, frequencyHz], [true, 50]);
    assert.equal(engine.net.deliveredActive.total() + engine.net.receivedActive.total(), 0n);
  });
  test('an engine at 4 kHz refuses the 50th harmonic, which it could not show', () => {
    const source = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 1, lagRad: 0, phases: 1 });
    assert.throws(
      () => runEngine({ source, seconds: 1, sampleRateHz: 4000, highestOrder: 50 }),
      /does not carry/,
    );
  });
});

describe('IEEE 1459', () => {
  test('the single-phase case of annex B', { skip }, () => {
    for (const { V, I, expected_closed_form: expected } of table('ieee1459_annexB_single_phase.json').cases) {
      const wave = (list: readonly [number, number, number][]) =>
        list.map(([order, rms, degrees]) => ({ order, rms, angleRad: radians(degrees) }));
      const run = runEngine({
        source: { frequencyHz: 60, voltages: [wave(V)], currents: [wave(I)] },
        seconds: 1.5,
        nominalHz: 60,
        declaredV: 100,
        frontEnd: { fullScaleA: 300, fullScaleV: 300 },
        apparent: 'arithmetic',
      });
      assert.ok(worstPercent(run, ({ activeW }) => activeW, expected.P) < 0.0003);
      assert.ok(worstPercent(run, ({ reactiveVar }) => reactiveVar, expected.Q1) < 0.0003);
      assert.ok(worstPercent(run, ({ apparentVa }) => apparentVa, expected.S) < 0.0003);
      assert.ok(worstPercent(run, ({ powerFactor }) => powerFactor, expected.PF) < 0.0003);
      assert.ok(worstPercent(run, ({ phases }) => phases[0]?.thdVoltage ?? 0, expected.THDV) < 0.001);
      assert.ok(worstPercent(run, ({ phases }) => phases[0]?.thdCurrent ?? 0, expected.THDI) < 0.001);
    }
  });
  test('the three-phase cases: P, Q, both S, sequence components, neutral current', { skip }, () => {
    for (const { V, I, expected_closed_form: expected } of table('ieee1459_three_phase_unbalanced.json')
      .cases) {
      const wave = ([rms, degrees]: readonly [number, number]) => [
        { order: 1, rms, angleRad: radians(degrees) },
      ];
      const source: SourceSpec = { frequencyHz: 50, voltages: V.map(wave), currents: I.map(wave) };
      const more = { source, seconds: 1, frontEnd: { fullScaleA: 50 } };
      const near = (found: number | undefined, wanted: number, within: number) =>
        assert.ok(Math.abs((found ?? Number.NaN) - wanted) < within, `${found} for ${wanted}`);
      const vector = runEngine(more).readings.at(-1);
      near(vector?.activeW, expected.Ptot, 0.01);
      near(vector?.reactiveVar, expected.Qtot, 0.01);
      near(vector?.apparentVa, expected.S_vector, 0.01);
      near((vector?.negativeSequence ?? 0) * 100, expected.u2_pct, 1e-4);
      near((vector?.zeroSequence ?? 0) * 100, expected.u0_pct, 1e-4);
      near(vector?.neutralA, 3 * expected.I0, 1e-4);
      const arithmetic = runEngine({ ...more, apparent: 'arithmetic' }).readings.at(-1);
      near(arithmetic?.apparentVa, expected.S_arithmetic, 0.01);
    }
  });
  test('two elements of a three-wire connection show the power of three phases', () => {
    const star = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 5, lagRad: 0.6, phases: 3 });
    const source = threeWireSource(star);
    const run = runEngine({
      source,
      seconds: 1,
      wiring: 'three-phase three-wire',
      declaredV: 400,
      frontEnd: { fullScaleV: 900 },
    });
    assert.ok(worstPercent(run, ({ activeW }) => activeW, 3 * 230 * 5 * Math.cos(0.6)) < 0.0003);
    assert.ok(worstPercent(run, ({ reactiveVar }) => reactiveVar, 3 * 230 * 5 * Math.sin(0.6)) < 0.0003);
    assert.ok(run.readings.every(({ negativeSequence }) => negativeSequence < 1e-6));
  });
  test('a measured neutral is shown as it is, not as the sum of the phases', () => {
    const source = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 5, lagRad: 0, phases: 3 });
    const run = runEngine({
      source: { ...source, neutral: [{ order: 1, rms: 0.7, angleRad: 0 }] },
      seconds: 1,
    });
    assert.ok(worstPercent(run, ({ neutralA }) => neutralA, 0.7) < 0.1);
  });
});

describe('small currents', () => {
  test('over 10,000 : 1 at 100 dB of noise, P keeps 0.1 % and over 1000 : 1 0.02 %', () => {
    for (const [share, limit] of [
      [1e-3, 0.02],
      [1e-4, 0.1],
    ] as const) {
      const source = balancedSource({
        frequencyHz: 50,
        voltageV: 230,
        currentA: 10 * share,
        lagRad: 0,
        phases: 3,
      });
      const run = runEngine({ source, seconds: share < 1e-3 ? 60 : 20, frontEnd: { noiseDb: 100 } });
      assert.ok(meanPercent(run, ({ activeW }) => activeW, 3 * 230 * 10 * share) < limit);
    }
  });
  test('DC of the converter is not energy', () => {
    const source = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 0.05, lagRad: 0, phases: 1 });
    const run = runEngine({ source, seconds: 4, frontEnd: { dcShare: 0.01 } });
    assert.ok(worstPercent(run, ({ activeW }) => activeW, 11.5) < 0.001);
    assert.ok(
      Math.abs(
        run.engine.net.deliveredActive.joulesSince(0n) / (run.engine.countedToSample / 8000) / 11.5 - 1,
      ) < 1e-3,
    );
  });
});
