/** Supply that fails and clocks that are set: what the profiles show of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Meter } from '../meter.ts';
import { at, quarterMs, testMeter, wattHour } from '../meter-fixture.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { profileStatus } from '../registers/load-profile.ts';

const minuteMs = 60_000;

describe('power', () => {
  test('intervals without supply have their entries when power is back: zero, flagged; the partial ones keep their energy', async () => {
    const startMs = at('2026-10-01T12:00:00Z');
    const { meter } = testMeter({ startMs });
    meter.accumulate({ startMs, endMs: startMs + 5 * minuteMs, deliveredMws: 40 * wattHour, receivedMws: 0 });
    meter.powerDown();
    assert.equal(meter.metrology.loadProfile.ring.length, 0);
    meter.powerUp(startMs + 50 * minuteMs);
    meter.accumulate({
      startMs: startMs + 50 * minuteMs,
      endMs: startMs + 60 * minuteMs,
      deliveredMws: 70 * wattHour,
      receivedMws: 0,
    });
    const entries = meter.metrology.loadProfile.entries();
    assert.deepEqual(
      entries.map(({ deliveredWh }) => deliveredWh),
      [40, 0, 0, 70],
    );
    assert.ok(entries.every(({ status }) => (status & profileStatus.powerDown) !== 0));
    assert.deepEqual(
      meter.events.entries().map(({ code }) => code),
      [1, 2],
    );
  });
  test('power that returns exactly at a boundary leaves the next interval clean', async () => {
    const { meter, interval } = testMeter();
    await interval(5);
    meter.powerDown();
    meter.powerUp(meter.countedToMs + quarterMs);
    await interval(5);
    const flags = meter.metrology.loadProfile
      .entries()
      .map(({ status }) => (status & profileStatus.powerDown) !== 0);
    assert.deepEqual(flags, [false, true, false]);
  });
  test('a midnight without supply has its registers too', async () => {
    const { meter } = testMeter({ startMs: at('2026-10-01T22:30:00Z') });
    meter.powerDown();
    meter.powerUp(at('2026-10-01T23:30:00Z'));
    const { ring } = meter.metrology.dailyProfile;
    assert.equal(ring.length, 1);
    assert.ok(ring.at(dailyProfileColumn.status, 0) & profileStatus.powerDown);
  });
  test('a meter without supply counts nothing: a step is our mistake', () => {
    const { meter } = testMeter();
    meter.powerDown();
    const startMs = meter.countedToMs;
    assert.throws(() => meter.accumulate({ startMs, endMs: startMs + 1, deliveredMws: 1, receivedMws: 0 }));
  });
});

describe('setting the clock', () => {
  const startMs = at('2026-10-01T12:00:00Z');
  const begun = () => {
    const { meter } = testMeter({ startMs });
    meter.accumulate({ startMs, endMs: startMs + 5 * minuteMs, deliveredMws: 9 * wattHour, receivedMws: 0 });
    return meter;
  };
  const finish = (meter: Meter, minutes: number) =>
    meter.accumulate({
      startMs: meter.countedToMs,
      endMs: meter.countedToMs + minutes * minuteMs,
      deliveredMws: 0,
      receivedMws: 0,
    });
  test('within the interval flags its entry', () => {
    const meter = begun();
    meter.metrology.setClock(2 * minuteMs);
    finish(meter, 8);
    const [entry] = meter.metrology.loadProfile.entries();
    assert.equal(entry?.labelMs, startMs + quarterMs);
    assert.ok((entry?.status ?? 0) & profileStatus.clockAdjusted);
  });
  test('forward over boundaries leaves no gap, and the intervals that never were are not valid', () => {
    const meter = begun();
    meter.metrology.setClock(40 * minuteMs);
    const entries = meter.metrology.loadProfile.entries();
    assert.deepEqual(
      entries.map(({ labelMs, deliveredWh }) => [(labelMs - startMs) / quarterMs, deliveredWh]),
      [
        [1, 9],
        [2, 0],
        [3, 0],
      ],
    );
    assert.ok((entries[1]?.status ?? 0) & profileStatus.dataNotValid);
    assert.equal((entries[0]?.status ?? 0) & profileStatus.dataNotValid, 0);
  });
  test('forward by years is bounded by the buffer', () => {
    const meter = begun();
    meter.metrology.setClock(5 * 365 * 86_400_000);
    assert.equal(meter.metrology.loadProfile.ring.length, meter.metrology.loadProfile.ring.capacity);
  });
  test('back over the start of the interval begins another, both flagged', () => {
    const meter = begun();
    meter.metrology.setClock(-20 * minuteMs);
    finish(meter, 15);
    const entries = meter.metrology.loadProfile.entries();
    assert.deepEqual(
      entries.map(({ labelMs }) => (labelMs - startMs) / quarterMs),
      [1, 0],
    );
    assert.ok(entries.every(({ status }) => (status & profileStatus.clockAdjusted) !== 0));
  });
  test('a tenth of a second is no adjustment', () => {
    const meter = begun();
    meter.metrology.setClock(100);
    assert.equal(meter.metrology.status, 0);
  });
});
