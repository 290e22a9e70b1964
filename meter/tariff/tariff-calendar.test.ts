/** The calendar that switches the rates. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, dayAndNight } from '../meter-fixture.ts';
import { type MeterTariff, tariffCalendar } from './tariff-calendar.ts';

const weekdayPeak = {
  ...dayAndNight,
  id: 'PEAK',
  calendar: [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', rate: 1 },
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '20:00', rate: 2 },
  ],
} as const satisfies MeterTariff;

const rateAt = (tariff: MeterTariff, text: string) => tariffCalendar(tariff).stretchAt(at(text)).rate;

describe('a tariff calendar', () => {
  test('follows the wall clock, not UTC', () => {
    assert.equal(rateAt(dayAndNight, '2026-07-01T05:59:59Z'), 2);
    assert.equal(rateAt(dayAndNight, '2026-07-01T06:00:00Z'), 1);
    assert.equal(rateAt(dayAndNight, '2026-12-01T06:59:59Z'), 2);
    assert.equal(rateAt(dayAndNight, '2026-12-01T07:00:00Z'), 1);
  });
  test('a day without switch goes on with the rate of the day before, over a weekend', () => {
    assert.equal(rateAt(weekdayPeak, '2026-11-20T21:00:00Z'), 2);
    assert.equal(rateAt(weekdayPeak, '2026-11-22T12:00:00Z'), 2);
    assert.equal(rateAt(weekdayPeak, '2026-11-23T08:00:00Z'), 1);
  });
  test('equal weekdays share one day pattern, each begins at midnight', () => {
    const { days, week } = tariffCalendar(weekdayPeak);
    assert.deepEqual(week, [0, 0, 0, 0, 0, 1, 1]);
    assert.deepEqual(days[1], [{ minuteOfDay: 0, rate: 2 }]);
    assert.deepEqual(
      days[0]?.map(({ rate }) => rate),
      [2, 1, 2],
    );
  });
  test('a switch inside the repeated hour happens in both of its runs', () => {
    const half = {
      ...dayAndNight,
      calendar: [
        { days: dayAndNight.calendar[0].days, from: '00:00', rate: 2 },
        { days: dayAndNight.calendar[0].days, from: '01:30', rate: 1 },
      ],
    } as const satisfies MeterTariff;
    const rates = ['00:15', '00:45', '01:15', '01:45'].map((time) => rateAt(half, `2026-10-25T${time}:00Z`));
    assert.deepEqual(rates, [2, 1, 2, 1]);
  });
  test('stretches meet end to start through a year', () => {
    const calendar = tariffCalendar(dayAndNight);
    let atMs = at('2026-01-01T00:00:00Z');
    while (atMs < at('2027-01-01T00:00:00Z')) {
      const stretch = calendar.stretchAt(atMs);
      assert.equal(stretch.startMs, atMs);
      atMs = stretch.endMs;
    }
  });
});
