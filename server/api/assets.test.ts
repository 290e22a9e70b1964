/** Assets over HTTP: what became of meters, registers and places, each answer held against the document. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { formatInstant } from '@wattline/base';
import { quality } from '@wattline/model';
import { deliver, type ServedSystem, serveSystem, startMs } from './fixture/served-system.ts';
import { type SignedAsker, signedAsker } from './fixture/signed-asker.ts';

const by = { author: 'Asha', reason: 'work order 7' };

describe('assets over HTTP', () => {
  let served: ServedSystem;
  let ask: SignedAsker;
  before(async () => {
    served = await serveSystem();
    await deliver(served.system, 'UP-0001');
    ask = await signedAsker(served);
  });
  after(() => served.close());

  interface View {
    meter: string | null;
    transformer: string;
    channels: { id: string; multiplier: { numerator: number }; rollsOverAt: number | null }[];
  }
  const seen = (at: string, more = '') =>
    ask<View>('getAssets', `usage-points/UP-0001/assets?at=${at}${more}`);

  test('a meter is exchanged within a minute, seen before and after, and the exchange is taken back', async () => {
    const at = '2026-11-10T10:07:00Z';
    const body = {
      at,
      oldSerial: 'A1',
      newSerial: 'B7',
      reads: [{ readingType: 'delivered-total', final: 900_000, initial: 77 }],
      ...by,
    };
    const { facts } = await ask<{ facts: number[] }>(
      'exchangeMeter',
      'usage-points/UP-0001/meter-exchanges',
      body,
    );
    assert.equal((await seen('2026-11-10T10:06:59Z')).meter, 'A1');
    assert.equal((await seen(at)).meter, 'B7');
    await ask('undoAssetChange', 'asset-changes/undo', { facts, ...by });
    assert.equal((await seen(at)).meter, 'A1');
    await ask('undoAssetChange', 'asset-changes/undo', { facts, ...by }, 409);
    await ask('undoAssetChange', 'asset-changes/undo', { facts: [99_999], ...by }, 404);
    const { items } = await ask<{ items: { attribute: string; undoneBy: number | null; author: string }[] }>(
      'getAssetHistory',
      'usage-points/UP-0001/asset-history',
    );
    const taken = items.filter(({ undoneBy }) => undoneBy !== null).map(({ attribute }) => attribute);
    assert.deepEqual(taken.sort(), ['meter', 'register-break']);
    assert(items.every(({ author }) => author === 'Asha'));
  });

  test('a point is moved in the grid from a date on; what is asked of the time before is as it was', async () => {
    const { transformer } = await seen('2026-11-01');
    const body = { from: '2026-11-05', transformer: 'T-99', ...by };
    await ask('moveUsagePoint', 'usage-points/UP-0001/moves', body);
    assert.equal((await seen('2026-11-04T23:59:59Z')).transformer, transformer);
    assert.equal((await seen('2026-11-05')).transformer, 'T-99');
    const knownThen = '&knownAt=2026-11-21T11:00:00Z';
    assert.notEqual((await seen('2026-11-05', knownThen)).meter, undefined);
    await ask('moveUsagePoint', 'usage-points/UP-0001/moves', { from: '2026-11-05', ...by }, 400);
    await ask('moveUsagePoint', 'usage-points/UP-9/moves', body, 404);
  });

  test('a multiplier told late is set and the stored week is put right, version upon version', async () => {
    const point = 'usage-points/UP-0001';
    const factor = { numerator: 40, denominator: 1 };
    await ask('setMultiplier', `${point}/multipliers`, {
      readingType: 'delivered',
      from: '2026-11-18',
      ...factor,
      ...by,
    });
    const view = await seen('2026-11-18');
    assert.equal(view.channels.find(({ id }) => id === 'UP-0001/delivered')?.multiplier.numerator, 40);
    const total = async () => {
      const { items } = await ask<{ items: { value: number }[] }>(
        'getTotals',
        `${point}/totals?from=2026-11-18&to=2026-11-19`,
      );
      return items[0]?.value ?? 0;
    };
    const before = await total();
    const period = { from: '2026-10-12', to: '2026-11-21' };
    const body = {
      readingType: 'delivered',
      ...period,
      was: { numerator: 1, denominator: 1 },
      is: factor,
      ...by,
    };
    const register = { ...body, readingType: 'delivered-total' };
    const registers = await ask<{ accepted: number }>('rescaleReadings', `${point}/rescales`, register);
    assert.equal(registers.accepted, 41, 'forty-one midnights');
    const { accepted } = await ask<{ accepted: number }>('rescaleReadings', `${point}/rescales`, body);
    assert(before > 0 && accepted > 0);
    assert.equal(await total(), before * 40);
    await ask('rescaleReadings', `${point}/rescales`, { ...body, is: { numerator: 0, denominator: 1 } }, 400);
  });

  test('a multiplier of the meter is that of all its energies, with what the registers showed', async () => {
    const point = 'usage-points/UP-0002';
    const body = { from: '2026-11-19T10:07:00Z', numerator: 100, denominator: 5, ...by };
    const reads = [{ readingType: 'delivered-total', value: 5000 }];
    await ask('setMultiplier', `${point}/multipliers`, { ...body, reads });
    const { channels } = await ask<View>('getAssets', `${point}/assets?at=2026-11-20`);
    assert.deepEqual([...new Set(channels.map(({ multiplier }) => multiplier.numerator))], [100]);
    const lost = { ...body, readingType: 'delivered', reads };
    await ask('setMultiplier', `${point}/multipliers`, lost, 400);
  });

  test('a rule pack and a tariff stand from an instant on; the packs say where each threshold comes from', async () => {
    const point = 'usage-points/UP-0003';
    const { items } = await ask<{ items: { id: string; thresholds: { source: string }[] }[] }>(
      'listRulePacks',
      'rule-packs',
    );
    assert(
      items.some(({ id, thresholds }) => id === 'aemo' && thresholds.every(({ source }) => source !== '')),
    );
    await ask('setRulePack', `${point}/rule-packs`, { from: '2026-11-15', rulePack: 'aemo', ...by });
    await ask('setStandingRulePack', 'rule-packs/standing', { from: '2026-11-10', rulePack: 'uk', ...by });
    const at = async (date: string) =>
      ask<{ rulePack: string; tariff: string }>('getAssets', `${point}/assets?at=${date}`);
    assert.deepEqual(
      [
        (await at('2026-11-09')).rulePack,
        (await at('2026-11-14')).rulePack,
        (await at('2026-11-15')).rulePack,
      ],
      ['generic', 'uk', 'aemo'],
    );
    await ask('setRulePack', `${point}/rule-packs`, { from: '2026-11-15', rulePack: 'mars', ...by }, 400);
    await ask('setServiceLimit', `${point}/service-limits`, { from: '2026-11-15', watts: 160_000, ...by });
    await ask('setServiceLimit', `${point}/service-limits`, { from: '2026-11-15', watts: 0, ...by }, 400);
    const { tariff } = await at('2026-11-15');
    await ask('setTariff', `${point}/tariffs`, { from: '2026-11-15', tariff, ...by });
    await ask('setTariff', `${point}/tariffs`, { from: '2026-11-15', tariff: 'none such', ...by }, 404);
  });

  test('dials and a reset are told of registers alone', async () => {
    const point = 'usage-points/UP-0001';
    const dials = { readingType: 'delivered-total', from: '2026-10-20', digits: 5, unit: 100, ...by };
    await ask('setDials', `${point}/dials`, dials);
    const view = await seen('2026-10-20');
    assert.equal(view.channels.find(({ id }) => id === 'UP-0001/delivered-total')?.rollsOverAt, 10_000_000);
    await ask('setDials', `${point}/dials`, { ...dials, readingType: 'delivered' }, 400);
    const reset = { readingType: 'delivered-total', at: '2026-11-20T10:00:00Z', before: 5, after: 0, ...by };
    await ask('resetRegister', `${point}/register-resets`, reset);
    await ask('resetRegister', `${point}/register-resets`, { ...reset, before: -1 }, 400);
  });

  test('crossed meters change places and back, each by one request', async () => {
    const period = { other: 'UP-0002', from: '2026-11-16', to: '2026-11-17', ...by };
    const values = async (point: string) => {
      const path = `usage-points/${point}/readings?from=2026-11-16&to=2026-11-17`;
      const { value } = await ask<{ value: (number | null)[] }>('getReadings', path);
      return value;
    };
    const own = await values('UP-0001');
    const crossed = await ask<{ accepted: number }>('uncrossMeters', 'usage-points/UP-0001/uncross', period);
    assert.equal(crossed.accepted > 0, true);
    assert.deepEqual(await values('UP-0002'), own);
    await ask('uncrossMeters', 'usage-points/UP-0001/uncross', period);
    assert.deepEqual(await values('UP-0001'), own);
    await ask('uncrossMeters', 'usage-points/UP-0001/uncross', { ...period, other: 'UP-9' }, 404);
  });

  test('a meter that goes from 30 to 15 to 5 minutes within a day is read, summed and billed to the watt-hour', async () => {
    const point = 'usage-points/UP-0003';
    const noon = Date.parse('2026-10-20T11:00:00Z');
    const six = noon + 6 * 3_600_000;
    const change = (fromMs: number, seconds: number, status = 200) =>
      ask(
        'setIntervalLength',
        `${point}/interval-lengths`,
        { from: formatInstant(fromMs), seconds, ...by },
        status,
      );
    await change(noon, 900);
    await change(six, 300);
    await change(six + 60_000, 900, 400);
    const block = (start: number, end: number, seconds: number, wh: number) => {
      const count = (end - start) / seconds / 1000;
      return {
        channel: 'UP-0003/delivered',
        startMs: start,
        intervalSeconds: seconds,
        value: new Float64Array(count).fill(wh),
        quality: new Uint16Array(count).fill(quality.measured),
      };
    };
    const end = Date.parse('2026-11-01T00:00:00Z');
    const blocks = [block(startMs, noon, 1800, 120), block(noon, six, 900, 50), block(six, end, 300, 10)];
    const sum = blocks.reduce((total, { value }) => total + value.reduce((a, b) => a + b, 0), 0);
    const origin = { source: 'dlms', reference: 'x-UP-0003' } as const;
    await served.system.mdm.ingest({ id: 'changed', origin, receivedMs: startMs, blocks });
    const day = await ask<{ intervalSeconds: number; value: number[] }>(
      'getReadings',
      `${point}/readings?from=2026-10-20&to=2026-10-21`,
    );
    assert.deepEqual([day.intervalSeconds, day.value.length], [1800, 48]);
    assert.deepEqual([day.value[0], day.value[24], day.value[47]], [120, 100, 60]);
    const month = await ask<{ energy: number; rates: { energy: number }[] }>(
      'getDeterminants',
      `${point}/determinants?month=2026-10`,
    );
    assert.equal(month.energy, sum);
    const bill = await ask<{ id: string; determinants: { rate: number | null; quantity: string }[] }>(
      'runBill',
      `${point}/bills?month=2026-10`,
      {},
    );
    assert.deepEqual(
      bill.determinants.flatMap(({ rate, quantity }) => (rate === null ? [] : [Number(quantity) * 1000])),
      month.rates.map(({ energy }) => energy),
    );
    const replayed = await ask<{ isSame: boolean }>('replayBill', `bills/${bill.id}/replay`);
    assert.equal(replayed.isSame, true);
  });

  test('nothing is changed without a login, an author and a reason', async () => {
    const body = JSON.stringify({ from: '2026-11-05', transformer: 'T-1', ...by });
    const headers = { 'content-type': 'application/json' };
    const path = '/api/v1/usage-points/UP-0001/moves';
    assert.equal((await served.ask(path, { method: 'POST', body, headers })).status, 401);
    await ask(
      'moveUsagePoint',
      'usage-points/UP-0001/moves',
      { from: '2026-11-05', transformer: 'T-1' },
      400,
    );
  });
});
