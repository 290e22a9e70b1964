/** The years in which old meters stand beside smart ones: drive-by, hand-held, typed reads, visits, and who hangs where. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { quality } from '@wattline/model';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';
import { type SignedAsker, signedAsker } from './fixture/signed-asker.ts';

const by = { author: 'Asha', reason: 'round 12' };
/** A wM-Bus telegram in clear: meter 12345678 shows 87,650 Wh taken and 120 Wh given. */
const telegram = '1b4443047856341201027a0100000004043d22000004843c0c000000';

describe('a roll-out over HTTP', () => {
  let served: ServedSystem;
  let ask: SignedAsker;
  before(async () => {
    served = await serveSystem({ meters: 12 });
    ask = await signedAsker(served);
  });
  after(() => served.close());

  const point = (id: string, meter: string) => ({
    id,
    customer: 'Old House',
    address: '1 Old Street',
    kind: 'home',
    zone: 'Europe/London',
    substation: 'S1',
    feeder: 'F1',
    transformer: 'T1',
    tariffId: 'WTL-HOME-TOU',
    latitude: 51.5,
    longitude: -0.1,
    meter,
    installed: '2020-01-01',
    registers: ['delivered-total', 'received-total'],
    ...by,
  });
  interface Reads {
    items: { at: string; value: number; flags: string[] }[];
  }
  const reads = (id: string) =>
    ask<Reads>('listRegisterReads', `usage-points/${id}/register-reads?from=2026-10-01&to=2026-11-21`);

  test('a meter heard by whoever drives by is placed by its number, once however often the file comes', async () => {
    await ask('addUsagePoint', 'usage-points', point('OLD-1', '12345678'));
    await ask('addUsagePoint', 'usage-points', point('OLD-1', '12345678'), 409);
    await ask('addUsagePoint', 'usage-points', { ...point('OLD-9', '1'), zone: 'Nowhere/Land' }, 400);
    const stranger = telegram.replace('78563412', '99999999');
    const file = `2026-11-03T10:15:00Z ${telegram}\n2026-11-03T10:15:04Z ${stranger}\n`;
    type Outcome = { format: string; accepted: number; duplicates: number; held: number[] };
    const first = await ask<Outcome>('importFile', 'imports/files?name=tour.txt', file);
    assert.deepEqual([first.format, first.accepted, first.held.length], ['wmbus', 2, 2]);
    const again = await ask<Outcome>('importFile', 'imports/files?name=tour.txt', file);
    assert.deepEqual([again.accepted, again.duplicates], [0, 2]);
    assert.deepEqual((await reads('OLD-1')).items, [
      { at: '2026-11-03T10:15:00Z', value: 87_650, quality: quality.measured, flags: ['measured'] },
    ]);
    const later = await ask<Outcome>(
      'importFile',
      'imports/files?name=tour.txt&readAt=2026-11-10T09:00:00Z',
      `telegram=|${telegram}|\n`,
    );
    assert.equal(later.accepted, 2);
  });

  test('a hand-held’s file enters beside what is typed in, and both are told apart', async () => {
    await ask('addUsagePoint', 'usage-points', point('OLD-2', 'F-77'));
    const rows = [
      'point,readingtype,start,value,unit,quality',
      'F-77,delivered-total,2026-10-05T09:00:00Z,310.5,kWh,manual',
    ];
    const file = await ask<{ accepted: number }>('importFile', 'imports/files', `${rows.join('\n')}\n`);
    assert.equal(file.accepted, 1);
    const typed = {
      readingType: 'delivered-total',
      at: '2026-11-05T09:00:00Z',
      value: 352_000,
      isConfirmed: false,
      ...by,
    };
    await ask('takeRegisterRead', 'usage-points/OLD-2/register-reads', typed);
    const again = await ask<{ duplicates: number }>(
      'takeRegisterRead',
      'usage-points/OLD-2/register-reads',
      typed,
    );
    assert.equal(again.duplicates, 1);
    assert.deepEqual(
      (await reads('OLD-2')).items.map(({ value, flags }) => [value, flags]),
      [
        [310_500, ['manual']],
        [352_000, ['manual']],
      ],
    );
  });

  test('a hand-held with an optical probe brings readouts home: its meter’s clock, once however often the file comes', async () => {
    const readout = [
      '/LGZ5ZMD120',
      'C.1.0(12345678)',
      '0.9.1(101500)',
      '0.9.2(261112)',
      '1.8.0(000088.250*kWh)',
      '1.8.0*01(000080.000*kWh)',
      '!',
      '/LGZ5ZMD120',
      'C.1.0(12345678)',
    ];
    const file = readout.map((line) => `${line}\r\n`).join('');
    interface Outcome {
      format: string;
      accepted: number;
      duplicates: number;
      problems: { code: string; where: string }[];
    }
    const path = 'imports/files?name=tour.iec&zone=Asia/Kolkata';
    const first = await ask<Outcome>('importFile', path, file);
    assert.deepEqual([first.format, first.accepted], ['iec62056-21', 1]);
    assert.deepEqual(
      first.problems.map(({ code, where }) => [code, where]),
      [['mdm/exchange-half-written', 'line 8']],
    );
    const again = await ask<Outcome>('importFile', path, file);
    assert.deepEqual([again.accepted, again.duplicates], [0, 1]);
    const { at, value } = (await reads('OLD-1')).items.at(-1) ?? {};
    assert.deepEqual([at, value], ['2026-11-12T04:45:00Z', 88_250]);
  });

  test('a read that runs backwards is refused until somebody looked again; then it is kept and doubted', async () => {
    const low = {
      readingType: 'delivered-total',
      at: '2026-11-12T09:00:00Z',
      value: 35_200,
      isConfirmed: false,
      ...by,
    };
    const path = 'usage-points/OLD-2/register-reads';
    await ask('takeRegisterRead', path, low, 409);
    await ask('takeRegisterRead', path, { ...low, isConfirmed: true });
    assert.deepEqual((await reads('OLD-2')).items.at(-1)?.flags, ['suspect', 'manual']);
    await ask('takeRegisterRead', path, { ...low, reason: '' }, 400);
    await ask('takeRegisterRead', 'usage-points/OLD-9/register-reads', low, 404);
  });

  test('a visit is planned, announced and done: the old meter’s last read meets the new one’s first', async () => {
    const order = {
      id: 'WO-7',
      usagePointId: 'OLD-2',
      kind: 'exchange',
      newSerial: 'N-1',
      planned: '2026-11-25',
    };
    await ask('planInstallOrder', 'install-orders', order);
    await ask('planInstallOrder', 'install-orders', order, 409);
    const { items } = await ask<{ items: { id: number; orderId: string; dueAt: string }[] }>(
      'listNotices',
      'notices',
    );
    assert.deepEqual([items[0]?.orderId, items[0]?.dueAt], ['WO-7', '2026-11-18T00:00:00Z']);
    await ask('noticeSent', `notices/${items[0]?.id}/sent`, {});
    await ask('noticeSent', 'notices/999/sent', {}, 404);
    assert.equal((await ask<{ items: object[] }>('listNotices', 'notices')).items.length, 0);
    const report = {
      done: '2026-11-20T10:07:00Z',
      finalRead: 353_100,
      initialRead: 4,
      transformer: 'T5',
      ...by,
    };
    await ask('finishInstallOrder', 'install-orders/WO-7/done', report);
    await ask('finishInstallOrder', 'install-orders/WO-7/done', report, 409);
    const done = await ask<{ items: { id: string; finalRead: number }[] }>(
      'listInstallOrders',
      'install-orders?state=done',
    );
    assert.deepEqual(
      done.items.map(({ id, finalRead }) => [id, finalRead]),
      [['WO-7', 353_100]],
    );
    const seen = await ask<{ meter: string; transformer: string }>(
      'getAssets',
      'usage-points/OLD-2/assets?at=2026-11-21',
    );
    assert.deepEqual([seen.meter, seen.transformer], ['N-1', 'T5']);
    // The new register goes on from its own number: nothing runs backwards across the exchange.
    const first = {
      readingType: 'delivered-total',
      at: '2026-11-21T09:00:00Z',
      value: 900,
      isConfirmed: false,
      ...by,
    };
    await ask('takeRegisterRead', 'usage-points/OLD-2/register-reads', first);
    await ask('planInstallOrder', 'install-orders', { ...order, id: 'WO-8' });
    await ask('cancelInstallOrder', 'install-orders/WO-8/cancel', by);
  });

  test('a meter written down at the wrong transformer is found by its voltage', async () => {
    const { registry, mdm } = served.system;
    const startMs = Date.parse('2026-11-17T00:00:00Z');
    const random = seededRandom('voltages');
    const wander = () => {
      let level = 2300;
      return Array.from({ length: 96 }, () => {
        level += random.below(21) - 10;
        return level;
      });
    };
    const truth = new Map([
      ['A', wander()],
      ['B', wander()],
    ]);
    for (let n = 1; n <= 12; n++) {
      const id = `UP-${String(n).padStart(4, '0')}`;
      const own = n <= 6 ? 'A' : 'B';
      // Number 3 hangs on A and is written down at B.
      await registry
        .updateTable('usage_point')
        .set({ transformer: n === 3 ? 'B' : own })
        .where('id', '=', id)
        .execute();
      const channel = `${id}/voltage`;
      const row = { id: channel, usage_point_id: id, reading_type: 'voltage', interval_seconds: 1800 };
      await registry.insertInto('channel').values(row).execute();
      const value = Float64Array.from(truth.get(own) ?? [], (level) => level - random.below(8));
      const block = {
        channel,
        startMs,
        intervalSeconds: 1800,
        value,
        quality: new Uint16Array(96).fill(quality.measured),
      };
      const origin = { source: 'dlms', reference: id } as const;
      await mdm.ingest({ id: `v ${id}`, origin, receivedMs: startMs, blocks: [block] });
    }
    const { items } = await ask<{ items: { id: string; best: { node: string }; isDoubted: boolean }[] }>(
      'indexConsumers',
      'grid/consumer-index?feeder=F1&from=2026-11-17&to=2026-11-19',
    );
    assert.deepEqual(
      items.filter(({ isDoubted }) => isDoubted).map(({ id, best }) => [id, best.node]),
      [['UP-0003', 'A']],
    );
  });
});
