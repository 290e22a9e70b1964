/** Files, sums, the worklist and edits over HTTP, each answer held against the document. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import { deliver, type ServedSystem, serveSystem } from './fixture/served-system.ts';
import { type SignedAsker, signedAsker } from './fixture/signed-asker.ts';

const by = { author: 'Asha', reason: 'read from the display' };
const start = '2026-11-20T10:00:00Z';

describe('meter data over HTTP', () => {
  let served: ServedSystem;
  let check: ReturnType<typeof answerChecker>;
  let ask: SignedAsker;
  before(async () => {
    served = await serveSystem();
    await deliver(served.system, 'UP-0001');
    check = answerChecker(await served.get<ApiDocument>('/api/openapi.json'));
    ask = await signedAsker(served);
  });
  after(() => served.close());

  test('a file comes in once, and its unknown point waits until it is released', async () => {
    const rows = ['UP-0002', 'NMI-7'].map((point) => `200,${point},E1,E1,E1,,,kWh,30,`);
    const day = `300,20261110,${new Array(48).fill('0.5').join(',')},A,,,,`;
    const file = ['100,NEM12,202611120000,A,B', rows[0], day, rows[1], day, '900'].join('\r\n');
    const first = await ask<{ accepted: number; held: number[] }>(
      'importFile',
      'imports/files?name=x.csv',
      file,
    );
    assert.deepEqual([first.accepted, first.held.length], [48, 1]);
    const again = await ask<{ duplicates: number; held: number[] }>(
      'importFile',
      'imports/files?name=x.csv',
      file,
    );
    assert.deepEqual([again.duplicates, again.held], [48, first.held]);
    const { items } = await ask<{ items: { id: number; code: string; values: number }[] }>(
      'listHeld',
      'operations/quarantine',
    );
    assert.deepEqual([items[0]?.code, items[0]?.values], ['mdm/exchange-unknown-channel', 48]);
    const path = `operations/quarantine/${items[0]?.id}`;
    const released = await ask<{ accepted: number }>('releaseHeld', `${path}/release`, {
      channel: 'UP-0003/delivered',
      ...by,
    });
    assert.equal(released.accepted, 48);
    await ask('discardHeld', `${path}/discard`, by, 409);
  });

  test('a channel goes out as NEM12 and comes back as what is known', async () => {
    const text = await ask<string>(
      'exportFile',
      'exports/nem12?usagePoint=UP-0001&from=2026-11-18T14:00:00Z&to=2026-11-19T14:00:00Z',
    );
    assert.match(text, /^100,NEM12/);
    const back = await ask<{ accepted: number; duplicates: number }>(
      'importFile',
      'imports/files?format=nem12',
      text,
    );
    assert.deepEqual([back.accepted, back.duplicates], [0, 48]);
  });

  test('a channel goes out as Parquet and comes back as what is known, and octets that are none are refused', async () => {
    const path = 'exports/parquet?usagePoint=UP-0001&from=2026-11-18T14:00:00Z&to=2026-11-19T14:00:00Z';
    const answer = await served.ask(`/api/v1/${path}`, { isSignedIn: true });
    assert.equal(answer.headers.get('content-type'), 'application/vnd.apache.parquet');
    const file = new Uint8Array(await answer.arrayBuffer());
    const send = async (body: Uint8Array<ArrayBuffer>) => {
      const headers = { 'content-type': 'application/octet-stream' };
      const response = await served.ask('/api/v1/imports/files', {
        method: 'POST',
        body,
        headers,
        isSignedIn: true,
      });
      return (await check('importFile', response)) as {
        format: string;
        duplicates: number;
        refused: { code: string } | null;
      };
    };
    const back = await send(file);
    assert.deepEqual([back.format, back.duplicates, back.refused], ['parquet', 48, null]);
    const cut = await send(file.slice(0, 200));
    assert.equal(cut.refused?.code, 'mdm/exchange-half-written');
  });

  test('days sum to their month on the day of 25 hours, and determinants to the same', async () => {
    const query = 'from=2026-10-13&to=2026-11-01';
    const days = await ask<{ items: { value: number; expected: number }[] }>(
      'getTotals',
      `usage-points/UP-0001/totals?${query}`,
    );
    const month = await ask<{ items: { value: number }[] }>(
      'getTotals',
      `usage-points/UP-0001/totals?${query}&by=month`,
    );
    assert.equal(days.items[12]?.expected, 50);
    const october = await ask<{ energy: number; rates: object[] }>(
      'getDeterminants',
      'usage-points/UP-0001/determinants?month=2026-10',
    );
    assert.equal(october.energy, month.items[0]?.value);
    assert(october.rates.length > 1, 'the tariff of the point has rates');
    await ask('getDeterminants', 'usage-points/UP-0001/determinants?month=2026-13', undefined, 400);
  });

  test('power figures of a day add up, and a demand window that cuts intervals is refused', async () => {
    const path = 'usage-points/UP-0001/power?from=2026-11-10&to=2026-11-11';
    const figures = await ask<{
      deliveredWh: number;
      netWh: number;
      loadFactor: number;
      powerFactor: null;
      maximumDemand: { watts: number; start: string };
    }>('getPower', `${path}&demandSeconds=3600`);
    const { items } = await ask<{ items: { value: number }[] }>(
      'getTotals',
      'usage-points/UP-0001/totals?from=2026-11-10&to=2026-11-11',
    );
    assert.deepEqual([figures.deliveredWh, figures.netWh], [items[0]?.value, items[0]?.value]);
    assert.equal(figures.maximumDemand.start, '2026-11-10T23:00:00Z', 'the load of the test grows all day');
    assert.equal(figures.loadFactor, figures.deliveredWh / 24 / figures.maximumDemand.watts);
    assert.equal(figures.powerFactor, null);
    await ask('getPower', `${path}&demandSeconds=2000`, undefined, 400);
    await ask('getPower', 'usage-points/UP-9/power', undefined, 404);
  });

  test('a virtual meter is defined, read and ended', async () => {
    const terms = ['UP-0001', 'UP-0002'].map((point) => ({
      channel: `${point}/delivered`,
      numerator: point === 'UP-0001' ? 3 : 0,
      denominator: 2,
    }));
    const meter = { id: 'street', kind: 'linear', terms: terms.slice(0, 1) };
    await ask('defineVirtualMeter', 'virtual-meters', { ...meter, ...by });
    const { items } = await ask<{ items: object[] }>('listVirtualMeters', 'virtual-meters');
    assert.deepEqual(items, [meter]);
    const readings = await ask<{ value: number[]; rounded: number }>(
      'getVirtualReadings',
      'virtual-meters/street/readings?from=2026-11-10&to=2026-11-11',
    );
    const own = await ask<{ value: number[] }>(
      'getReadings',
      'usage-points/UP-0001/readings?from=2026-11-10&to=2026-11-11',
    );
    assert.deepEqual(
      readings.value,
      own.value.map((one) => Math.floor(one * 1.5 + 0.5)),
    );
    assert.equal(readings.rounded, 24);
    await ask('defineVirtualMeter', 'virtual-meters', { ...meter, terms: [], ...by }, 400);
    await ask('endVirtualMeter', 'virtual-meters/street/end', by);
    await ask('getVirtualReadings', 'virtual-meters/street/readings', undefined, 404);
  });

  test('the meter of a transformer says what is lost on the way to its customers', async () => {
    const path = 'grid/balance?level=transformer&from=2026-11-10&to=2026-11-11';
    type Before = { items: { node: string; delivered: number; loss: number | null }[] };
    const before = await ask<Before>('getGridBalance', path);
    const [first] = before.items;
    assert.equal(first?.loss, null);
    const told = {
      level: 'transformer',
      node: 'T-X',
      channel: 'UP-0001/delivered',
      from: '2026-11-01',
      ...by,
    };
    const { facts } = await ask<{ facts: number[] }>('setNodeMeter', 'grid/meters', told);
    const after = await ask<{ items: { node: string; delivered: number; supplied: number; loss: number }[] }>(
      'getGridBalance',
      path,
    );
    const node = after.items.find((item) => item.node === 'T-X');
    assert.equal(node?.loss, node?.supplied, 'it has a meter and no customer');
    const without = after.items.find((item) => item.node === first?.node)?.delivered ?? 0;
    assert.equal(
      first?.delivered,
      without + (node?.supplied ?? 0),
      'a meter of the grid is nobody’s customer',
    );
    await ask('undoAssetChange', 'asset-changes/undo', { facts, ...by });
    assert.deepEqual((await ask<{ items: object[] }>('getGridBalance', path)).items, before.items);
    await ask('setNodeMeter', 'grid/meters', { ...told, channel: 'UP-9/delivered' }, 404);
  });

  test('temperatures come in by date, and nonsense is refused with its code', async () => {
    const report = await ask<{ days: number; rejected: number; firstLine: number | null }>(
      'importTemperatures',
      'imports/temperatures',
      'date,celsius\n2026-11-01,7.5\n2026-11-02,x\n',
    );
    assert.deepEqual(report, { days: 1, rejected: 1, firstLine: 3 });
    await ask('importTemperatures', 'imports/temperatures', 'a,b\n1,2\n', 400);
    await ask('importTemperatures', 'imports/temperatures', 'date,celsius\n2026-11-01,99\n', 400);
  });

  test('the balance of the grid names every node', async () => {
    const { items } = await ask<{ items: { node: string; delivered: number }[] }>(
      'getGridBalance',
      'grid/balance?level=transformer',
    );
    assert(items.length > 0 && items.some((item) => item.delivered > 0));
  });

  test('an edit is kept with what stood before and taken back', async () => {
    const body = { readingType: 'delivered', start, values: [123, null, 125], ...by };
    const edit = await ask<{ number: number }>('editReadings', 'usage-points/UP-0001/edits', body);
    const { items } = await ask<{ items: { number: number }[] }>('listEdits', 'usage-points/UP-0001/edits');
    assert.equal(items[0]?.number, edit.number);
    await ask('undoEdit', `edits/${edit.number}/undo`, by);
    await ask('undoEdit', `edits/${edit.number}/undo`, by, 409);
    await ask('editReadings', 'usage-points/UP-0001/edits', { ...body, start: '2026-11-20T10:01:00Z' }, 400);
  });

  test('the worklist is read and cleared', async () => {
    const { usagePointId, channel } = { usagePointId: 'UP-0001', channel: 'UP-0001/delivered' };
    const task = {
      usage_point_id: usagePointId,
      channel_id: channel,
      rule: 'frozen',
      detail: 'stands still',
      state: 'open' as const,
    };
    const times = { start_ms: 1, end_ms: 2, opened_ms: 3, closed_ms: null, closed_by: null, reason: null };
    await served.system.registry
      .insertInto('review_task')
      .values({ ...task, ...times })
      .execute();
    const page = await ask<{ items: { id: number }[]; counts: { rule: string }[] }>(
      'listWork',
      'operations/worklist?rule=frozen',
    );
    assert(page.counts.some(({ rule }) => rule === 'frozen'));
    const ids = page.items.map(({ id }) => id);
    const closed = await ask<{ closed: number }>('closeWork', 'operations/worklist/close', {
      ids,
      action: 'accept',
      ...by,
    });
    assert.equal(closed.closed, ids.length);
    await ask('closeWork', 'operations/worklist/close', { ids, action: 'forget', ...by }, 400);
  });

  test('changes are told from any position', async () => {
    const page = await ask<{ changes: object[]; position: number }>('listChanges', 'changes?limit=10');
    assert(page.changes.length > 0);
    const next = await ask<{ changes: object[] }>('listChanges', `changes?after=${page.position}`);
    assert.notDeepEqual(next.changes[0], page.changes[0]);
  });
});
