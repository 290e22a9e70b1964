/** Meters behind serial converters are collected by HDLC as those on TCP are by the wrapper, and how each was reached stays on record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

function meterOn(number: number, link: 'tcp' | 'hdlc', clock = virtualClock(startMs + 3 * dayMs)) {
  const meter = testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 3 * dayMs);
  const { shipment } = meter;
  return { ...meter, shipment: { ...shipment, meter: { ...shipment.meter, link } } };
}

test('the same days come by HDLC and by the wrapper', async (context) => {
  const clock = virtualClock(startMs + 3 * dayMs);
  const meters = [meterOn(1, 'tcp'), meterOn(2, 'hdlc')];
  const { headend, management, registry } = await headendWith(context, { clock, meters });
  for (const { shipment } of meters) {
    const outcome = await headend.collect(shipment.meter.serial);
    assert.deepEqual([outcome.outcome, outcome.readings], ['answer', 2 * 3 * 96]);
  }
  for (let at = startMs; at < startMs + 3 * dayMs; at += 900_000) {
    const value = (point: string) => management.values.get(`${point}/delivered@${at}`)?.value;
    assert.equal(value('UP-0002'), value('UP-0001'));
  }
  const frames = await registry.selectFrom('exchange').select(['serial', 'hex']).orderBy('serial').execute();
  assert.deepEqual(
    frames.map(({ hex }) => hex?.slice(0, 2)),
    ['00', '7E'],
  );
});

test('a meter that was told to speak HDLC and speaks the wrapper ends with a code', async (context) => {
  const clock = virtualClock(startMs + 3 * dayMs);
  const meter = meterOn(1, 'tcp');
  const { shipment } = meter;
  const told = { ...meter, shipment: { ...shipment, meter: { ...shipment.meter, link: 'hdlc' as const } } };
  const { headend } = await headendWith(context, { clock, meters: [meter] });
  await headend.provision(JSON.stringify([told.shipment]), 'json');
  const collecting = headend.collect('WTL000001');
  for (let i = 0; i < 40; i++) await clock.advance(1_000);
  assert.notEqual((await collecting).outcome, 'answer');
});

test('a route holds from the instant it was told, and the one before until then', async (context) => {
  const clock = virtualClock(startMs + 3 * dayMs);
  const meter = meterOn(1, 'tcp');
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const { shipment } = meter;
  const moved = { ...shipment, meter: { ...shipment.meter, host: '10.0.0.9', route: 'DC-7' } };
  await clock.advance(1_000);
  await headend.provision(JSON.stringify([moved]), 'json');
  await clock.advance(1_000);
  await headend.provision(
    JSON.stringify([{ ...moved, usagePoint: { ...moved.usagePoint, customer: 'Other' } }]),
    'json',
  );
  const rows = await registry.selectFrom('route_history').selectAll().orderBy('from_ms').execute();
  assert.deepEqual(
    rows.map(({ from_ms: fromMs, host, route, link }) => [fromMs - startMs, host, route, link]),
    [
      [0, 'memory', null, 'tcp'],
      [3 * dayMs + 1_000, '10.0.0.9', 'DC-7', 'tcp'],
    ],
  );
});
