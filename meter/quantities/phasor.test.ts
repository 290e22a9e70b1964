/** Quantities of phasors. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { testMeter } from '../meter-fixture.ts';
import { milliwattSeconds, phasorOfPower, quantitiesOf } from './phasor.ts';

const phasor = fc.record({
  voltageV: fc.double({ min: 0, max: 500, noNaN: true }),
  currentA: fc.double({ min: 0, max: 400, noNaN: true }),
  angleRad: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
});

describe('quantities', () => {
  test('S squared is at least P squared plus Q squared, for one phase and for three', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(phasor), fc.tuple(phasor, phasor, phasor)), (phasors) => {
        const { activeW, reactiveVar, apparentVa, powerFactor } = quantitiesOf(phasors, 50);
        assert.ok(apparentVa ** 2 * (1 + 1e-9) + 1e-9 >= activeW ** 2 + reactiveVar ** 2);
        assert.ok(Math.abs(powerFactor) <= 1 + 1e-9);
      }),
    );
  });
  test('230 V, 10 A, a third of a half turn: 1150 W, 1992 var, 2300 VA', () => {
    const { activeW, reactiveVar, apparentVa, powerFactor } = quantitiesOf(
      [{ voltageV: 230, currentA: 10, angleRad: Math.PI / 3 }],
      50,
    );
    assert.deepEqual([activeW, reactiveVar, apparentVa].map(Math.round), [1150, 1992, 2300]);
    assert.ok(Math.abs(powerFactor - 0.5) < 1e-12);
  });
  test('a phasor made of a power has that power, delivered or received', () => {
    for (const activeW of [1500, -1500, 0]) {
      const made = quantitiesOf([phasorOfPower({ activeW, voltageV: 230, powerFactor: 0.95 })], 50);
      assert.ok(Math.abs(made.activeW - activeW) < 1e-9);
    }
  });
  test('a kilowatt for an hour is a kilowatt-hour in the register, back-feed goes to the other register', () => {
    const { meter } = testMeter();
    const startMs = meter.countedToMs;
    const kilowatt = (activeW: number) => [phasorOfPower({ activeW, voltageV: 230, powerFactor: 1 })];
    meter.measure({ endMs: startMs + 3_600_000, phasors: kilowatt(1000), frequencyHz: 50 });
    meter.measure({ endMs: startMs + 7_200_000, phasors: kilowatt(-500), frequencyHz: 50 });
    assert.equal(meter.metrology.delivered.total.wattHours, 1000);
    assert.equal(meter.metrology.received.wattHours, 500);
  });
  test('a power that no integer of milliwatt-seconds holds is rounded once', () => {
    assert.equal(milliwattSeconds(1 / 3, 1000), 333);
  });
});
