/** The firmware of a meter, read once within a session of its readings, without a round trip of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';

const startMs = Date.UTC(2025, 9, 1);
const hourMs = 3_600_000;

async function openFleet(
  context: Parameters<typeof headendWith>[0],
  versions: readonly (string | undefined)[],
) {
  const clock = virtualClock(startMs + 24 * hourMs);
  const meters = versions.map((firmware, i) => {
    const meter = testMeter(i + 1, { clock, installedAtMs: startMs, zone: 'UTC' });
    fillProfile(meter, startMs, startMs + 48 * hourMs);
    return Object.assign(meter, { firmware });
  });
  const stack = await headendWith(context, { clock, meters });
  const known = async () => {
    const rows = await stack.registry.selectFrom('meter').select('firmware').orderBy('serial').execute();
    return rows.map(({ firmware }) => firmware);
  };
  /** Round trips of one sweep. */
  const sweep = async () => {
    const before = meters.reduce((sum, { requests }) => sum + requests, 0);
    await stack.headend.collectAll({ concurrency: 4 });
    return meters.reduce((sum, { requests }) => sum + requests, 0) - before;
  };
  return { ...stack, clock, meters, known, sweep };
}

test('it costs the first sweep nothing and the second no round trip, and then it is known for good', async (context) => {
  const telling = await openFleet(context, ['2.4.1', '2.4.1', '2.5.0']);
  const mute = await openFleet(context, [undefined, undefined, undefined]);
  assert.equal(await telling.sweep(), await mute.sweep());
  assert.deepEqual(await telling.known(), [null, null, null]);
  for (const fleet of [telling, mute]) await fleet.clock.advance(hourMs);
  assert.equal(await telling.sweep(), await mute.sweep());
  assert.deepEqual(await telling.known(), ['2.4.1', '2.4.1', '2.5.0']);
  assert.deepEqual(await mute.known(), [null, null, null]);
  const history = await telling.registry.selectFrom('firmware_history').selectAll().execute();
  assert.deepEqual(
    history.map(({ told_by, from_ms }) => [told_by, from_ms]),
    Array(3).fill(['meter', telling.clock.now()]),
  );
  // Somebody else's word is not overwritten by a question that nobody asks any more.
  Object.assign(telling.meters[0] ?? {}, { firmware: '9.9.9' });
  await telling.clock.advance(hourMs);
  await telling.sweep();
  assert.equal((await telling.known())[0], '2.4.1');
});

test('a meter whose log tells of new firmware, by a campaign or by hand on site, is asked again', async (context) => {
  const { headend, clock, meters, known, sweep } = await openFleet(context, ['2.4.1']);
  const [meter] = meters;
  assert.ok(meter);
  meter.events = [];
  await sweep();
  await clock.advance(hourMs);
  await sweep();
  assert.deepEqual(await known(), ['2.4.1']);
  await clock.advance(7 * hourMs);
  meter.firmware = '2.5.0';
  // Code 18 of IDIS: firmware activated.
  meter.events.push({ atMs: clock.now() - 60_000, code: 18 });
  await headend.collect('WTL000001');
  assert.deepEqual(await known(), ['2.4.1']);
  await headend.collect('WTL000001');
  assert.deepEqual(await known(), ['2.5.0']);
});
