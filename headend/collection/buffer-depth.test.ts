/** Gaps are asked for exactly as far back as the meter's own buffer reaches, and no further. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

test('what has left the buffer is not asked for, and stands in the ledger as lost by the meter', async (context) => {
  const clock = virtualClock(startMs + 40 * dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 40 * dayMs);
  meter.capacity = 10 * 96;
  const { headend, management, registry } = await headendWith(context, { clock, meters: [meter] });
  const { readings } = await headend.collect('WTL000001');
  assert.equal(readings, 2 * 10 * 96);
  const heldFromMs = startMs + 30 * dayMs;
  assert.deepEqual(
    meter.asked.map(({ fromMs }) => fromMs),
    [heldFromMs + quarterMs],
  );
  assert.equal(management.values.get(`UP-0001/delivered@${heldFromMs - quarterMs}`), undefined);
  const findings = await registry.selectFrom('interval_finding').selectAll().orderBy('start_ms').execute();
  assert.ok(findings.every(({ cause }) => cause === 'meter'));
  assert.deepEqual([findings[0]?.start_ms, findings.at(-1)?.end_ms], [startMs, heldFromMs]);

  meter.asked.length = 0;
  await clock.advance(quarterMs);
  fillProfile(meter, clock.now() - quarterMs, clock.now());
  assert.equal((await headend.collect('WTL000001')).readings, 2);
  assert.equal(meter.asked.length, 1, 'the lost days were not asked for again');
});

test('several gaps within the depth are asked for one by one, exactly', async (context) => {
  const clock = virtualClock(startMs + 20 * dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 20 * dayMs);
  meter.capacity = 15 * 96;
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  await headend.collect('WTL000001');
  // Three gaps: one of them half beyond the buffer, which meanwhile moved on by two days.
  await clock.advance(2 * dayMs);
  fillProfile(meter, startMs + 20 * dayMs, clock.now());
  await headend.collect('WTL000001');
  const gaps = [
    [6.5, 7.5],
    [10, 10.25],
    [18, 19],
  ] as const;
  for (const [from, until] of gaps) {
    for (let at = startMs + from * dayMs; at < startMs + until * dayMs; at += quarterMs) {
      management.values.delete(`UP-0001/delivered@${at}`);
    }
  }
  meter.asked.length = 0;
  await headend.collect('WTL000001');
  const asked = meter.asked.map(({ fromMs, toMs }) => [
    (fromMs - quarterMs - startMs) / dayMs,
    (toMs - startMs) / dayMs,
  ]);
  assert.deepEqual(asked, [
    [7, 7.5],
    [10, 10.25],
    [18, 19],
  ]);
});

test('a meter that claims to capture other objects gives nothing, with its code, and no wrong value is stored', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const liar = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const honest = testMeter(2, { clock, installedAtMs: startMs, zone: 'UTC' });
  for (const meter of [liar, honest]) fillProfile(meter, startMs, startMs + dayMs);
  liar.claimedColumns = ['1.0.1.8.0.255', '1.0.32.7.0.255'];
  const { headend, management } = await headendWith(context, { clock, meters: [liar, honest] });
  const lied = await headend.collect('WTL000001');
  assert.deepEqual([lied.outcome, lied.code, lied.readings], ['failure', 'headend/profile-columns', 0]);
  assert.equal((await headend.collect('WTL000002')).outcome, 'answer');
  assert.ok([...management.values.keys()].every((name) => name.startsWith('UP-0002/')));
});

test('a meter whose columns change between two sessions is asked anew what they are', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  await headend.collect('WTL000001');
  // Voltage now stands before the energies.
  const endMs = startMs + dayMs + quarterMs;
  meter.claimedColumns = ['1.0.32.7.0.255', '1.0.1.29.0.255', '1.0.2.29.0.255'];
  meter.intervals = [{ labelMs: endMs, status: 0, values: [230, 17, 0] }];
  await clock.advance(quarterMs);
  assert.equal((await headend.collect('WTL000001')).readings, 0);
  await headend.collect('WTL000001');
  assert.equal(management.values.get(`UP-0001/delivered@${startMs + dayMs}`)?.value, 17);
});
