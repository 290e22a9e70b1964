/** Each rule on a day of its own: what passes, what fails, and what it cannot tell. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { quality } from '@wattline/model';
import { defaultPolicy } from '../policy.ts';
import { totalsOf } from './day-totals.ts';
import { type DayColumns, missing, rules, spike, sumCheck } from './index.ts';

const start = 1_772_409_600; // 2026-03-02T00:00:00Z

function dayOf(values: readonly (number | null)[], rest: Partial<DayColumns> = {}): DayColumns {
  return withTotals({
    start,
    intervalSeconds: 86_400 / values.length,
    value: Float64Array.from(values, (value) => value ?? 0),
    quality: Uint16Array.from(values, (value) => (value === null ? quality.missing : quality.measured)),
    dueFrom: 0,
    dueTo: values.length,
    registerDifference: null,
    peaks: [],
    sums: [],
    readingType: 'delivered',
    related: {},
    generationW: 0,
    ...rest,
  });
}

/** Tests change columns after they made them: totals are counted when asked for. */
function withTotals(day: Omit<DayColumns, 'totals'>): DayColumns {
  return {
    ...day,
    get totals() {
      return totalsOf(day.value, day.quality);
    },
  };
}

const hours = (value: number) => Array.from({ length: 24 }, () => value);

test('a gap is named with its time and counted', () => {
  const values: (number | null)[] = hours(10);
  values[3] = null;
  values[4] = null;
  values[20] = null;
  const outcome = missing.check(dayOf(values), defaultPolicy);
  assert.equal(outcome?.hasFailed, true);
  assert.deepEqual(outcome?.slots, [3, 4, 20]);
  const when = '2026-03-02T03:00:00Z/05:00:00Z, 2026-03-02T20:00:00Z/21:00:00Z';
  assert.equal(outcome?.detail, `3 of 24 intervals missing: ${when}`);
});

test('what is not due yet, or came before the meter, is not missing', () => {
  const values: (number | null)[] = hours(10).map((value, hour) => (hour < 5 || hour >= 20 ? null : value));
  assert.equal(missing.check(dayOf(values, { dueFrom: 5, dueTo: 20 }), defaultPolicy)?.hasFailed, false);
  assert.equal(missing.check(dayOf(values, { dueFrom: 4, dueTo: 20 }), defaultPolicy)?.hasFailed, true);
});

test('a power-fail zero is not missing', () => {
  const day = dayOf(hours(0));
  day.quality.fill(quality.measured | quality.powerFail);
  assert.equal(missing.check(day, defaultPolicy)?.hasFailed, false);
});

test('a day passes the sum check to the watt-hour and fails by one', () => {
  assert.equal(
    sumCheck.check(dayOf(hours(10), { registerDifference: 240 }), defaultPolicy)?.hasFailed,
    false,
  );
  const off = sumCheck.check(dayOf(hours(10), { registerDifference: 239 }), defaultPolicy);
  assert.equal(off?.hasFailed, true);
  assert.equal(off?.detail, 'intervals 240 Wh, register 239 Wh, difference 1 Wh');
  const tolerant = { ...defaultPolicy, sumToleranceWh: 1 };
  assert.equal(sumCheck.check(dayOf(hours(10), { registerDifference: 239 }), tolerant)?.hasFailed, false);
});

test('without registers, or with gaps the register leaves room for, the sum check cannot tell', () => {
  assert.equal(sumCheck.check(dayOf(hours(10)), defaultPolicy), null);
  const gap = [...hours(10).slice(1), null];
  assert.equal(sumCheck.check(dayOf(gap, { registerDifference: 240 }), defaultPolicy), null);
  assert.equal(sumCheck.check(dayOf(gap, { registerDifference: 229 }), defaultPolicy)?.hasFailed, true);
});

