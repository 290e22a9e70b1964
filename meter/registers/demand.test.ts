/** Demand, maximum demand, billing periods. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, quarterMs, testMeter, wattHour } from '../meter-fixture.ts';
import { Demand, DemandSet } from './demand.ts';

const minuteMs = 60_000;

/** Feeds a demand minute by minute with powers in W; returns what it says at each end of a sub-period. */
function demandOf(powersW: readonly number[], period: { periodSeconds: number; numberOfPeriods: number }) {
  const demand = new Demand('delivered', period, 0);
  const said: number[] = [];
  powersW.forEach((powerW, minute) => {
    const endMs = (minute + 1) * minuteMs;
    demand.follow({ startMs: minute * minuteMs, endMs, rate: 1, energy: () => powerW * minuteMs });
    if (demand.nextMs !== endMs) return;
    demand.reach(endMs);
    said.push(demand.last.value);
  });
  return { demand, said };
}

describe('demand', () => {
  test('of a block is its energy over its time', () => {
    const { said } = demandOf([...new Array<number>(15).fill(1000), ...new Array<number>(15).fill(3000)], {
      periodSeconds: 1800,
      numberOfPeriods: 1,
    });
    assert.deepEqual(said, [2000]);
  });
  test('of a sliding window sees the peak that two blocks cut in half', () => {
    const peak = [
      ...new Array<number>(15).fill(0),
      ...new Array<number>(30).fill(6000),
      ...new Array<number>(15).fill(0),
    ];
    const blocks = demandOf(peak, { periodSeconds: 1800, numberOfPeriods: 1 }).demand.maximum();
    const sliding = demandOf(peak, { periodSeconds: 300, numberOfPeriods: 6 }).demand.maximum();
    assert.deepEqual(blocks, { value: 3000, atMs: 30 * minuteMs });
    assert.deepEqual(sliding, { value: 6000, atMs: 45 * minuteMs });
  });
  test('never says more than the highest power, and the maximum is the highest of what it said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000), { minLength: 30, maxLength: 200 }),
        fc.integer({ min: 1, max: 6 }),
        (powersW, numberOfPeriods) => {
          const { demand, said } = demandOf(powersW, { periodSeconds: 300, numberOfPeriods });
          assert.ok(said.every((value) => value <= Math.max(...powersW)));
          assert.equal(demand.maximum().value, Math.max(...said));
        },
      ),
    );
  });
  test('of a first window that is not full yet is not blown up', () => {
    const { said } = demandOf(new Array<number>(5).fill(6000), { periodSeconds: 300, numberOfPeriods: 6 });
    assert.deepEqual(said, [1000]);
  });
});

describe('resetting the maximum demand', () => {
  const set = () => {
    const { demand } = demandOf(new Array<number>(30).fill(5000), {
      periodSeconds: 1800,
      numberOfPeriods: 1,
    });
    return new DemandSet([demand], 86_400);
  };
  test('adds it to the cumulative maximum and begins anew', () => {
    const demands = set();
    assert.equal(demands.reset(30 * minuteMs, 'command'), undefined);
    assert.equal(demands.of('delivered')?.maximum().value, 0);
    assert.equal(demands.cumulative.get('delivered'), 5000);
  });
  test('is refused to a second command within the lock-out, but not to the billing date', () => {
    const demands = set();
    demands.reset(30 * minuteMs, 'command');
    assert.equal(demands.reset(31 * minuteMs, 'command'), 'locked-out');
    assert.equal(demands.resetCount, 1);
    assert.equal(demands.reset(32 * minuteMs, 'billing'), undefined);
    assert.equal(demands.reset(32 * minuteMs + 86_400_000, 'command'), undefined);
    assert.equal(demands.resetCount, 3);
  });
  test('a clock set back does not lock it out for ever', () => {
    const demands = set();
    demands.reset(10 * 86_400_000, 'command');
    assert.equal(demands.reset(5 * 86_400_000, 'command'), undefined);
  });
});

describe('billing periods', () => {
  const startMs = at('2026-09-30T23:00:00Z');
  test('end at 00:00 of the first by the wall clock, and the last demand of the month belongs to it', async () => {
    const { meter, interval } = testMeter({ startMs: at('2026-10-31T22:00:00Z') });
    for (let n = 0; n < 7; n++) await interval(10);
    await interval(500);
    await interval(900);
    const [october] = meter.books.billing.snapshots;
    assert.equal(october?.atMs, at('2026-11-01T00:00:00Z'));
    assert.equal(october?.energies.get('delivered')?.[0], 570);
    assert.deepEqual(october?.maxima.get('delivered')?.[0], {
      value: 2000,
      atMs: at('2026-11-01T00:00:00Z'),
    });
    assert.equal(meter.books.demands.of('delivered')?.maximum().value, 3600);
  });
  test('hold the rates and sum to the total, in every snapshot', async () => {
    const { meter, interval } = testMeter({ startMs });
    for (let n = 0; n < 64 * 96; n++) await interval(n % 200);
    assert.ok(meter.books.billing.snapshots.length >= 2);
    for (const { energies } of meter.books.billing.snapshots) {
      const [total, ...rates] = energies.get('delivered') ?? [];
      assert.equal(
        rates.reduce((sum, rate) => sum + rate, 0),
        total,
      );
    }
  });
  test('by command too, locked out for a while, without moving the schedule', () => {
    const { meter } = testMeter({ startMs, demand: { lockoutSeconds: 3600 } });
    meter.accumulate({ startMs, endMs: startMs + quarterMs, deliveredMws: 100 * wattHour, receivedMws: 0 });
    const { billing } = meter.books;
    assert.equal(billing.close(startMs + quarterMs), undefined);
    assert.equal(billing.close(startMs + quarterMs + 1), 'locked-out');
    assert.equal(billing.count, 1);
    assert.equal(billing.snapshots[0]?.cause, 'command');
    assert.equal(billing.snapshots[0]?.powerOnMinutes, 15);
    assert.equal(billing.nextMs, at('2026-11-01T00:00:00Z'));
  });
  test('are twelve in memory and counted beyond', () => {
    const { meter } = testMeter({ startMs, intervalSeconds: 3600 });
    for (let day = 0; day < 14 * 31; day++) {
      const from = meter.countedToMs;
      meter.accumulate({ startMs: from, endMs: from + 86_400_000, deliveredMws: wattHour, receivedMws: 0 });
    }
    assert.equal(meter.books.billing.snapshots.length, 12);
    assert.equal(meter.books.billing.count, 14);
  });
  test('a clock set forward over the first bills once, and a clock set back does not bill again', () => {
    const { meter } = testMeter({ startMs: at('2026-10-31T22:00:00Z') });
    const { billing } = meter.books;
    meter.metrology.setClock(3 * 3_600_000);
    assert.equal(billing.count, 1);
    meter.metrology.setClock(0);
    const from = meter.countedToMs;
    meter.accumulate({ startMs: from, endMs: from + 3 * 3_600_000, deliveredMws: wattHour, receivedMws: 0 });
    assert.equal(billing.count, 1);
  });
  test('the mean power factor is kWh over kVAh', () => {
    const { meter } = testMeter({ startMs });
    meter.measure({
      endMs: startMs + quarterMs,
      phasors: [{ voltageV: 230, currentA: 20, angleRad: Math.acos(0.8) }],
      frequencyHz: 50,
    });
    meter.books.billing.close(startMs + quarterMs);
    assert.equal(meter.books.billing.snapshots[0]?.powerFactorThousandths, 800);
  });
});
