/** Windows begin anew at the 10-minute tick of the clock (IEC 61000-4-30, 4.4), and nothing is counted twice. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { balancedSource } from '../front-end/source.ts';
import { type AggregatedReading, Aggregator } from './aggregation.ts';
import { runEngine } from './engine-fixture.ts';

const source = balancedSource({ frequencyHz: 49.93, voltageV: 230, currentA: 5, lagRad: 0.6, phases: 3 });
/** The tick comes 2.05 s after the first sample, within a window of 0.2 s. */
const clockS = 6 * 600 - 2.05;
const tickSample = 2.05 * 8000;

describe('the 10-minute tick', () => {
  test('a window begins at the tick; the one that runs is completed and overlaps it', () => {
    const { readings } = runEngine({ source, seconds: 4, clockS });
    const first = readings.findIndex(({ startSample }) => Math.abs(startSample - tickSample) < 1e-6);
    assert.ok(first > 0);
    const [before, after] = [readings[first - 1], readings[first + 1]];
    assert.ok(before && after && before.startSample + before.lengthSamples > tickSample);
    const next = (readings[first]?.startSample ?? 0) + (readings[first]?.lengthSamples ?? 0);
    assert.ok(Math.abs(after.startSample - next) < 1e-6);
    for (const { frequencyHz, activeW } of readings) {
      assert.ok(Math.abs(frequencyHz - 49.93) < 1e-5);
      assert.ok(Math.abs(activeW / (3 * 230 * 5 * Math.cos(0.6)) - 1) < 3e-6);
    }
  });
  test('samples that two windows share are energy once', () => {
    const { engine } = runEngine({ source, seconds: 4, clockS });
    const seconds = engine.countedToSample / 8000;
    const watts = 3 * 230 * 5;
    const joules = engine.net.deliveredActive.joulesSince(0n);
    assert.ok(Math.abs(joules / (watts * Math.cos(0.6) * seconds) - 1) < 1e-5);
    const varSeconds = engine.net.reactive[0]?.joulesSince(0n) ?? 0;
    assert.ok(Math.abs(varSeconds / (watts * Math.sin(0.6) * seconds) - 1) < 1e-5);
  });
  test('a dip over the tick is one event of its own length', () => {
    const disturbances = [{ startS: 1.95, endS: 2.25, factor: 0.7 }];
    const { events } = runEngine({ source: { ...source, disturbances }, seconds: 4, clockS });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['dip'],
    );
    const [dip] = events;
    assert.ok(
      dip && Math.abs(dip.endS - dip.startS - 0.3) <= 0.021,
      `${(dip?.endS ?? 0) - (dip?.startS ?? 0)} s`,
    );
  });
  test('an interval of 10 minutes holds the windows that began in it, the first one exactly at its tick', () => {
    const intervals: AggregatedReading[] = [];
    const aggregator = new Aggregator({ interval: '10 min', clockS }, (one) => intervals.push(one));
    runEngine({ source, seconds: 4, clockS, onWindow: (reading) => aggregator.add(reading) });
    aggregator.end();
    assert.equal(intervals.length, 2);
    assert.ok((intervals[0]?.endS ?? 0) > 2.05);
    assert.ok(Math.abs((intervals[1]?.startS ?? 0) - 2.05) < 1e-9);
  });
});
