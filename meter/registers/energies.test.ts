/** Energies of all kinds, profiles with chosen capture objects, labels of entries. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, quarterMs, testMeter, wattHour } from '../meter-fixture.ts';
import { captureColumn } from './capture-profile.ts';
import { dailyProfileColumn } from './daily-profile.ts';
import { energyKindNames, energyOf } from './energy-kind.ts';
import { EnergySet, mostRates } from './energy-set.ts';
import { partOf } from './energy-step.ts';
import { profileStatus } from './load-profile.ts';
import { instantaneousProfile, powerQualityProfile } from './standard-profiles.ts';

const startMs = at('2026-10-01T12:00:00Z');

describe('reactive and apparent energy', () => {
  const quadrants: readonly (readonly [number, string, string])[] = [
    [30, 'delivered', 'reactiveQ1'],
    [150, 'received', 'reactiveQ2'],
    [-150, 'received', 'reactiveQ3'],
    [-30, 'delivered', 'reactiveQ4'],
  ];
  for (const [degrees, active, reactive] of quadrants) {
    test(`current at ${degrees} degrees counts ${active} and ${reactive}, and nothing else but apparent energy`, () => {
      const { meter } = testMeter({ startMs });
      const angleRad = (degrees * Math.PI) / 180;
      const phasors = [{ voltageV: 230, currentA: 10, angleRad }];
      meter.measure({ endMs: startMs + 4 * quarterMs, phasors, frequencyHz: 50 });
      const counted = energyKindNames.filter((kind) => meter.metrology.energies.read(kind) > 0);
      const apparent = active === 'delivered' ? 'apparentDelivered' : 'apparentReceived';
      assert.deepEqual([...counted].sort(), [active, reactive, apparent].sort());
      // 2.3 kVA for an hour, and half of it across.
      assert.equal(meter.metrology.energies.read(apparent), 2300);
      assert.ok(Math.abs(meter.metrology.energies.read(reactive as 'reactiveQ1') - 1150) <= 1);
    });
  }
  test('of every kind the rates sum to the total, whatever comes in and however it is cut', () => {
    const amounts = fc.record({ mws: fc.nat(9_000_000_000), rate: fc.integer({ min: 1, max: mostRates }) });
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 60 }), fc.constantFrom(...energyKindNames), (life, kind) => {
        const energies = new EnergySet(mostRates, {});
        for (const { mws, rate } of life) energies.add(kind, mws, rate);
        let sum = 0;
        for (let rate = 1; rate <= mostRates; rate++) sum += energies.read(kind, rate);
        assert.equal(sum, energies.read(kind));
        assert.equal(energies.read(kind), Math.floor(life.reduce((all, { mws }) => all + mws, 0) / wattHour));
      }),
    );
  });
  test('the parts of a step sum to the step, for every kind', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 45),
        fc.nat(2 ** 45),
        fc.array(fc.integer({ min: 1, max: 899_999 }), { maxLength: 9 }),
        (a, q, cuts) => {
          const step = {
            startMs: 0,
            endMs: 900_000,
            deliveredMws: a,
            receivedMws: 0,
            further: { reactiveQ1: q },
          };
          const edges = [0, ...new Set(cuts.sort((x, y) => x - y)), 900_000];
          const parts = edges.slice(1).map((endMs, index) => partOf(step, edges[index] as number, endMs));
          assert.equal(
            parts.reduce((sum, part) => sum + part.deliveredMws, 0),
            a,
          );
          assert.equal(
            parts.reduce((sum, part) => sum + (part.further?.reactiveQ1 ?? 0), 0),
            q,
          );
        },
      ),
    );
  });
  test('S is not less than P and Q as energies either', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -90_000, max: 90_000 }),
        fc.integer({ min: -90_000, max: 90_000 }),
        (activeW, reactiveVar) => {
          const apparentVa = Math.hypot(activeW, reactiveVar);
          const { deliveredMws, receivedMws, further } = energyOf(
            { activeW, reactiveVar, apparentVa },
            900_000,
          );
          const apparent = (further.apparentDelivered ?? 0) + (further.apparentReceived ?? 0);
          assert.ok(apparent + 1 >= deliveredMws + receivedMws);
        },
      ),
    );
  });
});

describe('profiles with chosen capture objects', () => {
  const voltages = (meter: ReturnType<typeof testMeter>['meter'], voltageV: number, minutes: number) => {
    meter.measure({
      endMs: meter.countedToMs + minutes * 60_000,
      phasors: [{ voltageV, currentA: 1, angleRad: 0 }],
      frequencyHz: 50,
    });
  };
  test('power quality: mean by time, highest and lowest of each ten minutes', () => {
    const { meter } = testMeter({ startMs, profiles: { quality: powerQualityProfile(1) } });
    voltages(meter, 230, 5);
    voltages(meter, 240, 4);
    voltages(meter, 250, 1);
    const ring = meter.books.profiles.get('quality')?.ring;
    const values = [0, 1, 2].map((index) => ring?.at(captureColumn.firstQuantity + index, 0));
    assert.deepEqual(values, [2360, 2500, 2300]);
    assert.equal(ring?.at(captureColumn.label, 0), startMs + 600_000);
  });
  test('the energy of a block is the growth of the register, and blocks sum to it', async () => {
    const profiles = {
      blocks: {
        periodSeconds: 1800,
        capacity: 10,
        capture: [{ classId: 3, obis: '1.0.1.29.0.255', attribute: 2 }],
      },
    };
    const { meter, interval } = testMeter({ startMs, profiles });
    for (const wattHours of [10, 20, 30, 40]) await interval(wattHours);
    const ring = meter.books.profiles.get('blocks')?.ring;
    assert.deepEqual([ring?.at(2, 0), ring?.at(2, 1), ring?.length], [30, 70, 2]);
  });
  test('a profile without period is captured on command, the last alone is kept', () => {
    const { meter } = testMeter({ startMs, profiles: { now: instantaneousProfile(1) } });
    const profile = meter.books.profiles.get('now');
    voltages(meter, 231, 20);
    profile?.capture(startMs);
    voltages(meter, 232, 20);
    profile?.capture(startMs + 1);
    assert.equal(profile?.ring.length, 1);
    assert.equal(profile?.ring.at(captureColumn.firstQuantity, 0), 2320);
  });
  test('an interval without supply has its entry, flagged', () => {
    const { meter } = testMeter({ startMs, profiles: { quality: powerQualityProfile(1) } });
    meter.powerDown();
    meter.powerUp(startMs + 1_200_000);
    const ring = meter.books.profiles.get('quality')?.ring;
    assert.equal(ring?.length, 2);
    assert.ok((ring?.at(captureColumn.status, 1) ?? 0) & profileStatus.powerDown);
  });
  test('other capture objects or another period clear the buffer, as the standard has it', () => {
    const { meter } = testMeter({ startMs, profiles: { quality: powerQualityProfile(1) } });
    const profile = meter.books.profiles.get('quality');
    voltages(meter, 230, 30);
    assert.equal(profile?.ring.length, 3);
    profile?.configure({ periodSeconds: 3600 }, startMs + 1_800_000);
    assert.equal(profile?.ring.length, 0);
    assert.equal(profile?.nextMs, startMs + 3_600_000);
  });
  test('what cannot be captured is refused by name', () => {
    const capture = [{ classId: 3, obis: '1.0.99.99.0.255', attribute: 2 }];
    const profiles = { odd: { periodSeconds: 900, capacity: 10, capture } };
    assert.throws(() => testMeter({ startMs, profiles }), { code: 'meter/bad-spec' });
  });
});

describe('the label of an entry', () => {
  const midnight = at('2026-10-01T23:00:00Z');
  test('is the end of the interval where the companion profile has it so: 00:00 closes yesterday', async () => {
    const { meter, interval } = testMeter({ startMs: midnight - 2 * quarterMs });
    await interval(7);
    await interval(8);
    const labels = meter.metrology.loadProfile
      .entries()
      .map(({ labelMs, deliveredWh }) => [labelMs, deliveredWh]);
    assert.deepEqual(labels, [
      [midnight - quarterMs, 7],
      [midnight, 8],
    ]);
    assert.equal(meter.metrology.dailyProfile.ring.at(dailyProfileColumn.label, 0), midnight);
    assert.equal(meter.metrology.dailyProfile.ring.at(dailyProfileColumn.delivered, 0), 15);
  });
  test('is the start where it is not: the last interval of yesterday is 23:45, its registers those of yesterday', async () => {
    const { meter, interval } = testMeter({ startMs: midnight - 2 * quarterMs, entryLabel: 'start' });
    await interval(7);
    await interval(8);
    const labels = meter.metrology.loadProfile.entries().map(({ labelMs }) => labelMs);
    assert.deepEqual(labels, [midnight - 2 * quarterMs, midnight - quarterMs]);
    assert.equal(
      meter.metrology.dailyProfile.ring.at(dailyProfileColumn.label, 0),
      at('2026-09-30T23:00:00Z'),
    );
  });
});
