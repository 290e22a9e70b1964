/** Meters that were exchanged, at the schedule of the head-end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
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
