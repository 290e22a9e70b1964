/** Clocks by policy: who is out by too much is proposed to be set, once in a while, and never by the client that reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { testMeter } from '../test-server.ts';
import type { ClockShift } from './collection-task.ts';

const startMs = Date.UTC(2025, 9, 1);
const hourMs = 3_600_000;

test('a clock is proposed to be set when it is out by more than the threshold and less than the largest step', async (context) => {
  const clock = virtualClock(startMs + 12 * hourMs);
  const offsets = [0, 45_000, 61_000, -240_000, 900_000, 901_000, -90 * 86_400_000];
  const meters = offsets.map((offsetMs, i) => {
    const meter = testMeter(i + 1, { clock, installedAtMs: startMs });
    meter.clockOffsetMs = offsetMs;
    return meter;
  });
  const proposed: ClockShift[] = [];
  const { headend, events } = await headendWith(context, {
    clock,
    meters,
    proposeClockShift: async (shift) => void proposed.push(shift),
  });
  for (const { shipment } of meters) await headend.collect(shipment.meter.serial);
  assert.deepEqual(
    proposed.map(({ serial, driftMs }) => [serial, driftMs]),
    [
      ['WTL000003', 61_000],
      ['WTL000004', -240_000],
      ['WTL000005', 900_000],
    ],
  );
  const drifts = events.reported.filter(({ kind }) => kind === 'clock-drift').map(({ serial }) => serial);
  assert.deepEqual(drifts, ['WTL000002', 'WTL000003', 'WTL000004', 'WTL000005', 'WTL000006', 'WTL000007']);
});

test('a proposal is made once a day, also when nobody acts on it', async (context) => {
  const clock = virtualClock(startMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs });
  meter.clockOffsetMs = 120_000;
  let proposals = 0;
  const { headend } = await headendWith(context, {
    clock,
    meters: [meter],
    proposeClockShift: async () => {
      proposals++;
      throw new Error('the desk is away');
    },
  });
  for (let hour = 0; hour < 47; hour++) {
    const { outcome } = await headend.collect('WTL000001');
    assert.equal(outcome, 'answer', 'a proposal that fails costs no reading');
    await clock.advance(hourMs);
  }
  assert.equal(proposals, 2);
});
