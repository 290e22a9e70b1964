/** Imports: what is stored, what is refused row by row, and that the same file twice changes nothing. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Page, quality, type ReadingSeries } from '@wattline/model';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';
import type { ImportReport } from './import-readings.ts';

const header = 'usage_point,reading_type,start,value';

describe('an import of readings', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem({ meters: 3 });
  });
  after(() => served.close());

  async function send(body: string, status = 200): Promise<ImportReport & { code: string }> {
    const response = await served.ask('/api/v1/imports/readings?name=meters.csv', {
      method: 'POST',
      isSignedIn: true,
      headers: { 'content-type': 'text/csv' },
      body,
    });
    assert.equal(response.status, status);
    await served.system.mdm.settled();
    return (await response.json()) as ImportReport & { code: string };
  }

  const day = (usagePoint: string) =>
    served.get<ReadingSeries>(`/api/v1/usage-points/${usagePoint}/readings?from=2026-11-01&to=2026-11-02`);

  test('is stored, and the same file again is known already', async () => {
    const rows = Array.from({ length: 48 }, (_, slot) => {
      const start = new Date(Date.parse('2026-11-01T00:00:00Z') + slot * 1_800_000).toISOString();
      return `UP-0001,delivered,${start},${100 + slot}`;
    });
    const file = [header, ...rows.toReversed()].join('\r\n');
    const first = await send(file);
    assert.deepEqual([first.rows, first.accepted, first.duplicates, first.refused], [48, 48, 0, 0]);
    const again = await send(file);
    assert.deepEqual([again.accepted, again.duplicates, again.refused], [0, 48, 0]);
    const series = await day('UP-0001');
    assert.deepEqual(
      series.value,
      Array.from({ length: 48 }, (_, slot) => 100 + slot),
    );
    assert.ok(series.quality.every((flags) => (flags & quality.measured) !== 0));
  });

  test('refuses each row that cannot be, with its line, and stores the rest', async () => {
    const file = [
      header,
      'UP-0002,delivered,2026-11-01T00:00:00Z,10',
      'UP-0002,delivered,2026-11-01T00:30:00Z,-10',
      'UP-0002,delivered,2026-11-01T01:00:00Z,1.5',
      'UP-0002,delivered,2026-11-01T01:30:00Z,',
      'UP-0002,delivered,some time,10',
      'UP-9999,delivered,2026-11-01T02:00:00Z,10',
      'UP-0002,gas,2026-11-01T02:30:00Z,10',
      'UP-0002,delivered,2026-11-01T03:00:00Z',
      'UP-0002,delivered,2026-11-01T00:00:00Z,11',
      'UP-0002,delivered,2026-11-01T03:30:00Z,9007199254740993',
      'UP-0002,delivered,2026-11-01T04:00:00Z,40',
    ].join('\n');
    const report = await send(file);
    assert.deepEqual([report.rows, report.accepted, report.refused], [11, 2, 9]);
    assert.deepEqual(
      report.refusedRows.map(({ line, code }) => [line, code]),
      [
        [3, 'server/negative-value'],
        [4, 'server/bad-value'],
        [5, 'server/bad-value'],
        [6, 'server/bad-time'],
        [7, 'server/unknown-usage-point'],
        [8, 'server/unknown-reading-type'],
        [9, 'server/bad-row'],
        [11, 'server/bad-value'],
        [10, 'server/duplicate-row'],
      ],
    );
    const [most] = report.errors;
    assert.deepEqual([most?.code, most?.count, most?.firstLine], ['server/bad-value', 3, 4]);
    const events = await served.get<Page<{ code: string; message: string }>>(
      '/api/v1/operations/exceptions?kind=import-invalid',
    );
    assert.equal(events.items.length, 7);
    assert.ok(
      events.items.some(
        ({ code, message }) => code === 'server/bad-value' && /3 rows of meters.csv/.test(message),
      ),
    );
  });

  test('keeps what it refuses: values until their point is known or somebody decides, and word of the rest', async () => {
    const file = [
      header,
      'UP-7777,delivered,2026-11-01T02:00:00Z,10',
      'UP-7777,delivered,2026-11-01T02:30:00Z,11',
      'UP-0003,delivered,2026-11-01T00:00:00Z,1',
      'UP-0003,delivered,2026-11-01T00:00:00Z,2',
      'UP-0003,delivered,2026-11-01T00:07:00Z,3',
      'UP-0003,delivered,2099-11-01T00:00:00Z,4',
      'UP-0003,delivered,2026-11-01T01:00:00Z,1.5',
    ].join('\n');
    const report = await send(file);
    assert.equal(report.held.length, 5);
    const page = await served.get<Page<{ id: number; code: string; values: number }>>(
      '/api/v1/operations/quarantine',
    );
    const items = page.items.filter(({ id }) => report.held.includes(id));
    assert.deepEqual(
      items.map(({ code, values }) => [code, values]),
      [
        ['server/unknown-usage-point', 2],
        ['server/duplicate-row', 1],
        ['mdm/off-grid', 1],
        ['mdm/future', 1],
        ['server/bad-value', 0],
      ],
    );
    assert.deepEqual(
      report.errors.find(({ code }) => code === 'mdm/off-grid')?.firstLine,
      6,
      'where it stood in the file',
    );
    assert.deepEqual((await send(file)).held, report.held, 'the same file waits once');
    const release = (id: number, channel?: string) =>
      served.ask(`/api/v1/operations/quarantine/${id}/release`, {
        method: 'POST',
        isSignedIn: true,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ channel, author: 'Asha', reason: 'a slip of the list' }),
      });
    const [placeless, contested] = report.held as [number, number];
    const answer = (await (await release(placeless, 'UP-0003/delivered')).json()) as { accepted: number };
    assert.equal(answer.accepted, 2, 'in the interval of the channel they were given');
    assert.equal((await release(contested)).status, 200);
    await served.system.mdm.settled();
    const { value } = await day('UP-0003');
    assert.deepEqual([value[0], value[4], value[5]], [2, 10, 11]);
  });

  test('takes local times that happened once, and refuses those that happened never or twice', async () => {
    const file = [
      header,
      'UP-0003,delivered,2026-10-25 00:30,1',
      'UP-0003,delivered,2026-10-25 01:00,2',
      'UP-0003,delivered,2026-10-25 01:30,3',
      'UP-0003,delivered,2026-10-25T01:30:00+01:00,4',
      'UP-0003,delivered,2026-10-25T01:30:00+00:00,5',
      'UP-0003,delivered,2026-10-25 02:00,6',
      'UP-0003,delivered,2026-03-29 01:30,7',
    ].join('\n');
    const report = await send(file);
    assert.equal(report.accepted, 4);
    assert.deepEqual(
      report.errors.map(({ code, count, firstLine }) => [code, count, firstLine]),
      [
        ['server/repeated-hour', 2, 3],
        ['server/missing-hour', 1, 8],
      ],
    );
    assert.match(report.refusedRows[0]?.message ?? '', /\+01:00 or \+00:00/);
    const series = await served.get<ReadingSeries>(
      '/api/v1/usage-points/UP-0003/readings?from=2026-10-25&to=2026-10-26',
    );
    assert.deepEqual(series.value.slice(0, 6), [null, 1, null, 4, null, 5]);
    assert.equal(series.value[6], 6);
  });

  test('a start between two intervals is refused by meter data management and counted', async () => {
    const report = await send(`${header}\nUP-0003,delivered,2026-11-05T00:10:00Z,5\n`);
    assert.deepEqual(
      report.errors.map(({ code, count }) => [code, count]),
      [['mdm/off-grid', 1]],
    );
  });

  test('qualities travel by name, and a missing slot stays missing', async () => {
    const file = [
      `${header},quality`,
      'UP-0003,delivered,2026-11-01T00:00:00Z,5,manual',
      'UP-0003,delivered,2026-11-01T00:30:00Z,,missing',
      'UP-0003,delivered,2026-11-01T01:00:00Z,5,measured+estimated',
      'UP-0003,delivered,2026-11-01T01:30:00Z,5,wonderful',
      'UP-0003,delivered-total,2026-11-01T00:00:00Z,123456,measured',
    ].join('\n');
    const report = await send(file);
    assert.deepEqual(
      report.errors.map(({ code, count }) => [code, count]),
      [['server/bad-quality', 2]],
    );
    const series = await day('UP-0003');
    assert.equal(series.quality[0], quality.manual);
    assert.deepEqual([series.value[1], series.quality[1]], [null, quality.missing]);
    const query = 'from=2026-11-01&to=2026-11-02&readingType=delivered-total';
    const registers = await served.get<ReadingSeries>(`/api/v1/usage-points/UP-0003/readings?${query}`);
    assert.equal(registers.value[0], 123_456);
  });

  for (const [name, body] of [
    ['without a header', 'UP-0001,delivered,2026-11-01T00:00:00Z,10\n'],
    ['with a column that is not known', `${header},colour\n`],
    ['with a column twice', 'usage_point,reading_type,start,value,value\n'],
    ['that is empty', '\n'],
    ['with a quote that never ends', `${header}\n"UP-0001,delivered\n${'x\n'.repeat(5000)}`],
  ] as const) {
    test(`${name} is refused as a whole`, async () => {
      assert.equal((await send(body, 400)).code, 'server/bad-import');
    });
  }

  test('with a bad header is refused however much follows, and the connection serves on', async () => {
    const body = `colour\n${'x\n'.repeat(4_000_000)}`;
    assert.equal((await send(body, 400)).code, 'server/bad-import');
    assert.equal((await served.ask('/healthz')).status, 200);
  });

  test('whose sender goes away in the middle stores nothing and harms nobody', async () => {
    const before = served.system.mdm.figures().readingsStored;
    const { port } = new URL(served.api.url);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        const head = `POST /api/v1/imports/readings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${served.token}`;
        socket.write(`${head}\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\n`);
        socket.write(`${header}\nUP-0001,delivered,2026-11-10T00:00:00Z,1\n`, () => socket.resetAndDestroy());
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
    });
    assert.equal((await served.ask('/healthz')).status, 200);
    await served.system.mdm.settled();
    assert.equal(served.system.mdm.figures().readingsStored, before);
  });
});
