/** Sums made where the readings lie equal sums made slot by slot, on clock-change days and after late readings too. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { localDay, seededRandom } from '@wattline/base';
import { quality } from '@wattline/model';
import fc from 'fast-check';
import { addUsagePoint, batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { sumByRate, weekdayRates } from '../fixture/weekday-rates.ts';
import { differenceOf, loadFactor, netAndGross, powerFactor, sumOf } from './index.ts';
import { powerOf } from './power.ts';
import { virtualSeries } from './virtual-meter.ts';

const zone = 'Europe/London';
const dayMs = 86_400_000;
/** March 2026: clocks go forward on the 29th. */
const month = { startMs: localDay('2026-03-01', zone).startMs, endMs: localDay('2026-04-01', zone).startMs };
const points = ['UP-1', 'UP-2', 'UP-3'];
const said = { author: 'Asha', reason: 'line rebuilt' };

let trial: Trial;
before(async () => {
  trial = await openTrial({ zone, usagePoints: 3, nowMs: month.endMs + dayMs, installedMs: month.startMs });
  await trial.registry
    .updateTable('usage_point')
    .set({ transformer: 'T2' })
    .where('id', '=', 'UP-3')
    .execute();
  const random = seededRandom('aggregation');
  for (const point of points) {
    const slots = (month.endMs - month.startMs) / 900_000;
    const values = Array.from({ length: slots }, () => (random.next() < 0.02 ? null : random.below(3000)));
    // In pieces of six hours, as a head-end that asks often delivers them.
    for (let at = 0; at < slots; at += 24) {
      const piece = values.slice(at, at + 24);
      const block = intervals(`${point}/delivered`, month.startMs + at * 900_000, piece);
      await trial.mdm.ingest(
        batchOf(`${point} ${at}`, block, registerAt(`${point}/delivered-total`, block.startMs, 1000 * at)),
      );
    }
    await trial.mdm.review(point, month);
  }
  await trial.mdm.settled();
});
after(() => trial.close());

async function compare(): Promise<void> {
  const channels = points.map((point) => `${point}/delivered`);
  const found = await trial.mdm.aggregation.determinants({ channels, calendar: weekdayRates, period: month });
  for (const id of channels) {
    const expected = sumByRate(await trial.mdm.series(id, month), zone);
    const got = found.get(id);
    assert(got);
    assert.deepEqual(got.rates, expected.rates);
    assert.deepEqual(
      [got.expected, got.held, got.derived],
      [expected.expected, expected.held, expected.derived],
    );
  }
}

describe('monthly determinants by rate', () => {
  test('are the sums and maxima of the slots, with estimates, over the day of 23 hours', async () => {
    assert.equal((month.endMs - month.startMs) / 900_000, 31 * 96 - 4);
    await compare();
  });
  test('follow a late reading at once', async () => {
    const at = month.startMs + 10 * dayMs;
    await trial.mdm.ingest(batchOf('late', intervals('UP-2/delivered', at, [9000, 9000, null, 9000])));
    await compare();
    const found = await trial.mdm.aggregation.determinants({
      channels: ['UP-2/delivered'],
      calendar: [],
      period: month,
    });
    const [all] = found.get('UP-2/delivered')?.rates ?? [];
    assert.deepEqual([all?.rate, all?.maximumDemand], [0, 36_000]);
  });
});

