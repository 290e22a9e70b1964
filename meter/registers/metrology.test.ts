/** What always holds of registers and profiles, whatever happens to the meter. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localDay } from '@wattline/base';
import fc from 'fast-check';
import type { Meter } from '../meter.ts';
import { at, dayAndNight, quarterMs, testMeter, wattHour } from '../meter-fixture.ts';
import { dailyProfileColumn } from './daily-profile.ts';
import { profileStatus } from './load-profile.ts';

const minuteMs = 60_000;

function sumOf(meter: Meter): { delivered: number; received: number } {
  const entries = meter.metrology.loadProfile.entries();
  return {
    delivered: entries.reduce((sum, entry) => sum + entry.deliveredWh, 0),
    received: entries.reduce((sum, entry) => sum + entry.receivedWh, 0),
  };
}

function assertRatesSum(meter: Meter): void {
  const { delivered } = meter.metrology;
  let sum = 0;
  for (let rate = 1; rate <= delivered.rateCount; rate++) sum += delivered.rate(rate);
  assert.equal(sum, delivered.total.wattHours);
}

/** A day in the life of a meter: steps of energy, cuts of power, settings of the clock, in any order. */
const happenings = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('energy' as const),
        minutes: fc.integer({ min: 1, max: 50 }),
        mws: fc.nat(9_000_000_000),
        back: fc.nat(2_000_000_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('cut' as const), minutes: fc.integer({ min: 1, max: 600 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('clock' as const),
        offsetMs: fc.integer({ min: -7_200_000, max: 7_200_000 }),
      }),
    },
  ),
  { minLength: 20, maxLength: 150 },
);

describe('another capture period', () => {
  test('the profile begins anew, its first entry is a part and says so, and from then on it sums to the registers', async () => {
    const { meter, interval } = testMeter();
    for (let n = 0; n < 5; n++) await interval(100);
    const changedMs = meter.countedToMs;
    meter.metrology.captureEvery(1800, changedMs);
    assert.deepEqual([meter.metrology.intervalSeconds, meter.metrology.loadProfile.ring.length], [1800, 0]);
    const before = meter.metrology.delivered.wattHours;
    for (let n = 0; n < 5; n++) await interval(100);
    const entries = meter.metrology.loadProfile.entries();
    assert.deepEqual(
      entries.map(({ labelMs, status, deliveredWh }) => [
        labelMs - changedMs,
        status & profileStatus.dataNotValid,
        deliveredWh,
      ]),
      [
        [quarterMs, profileStatus.dataNotValid, 100],
        [3 * quarterMs, 0, 200],
        [5 * quarterMs, 0, 200],
      ],
    );
    assert.equal(sumOf(meter).delivered, meter.metrology.delivered.wattHours - before);
  });
});

describe('whatever happens to the meter', () => {
  test('the registers never run backwards, the rates sum to the total, the profile sums to the registers', () => {
    fc.assert(
      fc.property(happenings, fc.integer({ min: -40, max: 40 }), (life, driftPpm) => {
        const { meter } = testMeter({ clockDriftPpm: driftPpm, startMs: at('2026-10-24T22:00:00Z') });
        let last = 0;
        for (const event of life) {
          const startMs = meter.countedToMs;
          if (event.kind === 'energy') {
            const endMs = startMs + event.minutes * minuteMs;
            meter.accumulate({ startMs, endMs, deliveredMws: event.mws, receivedMws: event.back });
          } else if (event.kind === 'cut') {
            meter.powerDown();
            meter.powerUp(startMs + event.minutes * minuteMs);
          } else meter.metrology.setClock(event.offsetMs);
          const { delivered } = meter.metrology;
          assert.ok(delivered.total.wattHours >= last);
          last = delivered.total.wattHours;
          assertRatesSum(meter);
        }
        // Up to a boundary, so that nothing is under way.
        for (let minute = 0; minute < 60; minute++) {
          const startMs = meter.countedToMs;
          meter.accumulate({ startMs, endMs: startMs + minuteMs, deliveredMws: 0, receivedMws: 0 });
        }
        const { delivered, received } = meter.metrology;
        const sums = sumOf(meter);
        assert.equal(sums.delivered, delivered.total.wattHours);
        assert.equal(sums.received, received.wattHours);
      }),
      { numRuns: 150 },
    );
  });

  test('all energy is counted: whole watt-hours in the register are those that came in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000_000_000), { minLength: 1, maxLength: 100 }), (steps) => {
        const { meter } = testMeter();
        for (const deliveredMws of steps) {
          const startMs = meter.countedToMs;
          meter.accumulate({ startMs, endMs: startMs + 7 * minuteMs, deliveredMws, receivedMws: 0 });
        }
        const came = steps.reduce((sum, mws) => sum + mws, 0);
        assert.equal(meter.metrology.delivered.total.wattHours, Math.floor(came / wattHour));
      }),
    );
  });

  test('whole watt-hours per interval give the same registers in one step as in a thousand', () => {
    const whole = testMeter().meter;
    const cut = testMeter().meter;
    const startMs = whole.countedToMs;
    const total = 1237 * wattHour;
    whole.accumulate({ startMs, endMs: startMs + quarterMs, deliveredMws: total, receivedMws: 0 });
    let done = 0;
    for (let step = 1; step <= 1000; step++) {
      const upTo = Math.floor((total * step) / 1000);
      cut.accumulate({
        startMs: cut.countedToMs,
        endMs: startMs + step * 900,
        deliveredMws: upTo - done,
        receivedMws: 0,
      });
      done = upTo;
    }
    assert.deepEqual(cut.metrology.loadProfile.entries(), whole.metrology.loadProfile.entries());
    assert.equal(cut.metrology.delivered.total.wattHours, 1237);
  });
});

