/** Several head-ends on one registry share a fleet; and a sink that cannot follow holds the sessions back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom, silentLog, type VirtualClock, virtualClock } from '@wattline/base';
import { createLeases, openRegistry } from '@wattline/store/registry';
import { headendWith, temporaryDirectory } from '../headend-fixture.ts';
import { openHeadend } from '../open-headend.ts';
import {
  fillProfile,
  type TestMeter,
  testDataManagement,
  testDialer,
  testEvents,
  testMeter,
} from '../test-server.ts';

const startMs = Date.UTC(2025, 9, 1);
const dayMs = 86_400_000;
const quarterMs = 900_000;

function openWorld(count: number) {
  const clock = virtualClock(startMs + dayMs);
  const meters = Array.from({ length: count }, (_, i) =>
    testMeter(i + 1, { clock, installedAtMs: startMs, zone: 'UTC' }),
  );
  for (const meter of meters) fillProfile(meter, startMs, startMs + dayMs);
  return { clock, meters };
}

/** Two head-ends on one registry, the first of which took the meters in. */
async function twoOver(context: TestContext, meters: readonly TestMeter[], clock: VirtualClock) {
  const registry = await openRegistry(':memory:');
  const sink = testDataManagement();
  const keyFile = join(temporaryDirectory(context), 'key');
  const open = (worker: string) =>
    openHeadend({
      ...{ registry, clock, sink, progress: sink, keyFile, worker, log: silentLog },
      ...{ events: testEvents(), random: seededRandom(worker), dialer: testDialer(meters, clock) },
      push: { host: '127.0.0.1', port: 0 },
    });
  const one = await open('one');
  await one.provision(JSON.stringify(meters.map(({ shipment }) => shipment)), 'json');
  const two = await open('two');
  context.after(async () => {
    await one.close();
    await two.close();
    await registry.destroy();
  });
  return { one, two, sink, registry };
}

test('two sweeps of one head-end overlap: each keeps its begin and its width, and no meter is read twice for them', async (context) => {
  const { clock, meters } = openWorld(12);
  const { one } = await twoOver(context, meters, clock);
  await one.collectAll({ concurrency: 4 });
  await clock.advance(60_000);
  const beforeMs = clock.now() - 1;
  for (const meter of meters) Object.assign(meter, { dials: 0 });
  await clock.advance(60_000);
  // What was read before the second began is not read again for the first, whichever ends first.
  await Promise.all([
    one.collectAll({ concurrency: 1, sinceMs: beforeMs - 120_000 }),
    one.collectAll({ concurrency: 8, sinceMs: beforeMs }),
  ]);
  assert.deepEqual(new Set(meters.map(({ dials }) => dials)), new Set([1]));
});

test('two head-ends are never in one session, every meter is read, and a scheduled interval is read once', async (context) => {
  const { clock, meters } = openWorld(6);
  const { one, two, sink } = await twoOver(context, meters, clock);
  await Promise.all([one.collectAll({ concurrency: 4 }), two.collectAll({ concurrency: 4 })]);
  assert.ok(meters.every(({ openMax }) => openMax === 1));
  assert.equal([...sink.values.keys()].filter((name) => name.includes('/delivered@')).length, 6 * 96);

  for (const meter of meters) meter.dials = 0;
  one.startSchedule();
  two.startSchedule();
  for (let quarter = 0; quarter < 4; quarter++) {
    for (const meter of meters) fillProfile(meter, clock.now(), clock.now() + quarterMs);
    for (let i = 0; i < 60; i++) await clock.advance(quarterMs / 60);
  }
  assert.ok(meters.every(({ openMax }) => openMax === 1));
  // The last interval has just ended: three were due.
  assert.deepEqual(new Set(meters.map(({ dials }) => dials)), new Set([3]));
});

test('workers that read a meter in turn use no number that it has seen, and a sweep that they share reads each meter once', async (context) => {
  const { clock, meters } = openWorld(3);
  const { one, two, registry } = await twoOver(context, meters, clock);
  for (const worker of [one, two, one, two, one]) {
    assert.equal((await worker.collect('WTL000001')).outcome, 'answer');
  }
  const purposes = await registry.selectFrom('exchange').select('purpose').distinct().execute();
  assert.deepEqual(
    purposes.map(({ purpose }) => purpose),
    ['on-demand'],
    'no meter had to be asked for its counter',
  );
  for (const meter of meters) meter.dials = 0;
  await clock.advance(1);
  const sinceMs = await one.tellSweep();
  assert.equal(await two.newestSweep(), sinceMs);
  await one.collectAll({ concurrency: 2, sinceMs });
  await two.collectAll({ concurrency: 2, sinceMs });
  assert.deepEqual(
    meters.map(({ dials }) => dials),
    [1, 1, 1],
  );
});

test('a meter that another head-end holds is told so, and read when its holder has died', async (context) => {
  const { clock, meters } = openWorld(1);
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  const { headend } = await headendWith(context, { clock, meters, registry, worker: 'alive' });
  await createLeases({ registry, clock, holder: 'dead', leaseMs: 600_000 }).take('meter/WTL000001');
  const held = await headend.collect('WTL000001');
  assert.deepEqual([held.outcome, held.code], ['failure', 'headend/meter-leased']);
  assert.equal(meters[0]?.dials, 0);
  await clock.advance(600_000);
  assert.equal((await headend.collect('WTL000001')).outcome, 'answer');
});

test('a sink that does not take readings lets no more sessions begin than may run at a time', async (context) => {
  const { clock, meters } = openWorld(40);
  const { headend, management } = await headendWith(context, { clock, meters, policy: { concurrency: 5 } });
  const open = Promise.withResolvers<void>();
  const ingest = management.ingest.bind(management);
  management.ingest = async (batch) => {
    await open.promise;
    return ingest(batch);
  };
  const sweep = headend.collectAll({ concurrency: 5 });
  for (let i = 0; i < 20; i++) await clock.advance(0);
  const dialled = () => meters.filter(({ dials }) => dials > 0).length;
  assert.equal(dialled(), 5);
  open.resolve();
  await sweep;
  assert.equal(dialled(), 40);
});