describe('the balance of a transformer', () => {
  test('is what its meter measured less what its customers took, slot by slot', async () => {
    const period = { startMs: month.startMs + 5 * dayMs, endMs: month.startMs + 6 * dayMs };
    const expected = async (...of: string[]) => {
      const sums = new Float64Array(96);
      for (const point of of) {
        const { value } = await trial.mdm.series(`${point}/delivered`, period);
        value.forEach((wh, slot) => {
          sums[slot] = (sums[slot] as number) + wh;
        });
      }
      return sums;
    };
    const [t1, t2] = await trial.mdm.aggregation.balance({
      level: 'transformer',
      period,
      meters: new Map([['T2', 'UP-3/delivered']]),
    });
    assert.deepEqual(t1?.net, await expected('UP-1', 'UP-2'));
    assert.deepEqual([t1?.node, t1?.supplied, t1?.loss], ['T', null, null]);
    assert.deepEqual(t2?.net, await expected('UP-3'));
    assert.deepEqual([t2?.node, t2?.loss], ['T2', 0], 'a meter that is its only customer leaves no loss');
  });
  test('moves with a customer who is hung on another transformer', async () => {
    await trial.mdm.assets.move('UP-2', { fromMs: month.startMs, transformer: 'T2' }, said);
    const found = await trial.mdm.aggregation.balance({ level: 'transformer', period: month });
    const sum = async (point: string) =>
      (
        await trial.mdm.aggregation.totals(
          `${point}/delivered`,
          { ...month, endMs: month.endMs - 1 },
          'month',
        )
      )[0]?.value ?? 0;
    assert.deepEqual(
      found.map(({ node, delivered }) => [node, delivered]),
      [
        ['T', await sum('UP-1')],
        ['T2', (await sum('UP-2')) + (await sum('UP-3'))],
      ],
    );
  });
});

describe('the balance of a grid that was rebuilt', () => {
  const period = { startMs: month.startMs + 8 * dayMs, endMs: month.startMs + 10 * dayMs };
  const noon = period.startMs + dayMs / 2;
  const sumOfPoint = async (point: string, startMs: number, endMs: number) => {
    const { value } = await trial.mdm.series(`${point}/delivered`, { startMs, endMs });
    return value.reduce((sum, wh) => sum + wh, 0);
  };
  const balance = async (over: { startMs: number; endMs: number }) => {
    const found = await trial.mdm.aggregation.balance({ level: 'feeder', period: over });
    return new Map(found.map((node) => [node.node, node]));
  };

  test('counts a customer on either side of the move, to the interval, and earlier days as they were', async () => {
    const change = await trial.mdm.assets.move('UP-3', { fromMs: noon, feeder: 'F2' }, said);
    const nodes = await balance(period);
    const stay = await sumOfPoint('UP-3', period.startMs, noon);
    const rest =
      (await sumOfPoint('UP-1', period.startMs, period.endMs)) +
      (await sumOfPoint('UP-2', period.startMs, period.endMs));
    assert.equal(nodes.get('F')?.delivered, rest + stay);
    assert.equal(nodes.get('F2')?.delivered, await sumOfPoint('UP-3', noon, period.endMs));
    const net = nodes.get('F2')?.net;
    assert.deepEqual([net?.length, net?.subarray(0, 48).every((wh) => wh === 0)], [192, true]);
    const earlier = await balance({ startMs: period.startMs - dayMs, endMs: period.startMs });
    assert.deepEqual([...earlier.keys()], ['F']);
    const later = await balance({ startMs: period.endMs, endMs: period.endMs + dayMs });
    assert.deepEqual([...later.keys()], ['F', 'F2']);
    await trial.mdm.assets.undo(change, said);
    assert.deepEqual([...(await balance(period)).keys()], ['F']);
  });

  test('lays what the meter of a feeder measured beside its customers, and does not count that meter among them', async () => {
    await addUsagePoint(trial.registry, 'FM', { zone, installedMs: month.startMs });
    const slots = (period.endMs - period.startMs) / 900_000;
    const [one, two, three] = await Promise.all(
      points.map((point) => trial.mdm.series(`${point}/delivered`, period)),
    );
    const supplied = Array.from(
      { length: slots },
      (_, slot) => (one?.value[slot] ?? 0) + (two?.value[slot] ?? 0) + (three?.value[slot] ?? 0) + 25,
    );
    await trial.mdm.ingest(batchOf('FM', intervals('FM/delivered', period.startMs, supplied)));
    const node = { level: 'feeder', node: 'F' } as const;
    await trial.mdm.assets.setNodeMeter(node, { fromMs: month.startMs, channel: 'FM/delivered' }, said);
    const found = (await balance(period)).get('F');
    assert.deepEqual([found?.loss, found?.supplied], [slots * 25, supplied.reduce((a, b) => a + b, 0)]);
    const back = new Array(slots).fill(5);
    await trial.mdm.ingest(batchOf('FM back', intervals('FM/received', period.startMs, back)));
    assert.equal((await balance(period)).get('F')?.loss, slots * 20, 'what flowed back was not supplied');
    const longer = { startMs: period.startMs, endMs: period.endMs + 900_000 };
    await trial.mdm.ingest(batchOf('FM next', intervals('FM/delivered', period.endMs, [700])));
    assert.equal(
      (await balance(longer)).get('F')?.loss,
      null,
      'what flowed back in the last quarter of an hour is not known',
    );
    const earlier = { startMs: period.startMs - dayMs, endMs: period.endMs };
    assert.equal((await balance(earlier)).get('F')?.loss, null, 'a meter that lacks a reading says nothing');
    await assert.rejects(
      trial.mdm.assets.setNodeMeter(node, { fromMs: 0, channel: 'FM/delivered-total' }, said),
      { code: 'mdm/not-an-interval-channel' },
    );
    await assert.rejects(
      trial.mdm.assets.setNodeMeter(node, { fromMs: 0, channel: 'nobody/delivered' }, said),
      {
        code: 'mdm/unknown-channel',
      },
    );
  });
});

