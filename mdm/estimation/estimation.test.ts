/** Estimation on paper: foreign vectors, and what always holds: shares sum to the register, to the last watt-hour. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { quality } from '@wattline/model';
import fc from 'fast-check';
import { defaultPolicy } from '../policy.ts';
import { totalsOf } from '../rules/day-totals.ts';
import type { DayColumns } from '../rules/index.ts';
import { apportion } from './apportion.ts';
import { estimateDay } from './estimate-day.ts';
import { interpolate } from './linear.ts';

test('shares are whole, sum to the total and keep the order of the weights', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), weights, (total, parts) => {
      const shares = apportion(total, parts);
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        total,
      );
      for (const share of shares) assert(Number.isInteger(share) && share >= 0);
      parts.forEach((weight, i) => {
        parts.forEach((other, j) => {
          if (weight > other) assert((shares[i] as number) >= (shares[j] as number));
        });
      });
    }),
  );
});

test('without any weight the shares are equal to the unit, the first ones larger', () => {
  assert.deepEqual(apportion(10, [0, 0, 0, 0]), [3, 3, 2, 2]);
  assert.deepEqual(apportion(0, [5, 5]), [0, 0]);
  assert.deepEqual(apportion(10, [1, 1, 2]), [3, 2, 5]);
});

test('a fraction or a negative total is our own mistake', () => {
  assert.throws(() => apportion(1.5, [1]));
  assert.throws(() => apportion(-1, [1]));
  assert.throws(() => apportion(1, []));
});

const vectors = join(process.env.WATTLINE_SHARED ?? '../shared', 'samples/mdms/vee-vectors');
const itron = await readFile(join(vectors, 'linear_interpolation_itron.csv'), 'utf8').catch(() => null);
const published = await readFile(join(vectors, 'published_cases.csv'), 'utf8').catch(() => null);

test('a line across a gap gives the published values', {
  skip: itron ? false : `${vectors} is absent`,
}, () => {
  const rows = (itron as string).trim().split('\n').slice(1);
  const cells = rows.map((row) => row.split(','));
  const isGap = (cell: string[]) => cell[2]?.startsWith('MI') ?? false;
  const first = cells.findIndex(isGap);
  const gap = cells.filter(isGap);
  const before = Number(cells[first - 1]?.[1]);
  const after = Number(cells[first + gap.length]?.[1]);
  assert.deepEqual(
    interpolate(before, after, gap.length),
    gap.map((cell) => Number(cell[3])),
  );
});

/** A day of quarter-hours with measured values, empty in [from, to). */
function dayWithGap(from: number, to: number, values: (slot: number) => number): DayColumns {
  const value = new Float64Array(96);
  const flags = new Uint16Array(96).fill(quality.measured);
  for (let slot = 0; slot < 96; slot++) {
    if (slot >= from && slot < to) flags[slot] = quality.missing;
    else value[slot] = values(slot);
  }
  return {
    start: 1_772_409_600,
    intervalSeconds: 900,
    value,
    quality: flags,
    dueFrom: 0,
    dueTo: 96,
    registerDifference: null,
    peaks: [],
    sums: [],
    readingType: 'delivered',
    related: {},
    generationW: 0,
    totals: totalsOf(value, flags),
  };
}

const dayOf = (values: readonly (readonly [number, number])[], temperature: number | null = null) => ({
  values: new Map(values),
  temperature,
});
const slotsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const minutes = Array.from({ length: 96 }, (_, slot) => slot * 15);

test('the longest gap for a line is a setting: of gaps of 2 h and 4 h 15 a limit of 3 h bridges the first only', {
  skip: published?.includes('LIN-GATE') ? false : `${vectors} is absent`,
}, () => {
  // Case LIN-GATE of the published cases: gap A 08:00-10:00, gap B 13:15-17:30, limit 3 h.
  const policy = { ...defaultPolicy, linearLongestSeconds: 3 * 3600 };
  for (const { from, to, isFilled } of [
    { from: 32, to: 40, isFilled: true },
    { from: 53, to: 70, isFilled: false },
  ]) {
    const day = dayWithGap(from, to, () => 50);
    const input = {
      day,
      slots: slotsOf(from, to),
      before: 50,
      after: 50,
      minutes,
      likeDays: [],
      remainder: null,
    };
    assert.equal(estimateDay(input, policy).slots.length, isFilled ? to - from : 0);
  }
});

