/** Retention by age on a real data directory: what is told, what goes, what open bills keep, and that the next start knows nothing of it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { codeOf, silentLog, virtualClock } from '@wattline/base';
import { openMdm } from '@wattline/mdm';
import { quality, type ReadingBatch } from '@wattline/model';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { type RetentionPolicy, retain } from './retention.ts';

const nowMs = Date.UTC(2026, 5, 15);
const channel = 'UP-1/delivered';
const years = [2022, 2024, 2026];
const startOf = (year: number) => Date.UTC(year, 2, 1);

async function addPoint(registry: Registry): Promise<void> {
  await registry
    .insertInto('usage_point')
    .values({
      ...{ id: 'UP-1', customer: 'C', address: 'A', kind: 'home', zone: 'UTC', substation: 'S', feeder: 'F' },
      ...{ transformer: 'T', tariff_id: 'flat', solar_w: 0, latitude: 0, longitude: 0 },
    })
    .execute();
  await registry
    .insertInto('meter')
    .values({
      ...{ serial: 'M-1', usage_point_id: 'UP-1', make: 'trial', profile: 'demo', system_title: 'T' },
      ...{ host: '127.0.0.1', port: 1, interval_seconds: 900, installed_ms: 0, state: 'ok', failures: 0 },
      ...{ last_contact_ms: null, last_interval_ms: null, last_outcome: null },
    })
    .execute();
  await registry
    .insertInto('channel')
    .values({ id: channel, usage_point_id: 'UP-1', reading_type: 'delivered', interval_seconds: 900 })
    .execute();
}

function dayOf(year: number): ReadingBatch {
  const value = new Float64Array(96).fill(year);
  const block = {
    channel,
    startMs: startOf(year),
    intervalSeconds: 900,
    value,
    quality: new Uint16Array(96).fill(quality.measured),
  };
  return { id: `batch-${year}`, origin: { source: 'dlms', reference: 'x' }, receivedMs: 0, blocks: [block] };
}

async function event(registry: Registry, atMs: number): Promise<void> {
  const none = { usage_point_id: null, serial: null, code: null };
  await registry
    .insertInto('event')
    .values({ kind: 'clock-set', occurred_ms: atMs, received_ms: atMs, message: 'm', ...none })
    .execute();
}

async function directoryOf(t: test.TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-retention-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const inRegistry = async <T>(act: (registry: Registry) => Promise<T>): Promise<T> => {
    const registry = await openRegistry(join(directory, 'registry.sqlite'));
    try {
      return await act(registry);
    } finally {
      await registry.destroy();
    }
  };
  const inMdm = (act: (mdm: Awaited<ReturnType<typeof openMdm>>) => Promise<void>) =>
    inRegistry(async (registry) => {
      const mdm = await openMdm({
        ...{ directory: join(directory, 'readings'), registry, log: silentLog, clock: virtualClock(nowMs) },
        events: { report: async () => {} },
      });
      try {
        await act(mdm);
      } finally {
        await mdm.close();
      }
    });
  await inRegistry(async (registry) => {
    await addPoint(registry);
    await event(registry, Date.UTC(2023, 0, 1));
    await event(registry, Date.UTC(2026, 5, 1));
  });
  await inMdm(async (mdm) => {
    for (const year of years) await mdm.ingest(dayOf(year));
  });
  const keep = (policy: RetentionPolicy, run = false) =>
    retain({ directory, policy, nowMs, log: silentLog, actor: 'clerk', run });
  return { inRegistry, inMdm, keep };
}

const periodOf = (year: number) => ({ startMs: startOf(year), endMs: startOf(year) + 86_400_000 });

test('what is too old is told first, then removed with a record of who asked; the next start knows nothing of it and takes it again', async (t) => {
  const { inRegistry, inMdm, keep } = await directoryOf(t);
  const policy = { readings: 24, events: 12 };
  const told = await keep(policy);
  const [readings, events] = told;
  assert.equal(new Date(readings?.beforeMs ?? 0).toISOString(), '2024-06-01T00:00:00.000Z');
  assert.deepEqual(
    readings?.years?.map(({ year, isWhole }) => [year, isWhole]),
    [
      [2022, true],
      [2024, true],
    ],
  );
  assert.deepEqual([readings?.isHeldBack, events?.rows], [false, 1]);
  assert.deepEqual(await keep(policy), told, 'to be told changes nothing');
  assert.deepEqual(await keep(policy, true), told);
  assert.deepEqual(
    (await keep(policy)).map(({ rows }) => rows),
    [0, 0],
  );
  const left = await inRegistry((registry) =>
    registry.selectFrom('event').select(['kind', 'message']).orderBy('id').execute(),
  );
  assert.deepEqual(
    left.map((row) => ({ ...row })),
    [
      { kind: 'clock-set', message: 'm' },
      {
        kind: 'data-forgotten',
        message: `readings before 2024-06-01, ${readings?.rows} rows, kept 24 months; by clerk`,
      },
      { kind: 'data-forgotten', message: 'events before 2025-06-01, 1 rows, kept 12 months; by clerk' },
    ],
  );
  await inMdm(async (mdm) => {
    const measured = async (year: number) =>
      (await mdm.series(channel, periodOf(year))).quality.filter((flags) => (flags & quality.measured) !== 0)
        .length;
    assert.deepEqual(await Promise.all(years.map(measured)), [0, 0, 96]);
    assert.equal((await mdm.ingest({ ...dayOf(2022), id: 'again' })).accepted, 96);
    assert.equal(await measured(2022), 96);
  });
});

test('readings that an open bill of a metered point needs are kept, however old', async (t) => {
  const { inRegistry, keep } = await directoryOf(t);
  await inRegistry((registry) =>
    registry
      .insertInto('bill')
      .values({
        id: 'B',
        usage_point_id: 'UP-1',
        month: '2023-12',
        version: 1,
        state: 'closed',
        computed_ms: 0,
        body: '{}',
      })
      .execute(),
  );
  const [step] = await keep({ readings: 24 }, true);
  assert.equal(new Date(step?.beforeMs ?? 0).toISOString().slice(0, 10), '2023-12-31');
  assert.deepEqual([step?.isHeldBack, step?.years?.map(({ year }) => year)], [true, [2022]]);
});

test('fewer months than bills and comparisons need, or a class that is none, are refused', async () => {
  const keep = (policy: RetentionPolicy) =>
    retain({ directory: '/nowhere', policy, nowMs, log: silentLog, actor: 'clerk' });
  for (const policy of [{ readings: 12 }, { events: 0.5 }, { bills: 12 } as RetentionPolicy])
    await assert.rejects(keep(policy), (error) => codeOf(error) === 'system/bad-retention');
});