describe('virtual meters by name', () => {
  const street = {
    id: 'street',
    kind: 'linear',
    terms: sumOf('UP-1/delivered', 'UP-3/delivered').terms,
  } as const;
  test('are defined, defined anew, listed and ended; the audit keeps all of it', async () => {
    const meters = trial.mdm.virtualMeters;
    await meters.define(street, said);
    await meters.define({ ...street, id: 'alley' }, said);
    await meters.define({ ...street, terms: differenceOf('UP-1/delivered', 'UP-3/delivered').terms }, said);
    assert.deepEqual(
      (await meters.list()).map(({ id, terms }) => [id, terms[1]?.numerator]),
      [
        ['alley', 1],
        ['street', -1],
      ],
    );
    const day = { startMs: month.startMs, endMs: month.startMs + dayMs };
    const shown = await trial.mdm.aggregation.virtual(await meters.expect('street'), day);
    assert.equal(shown.value.length, 96);
    await meters.end('street', said);
    await assert.rejects(meters.expect('street'), { code: 'mdm/unknown-virtual-meter' });
    await assert.rejects(meters.end('street', said), { code: 'mdm/unknown-virtual-meter' });
    const facts = await trial.registry
      .selectFrom('asset_fact')
      .select('number')
      .where('subject', '=', 'virtual-meter/street')
      .execute();
    assert.equal(facts.length, 3);
  });
  test('need a name, whole shares and channels that there are', async () => {
    const define = (change: object) => trial.mdm.virtualMeters.define({ ...street, ...change }, said);
    const [term] = street.terms;
    assert(term);
    for (const [change, code] of [
      [{ id: 'a b' }, 'mdm/bad-virtual-meter'],
      [{ terms: [] }, 'mdm/bad-virtual-meter'],
      [{ kind: 'ratio', terms: [term] }, 'mdm/bad-virtual-meter'],
      [{ terms: [{ ...term, denominator: 0 }] }, 'mdm/bad-virtual-meter'],
      [{ terms: [{ ...term, numerator: 0.5 }] }, 'mdm/bad-virtual-meter'],
      [{ terms: [{ ...term, channel: 'nobody/delivered' }] }, 'mdm/unknown-channel'],
    ] as const)
      await assert.rejects(define(change), { code });
  });
});

