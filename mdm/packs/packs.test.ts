/** Rule packs are data that can be held to account: every threshold has a source and does what it says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { quality, type ReadAttempts } from '@wattline/model';
import { defaultPolicy } from '../policy.ts';
import { totalsOf } from '../rules/day-totals.ts';
import { type DayColumns, rules } from '../rules/index.ts';
import { policyOf, rulePackOf, rulePacks } from './index.ts';

test('seven packs have ids of their own, name their code, and give every threshold a source and how sure it is', () => {
  assert.deepEqual(
    rulePacks.map((pack) => pack.id),
    ['generic', 'california', 'aemo', 'ontario', 'texas', 'uk', 'india'],
  );
  for (const { code, thresholds } of rulePacks) {
    assert(code.length > 10);
    for (const { setting, source, certainty } of thresholds) {
      assert(setting in defaultPolicy);
      assert(source.length > 5, `${setting} names no source`);
      assert(['read', 'recalled', 'local'].includes(certainty));
    }
    assert.equal(new Set(thresholds.map(({ setting }) => setting)).size, thresholds.length);
  }
});

test('the accuracy page lists every threshold of every pack with its certainty and its source', () => {
  const page = readFileSync('docs/reference/estimation-accuracy.md', 'utf8');
  const listed = page.slice(page.indexOf('| pack | setting |')).trim().split('\n').slice(2);
  const wanted = rulePacks.flatMap(({ id, thresholds }) =>
    thresholds.map(({ setting, value, certainty, source }) => {
      const marked = certainty === 'local' ? '**local**' : certainty;
      return `| ${id} | ${setting} | ${String(value)} | ${marked} | ${source} |`;
    }),
  );
  assert.deepEqual(listed, wanted);
});

test('a voltage may stand further above its nominal than below it, where the supply code says so', () => {
  const pack = rulePackOf('uk');
  const rule = rules.find(({ id }) => id === 'voltage-range');
  assert(pack && rule);
  const policy = policyOf(pack);
  const fails = (tenths: number) =>
    rule.check(
      day((slot) => (slot === 5 ? tenths : 2300), { readingType: 'voltage' }),
      policy,
    )?.hasFailed;
  assert.deepEqual([2161, 2162, 2530, 2531].map(fails), [true, false, false, true]);
});

test('an operator’s own setting goes over the pack, and the pack over the default', () => {
  const pack = rulePackOf('aemo');
  assert(pack);
  assert.equal(policyOf(pack).sumToleranceWh, 1000);
  assert.equal(policyOf(pack, { sumToleranceWh: 5 }).sumToleranceWh, 5);
  assert.equal(policyOf(pack).frozenHours, defaultPolicy.frozenHours);
});

const slots = 48;
function day(values: (slot: number) => number, rest: Partial<DayColumns> = {}): DayColumns {
  const made = {
    start: 1_772_409_600,
    intervalSeconds: 1800,
    readingType: 'delivered',
    value: Float64Array.from({ length: slots }, (_, slot) => values(slot)),
    quality: new Uint16Array(slots).fill(quality.measured),
    dueFrom: 0,
    dueTo: slots,
    registerDifference: null,
    peaks: [500, 500, 500, 500, 500],
    sums: [12_000, 12_000, 12_000, 12_000, 12_000],
    related: {},
    generationW: 0,
    ...rest,
  };
  return { ...made, totals: totalsOf(made.value, made.quality) };
}

const flags = (slot: number, bits: number) => {
  const all = new Uint16Array(slots).fill(quality.measured);
  all[slot] = bits;
  return all;
};
const columns = (values: (slot: number) => number) => {
  const { value, quality: bits } = day(values);
  return { value, quality: bits };
};
/** A day that lacks an interval, with what became of asking for it. */
function lacking(asked: Partial<ReadAttempts> = {}): DayColumns {
  const attempts = { answered: 0, refused: 0, unanswered: 0, lastCode: null, ...asked };
  return day(wavy, { quality: flags(3, quality.missing), attempts });
}

function wavy(slot: number) {
  return 200 + (slot % 5);
}
const out = quality.measured | quality.powerFail;

