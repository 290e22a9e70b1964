import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suppliedShare } from './outage.ts';
import { createWorld, type WorldOptions } from './world.ts';

const startMs = Date.parse('2025-03-01T00:00Z');
const dayMs = 86_400_000;
const endMs = startMs + 40 * dayMs;
const history = { startMs, endMs };
const base: WorldOptions = { seed: '1', startMs, meters: 100, zone: 'Europe/London', intervalSeconds: 900 };
const seeds = ['1', '2', '3', '4', '5', '6', '7', '8'];

test('in forty days a few transformers and a feeder fail, one of them within the last three days', () => {
  for (const seed of seeds) {
    const world = createWorld({ ...base, seed });
    const outages = world.outages(startMs, endMs);
    assert.ok(outages.length >= 4 && outages.length <= 14, `seed ${seed}: ${outages.length} outages`);
    assert.ok(
      outages.some(({ level }) => level === 'feeder'),
      `seed ${seed}`,
    );
    assert.ok(
      outages.some((outage) => outage.level === 'transformer' && outage.startMs >= endMs - 3 * dayMs),
      `seed ${seed}`,
    );
    const elements = new Set(
      world.network.feeders.flatMap(({ id, transformers }) => [id, ...transformers.map((t) => t.id)]),
    );
    for (const outage of outages) {
      assert.ok(elements.has(outage.element));
      const hours = (outage.endMs - outage.startMs) / 3_600_000;
      assert.ok(outage.level === 'feeder' ? hours < 0.05 : hours >= 1 && hours <= 3);
      assert.ok(outage.element !== 'TX-01-01' && outage.element !== 'F-01');
    }
  }
});

test('outages are the same in whatever window they are asked for', () => {
  const world = createWorld({ ...base, meters: 1000 });
  const whole = world.outages(startMs, endMs);
  const days = Array.from({ length: 40 }, (_, day) =>
    world.outages(startMs + day * dayMs, startMs + (day + 1) * dayMs),
  );
  const ids = new Set(days.flat().map(({ id }) => id));
  assert.deepEqual(ids, new Set(whole.map(({ id }) => id)));
  for (const outage of whole) {
    assert.ok(world.outages(outage.endMs - 1, outage.endMs).some(({ id }) => id === outage.id));
    assert.ok(!world.outages(outage.endMs, outage.endMs + 1).some(({ id }) => id === outage.id));
  }
});

test('within an outage the meter counts a true zero; without one every interval is supplied', () => {
  for (const seed of seeds.slice(0, 3)) {
    const world = createWorld({ ...base, seed });
    const outages = world.outages(startMs, endMs);
    let dark = 0;
    for (const one of world.premises) {
      const { deliveredWh, receivedWh, isSupplied } = world.energyRange(one.index, 0, 40 * 96);
      const own = outages.filter(({ element }) => element === one.transformer || element === one.feeder);
      isSupplied.forEach((flag, k) => {
        const fromMs = startMs + k * 900_000;
        const isDark = own.some((outage) => outage.startMs <= fromMs && outage.endMs >= fromMs + 900_000);
        assert.equal(flag, isDark ? 0 : 1, `seed ${seed} premises ${one.index} interval ${k}`);
        if (!isDark) return;
        dark++;
        assert.equal((deliveredWh[k] as number) + (receivedWh[k] as number), 0);
      });
    }
    assert.ok(dark > 100, `seed ${seed}`);
  }
});

test('an interval hit in part keeps the supplied share of its energy', () => {
  const outage = { id: 'OUT', level: 'transformer', element: 'TX', cause: 'test' } as const;
  assert.equal(suppliedShare([], 0, 900), 1);
  assert.equal(suppliedShare([{ ...outage, startMs: 300, endMs: 5000 }], 0, 1200), 0.25);
  const overlapping = [
    { ...outage, startMs: 400, endMs: 700 },
    { ...outage, startMs: 300, endMs: 600 },
  ];
  assert.equal(suppliedShare(overlapping, 0, 800), 0.5);
  assert.equal(suppliedShare([{ ...outage, startMs: 900, endMs: 1000 }], 0, 900), 1);
});

test('a town on a single transformer has no outages', () => {
  const world = createWorld({ ...base, meters: 5 });
  assert.deepEqual(world.outages(startMs, endMs), []);
});

test('of 1,000 meters 30 are unreachable for a while, 20 lose entries, 20 show a spike, none of them among the first three', () => {
  const world = createWorld({ ...base, meters: 1000 });
  const counts = { unreachable: 0, 'profile-gap': 0, 'profile-spike': 0 };
  for (const { index } of world.premises) {
    for (const fault of world.faults(index, history)) {
      assert.ok(index > 2);
      counts[fault.kind]++;
      assert.ok(fault.startMs >= startMs && fault.startMs < endMs);
      if (fault.kind === 'unreachable') {
        const hours = (fault.endMs - fault.startMs) / 3_600_000;
        assert.ok(hours >= 1 && hours <= 24);
      } else if (fault.kind === 'profile-gap') {
        const entries = (fault.endMs - fault.startMs) / 900_000;
        assert.ok(Number.isInteger(entries) && entries >= 2 && entries <= 8);
        assert.equal((fault.startMs - startMs) % 900_000, 0);
        assert.equal(fault.cause, 'memory-lost');
      } else {
        assert.ok(fault.factor >= 45 && fault.factor <= 55);
        assert.ok(world.energy(index, (fault.startMs - startMs) / 900_000).deliveredWh >= 20);
      }
    }
  }
  assert.deepEqual(counts, { unreachable: 30, 'profile-gap': 20, 'profile-spike': 20 });
});

test('a small town has one fault of each kind within its first ten days', () => {
  for (const seed of seeds) {
    const world = createWorld({ ...base, seed, meters: 20 });
    const first = { startMs, endMs: startMs + 10 * dayMs };
    const kinds = world.premises
      .flatMap(({ index }) => world.faults(index, first).map(({ kind }) => kind))
      .sort();
    assert.deepEqual(kinds, ['profile-gap', 'profile-spike', 'unreachable'], `seed ${seed}`);
  }
});

test('three meters or fewer have no faults at all', () => {
  const world = createWorld({ ...base, meters: 3 });
  for (const { index } of world.premises) assert.deepEqual(world.faults(index), []);
});

test('the faults of a long period are those of its parts', () => {
  const world = createWorld(base);
  const again = createWorld(base);
  for (const { index } of world.premises) {
    const whole = world.faults(index, history);
    const parts = [0, 1, 2, 3].flatMap((k) => {
      const period = { startMs: startMs + k * 10 * dayMs, endMs: startMs + (k + 1) * 10 * dayMs };
      return again.faults(index, period).filter((fault) => fault.startMs >= period.startMs);
    });
    assert.deepEqual(parts, whole);
  }
});
