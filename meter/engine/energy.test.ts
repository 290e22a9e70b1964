/** Energies: exact counters, quadrants, pulses, and the same register for both fidelities. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createFrontEnd } from '../front-end/front-end.ts';
import { balancedSource } from '../front-end/source.ts';
import { testMeter } from '../meter-fixture.ts';
import { energyKindNames } from '../registers/energy-kind.ts';
import { milliwattSecondsPerWattHour } from '../registers/register.ts';
import { nominalCalibration, openCalibration, sealCalibration } from './calibration.ts';
import { EnergyCounter, EnergyRounding, sumsOfPairs } from './energy-counter.ts';
import { runEngine } from './engine-fixture.ts';
import { TestPulse } from './test-pulse.ts';
import { attachEngine } from './waveform-meter.ts';

const load = { frequencyHz: 50, voltageV: 230, currentA: 5, phases: 3 } as const;

describe('counters', () => {
  test('a sum of products of 24-bit codes is exact to the last unit', () => {
    const code = fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(code, code), { maxLength: 300 }), (pairs) => {
        const codes = Float64Array.from(pairs.flat());
        const sum = sumsOfPairs(codes, { first: 0, end: codes.length, apart: 2 }).products;
        const exact = pairs.reduce((total, [x, y]) => total + BigInt(x) * BigInt(y), 0n);
        assert.equal(sum, Number(exact));
      }),
    );
  });
  test('a year of windows is off by half a microjoule at most, whatever is cut each time', () => {
    const rounding = new EnergyRounding();
    const counter = new EnergyCounter();
    const joules = 1150.000_000_3 * 0.2;
    for (let window = 0; window < 1_000_000; window++) counter.add(rounding.round(joules));
    // 230.00000006 J a window is 230000000.06 uJ.
    const exact = 230_000_000_060_000n;
    const apart = counter.total() - exact;
    assert.ok(apart >= -1n && apart <= 1n, `${apart} uJ apart`);
  });
  test('energy that runs backwards is refused', () => {
    assert.throws(() => new EnergyCounter().add(-1), /from 0/);
    assert.throws(() => new EnergyCounter().add(0.5), /whole/);
  });
  for (const [quadrant, lagRad] of [
    [1, 0.7],
    [2, Math.PI - 0.7],
    [3, Math.PI + 0.7],
    [4, -0.7],
  ] as const) {
    test(`a current in quadrant ${quadrant} counts there, by phase and net, and the phases sum to the net`, () => {
      const { engine } = runEngine({ source: balancedSource({ ...load, lagRad }), seconds: 2 });
      const isDelivered = quadrant === 1 || quadrant === 4;
      const { deliveredActive, receivedActive, reactive } = engine.net;
      assert.equal((isDelivered ? receivedActive : deliveredActive).total(), 0n);
      assert.deepEqual(
        reactive.map((counter) => counter.total() > 0n),
        [1, 2, 3, 4].map((n) => n === quadrant),
      );
      const phases = [0, 1, 2].map((phase) => engine.phaseCounters(phase));
      for (const name of ['deliveredActive', 'receivedActive'] as const) {
        assert.equal(
          phases.reduce((sum, counters) => sum + counters[name].total(), 0n),
          engine.net[name].total(),
        );
      }
    });
  }
  test('a phase that gives back offsets one that takes in the net, not in the phases', () => {
    const wave = (rms: number, angleRad: number) => [{ order: 1, rms, angleRad }];
    const turn = (2 * Math.PI) / 3;
    const source = {
      frequencyHz: 50,
      voltages: [wave(230, 0), wave(230, -turn), wave(230, turn)],
      currents: [wave(5, 0), wave(2, Math.PI - turn), wave(0, 0)],
    };
    const { engine } = runEngine({ source, seconds: 2 });
    const net = engine.net.deliveredActive.total();
    assert.equal(
      net,
      engine.phaseCounters(0).deliveredActive.total() - engine.phaseCounters(1).receivedActive.total(),
    );
    assert.equal(engine.net.receivedActive.total(), 0n);
  });
  test('nothing creeps at 1.15 Un without load, with the noise of the converter', () => {
    const source = balancedSource({ ...load, voltageV: 264.5, currentA: 0, lagRad: 0 });
    const { engine } = runEngine({ source, seconds: 5, frontEnd: { noiseDb: 90 }, creepW: 0.5 });
    assert.equal(engine.net.deliveredActive.total(), 0n);
  });
});

describe('test pulses', () => {
  test('pulses are the register divided by the pulse, at any time, and evenly spaced at steady load', () => {
    const pulses: number[] = [];
    const counter = new EnergyCounter();
    const output = new TestPulse(counter, 1000, (atS) => pulses.push(atS));
    for (let window = 1; window <= 500; window++) {
      counter.add(13_800_000_000 / 5);
      output.observe(window / 5);
      assert.equal(output.count, counter.total() / 3_600_000_000n);
      assert.equal(BigInt(pulses.length), output.count);
    }
    for (const [index, atS] of pulses.entries()) {
      assert.ok(Math.abs(atS - (index + 1) * (3600 / 13_800)) < 1e-9);
    }
  });
  test('a constant that makes no whole pulse is refused', () => {
    assert.throws(() => new TestPulse(new EnergyCounter(), 7, () => {}), /whole number/);
  });
});

describe('two fidelities, one truth', () => {
  for (const lagRad of [0.6, Math.PI - 0.3]) {
    test(`waveform and phasors bring the same registers to the same reading, angle ${lagRad.toFixed(2)}`, () => {
      const source = balancedSource({ ...load, currentA: 15, lagRad });
      const frontEnd = createFrontEnd(source, {
        sampleRateHz: 8000,
        fullScaleV: 600,
        fullScaleA: 40,
        noiseDb: 100,
      });
      const waveform = testMeter({ phases: 3 }).meter;
      const phasor = testMeter({ phases: 3 }).meter;
      const { voltsPerCode, ampsPerCode } = frontEnd;
      const attached = attachEngine(waveform, {
        wiring: 'three-phase four-wire',
        sampleRateHz: 8000,
        nominalHz: 50,
        declaredV: 230,
        calibration: nominalCalibration({ serial: 'parity', voltsPerCode, ampsPerCode, phases: 3 }),
      });
      for (let second = 0; second < 60; second++) attached.push(frontEnd.read(8000), 8000);
      const phasors = Array.from({ length: 3 }, () => ({ voltageV: 230, currentA: 15, angleRad: lagRad }));
      phasor.measure({ endMs: waveform.countedToMs, phasors, frequencyHz: 50 });
      const [a, b] = [waveform, phasor].map(({ metrology }) => metrology);
      assert.ok(a && b && Math.max(a.delivered.total.wattHours, a.received.wattHours) > 130);
      // 0.01 % of 142 Wh is far below one Wh: the registers may differ by the one that is just being filled.
      for (const kind of energyKindNames) {
        const sampled: number = a.energies.read(kind);
        const shown: number = b.energies.read(kind);
        assert.ok(Math.abs(sampled - shown) <= 1, `${kind}: ${sampled} for ${shown}`);
      }
      const { net } = attached.engine;
      const elapsedS = attached.engine.countedToSample / 8000;
      const joules = net.deliveredActive.joulesSince(0n) - net.receivedActive.joulesSince(0n);
      assert.ok(Math.abs(joules / (3 * 230 * 15 * Math.cos(lagRad) * elapsedS) - 1) < 1e-4);
      // The registers of the meter are those of the engine, to the last Wh.
      const wholeWh = (mws: bigint) => Number(mws / BigInt(milliwattSecondsPerWattHour));
      assert.equal(a.delivered.total.wattHours, wholeWh(net.deliveredActive.milliwattSeconds()));
      assert.equal(a.received.wattHours, wholeWh(net.receivedActive.milliwattSeconds()));
    });
  }
});

describe('a sealed calibration', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const calibration = nominalCalibration({
    serial: 'WTL1',
    voltsPerCode: 1e-4,
    ampsPerCode: 1e-6,
    phases: 3,
  });
  test('opens with the key of the laboratory, also after a journey as JSON', () => {
    const sealed = JSON.parse(JSON.stringify(sealCalibration(calibration, privateKey)));
    assert.deepEqual(openCalibration(sealed, publicKey), calibration);
  });
  test('is refused when a gain was changed, or when another key sealed it', () => {
    const sealed = sealCalibration(calibration, privateKey);
    const changed = { ...sealed, calibration: { ...calibration, ampsPerCode: 1.01e-6 } };
    const broken = { code: 'meter/calibration-seal-broken' };
    assert.throws(() => openCalibration(changed, publicKey), broken);
    const other = sealCalibration(calibration, generateKeyPairSync('ed25519').privateKey);
    assert.throws(() => openCalibration(other, publicKey), broken);
  });
});
