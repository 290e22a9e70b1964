/** Files come in once however often they are sent; what cannot be placed waits to be released; changes go out in order. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before, describe } from 'node:test';
import { quality } from '@wattline/model';
import { noSamples, sampleText } from '../exchange/exchange-fixture.ts';
import { writableFormats } from '../exchange/index.ts';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { type ChangePage, mostSubscribers } from './change-feed.ts';
import { postOverHttp } from './webhook.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 1, 28, 14);
const period = { startMs: start, endMs: start + dayMs };
const by = { author: 'Asha', reason: 'the participant sent the list of points late' };

function nem12(point: string, value: string): string {
  const values = new Array<string>(96).fill(value).join(',');
  return [
    '100,NEM12,202603020000,A,B',
    `200,${point},E1,E1,E1,,M1,kWh,15,`,
    `300,20260301,${values},A,,,,`,
    '900',
  ].join('\r\n');
}

let trial: Trial;
const posted: { url: string; page: ChangePage }[] = [];
let isDown = false;
let onPost = () => {};
before(async () => {
  trial = await openTrial({
    usagePoints: 3,
    nowMs: start + 10 * dayMs,
    installedMs: start,
    post: async (url, page) => {
      onPost();
      if (isDown) throw new Error('connection refused');
      posted.push({ url, page });
    },
  });
});
after(() => trial.close());

describe('a delivered file', () => {
  test('is placed by the usage point or by the serial number of its meter', async () => {
    const byPoint = await trial.mdm.exchange.deliver({ name: 'a.csv', content: nem12('UP-1', '0.25') });
    assert.deepEqual([byPoint.format, byPoint.receipt.accepted, byPoint.held], ['nem12', 96, []]);
    const bySerial = await trial.mdm.exchange.deliver({ name: 'b.csv', content: nem12('M-UP-2', '0.5') });
    assert.equal(bySerial.receipt.accepted, 96);
    const { value } = await trial.mdm.series('UP-2/delivered', period);
    assert.equal(value[95], 500);
  });
  test('sent again changes nothing', async () => {
    const again = await trial.mdm.exchange.deliver({ name: 'a.csv', content: nem12('UP-1', '0.25') });
    assert.deepEqual([again.receipt.accepted, again.receipt.duplicates], [0, 96]);
  });
  test('of a point nobody knows is held once, and released onto a channel', async () => {
    const text = nem12('NMI9', '0.75');
    const first = await trial.mdm.exchange.deliver({ name: 'c.csv', content: text });
    const again = await trial.mdm.exchange.deliver({ name: 'c.csv', content: text });
    assert.equal(first.held.length, 1);
    assert.deepEqual(again.held, first.held);
    const [row] = await trial.mdm.exchange.held({ after: 0, limit: 10 });
    assert.deepEqual([row?.code, row?.name], ['mdm/exchange-unknown-channel', 'c.csv']);
    const id = first.held[0] as number;
    await assert.rejects(trial.mdm.exchange.release(id, 'UP-9/delivered', by), {
      code: 'mdm/unknown-channel',
    });
    assert.equal((await trial.mdm.exchange.release(id, 'UP-3/delivered', by)).accepted, 96);
    await assert.rejects(trial.mdm.exchange.discard(id, by), { code: 'mdm/already-decided' });
    assert.deepEqual(await trial.mdm.exchange.held({ after: 0, limit: 10 }), []);
    assert.equal((await trial.mdm.series('UP-3/delivered', period)).value[0], 750);
  });
  test('whose interval is not the channel’s is held whole', async () => {
    const half = nem12('UP-1', '0.1')
      .replace(',15,', ',30,')
      .replace(/(,0\.1){48}/, '');
    const { receipt, held } = await trial.mdm.exchange.deliver({ name: 'd.csv', content: half });
    assert.deepEqual([receipt.accepted, receipt.rejected[0]?.code], [0, 'mdm/interval-mismatch']);
    assert.equal(held.length, 1);
    await trial.mdm.exchange.discard(held[0] as number, by);
  });
  test('that is no file of its format is refused and nothing waits', async () => {
    const refused = await trial.mdm.exchange.deliver({ name: 'e.csv', content: 'no such thing' });
    assert.equal(refused.refused?.code, 'mdm/exchange-unknown-format');
    await assert.rejects(trial.mdm.exchange.deliver({ name: 'e', content: '', format: 'lpex' }), {
      code: 'mdm/unknown-format',
    });
  });
  test('of the shared samples is held for its unknown points, and never throws', {
    skip: noSamples,
  }, async () => {
    const folder = 'samples/mdms';
    for (const path of [
      'nem12-nem13/Example_NEM12_actual_interval.csv',
      'nem12-nem13/Example_NEM13_consumption_data.csv',
      'mscons/MSCONS_D99A_1.6_swiss_LG.txt',
      'cmep/cmep_interval_and_register.txt',
      'cim-edi/NotifyValidatedMeasureData.json',
      'espi/test_usage_data_01.xml',
    ]) {
      const outcome = await trial.mdm.exchange.deliver({
        name: path,
        content: sampleText(`${folder}/${path}`),
      });
      assert.equal(outcome.receipt.accepted, 0, path);
      assert(outcome.held.length + outcome.problems.length > 0, path);
    }
  });
});

describe('an export', () => {
  test('of intervals in every format that is written comes back as what is known already', async () => {
    for (const format of writableFormats.filter((id) => id !== 'nem13')) {
      const content = await trial.mdm.exchange.write({ format, channels: ['UP-1/delivered'], period });
      const back = await trial.mdm.exchange.deliver({ name: `export.${format}`, content });
      assert.deepEqual([format, back.receipt.accepted, back.receipt.duplicates], [format, 0, 96]);
    }
  });
  test('of a register in every format that knows registers comes back as what is known already', async () => {
    const channel = 'UP-3/delivered-total';
    const reads = [0, 1, 2].map((day) => registerAt(channel, start + day * dayMs, 5_000_000 + day * 1234));
    await trial.mdm.ingest(batchOf('registers', ...reads));
    const whole = { startMs: start, endMs: start + 2 * dayMs + 1 };
    const formats = writableFormats.filter((id) => id !== 'nem12' && !id.startsWith('cim-'));
    for (const format of formats) {
      const content = await trial.mdm.exchange.write({ format, channels: [channel], period: whole });
      const back = await trial.mdm.exchange.deliver({ name: `export.${format}`, content });
      assert.deepEqual(
        [format, back.receipt.accepted, back.receipt.duplicates, back.held],
        [format, 0, 3, []],
      );
    }
    assert(formats.includes('nem13'));
  });
  test('names the meter that stood there, and none when it was exchanged within the period', async () => {
    const write = async () =>
      String(await trial.mdm.exchange.write({ format: 'nem12', channels: ['UP-2/delivered'], period }));
    assert.match(await write(), /\n200,UP-2,E1,E1,E1,,M-UP-2,kWh,15,/);
    const exchange = { atMs: start + dayMs / 2, oldSerial: 'M-UP-2', newSerial: 'M-9', reads: {} };
    const change = await trial.mdm.assets.exchangeMeter('UP-2', exchange, by);
    assert.match(await write(), /\n200,UP-2,E1,E1,E1,,,kWh,15,/);
    await trial.mdm.assets.undo(change, by);
  });
});

describe('the change feed', () => {
  test('tells every stretch once, in order, and again from any position', async () => {
    const all = await trial.mdm.feed.changes(0);
    assert(all.isLast);
    const pages: ChangePage[] = [];
    for (let at = 0; ; ) {
      const page = await trial.mdm.feed.changes(at, 2);
      if (page.changes.length === 0) break;
      pages.push(page);
      at = page.position;
    }
    assert.deepEqual(
      pages.flatMap((page) => page.changes),
      all.changes,
    );
    const positions = all.changes.map((change) => change.position);
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
    );
    assert(all.changes.some(({ channel }) => channel === 'UP-3/delivered'));
  });
  test('reaches a subscriber that was away from where it was, with longer and longer waits between', async () => {
    await trial.mdm.settled();
    const { position } = await trial.mdm.feed.changes(0);
    await trial.mdm.feed.subscribe('billing', 'http://127.0.0.1:9/changes', position);
    isDown = true;
    const block = intervals('UP-1/received', start, [1, 2, 3], { flags: quality.measured });
    await trial.mdm.ingest(batchOf('news', block));
    assert.equal(await trial.mdm.feed.deliver(), 0);
    const row = () => trial.registry.selectFrom('subscriber').selectAll().executeTakeFirstOrThrow();
    assert.equal((await row()).failures, 1);
    assert.equal(await trial.mdm.feed.deliver(), 0, 'it is not asked again at once');
    isDown = false;
    await trial.registry.updateTable('subscriber').set({ next_ms: 0 }).execute();
    assert.equal(await trial.mdm.feed.deliver(), 1);
    assert.deepEqual(
      posted.map(({ page }) => page.changes.map(({ channel }) => channel)),
      [['UP-1/received']],
    );
    assert.deepEqual([(await row()).failures, await trial.mdm.feed.deliver()], [0, 0]);
  });
  test('cut short in the middle of a page leaves the subscriber as it was', async () => {
    const stop = new AbortController();
    await trial.mdm.feed.subscribe('billing', 'https://billing.example/changes', 0);
    onPost = () => stop.abort();
    isDown = true;
    assert.equal(await trial.mdm.feed.deliver(stop.signal), 0);
    const [one] = await trial.mdm.feed.subscribers();
    assert.deepEqual([one?.position, one?.failures, one?.lastCode], [0, 0, null]);
    isDown = false;
    onPost = () => {};
  });
  test('an address that answers no 2xx, or not at all, has not taken the page', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const page = { changes: [], position: 1, isLast: true };
    await assert.rejects(postOverHttp(url, page), { code: 'mdm/not-taken', where: { status: 500 } });
    await new Promise((done) => server.close(done));
    await assert.rejects(postOverHttp(url, page), { code: 'mdm/not-taken' });
  });
  test('has a bounded number of subscribers, and an unknown one cannot be removed', async () => {
    const { feed } = trial.mdm;
    for (let count = 1; count < mostSubscribers; count++) {
      await feed.subscribe(`s${count}`, 'https://billing.example/', 0);
    }
    const more = feed.subscribe('more', 'https://billing.example/', 0);
    await assert.rejects(more, { code: 'mdm/too-many-subscribers' });
    await feed.subscribe('billing', 'https://billing.example/', 5);
    await feed.unsubscribe('s1');
    await assert.rejects(feed.unsubscribe('s1'), { code: 'mdm/unknown-subscriber' });
    await feed.subscribe('more', 'https://billing.example/', 0);
  });
});
