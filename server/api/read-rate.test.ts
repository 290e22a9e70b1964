import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sinceFirstDue } from './read-rate.ts';

const day = (date: string, expected: number) => ({
  date,
  expected,
  received: expected,
  estimated: 0,
  missing: 0,
});
const datesOf = (days: ReturnType<typeof sinceFirstDue>) => days.map(({ date }) => date);

test('days before the first meter was read are no days of a hundred per cent', () => {
  const days = [day('2026-11-13', 0), day('2026-11-14', 0), day('2026-11-15', 96), day('2026-11-16', 0)];
  assert.deepEqual(datesOf(sinceFirstDue(days)), ['2026-11-15', '2026-11-16']);
});

test('where nothing was due yet, today alone is shown', () => {
  assert.deepEqual(datesOf(sinceFirstDue([day('2026-11-15', 0), day('2026-11-16', 0)])), ['2026-11-16']);
});
