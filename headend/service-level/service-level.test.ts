/** The ledger over a head-end that reads: every expected interval received or missing with a cause. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';

const startMs = Date.UTC(2025, 9, 1);
const quarterMs = 900_000;
const hourMs = 3_600_000;

test('a hole of the meter, a silent meter and one never asked are told apart, and sums are exact', async (context) => {
  const clock = virtualClock(startMs);
  const meters = [1, 2, 3].map((number) => testMeter(number, { clock, installedAtMs: startMs }));
  for (const meter of meters) fillProfile(meter, startMs, startMs + 24 * hourMs);
  const [holed, silent] = meters as [(typeof meters)[0], (typeof meters)[0]];
  holed.intervals.splice(8, 4);
  silent.isUnreachable = true;
  const { headend } = await headendWith(context, { clock, meters });
  await clock.advance(24 * hourMs);
  await headend.collect(holed.shipment.meter.serial);
  await headend.collect(silent.shipment.meter.serial);
  const period = { startMs, endMs: startMs + 24 * hourMs };
  const [row] = await headend.serviceLevel.rows({ ...period, by: 'all' });
  assert.equal(row?.expected, 3 * 96);
  assert.equal(row?.received, 92);
  const nothing = { power: 0, decode: 0, validation: 0, concentrator: 0 };
  assert.deepEqual(row?.missing, { ...nothing, meter: 4, link: 96, schedule: 96 });
  assert.deepEqual(await headend.serviceLevel.missing(holed.shipment.meter.serial, period), [
    {
      serial: holed.shipment.meter.serial,
      startMs: startMs + 8 * quarterMs,
      endMs: startMs + 12 * quarterMs,
      cause: 'meter',
    },
  ]);
  const silentOnes = headend.serviceLevel.silent(1).map(({ serial }) => serial);
  assert.deepEqual(
    silentOnes.sort(),
    meters
      .slice(1)
      .map(({ shipment }) => shipment.meter.serial)
      .sort(),
  );
});

test('by day, and by nothing that the fleet does not have, the same intervals are summed', async (context) => {
  const clock = virtualClock(startMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 48 * hourMs);
  const { headend } = await headendWith(context, { clock, meters: [meter] });
  await clock.advance(48 * hourMs);
  await headend.collect(meter.shipment.meter.serial);
  const period = { startMs, endMs: startMs + 48 * hourMs };
  const days = await headend.serviceLevel.rows({ ...period, by: 'day' });
  assert.deepEqual(
    days.map(({ group, expected, received }) => [group, expected, received]),
    [
      ['2025-10-01', 96, 96],
      ['2025-10-02', 96, 96],
    ],
  );
  for (const by of ['route', 'model', 'firmware'] as const) {
    const rows = await headend.serviceLevel.rows({ ...period, by });
    assert.deepEqual(
      rows.map(({ expected }) => expected),
      [192],
      by,
    );
  }
});
