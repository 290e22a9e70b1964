import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDays } from '@wattline/base';
import fc from 'fast-check';
import { createWorld, type WorldOptions } from './world.ts';

const startMs = Date.parse('2025-03-01T00:00Z');
const dayMs = 86_400_000;
const base: WorldOptions = { seed: '1', startMs, meters: 100, zone: 'Europe/London', intervalSeconds: 900 };

/** fast-check prints the seed and the path of a failing run itself. */
const runs = { numRuns: 60 };

test('the same seed gives the same town, another seed another one', () => {
  const digest = (options: WorldOptions) => {
    const world = createWorld(options);
    const energy = [0, 7, 55].map((index) => [...world.energyRange(index, 0, 200).deliveredWh]);
    const faults = world.premises.map(({ index }) => world.faults(index));
    const end = startMs + 40 * dayMs;
    return JSON.stringify([world.premises, world.network, energy, faults, world.outages(startMs, end)]);
  };
  assert.equal(digest(base), digest({ ...base }));
  assert.notEqual(digest(base), digest({ ...base, seed: '2' }));
});

test('a world has the troubles it is told to have, and no others', () => {
  const period = { startMs, endMs: startMs + 40 * dayMs };
  const kindsIn = (faults?: WorldOptions['faults']) => {
    const world = createWorld({ ...base, ...(faults ? { faults } : {}) });
    const kinds = world.premises.flatMap(({ index }) => world.faults(index, period).map(({ kind }) => kind));
    const outages = world.outages(period.startMs, period.endMs).map(() => 'outage' as const);
    return [...new Set<string>([...kinds, ...outages])].sort();
  };
  assert.deepEqual(kindsIn(), ['outage', 'profile-gap', 'profile-spike', 'unreachable']);
  assert.deepEqual(kindsIn(['profile-gap', 'outage']), ['outage', 'profile-gap']);
  assert.deepEqual(kindsIn([]), []);
});

test('energy does not depend on what was asked before: one interval alone equals the same interval of a range', () => {
  const whole = createWorld(base);
  const asked = createWorld(base);
  const columns = new Map<number, ReturnType<typeof whole.energyRange>>();
  const premises = fc.integer({ min: 0, max: 99 });
  const interval = fc.integer({ min: 0, max: 45 * 96 - 1 });
  fc.assert(
    fc.property(premises, interval, (index, at) => {
      const range = columns.get(index) ?? whole.energyRange(index, 0, 45 * 96);
      columns.set(index, range);
      assert.deepEqual(asked.energy(index, at), {
        deliveredWh: range.deliveredWh[at],
        receivedWh: range.receivedWh[at],
        isSupplied: range.isSupplied[at] === 1,
      });
    }),
    runs,
  );
});

test('a range is the sum of its parts, wherever it is cut, before the start of the world too', () => {
  const world = createWorld(base);
  const cut = fc.integer({ min: -500, max: 500 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99 }),
      fc.array(cut, { minLength: 3, maxLength: 3 }),
      (index, cuts) => {
        const [from, middle, to] = cuts.sort((a, b) => a - b) as [number, number, number];
        const [left, right, all] = [[from, middle] as const, [middle, to] as const, [from, to] as const].map(
          (of) => world.energyRange(index, ...of),
        );
        assert.deepEqual(
          [...(left?.deliveredWh ?? []), ...(right?.deliveredWh ?? [])],
          [...(all?.deliveredWh ?? [])],
        );
        assert.deepEqual(
          [...(left?.receivedWh ?? []), ...(right?.receivedWh ?? [])],
          [...(all?.receivedWh ?? [])],
        );
      },
    ),
    runs,
  );
});

test('half hours and hours add up to the net of their quarters', () => {
  const quarters = createWorld(base);
  for (const intervalSeconds of [1800, 3600] as const) {
    const coarse = createWorld({ ...base, intervalSeconds });
    const per = intervalSeconds / 900;
    for (const index of [0, 1, 2, 40]) {
      const fine = quarters.energyRange(index, 0, 30 * 96);
      const long = coarse.energyRange(index, 0, (30 * 96) / per);
      long.deliveredWh.forEach((wh, k) => {
        let net = 0;
        for (let q = k * per; q < (k + 1) * per; q++)
          net += (fine.deliveredWh[q] as number) - (fine.receivedWh[q] as number);
        assert.equal(wh - (long.receivedWh[k] as number), net);
      });
    }
  }
});

test('every energy is a whole number of Wh, never below zero, in one direction at a time', () => {
  const world = createWorld(base);
  for (const { index } of world.premises) {
    const { deliveredWh, receivedWh } = world.energyRange(index, 0, 10 * 96);
    deliveredWh.forEach((wh, k) => {
      const back = receivedWh[k] as number;
      assert.ok(Number.isInteger(wh) && wh >= 0 && Number.isInteger(back) && back >= 0);
      assert.ok(!Object.is(back, -0) && (wh === 0 || back === 0));
    });
  }
});

