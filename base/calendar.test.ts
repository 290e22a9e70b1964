import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dateOf, formatInstant, localDay, localDays, localMonth, localTime, monthOf } from './calendar.ts';

const hourMs = 3_600_000;
const hours = ({ startMs, endMs }: { startMs: number; endMs: number }) => (endMs - startMs) / hourMs;
const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

describe('local days know their length', () => {
  test('the spring day of London has 23 hours', () =>
    assert.equal(hours(localDay('2025-03-30', 'Europe/London')), 23));
  test('the autumn day of London has 25 hours', () =>
    assert.equal(hours(localDay('2025-10-26', 'Europe/London')), 25));
  test('the spring day of Sydney is in October', () =>
    assert.equal(hours(localDay('2012-10-07', 'Australia/Sydney')), 23));
  test('a day of Kolkata begins at 18:30 UTC', () => {
    assert.equal(formatInstant(localDay('2025-03-30', 'Asia/Kolkata').startMs), '2025-03-29T18:30:00Z');
  });
  test('Lord Howe changes its clock by half an hour', () => {
    assert.equal(hours(localDay('2025-04-06', 'Australia/Lord_Howe')), 24.5);
  });
});

describe('months and days tile time', () => {
  test('March of London is an hour short of 31 days', () =>
    assert.equal(hours(localMonth('2025-03', 'Europe/London')), 31 * 24 - 1));
  test('the days of a month meet end to start', () => {
    const month = localMonth('2025-10', 'Europe/London');
    const days = localDays(month, 'Europe/London');
    assert.equal(days.length, 31);
    assert.equal(days[0]?.period.startMs, month.startMs);
    assert.equal(days.at(-1)?.period.endMs, month.endMs);
    for (let i = 1; i < days.length; i++) assert.equal(days[i]?.period.startMs, days[i - 1]?.period.endMs);
  });
  test('an instant before local midnight belongs to the day before', () => {
    assert.equal(dateOf(at('2025-06-30T22:59:59Z'), 'Europe/London'), '2025-06-30');
    assert.equal(monthOf(at('2025-06-30T23:00:00Z'), 'Europe/London'), '2025-07');
  });
  test('the wall clock names its offset', () => {
    const time = localTime(at('2025-07-01T00:30:00Z'), 'Europe/London');
    assert.deepEqual([time.minuteOfDay, time.offsetMinutes, time.dayOfWeek], [90, 60, 2]);
  });
});