test('a register that runs backwards fails', () => {
  const outcome = sumCheck.check(dayOf(hours(0), { registerDifference: -5 }), defaultPolicy);
  assert.equal(outcome?.hasFailed, true);
  assert.match(outcome?.detail ?? '', /backwards/);
});

test('large sums are exact', () => {
  const values = hours(Math.floor(Number.MAX_SAFE_INTEGER / 24));
  const sum = values.reduce((total, value) => total + value, 0);
  assert.equal(sumCheck.check(dayOf(values, { registerDifference: sum }), defaultPolicy)?.hasFailed, false);
  assert.equal(
    sumCheck.check(dayOf(values, { registerDifference: sum - 1 }), defaultPolicy)?.hasFailed,
    true,
  );
});

test('a value beyond five usual peaks and the floor is a spike', () => {
  const peaks = [900, 1000, 1100, 1000, 1000];
  const values = hours(500);
  values[7] = 5001;
  const outcome = spike.check(dayOf(values, { peaks }), defaultPolicy);
  assert.deepEqual(outcome?.slots, [7]);
  assert.match(outcome?.detail ?? '', /5001 Wh at 2026-03-02T07:00:00Z\/08:00:00Z; limit 5000 Wh/);
  values[7] = 5000;
  assert.equal(spike.check(dayOf(values, { peaks }), defaultPolicy)?.hasFailed, false);
});

test('an earlier spike among the peaks does not hide the next one', () => {
  const values = hours(500);
  values[7] = 90_000;
  const peaks = [1000, 1000, 80_000, 1000, 1000];
  assert.equal(spike.check(dayOf(values, { peaks }), defaultPolicy)?.hasFailed, true);
});

test('a small home that boils a kettle has no spike: the floor is in watts, whatever the interval', () => {
  const quarter = Array.from({ length: 96 }, () => 10);
  quarter[30] = 999;
  const peaks = [20, 20, 20, 20, 20];
  assert.equal(spike.check(dayOf(quarter, { peaks }), defaultPolicy)?.hasFailed, false);
  quarter[30] = 1001;
  assert.equal(spike.check(dayOf(quarter, { peaks }), defaultPolicy)?.hasFailed, true);
});

test('too few days give no verdict', () => {
  const values = hours(500);
  values[7] = 90_000;
  assert.equal(spike.check(dayOf(values, { peaks: [1, 1, 1, 1] }), defaultPolicy), null);
});

test('every rule has an id, a title and a source for each setting', () => {
  assert.equal(new Set(rules.map((rule) => rule.id)).size, rules.length);
  for (const rule of rules) {
    assert(rule.title.length > 0);
    for (const parameter of rule.parameters) {
      assert(parameter.setting in defaultPolicy);
      assert(parameter.source.length > 0);
    }
  }
});

const samples = join(process.env.WATTLINE_SHARED ?? '../shared', 'samples/mdms');
const cmep = await readFile(join(samples, 'cmep/cmep_interval_and_register.txt'), 'utf8').catch(() => null);

test('the published CMEP day of 24 hours agrees with its register pair', {
  skip: cmep ? false : `${samples} is absent`,
}, () => {
  const rows = (cmep as string).split('\n').map((row) => row.split(','));
  const numbers = (row: string[]) =>
    row
      .slice(14)
      .map((cell) => cell.trim())
      .filter((cell, index) => index % 3 === 2 && cell !== '')
      .map(Number);
  const intervals = rows.map(numbers).find((values) => values.length === 24) as number[];
  // SUM-CMEP of the published cases: register 2931567 to 2932046.
  const outcome = sumCheck.check(
    dayOf(intervals, { registerDifference: 2_932_046 - 2_931_567 }),
    defaultPolicy,
  );
  assert.equal(outcome?.hasFailed, false);
  const crossed = sumCheck.check(dayOf(intervals, { registerDifference: 0 }), defaultPolicy);
  assert.equal(crossed?.hasFailed, true, 'as after a crossed meter');
});
