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

test('it costs the first sweep nothing and no sweep a round trip; after nine each is known, and then for good', async (context) => {
  const versions = Array.from({ length: 16 }, (_, i) => `2.${i}`);
  const telling = await openFleet(context, versions);
  const mute = await openFleet(context, Array<undefined>(16).fill(undefined));
  const counts: number[] = [];
  for (let visit = 0; visit < 9; visit++) {
    assert.equal(await telling.sweep(), await mute.sweep(), `round trips of sweep ${visit}`);
    counts.push((await telling.known()).filter((version) => version !== null).length);
    for (const fleet of [telling, mute]) await fleet.clock.advance(hourMs);
  }
  assert.equal(counts[0], 0);
  assert.ok(
    counts.every((count, i) => count - (counts[i - 1] ?? 0) < 8),
    `not all at once: ${counts.join(' ')}`,
  );
  assert.deepEqual(await telling.known(), versions);
  assert.ok((await mute.known()).every((version) => version === null));
  const history = await telling.registry.selectFrom('firmware_history').selectAll().execute();
  assert.deepEqual(new Set(history.map(({ told_by }) => told_by)), new Set(['meter']));
  // What is known is asked no more.
  Object.assign(telling.meters[0] ?? {}, { firmware: '9.9.9' });
  for (let visit = 0; visit < 8; visit++) await telling.sweep();
  assert.deepEqual(await telling.known(), versions);
});

test('a meter whose log tells of new firmware, by a campaign or by hand on site, is asked again', async (context) => {
  const { headend, clock, meters, known, sweep } = await openFleet(context, ['2.4.1']);
  const [meter] = meters;
  assert.ok(meter);
  meter.events = [];
  await sweep();
  await clock.advance(hourMs);
  // Nobody who waits for it has to wait for its turn.
  await headend.collect('WTL000001');
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
