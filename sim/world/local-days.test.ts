import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalDays } from './local-days.ts';

const quarterMs = 900_000;

test('a London year is 365 days of 96 quarters, but one of 92 and one of 100', () => {
  const startMs = Date.parse('2025-01-01T00:00Z');
  const days = createLocalDays('Europe/London', startMs, quarterMs);
  const odd: [string, number][] = [];
  let slot = 0;
  for (let count = 0; count < 365; count++) {
    const day = days.at(slot);
    assert.equal(day.firstSlot, slot);
    assert.equal(day.minuteOfDay[0], 0);
    assert.equal(day.minuteOfDay[day.slots - 1], 23 * 60 + 45);
    if (day.slots !== 96) odd.push([day.date, day.slots]);
    slot += day.slots;
  }
  assert.deepEqual(odd, [
    ['2025-03-30', 92],
    ['2025-10-26', 100],
  ]);
  assert.equal(startMs + slot * quarterMs, Date.parse('2026-01-01T00:00Z'));
});

test('the skipped hour has no slot and the repeated hour has its wall clock twice', () => {
  const days = createLocalDays('Europe/London', Date.parse('2025-01-01T00:00Z'), quarterMs);
  const dayAt = (instant: string) =>
    days.at((Date.parse(instant) - Date.parse('2025-01-01T00:00Z')) / quarterMs);
  const spring = [...dayAt('2025-03-30T12:00Z').minuteOfDay];
  assert.deepEqual(spring.slice(3, 5), [45, 120]);
  const autumn = [...dayAt('2025-10-26T12:00Z').minuteOfDay];
  assert.equal(autumn.filter((minute) => minute === 75).length, 2);
});

test('days are found in any order, before the start, and where zones change by half an hour', () => {
  for (const zone of ['Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Auckland']) {
    const startMs = Date.parse('2025-04-05T00:00Z');
    const forward = createLocalDays(zone, startMs, quarterMs);
    const backward = createLocalDays(zone, startMs, quarterMs);
    const slots = Array.from({ length: 600 }, (_, k) => k - 300);
    const dates = slots.map((slot) => forward.at(slot).date);
    const reversed = [...slots].reverse().map((slot) => backward.at(slot).date);
    assert.deepEqual(reversed.reverse(), dates);
    const named = slots.map((slot) =>
      Temporal.Instant.fromEpochMilliseconds(startMs + slot * quarterMs)
        .toZonedDateTimeISO(zone)
        .toPlainDate()
        .toString(),
    );
    assert.deepEqual(dates, named);
  }
});
