/** Commands as jobs: asked once, judged, carried out, read back; taken up again after a crash. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog, virtualClock } from '@wattline/base';
import { openRegistry } from '@wattline/store/registry';
import type { GuardSettings } from '../guard/settings.ts';
import { approvals, openStreet, testBatch } from '../signer/signer-fixture.ts';
import { type DeskOptions, openCommandDesk, runDesk } from './command-desk.ts';
import { isEnded, jobTransitions } from './job.ts';
import { createJobStore, type Job } from './job-store.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const minuteMs = 60_000;

/** A street, a registry that knows where its meters are, and a desk between them. */
async function openOffice(t: TestContext, settings: Partial<GuardSettings> = {}) {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings });
  const registry = await openRegistry(':memory:');
  t.after(() => registry.destroy());
  for (const { serial, port } of street.meters) {
    const point = {
      id: serial,
      customer: '-',
      address: '-',
      kind: 'home',
      zone: 'UTC',
      tariff_id: '-',
    } as const;
    const place = { substation: 'S', feeder: 'F0', transformer: `X${Math.floor(port / 10)}` };
    await registry
      .insertInto('usage_point')
      .values({ ...point, ...place, solar_w: 0, latitude: 0, longitude: 0 })
      .execute();
    await registry
      .insertInto('meter')
      .values({
        ...{ serial, usage_point_id: serial, make: 'WTL', profile: 'demo', system_title: serial },
        ...{ host: 'memory', port, interval_seconds: 900, installed_ms: 0, state: 'waiting', failures: 0 },
        ...{ last_contact_ms: null, last_interval_ms: null, last_outcome: null },
      })
      .execute();
  }
  const open = (more: Pick<DeskOptions, 'onDone'> = {}) =>
    openCommandDesk({
      ...{ registry, ask: street.ask, dialer: street.dialer, clock, log: silentLog, attempts: 3 },
      ...more,
    });
  return { clock, street, registry, open, desk: await open(), store: createJobStore(registry) };
}

const statesOf = (jobs: readonly Job[]) => jobs.map(({ state }) => state);

test('a batch by transformer: previewed, signed by two, held, carried out, read back', async (t) => {
  const { clock, street, desk, store } = await openOffice(t);
  const group = await desk.metersOf({ scope: 'transformer', place: 'X1' });
  assert.equal(group.length, 10);
  const batch = testBatch(group.slice(0, 3), startMs);
  const { places, hash } = await desk.preview(batch);
  assert.deepEqual(places.map(({ scope, meters, watts }) => [scope, meters, watts])[0], [
    'transformer',
    3,
    9_000,
  ]);
  assert.equal(hash, street.hashOf(batch));
  const asked = await desk.request(batch, approvals(batch, startMs, street.anna));
  assert.deepEqual(statesOf(asked), ['held', 'held', 'held']);
  assert.equal(asked[0]?.code, 'guard/people-missing');
  await desk.request(batch, approvals(batch, startMs, street.bela));
  await clock.advance(14 * minuteMs);
  await desk.run();
  assert.deepEqual(street.dark(), []);
  await clock.advance(minuteMs);
  await desk.run();
  const jobs = await desk.jobs({ key: batch.key });
  assert.deepEqual(
    jobs.map(({ state, result, attempts }) => [state, result, attempts]),
    batch.meters.map(() => ['done', 'disconnected', 1]),
  );
  assert.deepEqual(street.dark(), batch.meters);
  const steps = await store.steps(jobs[0]!.id);
  assert.deepEqual(
    steps.map(({ state }) => state),
    ['requested', 'held', 'approved', 'executing', 'done'],
  );
});

test('the same request twice is one batch; the same key for something else is refused', async (t) => {
  const { street, desk } = await openOffice(t);
  const batch = testBatch(['M001'], startMs, { command: 'reconnect' });
  const signed = approvals(batch, startMs, street.anna);
  await desk.request(batch, signed);
  await desk.run();
  await desk.request(batch, signed);
  await desk.run();
  const jobs = await desk.jobs({});
  assert.deepEqual(statesOf(jobs), ['done']);
  assert.equal(jobs[0]?.attempts, 1);
  const other = { ...batch, meters: ['M002'] };
  await assert.rejects(desk.request(other, approvals(other, startMs, street.anna)), {
    code: 'command/key-reused',
  });
});

test('a cancelled batch ends cancelled, one that nobody signs in time ends expired', async (t) => {
  const { clock, street, desk } = await openOffice(t);
  const first = testBatch(['M001'], startMs);
  await desk.request(first, approvals(first, startMs, street.anna));
  assert.deepEqual(statesOf(await desk.cancel(first.key, 'anna')), ['cancelled']);
  const second = testBatch(['M002'], startMs, { deadlineMs: startMs + 30 * minuteMs });
  await desk.request(second);
  await clock.advance(31 * minuteMs);
  await desk.run();
  assert.deepEqual(statesOf(await desk.jobs({ key: second.key })), ['expired']);
  assert.deepEqual(street.dark(), []);
  await assert.rejects(desk.cancel('nothing', 'anna'), { code: 'command/batch-unknown' });
});