/** A day that fails the rule and one beside it that passes. */
const cases: Record<string, { readonly bad: DayColumns; readonly good: DayColumns }> = {
  missing: { bad: day(wavy, { quality: flags(3, quality.missing) }), good: day(wavy) },
  'sum-check': {
    bad: day(() => 1, { registerDifference: 49 }),
    good: day(() => 1, { registerDifference: 48 }),
  },
  spike: { bad: day((slot) => (slot === 9 ? 2501 : 200)), good: day((slot) => (slot === 9 ? 2500 : 200)) },
  'meter-status': {
    bad: day(wavy, { quality: flags(3, quality.measured | quality.suspect) }),
    good: day(wavy),
  },
  'clock-doubtful': {
    bad: day(wavy, { quality: flags(3, quality.measured | quality.clockDoubtful) }),
    good: day(wavy),
  },
  'unexplained-outage': {
    bad: day((slot) => (slot < 3 ? 0 : 200 + (slot % 5)), {
      quality: Uint16Array.from({ length: slots }, (_, slot) =>
        slot === 0 || slot === 2 ? out : quality.measured,
      ),
    }),
    good: day(wavy, { quality: flags(3, out) }),
  },
  'energy-without-supply': {
    bad: day(wavy, { quality: new Uint16Array(slots).fill(out) }),
    good: day(wavy, { quality: flags(3, out) }),
  },
  'high-demand': {
    bad: day((slot) => (slot === 0 ? 11_501 : 1)),
    good: day((slot) => (slot === 0 ? 11_500 : 1)),
  },
  'third-peak': {
    bad: day((slot) => (slot === 0 ? 3010 : 300)),
    good: day((slot) => (slot === 0 ? 3000 : 300)),
  },
  'zero-day': { bad: day(() => 0), good: day((slot) => (slot === 0 ? 1 : 0)) },
  frozen: { bad: day((slot) => (slot < 24 ? 77 : slot)), good: day((slot) => (slot < 23 ? 77 : slot)) },
  'high-day': { bad: day(() => 1251), good: day(() => 1250) },
  'low-day': { bad: day((slot) => (slot < 5 ? 119 : 0)), good: day((slot) => (slot < 5 ? 120 : 0)) },
  lumped: {
    bad: day((slot) => (slot === 4 ? 751 : 200), { quality: flags(3, quality.missing) }),
    good: day((slot) => (slot === 4 ? 750 : 200), { quality: flags(3, quality.missing) }),
  },
  'register-backwards': {
    bad: day(wavy, { registerDifference: -1 }),
    good: day(wavy, { registerDifference: 0 }),
  },
  'check-meter': {
    bad: day(() => 1000, { related: { check: columns(() => 1022) } }),
    good: day(() => 1000, { related: { check: columns(() => 1021) } }),
  },
  'both-directions': {
    bad: day(() => 1001, { related: { received: columns(() => 1001) } }),
    good: day(() => 1001, { related: { received: columns(() => 1000) } }),
  },
  'export-without-generation': {
    bad: day(wavy, { readingType: 'received' }),
    good: day(wavy, { readingType: 'received', generationW: 3000 }),
  },
  'apparent-below-active': {
    bad: day(() => 102, { related: { 'delivered-apparent': columns(() => 100) } }),
    good: day(() => 101, { related: { 'delivered-apparent': columns(() => 100) } }),
  },
  'power-factor': {
    bad: day(() => 100, { related: { 'delivered-reactive': columns(() => 240) } }),
    good: day(() => 100, { related: { 'delivered-reactive': columns(() => 200) } }),
  },
  'voltage-range': {
    bad: day((slot) => (slot === 5 ? 1954 : 2300), { readingType: 'voltage' }),
    good: day((slot) => (slot === 5 ? 1955 : 2300), { readingType: 'voltage' }),
  },
  'current-without-energy': {
    bad: day(() => 0, { related: { current: columns(() => 51) } }),
    good: day(() => 0, { related: { current: columns(() => 50) } }),
  },
  'never-asked': { bad: lacking(), good: lacking({ unanswered: 1 }) },
  'asked-refused': { bad: lacking({ refused: 2 }), good: lacking({ refused: 2, answered: 1 }) },
};

test('each rule fails the day it is for and passes the day beside it', () => {
  assert.deepEqual(Object.keys(cases).sort(), rules.map((rule) => rule.id).sort());
  for (const rule of rules) {
    const { bad, good } = cases[rule.id] as { bad: DayColumns; good: DayColumns };
    assert.equal(rule.check(bad, defaultPolicy)?.hasFailed, true, `${rule.id} misses its day`);
    assert.equal(rule.check(good, defaultPolicy)?.hasFailed, false, `${rule.id} fails a good day`);
  }
});

test('the places of the rules in the store’s list of passes never change', () => {
  assert.deepEqual(
    rules.map((rule) => rule.id),
    Object.keys(cases),
  );
});

test('the California spike check asks how far the highest stands over the third', () => {
  const california = rulePackOf('california');
  assert(california);
  const rule = rules.find(({ id }) => id === 'third-peak');
  const policy = policyOf(california);
  assert.equal(
    rule?.check(
      day((slot) => (slot === 0 ? 281 : 100)),
      policy,
    )?.hasFailed,
    true,
  );
  assert.equal(
    rule?.check(
      day((slot) => (slot === 0 ? 280 : 100)),
      policy,
    )?.hasFailed,
    false,
  );
});

test('crossed meters as published: the registers of the one meter pass, the other’s start left in place fails (SUM-CROSS)', () => {
  const sumCheck = rules.find(({ id }) => id === 'sum-check');
  const thirty = (difference: number) =>
    sumCheck?.check(
      day((slot) => (slot === 0 ? 30 : 0), { registerDifference: difference }),
      defaultPolicy,
    );
  assert.equal(thirty(150 - 120)?.hasFailed, false);
  assert.equal(thirty(150 - 150)?.hasFailed, true);
});
