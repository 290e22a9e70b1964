/** Rules that pass most days at a glance, against the same rules reckoned the long way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { quality } from '@wattline/model';
import fc from 'fast-check';
import { defaultPolicy } from '../policy.ts';
import { totalsOf } from './day-totals.ts';
import type { DayColumns } from './index.ts';
import { frozen, highDay, lowDay } from './value-checks.ts';

const anyDay = fc.record({
  values: fc.array(fc.constantFrom(0, 3, 3, 3, 40, 41), { minLength: 24, maxLength: 24 }),
  gaps: fc.array(fc.nat(9), { minLength: 24, maxLength: 24 }),
  sums: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 5, maxLength: 28 }),
  hours: fc.integer({ min: 2, max: 14 }),
});

function dayOf(value: Float64Array, flags: Uint16Array, sums: readonly number[]): DayColumns {
  return {
    start: 1_772_409_600,
    intervalSeconds: 3600,
    value,
    quality: flags,
    totals: totalsOf(value, flags),
    dueFrom: 0,
    dueTo: value.length,
    registerDifference: null,
    peaks: sums,
    sums,
    readingType: 'delivered',
    related: {},
    generationW: 0,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
}

function longestStandstill(value: Float64Array): number {
  let longest = 0;
  for (let from = 0; from < value.length; from++) {
    let to = from;
    while (to < value.length && value[to] === value[from]) to++;
    if ((value[from] as number) > 0) longest = Math.max(longest, to - from);
  }
  return longest;
}

test('A day fails for its longest standstill, and against the middle of the usual days', () => {
  fc.assert(
    fc.property(anyDay, ({ values, gaps, sums, hours }) => {
      const value = Float64Array.from(values, (wh, slot) => (gaps[slot] === 0 ? 0 : wh));
      const flags = Uint16Array.from(gaps, (gap) => (gap === 0 ? quality.missing : quality.measured));
      const day = dayOf(value, flags, sums);
      const { sum, absent, still } = day.totals;
      const longest = longestStandstill(value);
      assert.equal(still, longest);
      const policy = { ...defaultPolicy, frozenHours: hours, highDayFloorWh: 0 };
      assert.equal(frozen.check(day, policy)?.hasFailed, longest >= hours);
      assert.equal(highDay.check(day, policy)?.hasFailed, sum > median(sums) * policy.highDayFactor);
      const isLow = sum > 0 && sum < median(sums) * policy.lowDayFraction;
      assert.equal(lowDay.check(day, policy)?.hasFailed, absent > 0 ? undefined : isLow);
    }),
  );
});