test('what cannot pass fails with the reason of the guard', async (t) => {
  const { street, desk } = await openOffice(t);
  const batch = testBatch(['M009'], startMs);
  const [job] = await desk.request(batch, approvals(batch, startMs, street.anna));
  assert.deepEqual([job?.state, job?.code], ['failed', 'guard/life-support']);
  const unknown = testBatch(['X'], startMs, { command: 'relay' });
  const [refused] = await desk.request(unknown, approvals(unknown, startMs, street.anna));
  assert.deepEqual([refused?.state, refused?.code], ['failed', 'signer/no-script']);
});

test('a meter out of reach is tried again and then given up', async (t) => {
  const { clock, street, desk } = await openOffice(t);
  const meter = street.meters[1]!;
  meter.isUnreachable = true;
  const batch = testBatch(['M001'], startMs, { command: 'reconnect' });
  await desk.request(batch, approvals(batch, startMs, street.anna));
  await desk.run();
  assert.deepEqual(statesOf(await desk.jobs({})), ['approved']);
  await desk.run();
  assert.equal((await desk.jobs({}))[0]?.attempts, 1, 'not before five seconds have passed');
  await clock.advance(5_000);
  await desk.run();
  await clock.advance(5_000);
  await desk.run();
  assert.equal((await desk.jobs({}))[0]?.attempts, 2, 'then not before ten more');
  await clock.advance(5_000);
  await desk.run();
  const [job] = await desk.jobs({});
  assert.deepEqual([job?.state, job?.code, job?.attempts], ['failed', 'network/unreachable', 3]);
});

test('a process that ends while it switches: the next one reads the meter first and switches nothing twice', async (t) => {
  const { street, desk, open, store, clock } = await openOffice(t, { cancelWindowMs: 0 });
  const batch = testBatch(['M001'], startMs);
  await desk.request(batch, approvals(batch, startMs, street.anna));
  // The switch moves, and the process is gone before it hears so.
  await store.move(`${batch.key}/M001`, 'executing', {}, clock.now());
  street.meters[1]!.breaksAfterActing = true;
  await street.carry(batch, 'M001');
  street.meters[1]!.breaksAfterActing = false;
  const next = await open();
  await clock.advance(5_000);
  await next.run();
  const [job] = await next.jobs({});
  assert.deepEqual([job?.state, job?.result], ['done', 'disconnected']);
  assert.deepEqual(street.meters[1]?.moves, ['disconnect']);
});

test('a process that ends before it hears the end: the next one is told it, and no session is opened for that', async (t) => {
  const { street, desk, open, store, clock } = await openOffice(t, { cancelWindowMs: 0 });
  const batch = testBatch(['M001'], startMs);
  await desk.request(batch, approvals(batch, startMs, street.anna));
  await store.move(`${batch.key}/M001`, 'executing', {}, clock.now());
  // Carried out to the last answer, of which the registry knows nothing.
  assert.equal(await street.carry(batch, 'M001'), 'disconnected');
  const heard = street.meters[1]!.heard.flat().length;
  await street.restart();
  const next = await open();
  await clock.advance(5_000);
  await next.run();
  const [job] = await next.jobs({});
  assert.deepEqual([job?.state, job?.result, job?.code], ['done', 'disconnected', null]);
  assert.equal(street.meters[1]!.heard.flat().length, heard);
  assert.deepEqual(street.meters[1]?.moves, ['disconnect']);
});

test('what must follow elsewhere is told before the job is done, again when that failed, and the meter is switched once', async (t) => {
  const { clock, street, open } = await openOffice(t);
  const told: string[] = [];
  const desk = await open({
    async onDone({ command }, serial) {
      told.push(`${command} ${serial}`);
      if (told.length === 1) throw new Error('the disk is full');
    },
  });
  const [meter] = street.meters;
  assert.ok(meter);
  meter.isConnected = false;
  const batch = testBatch([meter.serial], startMs, { command: 'reconnect' });
  await desk.request(batch, approvals(batch, startMs, street.anna));
  await desk.run();
  const waiting = (await desk.jobs({ key: batch.key }))[0];
  assert.deepEqual([waiting?.state, waiting?.message], ['approved', 'the disk is full']);
  const heard = meter.heard.flat().length;
  await clock.advance(minuteMs);
  await desk.run();
  assert.equal((await desk.jobs({ key: batch.key }))[0]?.state, 'done');
  assert.deepEqual(told, [`reconnect ${meter.serial}`, `reconnect ${meter.serial}`]);
  assert.equal(meter.heard.flat().length, heard);
});

test('passes run by the clock until they are stopped', async (t) => {
  const { clock, street, desk } = await openOffice(t);
  const batch = testBatch(['M001'], startMs);
  await desk.request(batch, approvals(batch, startMs, street.anna));
  const stop = runDesk(desk, { clock, log: silentLog, everyMs: minuteMs });
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(minuteMs);
    await desk.run();
  }
  stop();
  assert.deepEqual(statesOf(await desk.jobs({})), ['done']);
});

test('every state but the ends leads on, and no end leads anywhere', () => {
  const states = Object.keys(jobTransitions) as (keyof typeof jobTransitions)[];
  assert.deepEqual(states.filter(isEnded), ['done', 'failed', 'cancelled', 'expired']);
  for (const state of states) for (const next of jobTransitions[state]) assert.ok(next in jobTransitions);
});
