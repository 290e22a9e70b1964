/** The clock: drift, slew and step, battery, clock change, leap day. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { profileStatus } from '../registers/load-profile.ts';
import { MeterClock } from './clock.ts';
import { ClockBattery, commonCrystal, crystalPpm } from './crystal.ts';
import { synchronise, usualSynchronisation } from './synchronisation.ts';

const startMs = at('2026-10-01T12:00:00Z');
const dayMs = 86_400_000;

describe('a crystal', () => {
  test('at 25 C is on time when new; at -20 C it loses 69 ppm: six seconds a day', () => {
    assert.equal(crystalPpm(commonCrystal, { temperatureC: 25, ageYears: 0 }), 0);
    const cold = crystalPpm(commonCrystal, { temperatureC: -20, ageYears: 0 });
    assert.ok(Math.abs(cold + 68.85) < 0.01);
    assert.ok(Math.abs((cold * 86_400) / 1e6 + 5.95) < 0.01);
  });
  test('ages: after four years it is twice the first year away', () => {
    assert.equal(crystalPpm(commonCrystal, { temperatureC: 25, ageYears: 4 }), 6);
  });
  test('that changes its rate leaves no step in the time', () => {
    const clock = new MeterClock({ zone: 'Europe/London', startMs });
    clock.drift(startMs + dayMs, 50);
    assert.equal(clock.at(startMs + dayMs), startMs + dayMs);
    clock.drift(startMs + 2 * dayMs, -100);
    assert.equal(clock.at(startMs + 2 * dayMs) - startMs - 2 * dayMs, 4320);
    assert.equal(clock.at(startMs + 3 * dayMs) - startMs - 3 * dayMs, 4320 - 8640);
  });
});

describe('synchronisation', () => {
  test('lets a tenth of a second be, slews a second, steps a minute', () => {
    const kinds = [50, -1000, 60_000].map((behindMs) => synchronise(behindMs, usualSynchronisation).kind);
    assert.deepEqual(kinds, ['none', 'slew', 'step']);
  });
  test('a slewed clock passes every instant once and ends where it should', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2000, max: 2000 }),
        fc.integer({ min: -100, max: 100 }),
        (byMs, driftPpm) => {
          const clock = new MeterClock({ zone: 'Europe/London', startMs, driftPpm });
          clock.slew(startMs, byMs, 500);
          let last = clock.at(startMs);
          for (let second = 1; second <= 5000; second++) {
            const now = clock.at(startMs + second * 1000);
            assert.ok(now > last);
            last = now;
          }
          assert.equal(last - startMs, 5_000_000 + byMs + Math.round(driftPpm * 5));
        },
      ),
      { numRuns: 30 },
    );
  });
  test('by slewing flags no entry and logs both times; by a step it flags the entry', async () => {
    const { meter, interval } = testMeter({ startMs, clockOffsetMs: -1500 });
    await interval(10);
    meter.synchroniseClock(meter.countedToMs);
    for (let n = 0; n < 4; n++) await interval(10);
    const flagged = meter.metrology.loadProfile
      .entries()
      .some(({ status }) => status & profileStatus.clockAdjusted);
    assert.equal(flagged, false);
    assert.equal(meter.clock.at(meter.countedToMs), meter.countedToMs);
    const logged = meter.events.entries();
    assert.deepEqual(
      logged.map(({ code }) => code),
      [4, 5],
    );
    assert.equal((logged[1]?.labelMs ?? 0) - (logged[0]?.labelMs ?? 0), 1500);
    meter.synchroniseClock(meter.countedToMs + 60_000);
    await interval(10);
    assert.ok((meter.metrology.loadProfile.entries().at(-1)?.status ?? 0) & profileStatus.clockAdjusted);
  });
  test('a clock that loses a millisecond within a millisecond loses no energy', () => {
    const { meter } = testMeter({ startMs, clockDriftPpm: -90_000 });
    for (let n = 0; n < 1000; n++) {
      const from = meter.countedToMs;
      meter.accumulate({ startMs: from, endMs: from + 1, deliveredMws: wattHour, receivedMws: 0 });
    }
    assert.equal(meter.metrology.delivered.wattHours, 1000);
  });
});

describe('a battery', () => {
  test('that lasts keeps the clock; one that is empty leaves it standing and invalid until it is set', () => {
    const { meter } = testMeter({ startMs, batteryHours: 24 });
    meter.powerDown();
    meter.powerUp(startMs + 10 * 3_600_000);
    assert.equal(meter.clock.isInvalid, false);
    meter.powerDown();
    meter.powerUp(startMs + 60 * 3_600_000);
    assert.equal(meter.clock.isInvalid, true);
    assert.equal(meter.clock.at(meter.countedToMs), startMs + 10 * 3_600_000);
    const count = (minutes: number) => {
      const from = meter.countedToMs;
      meter.accumulate({
        startMs: from,
        endMs: from + minutes * 60_000,
        deliveredMws: wattHour,
        receivedMws: 0,
      });
      return meter.metrology.loadProfile.entries().at(-1)?.status ?? 0;
    };
    assert.ok(count(30) & profileStatus.clockInvalid);
    assert.ok(meter.events.entries().some(({ code }) => code === 6));
    meter.setClock(startMs + 61 * 3_600_000);
    assert.equal(meter.clock.isInvalid, false);
    assert.equal(count(30) & profileStatus.clockInvalid, 0);
  });
  test('says how much is left', () => {
    const battery = new ClockBattery(100);
    battery.carry(25 * 3_600_000);
    assert.equal(battery.level, 0.75);
    battery.replace();
    assert.equal(battery.level, 1);
  });
});

test('the twenty-ninth of February is a day like any other', async () => {
  const { meter, interval } = testMeter({ startMs: at('2028-02-28T00:00:00Z') });
  for (let n = 0; n < 3 * 96; n++) await interval(1);
  assert.equal(meter.metrology.dailyProfile.ring.length, 4);
  assert.equal(meter.books.billing.snapshots.at(-1)?.atMs, at('2028-03-01T00:00:00Z'));
});
