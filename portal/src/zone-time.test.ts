/** Wall clocks against the platform's Temporal, over the days on which clocks change. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addDays, datesBetween, dayStart, offsetMinutes, timeTicks, wallOf, weekdayOf } from './zone-time.ts';

const zones = ['Europe/London', 'Asia/Kolkata', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Cairo'];
const hourMs = 3_600_000;

describe('wall clocks agree with Temporal', () => {
  for (const zone of zones) {
    test(`${zone}: every hour of a year`, () => {
      const start = Date.UTC(2026, 0, 1);
      for (let at = start; at < start + 365 * 24 * hourMs; at += hourMs) {
        const expected = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
        const wall = wallOf(at, zone);
        assert.equal(wall.date, expected.toPlainDate().toString());
        assert.equal(wall.minute, expected.hour * 60 + expected.minute);
        assert.equal(offsetMinutes(at, zone), expected.offsetNanoseconds / 60e9);
      }
    });
    test(`${zone}: every day of a year starts where it starts`, () => {
      for (const date of datesBetween('2026-01-01', '2026-12-31')) {
        const expected = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
        assert.equal(dayStart(date, zone), expected, date);
      }
    });
  }
});

test('the autumn day in London has 25 hours and the spring day 23', () => {
  const hours = (date: string) =>
    (dayStart(addDays(date, 1), 'Europe/London') - dayStart(date, 'Europe/London')) / hourMs;
  assert.equal(hours('2026-10-25'), 25);
  assert.equal(hours('2026-03-29'), 23);
});

test('the days of the week are those of the calendar', () => {
  assert.equal(weekdayOf('2026-11-21'), 6);
  assert.equal(weekdayOf('2026-11-22'), 0);
});

test('the ticks of a day stand at round local hours, also when the clock goes back', () => {
  const zone = 'Europe/London';
  const ticks = timeTicks(dayStart('2026-10-25', zone), dayStart('2026-10-26', zone), zone, 9);
  assert.deepEqual(
    ticks.map((tick) => wallOf(tick, zone).minute / 60),
    [0, 3, 6, 9, 12, 15, 18, 21, 0],
  );
});

test('the ticks of forty days stand at local midnights and are few', () => {
  const zone = 'Europe/London';
  const ticks = timeTicks(dayStart('2026-10-12', zone), dayStart('2026-11-21', zone), zone, 8);
  assert.ok(ticks.length <= 9 && ticks.length >= 4);
  assert.ok(ticks.every((tick) => wallOf(tick, zone).minute === 0));
});
