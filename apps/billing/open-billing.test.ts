import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localMonth } from '@wattline/base';
import { type Bill, quality, type SystemEvent, type Tariff } from '@wattline/model';
import { type BilledTown, billedTown } from './fixture/billed-town.ts';
import { plainTariff } from './fixture/rated-series.ts';
import { openBilling, renderBill, renderExplanation } from './index.ts';
import { formatKwh, formatMoney } from './money.ts';

const usagePointId = 'UP-0001';
const june = localMonth('2026-06', 'UTC');
const stepMs = 1_800_000;
const dayMs = 86_400_000;
const channel = `${usagePointId}/delivered`;

/** A June of 100 Wh each half hour, all known by the last of May so that only what a test adds is news. */
async function juneTown(
  options: { readonly tariff?: Tariff; readonly nowMs?: number; readonly channels?: readonly string[] } = {},
): Promise<BilledTown> {
  const town = await billedTown({
    usagePointId,
    tariff: options.tariff ?? plainTariff,
    nowMs: options.nowMs ?? june.endMs + dayMs,
    installedMs: june.startMs - 100 * dayMs,
    intervalSeconds: stepMs / 1000,
    ...(options.channels ? { channels: options.channels } : {}),
  });
  for (let at = june.startMs; at < june.endMs; at += stepMs) town.readings.record(channel, at, { wh: 100 });
  town.readings.recordRegister(`${channel}-total`, june.startMs, 1_000_000);
  town.readings.recordRegister(`${channel}-total`, june.endMs, 1_144_000);
  return town;
}

const withJune = async (body: (town: BilledTown) => Promise<void>, options = {}): Promise<void> => {
  const town = await juneTown(options);
  try {
    await body(town);
  } finally {
    await town.close();
  }
};

describe('bill versions are added and never replaced', () => {
  test('a second run with nothing new keeps the first version', () =>
    withJune(async ({ billing, clock }) => {
      const first = await billing.run(usagePointId, '2026-06');
      await clock.advance(dayMs);
      assert.deepEqual(await billing.run(usagePointId, '2026-06'), first);
      assert.equal(first.id, 'B-UP-0001-2026-06-v1');
      assert.equal((await billing.bills(usagePointId)).length, 1);
    }));

  test('a late reading makes version 2, and version 1 still computes to its own bytes', () =>
    withJune(async ({ billing, clock, readings }) => {
      const first = await billing.run(usagePointId, '2026-06');
      await clock.advance(dayMs);
      readings.record(channel, june.startMs, { wh: 5100, knownMs: clock.now() });
      const second = await billing.run(usagePointId, '2026-06');
      assert.deepEqual([first.total, second.total, second.version], ['3600', '3725', 2]);
      assert.deepEqual([first.registerCheck.agrees, second.registerCheck.agrees], [true, false]);
      assert.deepEqual(await billing.bills(usagePointId), [second, first]);
      assert.deepEqual(await billing.replay(first.id), { isSame: true, bill: first });
      assert.deepEqual(await billing.replay(second.id), { isSame: true, bill: second });
    }));

  test('readings whose knowledge time runs ahead of the clock are billed, and the bill says that time', () =>
    withJune(async ({ billing, clock, readings }) => {
      readings.record(channel, june.startMs, { wh: 5100, knownMs: clock.now() + 7 });
      const bill = await billing.run(usagePointId, '2026-06');
      assert.deepEqual([bill.total, bill.asOf], ['3725', '2026-07-02T00:00:00.007Z']);
      assert.deepEqual(await billing.replay(bill.id), { isSame: true, bill });
    }));

  test('a month is billed by the tariff that stood when it began; one of its middle holds from the next month on', () =>
    withJune(async ({ billing, registry }) => {
      const dear = { ...plainTariff, id: 'DEAR' };
      await billing.putTariff(dear);
      const told = async (tariff: string, from_ms: number) =>
        registry
          .insertInto('asset_fact')
          .values({
            ...{ subject: `usage-point/${usagePointId}`, attribute: 'tariff', value: JSON.stringify(tariff) },
            ...{ from_ms, recorded_ms: june.endMs, author: 'Asha', reason: 'contract', undoes: null },
          })
          .execute();
      await told(plainTariff.id, 0);
      await told('DEAR', june.startMs + 14 * dayMs);
      await registry.updateTable('usage_point').set({ tariff_id: 'DEAR' }).execute();
      assert.equal((await billing.run(usagePointId, '2026-06')).tariff.id, plainTariff.id);
      assert.equal((await billing.run(usagePointId, '2026-07')).tariff.id, 'DEAR');
    }));

  test('a flag that changes no figure makes no new bill', () =>
    withJune(async ({ billing, clock, readings }) => {
      const first = await billing.run(usagePointId, '2026-06');
      await clock.advance(dayMs);
      const bits = quality.measured | quality.final;
      readings.record(channel, june.startMs, { wh: 100, quality: bits, knownMs: clock.now() });
      assert.equal((await billing.run(usagePointId, '2026-06')).id, first.id);
    }));

  test('the projection of a month becomes a closed bill when the month ends', () =>
    withJune(
      async ({ billing, clock }) => {
        const projected = await billing.run(usagePointId, '2026-06');
        assert.deepEqual([projected.state, projected.end], ['projection', '2026-06-11T00:00:00Z']);
        await clock.advance(30 * dayMs);
        const closed = await billing.run(usagePointId, '2026-06');
        assert.deepEqual([closed.state, closed.version, closed.total], ['closed', 2, '3600']);
        assert.equal((await billing.replay(projected.id)).isSame, true);
      },
      { nowMs: june.startMs + 10 * dayMs },
    ));

  test('two runs at once keep one version', () =>
    withJune(async ({ billing }) => {
      const bills = await Promise.all([1, 2, 3].map(() => billing.run(usagePointId, '2026-06')));
      assert.equal(new Set(bills.map(({ id }) => id)).size, 1);
    }));

  test('a bill that was altered is found, with the place', () =>
    withJune(async ({ billing, registry }) => {
      const bill = await billing.run(usagePointId, '2026-06');
      const altered: Bill = { ...bill, total: '1' };
      await registry
        .updateTable('bill')
        .set({ body: JSON.stringify(altered) })
        .execute();
      await assert.rejects(billing.replay(bill.id), {
        code: 'apps/replay-differs',
        message: /total: "1" and "3600"/,
      });
    }));
});