test('estimates scaled to a known sum keep their proportions, and are equal when their sum is zero', {
  skip: published?.includes('SCALE-ALL') ? false : `${vectors} is absent`,
}, () => {
  // Cases SCALE-ALL and SCALE-ZERO: v' = v x S / V, and S / n when V = 0.
  const day = dayWithGap(0, 96, () => 0);
  const likeDay = dayOf(minutes.map((minute, slot) => [minute, slot < 48 ? 10 : 30]));
  const input = { day, slots: slotsOf(0, 96), before: null, after: null, minutes, likeDays: [likeDay] };
  const scaled = estimateDay({ ...input, remainder: 48 * 20 + 48 * 60 }, defaultPolicy).slots;
  assert.deepEqual(
    scaled.map(({ value }) => value),
    minutes.map((_, slot) => (slot < 48 ? 20 : 60)),
  );
  const zeros = dayOf(minutes.map((minute) => [minute, 0]));
  const even = estimateDay({ ...input, likeDays: [zeros], remainder: 96 * 7 }, defaultPolicy).slots;
  assert.deepEqual(new Set(even.map(({ value }) => value)), new Set([7]));
});

test('whatever is missing and whatever the history, estimates sum to what the register leaves', () => {
  const history = fc.array(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 96, maxLength: 96 }), {
    maxLength: 6,
  });
  const gap = fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }));
  fc.assert(
    fc.property(gap, history, fc.integer({ min: 0, max: 1_000_000 }), ([from, length], days, remainder) => {
      const to = Math.min(96, from + length);
      const day = dayWithGap(from, to, (slot) => (slot * 37) % 400);
      const likeDays = days.map((values) => dayOf(values.map((value, slot) => [slot * 15, value])));
      const input = { day, slots: slotsOf(from, to), before: 100, after: null, minutes, likeDays, remainder };
      const { slots } = estimateDay(input, defaultPolicy);
      assert.deepEqual(
        slots.map(({ slot }) => slot),
        slotsOf(from, to),
      );
      assert.equal(
        slots.reduce((sum, { value }) => sum + value, 0),
        remainder,
      );
      for (const { value } of slots) assert(Number.isInteger(value) && value >= 0);
    }),
  );
});

describe('the ladder of estimates', () => {
  const empty = { before: 50, after: 50, minutes, likeDays: [], remainder: null };
  const methodsOf = (input: Parameters<typeof estimateDay>[0]) => {
    const { slots } = estimateDay(input, defaultPolicy);
    return {
      methods: [...new Set(slots.map(({ method }) => method))],
      values: slots.map(({ value }) => value),
    };
  };
  const gap = slotsOf(20, 24);
  test('believes a check meter before anything else', () => {
    const check = {
      value: new Float64Array(96).fill(33),
      quality: new Uint16Array(96).fill(quality.measured),
    };
    const day = { ...dayWithGap(20, 24, () => 50), related: { check } };
    assert.deepEqual(methodsOf({ ...empty, day, slots: gap }), {
      methods: ['check-meter'],
      values: [33, 33, 33, 33],
    });
  });
  test('knows that nothing flowed within a power failure, and gives the register to the other gaps', () => {
    const day = dayWithGap(20, 24, () => 50);
    day.quality[19] = quality.measured | quality.powerFail;
    day.quality[24] = quality.measured | quality.powerFail;
    day.quality[60] = quality.missing;
    const found = methodsOf({ ...empty, day, slots: [...gap, 60], remainder: 70 });
    assert.deepEqual(found, { methods: ['outage-zero', 'linear'], values: [0, 0, 0, 0, 70] });
  });
  test('leans on the like days nearest in temperature when there are enough to choose from', () => {
    const day = dayWithGap(0, 96, () => 0);
    const cold = Array.from({ length: 4 }, () =>
      dayOf(
        minutes.map((minute) => [minute, 90]),
        1,
      ),
    );
    const warm = Array.from({ length: 8 }, () =>
      dayOf(
        minutes.map((minute) => [minute, 10]),
        20,
      ),
    );
    const found = methodsOf({
      ...empty,
      day,
      slots: slotsOf(0, 96),
      likeDays: [...warm, ...cold],
      temperature: 0,
    });
    assert.deepEqual(found.methods, ['weather-day']);
    assert.deepEqual(new Set(found.values), new Set([90]));
  });
  test('takes comparable points where the channel has no like day, then the usual day spread evenly', () => {
    const day = { ...dayWithGap(0, 96, () => 0), sums: [9600, 9600] };
    const neighbours = minutes.map((_, slot) => (slot < 48 ? 7 : null));
    const found = methodsOf({ ...empty, day, slots: slotsOf(0, 96), neighbours });
    assert.deepEqual(found.methods, ['neighbour', 'flat']);
    assert.deepEqual(new Set(found.values), new Set([7, 100]));
  });
  test('lets a register overrule a check meter that claims more than it leaves', () => {
    const check = {
      value: new Float64Array(96).fill(33),
      quality: new Uint16Array(96).fill(quality.measured),
    };
    const day = { ...dayWithGap(20, 24, () => 50), related: { check } };
    assert.deepEqual(methodsOf({ ...empty, day, slots: gap, remainder: 40 }).values, [10, 10, 10, 10]);
  });
});