test('only solar roofs give energy back', () => {
  const world = createWorld({ ...base, startMs: Date.parse('2025-06-01T00:00Z') });
  for (const { index, solarW } of world.premises) {
    const received = world.energyRange(index, 0, 20 * 96).receivedWh.reduce((sum, wh) => sum + wh, 0);
    assert.equal(received > 0, solarW > 0, `premises ${index} with ${solarW} W`);
  }
});

test('local days of 23 and 25 hours are lived by the wall clock', () => {
  const start = Date.parse('2025-03-29T00:00Z');
  const world = createWorld({ ...base, startMs: start });
  const autumn = localDays(
    { startMs: Date.parse('2025-10-25T12:00Z'), endMs: Date.parse('2025-10-27T12:00Z') },
    base.zone,
  );
  const spring = localDays({ startMs: start, endMs: start + 2 * dayMs }, base.zone);
  const hours = [...spring, ...autumn].map(({ period }) => (period.endMs - period.startMs) / 3_600_000);
  assert.deepEqual(hours.slice(0, 2), [24, 23]);
  assert.ok(hours.includes(25));
  // The grocery (UP-0003) opens by the wall clock: on Sundays at 7:30 with its staff, whatever the offset.
  for (const day of ['2025-03-23', '2025-03-30', '2025-10-19', '2025-10-26']) {
    const opens = Temporal.ZonedDateTime.from(`${day}T07:30[Europe/London]`).epochMilliseconds;
    const at = (opens - start) / 900_000;
    const before = world.energy(2, at - 1).deliveredWh;
    const then = world.energy(2, at).deliveredWh;
    assert.ok(then > before * 1.3, `${day}: ${before} Wh before opening, ${then} Wh after`);
  }
});

test('a town of 100 has 80 homes, 12 shops and 8 public places, 16 solar roofs, and names of nobody', () => {
  const { premises } = createWorld(base);
  const count = (kind: string) => premises.filter((one) => one.kind === kind).length;
  assert.deepEqual([count('home'), count('shop'), count('public')], [80, 12, 8]);
  const roofs = premises.filter(({ solarW }) => solarW > 0);
  assert.equal(roofs.length, 16);
  assert.ok(roofs.every(({ kind, solarW }) => kind === 'home' && solarW >= 1500 && solarW <= 6000));
  assert.equal(new Set(premises.map(({ id }) => id)).size, 100);
  assert.equal(new Set(premises.map(({ customer }) => customer)).size, 100);
  assert.equal(new Set(premises.map(({ address }) => address)).size, 100);
  assert.deepEqual(
    premises.slice(0, 3).map(({ id, use, solarW }) => [id, use, solarW > 0]),
    [
      ['UP-0001', 'household', false],
      ['UP-0002', 'household', true],
      ['UP-0003', 'grocery', false],
    ],
  );
});

test('every premises hangs on a transformer of the tree and stands within 600 m of it', () => {
  for (const meters of [1, 5, 6, 37, 100, 1000]) {
    const { premises, network } = createWorld({ ...base, meters });
    const places = new Map(
      network.feeders.flatMap((feeder) => feeder.transformers.map((t) => [`${feeder.id}/${t.id}`, t])),
    );
    const served = new Map<string, number>();
    for (const one of premises) {
      assert.equal(one.substation, network.substation);
      const key = `${one.feeder}/${one.transformer}`;
      const at = places.get(key);
      assert.ok(at, key);
      served.set(key, (served.get(key) ?? 0) + 1);
      const northM = (one.latitude - at.latitude) * 111_320;
      const eastM = (one.longitude - at.longitude) * 111_320 * Math.cos((at.latitude * Math.PI) / 180);
      assert.ok(Math.hypot(northM, eastM) < 600);
    }
    assert.equal(served.size, places.size, 'no transformer without premises');
    if (meters >= 100)
      for (const count of served.values()) assert.ok(count >= 20 && count <= 30, String(count));
    assert.equal(premises.length, meters);
  }
});

test('the town lies where its zone lies, and an unknown zone is refused', () => {
  assert.ok(Math.abs((createWorld(base).premises[0]?.latitude ?? 0) - 51.5) < 0.1);
  const sydney = createWorld({ ...base, zone: 'Australia/Sydney' });
  assert.ok((sydney.premises[0]?.latitude ?? 0) < -33);
  assert.ok(Math.abs(createWorld({ ...base, zone: 'Asia/Dhaka' }).premises[0]?.longitude ?? 0) > 80);
  assert.throws(() => createWorld({ ...base, zone: 'Mars/Olympus' }), { code: 'sim/bad-option' });
});

test('options out of range are refused', () => {
  for (const wrong of [
    { meters: 0 },
    { meters: 1.5 },
    { meters: 100_001 },
    { startMs: 1.5 },
    { startMs: 30_000 },
  ]) {
    assert.throws(
      () => createWorld({ ...base, ...wrong }),
      { code: 'sim/bad-option' },
      JSON.stringify(wrong),
    );
  }
  assert.throws(() => createWorld({ ...base, intervalSeconds: 600 as 900 }), { code: 'sim/bad-option' });
  assert.throws(() => createWorld(base).energy(100, 0));
});