describe('tariff versions', () => {
  const dearer: Tariff = { ...plainTariff, version: 2, standingPerDay: '1' };

  test('the same body again is no change, another body is refused', () =>
    withJune(async ({ billing }) => {
      await billing.putTariff(plainTariff);
      await assert.rejects(billing.putTariff({ ...dearer, version: 1 }), { code: 'apps/tariff-changed' });
      assert.deepEqual(await billing.tariffs(), [plainTariff]);
    }));

  test('a month that is closed keeps its prices, the next one takes the new version', () =>
    withJune(async ({ billing, clock }) => {
      const closed = await billing.run(usagePointId, '2026-06');
      await billing.putTariff(dearer);
      assert.equal((await billing.run(usagePointId, '2026-06')).id, closed.id);
      await clock.advance(40 * dayMs);
      const next = await billing.run(usagePointId, '2026-07');
      assert.equal(next.tariff.version, 2);
      assert.deepEqual(await billing.tariff('PLAIN'), dearer);
      assert.deepEqual(await billing.tariff('PLAIN', 1), plainTariff);
    }));

  test('one that cannot be rated by is not kept', () =>
    withJune(async ({ billing }) => {
      const bad = { ...plainTariff, version: 3, taxPercent: 'five' };
      await assert.rejects(billing.putTariff(bad), { code: 'apps/tariff-invalid' });
    }));
});

describe('what cannot be billed says why', () => {
  const refusals: readonly (readonly [string, string, string, string])[] = [
    ['an unknown usage point', 'UP-9999', '2026-06', 'apps/unknown-usage-point'],
    ['a month that is none', usagePointId, '2026-13', 'apps/bad-month'],
    ['a month to come', usagePointId, '2026-08', 'apps/month-not-begun'],
    ['a month before the meter', usagePointId, '2025-12', 'apps/month-before-installation'],
  ];
  for (const [name, point, month, code] of refusals) {
    test(name, () => withJune(({ billing }) => assert.rejects(billing.run(point, month), { code })));
  }
  test('an unknown bill is refused by explain and replay', () =>
    withJune(async ({ billing }) => {
      assert.equal(await billing.bill('B-none'), undefined);
      await assert.rejects(billing.explain('B-none'), { code: 'apps/unknown-bill' });
      await assert.rejects(billing.replay('B-none'), { code: 'apps/unknown-bill' });
    }));
  test('a usage point whose tariff nobody put', () =>
    withJune(async ({ billing, registry }) => {
      await registry.updateTable('usage_point').set({ tariff_id: 'GONE' }).execute();
      await assert.rejects(billing.run(usagePointId, '2026-06'), { code: 'apps/unknown-tariff' });
    }));
  test('a usage point without a meter', () =>
    withJune(async ({ billing, registry }) => {
      await registry.deleteFrom('meter').execute();
      await assert.rejects(billing.run(usagePointId, '2026-06'), { code: 'apps/no-meter' });
    }));
});

describe('a meter that says little', () => {
  test('a meter never heard of is billed its standing charge, every interval missing', () =>
    withJune(
      async ({ billing }) => {
        const bill = await billing.run(usagePointId, '2026-06');
        const { intervals, missing } = bill.determinants[1] ?? {};
        assert.deepEqual([intervals, missing, bill.registerCheck.agrees], [1440, 1440, null]);
      },
      { channels: [] },
    ));
  test('a home that never sent energy has no received determinant', () =>
    withJune(
      async ({ billing }) => {
        const bill = await billing.run(usagePointId, '2026-06');
        assert.deepEqual(
          bill.determinants.map(({ id }) => id),
          ['days', 'delivered-1'],
        );
      },
      { tariff: { ...plainTariff, received: { scheme: 'net', receivedPerKwh: '0.05' } } },
    ));
  test('ten minutes into a month the projection holds one day and no interval', () =>
    withJune(
      async ({ billing }) => {
        const bill = await billing.run(usagePointId, '2026-06');
        assert.deepEqual(
          bill.determinants.map(({ quantity, intervals }) => [quantity, intervals]),
          [
            ['1', 0],
            ['0.000', 0],
          ],
        );
      },
      { nowMs: june.startMs + 600_000 },
    ));
});