describe('totals by day', () => {
  test('count 92 quarter-hours on the day of 23 hours, and their sum is the month', async () => {
    const days = await trial.mdm.aggregation.totals('UP-1/delivered', month, 'day');
    const [whole] = await trial.mdm.aggregation.totals('UP-1/delivered', month, 'month');
    assert.equal(days.length, 31);
    assert.equal(days[28]?.expected, 92);
    assert.equal(
      days.reduce((sum, day) => sum + day.value, 0),
      whole?.value,
    );
  });
});

describe('a virtual meter', () => {
  const period = { startMs: month.startMs + 2 * dayMs, endMs: month.startMs + 3 * dayMs };
  const day = { startMs: 0, endMs: dayMs };
  const read = (point: string) => trial.mdm.series(`${point}/delivered`, period);
  test('adds and takes away channels slot by slot', async () => {
    const [one, two] = [await read('UP-1'), await read('UP-3')];
    const sum = await trial.mdm.aggregation.virtual(sumOf('UP-1/delivered', 'UP-3/delivered'), period);
    const less = await trial.mdm.aggregation.virtual(
      differenceOf('UP-1/delivered', 'UP-3/delivered'),
      period,
    );
    one.value.forEach((wh, slot) => {
      assert.equal(sum.value[slot], wh + (two.value[slot] as number));
      assert.equal(less.value[slot], wh - (two.value[slot] as number));
    });
  });
  test('is estimated where one of its channels is, and missing where a ratio has nothing below', async () => {
    const estimated = quality.estimated;
    const one = await read('UP-1');
    const sum = await trial.mdm.aggregation.virtual(sumOf('UP-1/delivered', 'UP-1/received'), period);
    assert(
      sum.quality.every((bits) => bits === quality.missing),
      'nothing was received',
    );
    const ratio = { kind: 'ratio', terms: sumOf('UP-1/delivered', 'UP-1/delivered').terms } as const;
    const same = await trial.mdm.aggregation.virtual(ratio, period);
    one.value.forEach((wh, slot) => {
      if (wh > 0) assert.equal(same.value[slot], 1_000_000);
      else assert.equal(same.quality[slot], quality.missing);
      assert.equal(
        (same.quality[slot] as number) & estimated,
        wh > 0 ? (one.quality[slot] as number) & estimated : 0,
      );
    });
  });
  test('shares of a third and the like are exact, and half a unit is rounded up', async () => {
    const source = {
      series: async (channel: string) => {
        const { value, quality: flags } = intervals(channel, 0, [Number(channel)]);
        return { channel, startMs: 0, intervalSeconds: 900, value, quality: flags, asOfMs: 0 };
      },
    };
    const share = fc.record({
      value: fc.nat(2 ** 31),
      numerator: fc.integer({ min: -300, max: 300 }),
      denominator: fc.integer({ min: 1, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(share, { minLength: 1, maxLength: 4 }), async (shares) => {
        const terms = shares.map(({ value, ...rest }) => ({ channel: `${value}`, ...rest }));
        const found = await virtualSeries(source, { kind: 'linear', terms }, day);
        const below = shares.reduce((all, { denominator }) => all * BigInt(denominator), 1n);
        const above = shares.reduce(
          (sum, { value, numerator, denominator }) =>
            sum + (BigInt(value) * BigInt(numerator) * below) / BigInt(denominator),
          0n,
        );
        // The result r is the one whole number with r - 1/2 <= above / below < r + 1/2.
        const doubled = 2n * BigInt(found.value[0] as number) * below;
        assert(doubled - below <= 2n * above && 2n * above < doubled + below);
        assert.equal(found.rounded, above % below === 0n ? 0 : 1);
      }),
    );
    const part = await virtualSeries(
      source,
      { kind: 'linear', terms: [{ channel: '7', numerator: 3, denominator: 14 }] },
      day,
    );
    assert.deepEqual([...part.value], [2], '7 x 3/14 is one and a half');
    const ratio = { kind: 'ratio', terms: sumOf('49', '-98').terms } as const;
    assert.deepEqual([...(await virtualSeries(source, ratio, day)).value], [-500_000]);
  });
  test('of a channel that the registry does not have is refused', async () => {
    const mixed = trial.mdm.aggregation.virtual(sumOf('UP-1/delivered', 'UP-2/absent'), period);
    await assert.rejects(mixed, { code: 'mdm/unknown-channel' });
  });
});

describe('figures of power', () => {
  test('power factor of 4 kWh and 3 kvarh is 0.8, and none of nothing', () => {
    assert.equal(powerFactor(4000, 3000), 0.8);
    assert.equal(powerFactor(0, 0), null);
  });
  test('load factor of a flat load is 1', () => {
    assert.equal(loadFactor(24_000, 1000, 24), 1);
    assert.equal(loadFactor(0, 0, 24), null);
  });
  const figuresOf = (
    channels: Readonly<Record<string, readonly (number | null)[]>>,
    demandSeconds?: number,
  ) => {
    const source = {
      series: async (channel: string) => {
        const { value, quality: flags } = intervals(channel, 0, channels[channel.slice(2)] ?? []);
        return { channel, startMs: 0, intervalSeconds: 900, value, quality: flags, asOfMs: 0 };
      },
    };
    const point = { usagePointId: 'P', types: new Set(Object.keys(channels)) };
    const demand = demandSeconds === undefined ? {} : { demandSeconds };
    return powerOf(source, point, { period: { startMs: 0, endMs: 3_600_000 }, ...demand });
  };
  test('demand over half an hour is the mean of two quarters, and begins when they do', async () => {
    const { maximumDemand, loadFactor: factor } = await figuresOf({ delivered: [100, 300, 500, 0] }, 1800);
    assert.deepEqual(maximumDemand, { watts: 1000, startMs: 1_800_000 });
    assert.equal(factor, 900 / 1000);
  });
  test('a window with a hole is no maximum, and what lacks a value has no load factor', async () => {
    const figures = await figuresOf({ delivered: [100, 300, 5000, null] }, 1800);
    assert.deepEqual([figures.maximumDemand?.watts, figures.brokenWindows, figures.missing], [800, 1, 1]);
    assert.deepEqual([figures.loadFactor, figures.deliveredWh], [null, 5400]);
    await assert.rejects(figuresOf({ delivered: [1, 1, 1, 1] }, 1000), { code: 'mdm/interval-unsupported' });
  });
  test('power factor needs reactive energy of the whole period; net and gross follow the roof', async () => {
    const roof = { delivered: [400, 0, 100, 0], received: [0, 300, 150, 0] };
    const figures = await figuresOf({ ...roof, 'delivered-reactive': [100, 100, 100, 75] });
    assert.deepEqual([figures.netWh, figures.importedWh, figures.exportedWh], [50, 400, 350]);
    assert.equal(figures.powerFactor, 500 / Math.hypot(500, 375));
    assert.equal(
      (await figuresOf({ ...roof, 'delivered-reactive': [100, null, 100, 75] })).powerFactor,
      null,
    );
    assert.equal((await figuresOf(roof)).powerFactor, null);
  });
  test('net and gross leave out what is known one way alone', async () => {
    const figures = await figuresOf({ delivered: [400, 50, null, 10], received: [0, null, 300, 5] });
    assert.deepEqual(
      [figures.netWh, figures.importedWh, figures.exportedWh, figures.missing],
      [405, 405, 0, 2],
    );
    assert.deepEqual([figures.deliveredWh, figures.receivedWh], [460, 305]);
  });
  test('net and gross differ when sun and load take turns', () => {
    const found = netAndGross(Float64Array.of(5, 0, 2), Float64Array.of(0, 7, 1));
    assert.deepEqual(found, { netWh: -1, importedWh: 6, exportedWh: 7 });
  });
});
