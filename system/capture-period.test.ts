/** The registry follows a capture period that a command set: from a boundary of both lengths on, once, and it can be taken back. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog, virtualClock } from '@wattline/base';
import type { Batch } from '@wattline/headend';
import { openMdm } from '@wattline/mdm';
import { openRegistry } from '@wattline/store/registry';
import { keepCapturePeriod } from './capture-period.ts';

const zone = 'Asia/Kolkata';
/** 10:20 in India. */
const nowMs = Date.parse('2026-11-29T04:50:00Z');

function batchOf(seconds: number): Batch {
  return {
    key: `every-${seconds}`,
    tenant: 'utility',
    command: 'capture-period',
    lane: 'ordinary',
    meters: ['M-1'],
    parameters: { seconds },
    reason: 'half hours are billed',
    requestedBy: 'asha',
    deadlineMs: nowMs + 3_600_000,
  };
}

async function pointOf(t: test.TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-capture-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const registry = await openRegistry(':memory:');
  t.after(() => registry.destroy());
  const moved: string[] = [];
  const clock = virtualClock(nowMs);
  const mdm = await openMdm({
    ...{ directory, registry, clock, log: silentLog, events: { report: async () => {} } },
    onMeter: async (id) => void moved.push(id),
  });
  t.after(() => mdm.close());
  await registry
    .insertInto('usage_point')
    .values({
      ...{ id: 'UP-1', customer: 'C', address: 'A', kind: 'home', zone, substation: 'S', feeder: 'F' },
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
    .values({
      id: 'UP-1/delivered',
      usage_point_id: 'UP-1',
      reading_type: 'delivered',
      interval_seconds: 900,
    })
    .execute();
  const shown = async () => {
    const meter = await registry.selectFrom('meter').select('interval_seconds').executeTakeFirstOrThrow();
    const channel = await registry.selectFrom('channel').select('interval_seconds').executeTakeFirstOrThrow();
    return [meter.interval_seconds, channel.interval_seconds];
  };
  return { registry, mdm, clock, moved, shown };
}

test('half hours set at 10:20 count from 10:00 on, in the name of who asked, and the head-end is told', async (t) => {
  const { registry, mdm, clock, moved, shown } = await pointOf(t);
  await keepCapturePeriod({ registry, mdm, clock }, batchOf(1800), 'M-1');
  assert.deepEqual(await shown(), [1800, 1800]);
  assert.deepEqual(moved, ['UP-1']);
  const fact = await registry
    .selectFrom('asset_fact')
    .select(['author', 'from_ms', 'reason'])
    .where('from_ms', '>', 0)
    .executeTakeFirstOrThrow();
  assert.deepEqual(
    [fact.author, fact.from_ms, fact.reason],
    ['asha', Date.parse('2026-11-29T04:30:00Z'), 'the meter captures every 1800 s: command every-1800'],
  );
});

test('told twice, as after a crash, it changes nothing; a command of another kind, or for an unknown meter, means nothing', async (t) => {
  const { registry, mdm, clock, moved, shown } = await pointOf(t);
  const parts = { registry, mdm, clock };
  await keepCapturePeriod(parts, batchOf(1800), 'M-1');
  await keepCapturePeriod(parts, batchOf(1800), 'M-1');
  assert.equal(moved.length, 1);
  await keepCapturePeriod(parts, batchOf(900), 'M-9');
  const { parameters: _, ...rest } = batchOf(900);
  await keepCapturePeriod(parts, { ...rest, command: 'reconnect' }, 'M-1');
  assert.deepEqual(await shown(), [1800, 1800]);
  await keepCapturePeriod(parts, batchOf(300), 'M-1');
  assert.deepEqual(await shown(), [300, 300]);
});