describe('profiles', () => {
  test('every local day has its midnight entry, 23 and 25 hour days included, and between two stand the intervals of the day', async () => {
    for (const [date, intervals] of [
      ['2026-03-29', 92],
      ['2026-10-25', 100],
      ['2026-06-01', 96],
    ] as const) {
      const day = localDay(date, 'Europe/London');
      const { meter, interval } = testMeter({ startMs: day.startMs });
      for (let n = 0; n < intervals; n++) await interval(n);
      const { ring } = meter.metrology.dailyProfile;
      assert.equal(meter.metrology.loadProfile.ring.length, intervals);
      assert.equal(ring.length, 2);
      assert.equal(ring.at(dailyProfileColumn.label, 1), day.endMs);
      assert.equal(
        ring.at(dailyProfileColumn.delivered, 1) - ring.at(dailyProfileColumn.delivered, 0),
        (intervals * (intervals - 1)) / 2,
      );
    }
  });
  test('the repeated hour of autumn is told apart by the daylight saving flag', async () => {
    const { meter, interval } = testMeter({ startMs: at('2026-10-25T00:00:00Z') });
    for (let n = 0; n < 8; n++) await interval(1);
    const summer = meter.metrology.loadProfile
      .entries()
      .map(({ status }) => (status & profileStatus.daylightSaving) !== 0);
    assert.deepEqual(summer, [true, true, true, false, false, false, false, false]);
  });
  test('the oldest entry makes room when the buffer is full', async () => {
    const { meter, interval } = testMeter({ profileDays: 60, intervalSeconds: 3600 });
    for (let n = 0; n < 60 * 24 + 5; n++) await interval(n);
    const entries = meter.metrology.loadProfile.entries();
    assert.equal(entries.length, 60 * 24);
    assert.equal(entries[0]?.deliveredWh, 5);
  });
  test('a meter energised within an interval flags what is only a part', async () => {
    const { meter, interval } = testMeter({ startMs: at('2026-10-01T00:07:00Z') });
    await interval(10);
    const [entry] = meter.metrology.loadProfile.entries();
    assert.equal(entry?.labelMs, at('2026-10-01T00:15:00Z'));
    assert.ok((entry?.status ?? 0) & profileStatus.powerDown);
  });
  test('a lost entry is missing and a spoilt one is wrong, and the registers do not care', async () => {
    const startMs = at('2026-10-01T10:00:00Z');
    const { meter, interval } = testMeter(
      { startMs },
      {
        defectAt: (intervalStartMs) => {
          if (intervalStartMs === startMs + quarterMs) return { kind: 'lost' };
          return intervalStartMs === startMs + 2 * quarterMs ? { kind: 'factor', factor: 50 } : undefined;
        },
      },
    );
    for (let n = 0; n < 4; n++) await interval(100);
    assert.deepEqual(
      meter.metrology.loadProfile.entries().map((entry) => entry.deliveredWh),
      [100, 5000, 100],
    );
    assert.equal(meter.metrology.delivered.total.wattHours, 400);
  });
});

test('energy goes to the rate that is active: night until seven by the wall clock, on the day of a clock change too', () => {
  for (const date of ['2026-03-29', '2026-10-25', '2026-07-01']) {
    const day = localDay(date, 'Europe/London');
    const { meter } = testMeter({ startMs: day.startMs, tariff: dayAndNight });
    const hours = (day.endMs - day.startMs) / 3_600_000;
    // 1 kW all day in one single step.
    meter.accumulate({
      startMs: day.startMs,
      endMs: day.endMs,
      deliveredMws: hours * 1000 * wattHour,
      receivedMws: 0,
    });
    assert.equal(meter.metrology.delivered.rate(1), 17_000);
    assert.equal(meter.metrology.delivered.rate(2), (hours - 17) * 1000);
  }
});

test('a switch of rate within an interval divides its energy by time', () => {
  const startMs = at('2026-12-01T06:00:00Z');
  const tariff = {
    ...dayAndNight,
    calendar: [
      { days: dayAndNight.calendar[0].days, from: '00:00', rate: 2 },
      { days: dayAndNight.calendar[0].days, from: '06:10', rate: 1 },
    ],
  } as const;
  const { meter } = testMeter({ startMs, tariff });
  meter.accumulate({ startMs, endMs: startMs + quarterMs, deliveredMws: 900 * wattHour, receivedMws: 0 });
  assert.deepEqual([meter.metrology.delivered.rate(1), meter.metrology.delivered.rate(2)], [300, 600]);
});