test('a new closed bill is told once', () =>
  withJune(async ({ registry, readings, clock }) => {
    const told: SystemEvent[] = [];
    const events = { report: async (event: SystemEvent) => void told.push(event) };
    const billing = openBilling({ registry, readings, clock, events });
    await billing.run(usagePointId, '2026-06');
    await billing.run(usagePointId, '2026-06');
    await billing.run(usagePointId, '2026-07');
    assert.deepEqual(
      told.map(({ kind, usagePointId: point }) => [kind, point]),
      [['bill-issued', usagePointId]],
    );
  }));

describe('an explanation', () => {
  test('says how a net and tiered quantity came about and links each day to its readings', () =>
    withJune(
      async ({ billing, readings }) => {
        const received = `${usagePointId}/received`;
        readings.record(received, june.startMs, { wh: 24_000 });
        const bill = await billing.run(usagePointId, '2026-06');
        const { lines } = await billing.explain(bill.id);
        assert.deepEqual(
          lines.map(({ formula }) => formula),
          [
            '30 day x 0 GBP/day = 0.00 GBP, rounded half-up once',
            '144.000 kWh delivered less 24.000 kWh received in the rate this month, of which All hours, 0 to 100 kWh: ' +
              '100.000 kWh x 0.25 GBP/kWh = 25.00 GBP, rounded half-up once',
            '144.000 kWh delivered less 24.000 kWh received in the rate this month, of which All hours, above 100 kWh: ' +
              '20.000 kWh x 0.30 GBP/kWh = 6.00 GBP, rounded half-up once',
            '0 % of 31.00 GBP = 0.00 GBP, rounded half-up once',
          ],
        );
        assert.deepEqual(lines[1]?.days[1], {
          date: '2026-06-02',
          wh: '4800',
          intervals: 48,
          estimated: 0,
          missing: 0,
          readings:
            '/api/v1/usage-points/UP-0001/readings?from=2026-06-02T00:00:00Z&to=2026-06-03T00:00:00Z&readingType=delivered',
        });
        assert.deepEqual([lines[0]?.days, lines[3]?.days], [[], []]);
      },
      {
        tariff: {
          ...plainTariff,
          received: { scheme: 'net', receivedPerKwh: '0.05' },
          rates: [
            {
              rate: 1,
              name: 'All hours',
              tiers: [
                { uptoKwh: '100', pricePerKwh: '0.25' },
                { uptoKwh: null, pricePerKwh: '0.30' },
              ],
            },
          ],
        },
      },
    ));
});

describe('text for a terminal', () => {
  test('a bill shows lines, total, counts, the register check and what was known when', () =>
    withJune(async ({ billing, readings }) => {
      readings.record(channel, june.startMs, { wh: 0, quality: quality.missing });
      const bill = await billing.run(usagePointId, '2026-06');
      const text = renderBill(bill);
      const rows = text.split('\n').map((row) => row.replace(/ {2,}/g, '  '));
      assert.ok(rows.includes('From 2026-06-01 00:00 +00:00 to 2026-07-01 00:00 +00:00'));
      assert.ok(rows.includes('All hours  143.900 kWh x 0.25  35.98 GBP'));
      assert.ok(rows.includes('Total  35.98 GBP'));
      assert.ok(
        rows.includes('Delivered, All hours: 143.900 kWh of 1440 intervals, 1 MISSING, counted as zero'),
      );
      assert.ok(
        rows.includes(
          'Register +A 1,000.000 kWh -> 1,144.000 kWh: DIFFERS by 0.100 kWh from the 143.900 kWh of the intervals',
        ),
      );
      assert.ok(rows.some((row) => row.startsWith('Readings as known at 2026-07-02T00:00:00Z')));
      assert.ok(text.split('\n').every((row) => !row.endsWith(' ')));
      const explained = renderExplanation(await billing.explain(bill.id), bill);
      assert.match(
        explained,
        /2026-06-01 +4\.700 kWh +48 intervals {2}1 MISSING, counted as zero\n +\/api\/v1/,
      );
      assert.match(explained, /143\.900 kWh x 0\.25 GBP\/kWh = 35\.98 GBP/);
    }));
  test('money and energy group thousands and keep their sign', () => {
    assert.equal(formatMoney('-123456789', 'GBP', 2), '-1,234,567.89 GBP');
    assert.equal(formatMoney('5', 'GBP', 2), '0.05 GBP');
    assert.equal(formatMoney('1234', 'JPY', 0), '1,234 JPY');
    assert.equal(formatKwh('1241.337'), '1,241.337 kWh');
  });
});
