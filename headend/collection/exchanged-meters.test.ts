/** Meters that were exchanged, at the schedule of the head-end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { loadFleet } from '../registry/fleet.ts';
import type { MeterExchange } from '../registry/meter-exchange.ts';
import { type TestMeter, testMeter } from '../test-server.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

test('a meter that was exchanged is asked no more, its successor is; taken back, the old one is asked again', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const [old, successor] = [1, 2].map((number) =>
    testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' }),
  ) as [TestMeter, TestMeter];
  const { headend, registry } = await headendWith(context, { clock, meters: [old] });
  const place = { ...successor.shipment.meter, usagePointId: 'UP-0001' };
  const row = JSON.stringify([{ ...successor.shipment, meter: place, usagePoint: old.shipment.usagePoint }]);
  assert.equal((await headend.provision(row, 'json')).refused[0]?.code, 'headend/usage-point-taken');
  headend.startSchedule();
  const say = async (undoes: number | null) => {
    const { number } = await registry
      .insertInto('asset_fact')
      .values({
        ...{ subject: 'usage-point/UP-0001', attribute: 'meter', from_ms: clock.now(), undoes },
        ...{
          value: JSON.stringify(place.serial),
          recorded_ms: clock.now(),
          author: 'Asha',
          reason: 'order 7',
        },
      })
      .returning('number')
      .executeTakeFirstOrThrow();
    await headend.meterMoved('UP-0001');
    return number;
  };
  const fact = await say(null);
  const asksOfOld = async () => {
    old.asked.length = 0;
    await clock.advance(2 * quarterMs);
    return old.asked.length;
  };
  assert.equal(await asksOfOld(), 0);
  assert.deepEqual((await headend.provision(row, 'json')).refused, []);
  await headend.collectAll({ concurrency: 2 });
  assert.equal(await asksOfOld(), 0);
  await say(fact);
  assert.ok((await asksOfOld()) > 0);
});

test('a shipment tells an exchange: the old meter is no longer asked nor expected, and after a restart the successor stands there', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meters = [2, 1].map((number) => testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' }));
  const [old, successor] = meters as [TestMeter, TestMeter];
  const told: MeterExchange[] = [];
  const { headend, registry } = await headendWith(context, {
    ...{ clock, meters: [old] },
    async onExchange(exchange) {
      told.push(exchange);
      const row = { attribute: 'meter', recorded_ms: clock.now(), author: 'shipment', reason: 'order 7' };
      const subject = `usage-point/${exchange.usagePointId}`;
      const value = JSON.stringify(exchange.newSerial);
      await registry
        .insertInto('asset_fact')
        .values({ ...row, subject, value, from_ms: exchange.atMs, undoes: null })
        .execute();
      await headend.meterMoved(exchange.usagePointId);
    },
  });
  const exchangedMs = startMs + dayMs / 2;
  const { usagePoint } = old.shipment;
  const row = {
    ...successor.shipment,
    usagePoint,
    meter: { ...successor.shipment.meter, usagePointId: usagePoint.id, installedAtMs: exchangedMs },
    replaces: { serial: 'WTL000002', finalDeliveredWh: 5_000, initialDeliveredWh: 3 },
  };
  const provision = async (one: object) =>
    (await headend.provision(JSON.stringify([old.shipment, one]), 'json')).refused.map(({ code }) => code);
  assert.deepEqual(await provision({ ...row, replaces: { serial: 'WTL000009' } }), [
    'headend/replaces-another',
  ]);
  const unpaired = { serial: 'WTL000002', finalReceivedWh: 1 };
  assert.deepEqual(await provision({ ...row, replaces: unpaired }), ['headend/replaces-another']);
  for (let time = 0; time < 2; time++) assert.deepEqual(await provision(row), []);
  const reads = { 'delivered-total': { final: 5_000, initial: 3 } };
  const point = usagePoint.id;
  const serials = { oldSerial: 'WTL000002', newSerial: 'WTL000001' };
  assert.deepEqual(told, [{ usagePointId: point, atMs: exchangedMs, ...serials, reads }]);

  const period = { startMs, endMs: startMs + dayMs };
  const [sum] = await headend.serviceLevel.rows({ ...period, by: 'all' });
  assert.equal(sum?.expected, 96, 'each interval is expected of one meter');
  const missing = await headend.serviceLevel.missing('WTL000002', period);
  assert.deepEqual(
    missing.map((stretch) => [stretch.startMs, stretch.endMs]),
    [[startMs, exchangedMs]],
  );
  assert.deepEqual(
    headend.serviceLevel.silent(1).map(({ serial }) => serial),
    ['WTL000001'],
  );

  const fleet = await loadFleet(registry, clock.now());
  assert.equal(fleet.ofUsagePoint(point)?.meter.serial, 'WTL000001');
  assert.equal(fleet.countUnder(usagePoint.transformer), 1);
});
