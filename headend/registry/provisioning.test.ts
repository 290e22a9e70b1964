/** Shipment files: what is taken, what is refused, and that keys are seen by nobody. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom, toHex, virtualClock } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { openRegistry } from '@wattline/store/registry';
import { headendWith, temporaryDirectory } from '../headend-fixture.ts';
import { testMeter } from '../test-server.ts';
import { loadFleet } from './fleet.ts';
import { csvOf } from './shipment-fixture.ts';

const clock = virtualClock(Date.UTC(2025, 9, 1));

function shipment(number: number): MeterShipment {
  return testMeter(number, { clock, installedAtMs: Date.UTC(2025, 8, 1) }).shipment;
}

/** A copy of a shipment with one value changed, by its path. */
function changed(source: MeterShipment, path: string, value: unknown): MeterShipment {
  const copy = structuredClone(source) as unknown as Record<string, unknown>;
  const names = path.split('.');
  let at = copy;
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = names.at(-1) as string;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy as unknown as MeterShipment;
}

test('a shipment makes usage points, meters, channels and sealed keys', async (context) => {
  const { headend, registry } = await headendWith(context, { clock, meters: [] });
  const report = await headend.provision(JSON.stringify([shipment(1), shipment(2)]), 'json');
  assert.deepEqual(report, { added: 2, updated: 0, unchanged: 0, refused: [] });
  const channels = await registry.selectFrom('channel').selectAll().orderBy('number').execute();
  assert.deepEqual(
    channels.slice(0, 6).map(({ id, interval_seconds }) => [id, interval_seconds]),
    [
      ['UP-0001/delivered', 900],
      ['UP-0001/received', 900],
      ['UP-0001/delivered-total', 0],
      ['UP-0001/delivered-rate-1', 0],
      ['UP-0001/delivered-rate-2', 0],
      ['UP-0001/received-total', 0],
    ],
  );
  const meters = await registry.selectFrom('meter').selectAll().execute();
  assert.deepEqual(
    meters.map(({ serial, state, failures }) => [serial, state, failures]),
    [
      ['WTL000001', 'waiting', 0],
      ['WTL000002', 'waiting', 0],
    ],
  );
});

test('the same file twice changes nothing, a new address is an update that keeps how the meter stands', async (context) => {
  const { headend, registry } = await headendWith(context, { clock, meters: [] });
  const file = JSON.stringify([shipment(1), shipment(2)]);
  await headend.provision(file, 'json');
  assert.deepEqual(await headend.provision(file, 'json'), {
    added: 0,
    updated: 0,
    unchanged: 2,
    refused: [],
  });
  await registry.updateTable('meter').set({ state: 'ok' }).execute();
  const moved = changed(shipment(1), 'meter.port', 4059);
  const report = await headend.provision(JSON.stringify([moved, shipment(2)]), 'json');
  assert.deepEqual(report, { added: 0, updated: 1, unchanged: 1, refused: [] });
  const row = await registry.selectFrom('meter').selectAll().where('serial', '=', 'WTL000001').execute();
  assert.deepEqual([row[0]?.port, row[0]?.state], [4059, 'ok']);
});

test('CSV and JSON of the same shipment are the same', async (context) => {
  const { headend } = await headendWith(context, { clock, meters: [] });
  const rows = [changed(shipment(1), 'usagePoint.customer', 'Smith, "Jo" & Sons'), shipment(2)];
  assert.equal((await headend.provision(csvOf(rows), 'csv')).added, 2);
  assert.equal((await headend.provision(JSON.stringify(rows), 'json')).unchanged, 2);
});

const readerEk = shipment(2).keys.reader.ek;
const refusals: readonly {
  readonly what: string;
  readonly path: string;
  readonly value: unknown;
  readonly code: string;
}[] = [
  {
    what: 'a serial number that stands above',
    path: 'meter.serial',
    value: 'WTL000002',
    code: 'duplicate-serial',
  },
  {
    what: 'the system title of another meter',
    path: 'meter.systemTitle',
    value: shipment(2).meter.systemTitle.toLowerCase(),
    code: 'duplicate-system-title',
  },
  { what: 'an unknown field', path: 'meter.colour', value: 'grey', code: 'unknown-field' },
  { what: 'a missing field', path: 'usagePoint.feeder', value: undefined, code: 'field-missing' },
  { what: 'a port out of range', path: 'meter.port', value: 65_536, code: 'field-invalid' },
  { what: 'an unknown zone', path: 'usagePoint.zone', value: 'Europe/Atlantis', code: 'field-invalid' },
  {
    what: 'a key with a digit that is none',
    path: 'keys.reader.ek',
    value: `${readerEk.slice(0, 31)}G`,
    code: 'field-invalid',
  },
  {
    what: 'a key cut short',
    path: 'keys.management.ak',
    value: readerEk.slice(0, 30),
    code: 'field-invalid',
  },
  { what: 'keys of 16 octets for suite 2', path: 'meter.suite', value: 2, code: 'field-invalid' },
  {
    what: 'a key of 32 octets for suite 0',
    path: 'keys.reader.ek',
    value: `${readerEk}${readerEk}`,
    code: 'field-invalid',
  },
  { what: 'a suite that is none', path: 'meter.suite', value: 3, code: 'field-invalid' },
  { what: 'the key of another meter', path: 'keys.reader.ek', value: readerEk, code: 'key-reused' },
  { what: 'a key of all zero', path: 'keys.reader.ak', value: '0'.repeat(32), code: 'key-default' },
  {
    what: 'the key 00 01 .. 0F',
    path: 'keys.reader.ak',
    value: '000102030405060708090A0B0C0D0E0F',
    code: 'key-default',
  },
  {
    what: 'the key D0 D1 .. DF',
    path: 'keys.reader.ak',
    value: 'd0d1d2d3d4d5d6d7d8d9dadbdcdddedf',
    code: 'key-default',
  },
  { what: 'a profile without mapping', path: 'meter.profile', value: 'acme-9', code: 'profile-unknown' },
  {
    what: 'two usage points in one row',
    path: 'usagePoint.id',
    value: 'UP-0009',
    code: 'usage-point-mismatch',
  },
  {
    what: 'no keys of a reader and no word of one client',
    path: 'keys.reader',
    value: undefined,
    code: 'field-missing',
  },
  {
    what: 'keys of a reader for a meter with one client',
    path: 'meter.clients',
    value: 1,
    code: 'field-invalid',
  },
  { what: 'an object where a text belongs', path: 'meter.serial', value: {}, code: 'field-invalid' },
];

for (const { what, path, value, code } of refusals) {
  test(`a row with ${what} is refused as ${code} and the rows around it go on`, async (context) => {
    const { headend, events } = await headendWith(context, { clock, meters: [] });
    const bad = changed(shipment(1), path, value);
    const report = await headend.provision(JSON.stringify([shipment(2), bad, shipment(3)]), 'json');
    assert.equal(report.added, 2);
    assert.deepEqual(
      report.refused.map((refusal) => [refusal.row, refusal.code]),
      [[2, `headend/${code}`]],
    );
    const isDuplicate = /^(duplicate|key-reused|usage-point-taken)/.test(code);
    assert.deepEqual(events.kinds(), [isDuplicate ? 'registry-duplicate' : 'registry-invalid']);
    assert.equal(events.reported[0]?.code, `headend/${code}`);
  });
}

test('a meter of suite 2 comes with keys of 32 octets, and the same row again changes nothing, also after a restart', async (context) => {
  const { headend, registry } = await headendWith(context, { clock, meters: [] });
  const wide = (name: string) => toHex(seededRandom(name).bytes(32));
  const row = changed(changed(shipment(1), 'meter.suite', 2), 'keys', {
    reader: { ek: wide('ek'), ak: wide('ak') },
  });
  assert.equal((await headend.provision(JSON.stringify([row]), 'json')).added, 1);
  assert.equal((await headend.provision(JSON.stringify([row]), 'json')).unchanged, 1);
  const again = await loadFleet(registry, clock.now());
  // The suite is sealed with the keys.
  const { suite, ...meter } = row.meter;
  assert.equal(suite, 2);
  assert.deepEqual(again.get('WTL000001')?.meter, meter);
});

test('a meter with one client comes without keys, and one that had a reader loses what was kept of it', async (context) => {
  const { headend, registry } = await headendWith(context, { clock, meters: [] });
  const before = shipment(1);
  await headend.provision(JSON.stringify([before]), 'json');
  const { keys: _, ...rest } = changed(before, 'meter.clients', 1);
  const report = await headend.provision(JSON.stringify([rest]), 'json');
  assert.deepEqual([report.updated, report.refused], [1, []]);
  assert.deepEqual(await registry.selectFrom('meter_key').selectAll().execute(), []);
  assert.equal((await headend.provision(JSON.stringify([rest]), 'json')).unchanged, 1);
});

test('a second meter at a usage point, and a changed capture period, are refused against the registry', async (context) => {
  const { headend } = await headendWith(context, { clock, meters: [] });
  await headend.provision(JSON.stringify([shipment(1)]), 'json');
  const second = changed(changed(shipment(2), 'meter.usagePointId', 'UP-0001'), 'usagePoint.id', 'UP-0001');
  const slower = changed(shipment(1), 'meter.intervalSeconds', 1800);
  const report = await headend.provision(JSON.stringify([second, slower]), 'json');
  assert.deepEqual(
    report.refused.map(({ code }) => code),
    ['headend/usage-point-taken', 'headend/interval-changed'],
  );
});

test('a key in use in the registry is refused for another meter of a later file', async (context) => {
  const { headend } = await headendWith(context, { clock, meters: [] });
  await headend.provision(JSON.stringify([shipment(1)]), 'json');
  const copy = changed(shipment(2), 'keys.management.ek', shipment(1).keys.reader.ak);
  const report = await headend.provision(JSON.stringify([copy]), 'json');
  assert.equal(report.refused[0]?.code, 'headend/key-reused');
});

test('a file that is no shipment is refused as a whole', async (context) => {
  const { headend } = await headendWith(context, { clock, meters: [] });
  for (const [text, format] of [
    ['{', 'json'],
    ['{"meter":{}}', 'json'],
    ['', 'csv'],
    ['serial,host\nA,B\n', 'csv'],
  ] as const) {
    await assert.rejects(headend.provision(text, format), { code: 'headend/shipment-unreadable' });
  }
  const report = await headend.provision(`[1, null, "x", []]`, 'json');
  assert.deepEqual(
    report.refused.map(({ code }) => code),
    Array(4).fill('headend/row-malformed'),
  );
});

test('a CSV row with a cell too many or a column of its own is refused alone', async (context) => {
  const { headend } = await headendWith(context, { clock, meters: [] });
  const [header = '', first = '', second = ''] = csvOf([shipment(1), shipment(2)]).split('\r\n');
  const report = await headend.provision([header, `${first},more`, second].join('\n'), 'csv');
  assert.deepEqual(
    [report.added, report.refused.map(({ row, code }) => [row, code])],
    [1, [[1, 'headend/row-malformed']]],
  );
  const wide = await headend.provision([`${header},__proto__`, `${first},x`].join('\n'), 'csv');
  assert.equal(wide.refused[0]?.code, 'headend/unknown-field');
});

test('no key is in the registry, in a report or in an event in plain', async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'registry.sqlite');
  const registry = await openRegistry(path);
  context.after(() => registry.destroy());
  const {
    headend,
    events,
    directory: keyDirectory,
  } = await headendWith(context, {
    clock,
    meters: [],
    registry,
  });
  const rows = [1, 2, 3].map(shipment);
  const reused = changed(shipment(4), 'keys.reader.ek', rows[0]?.keys.reader.ek);
  const broken = changed(shipment(5), 'keys.reader.ak', `${rows[1]?.keys.reader.ak}0`);
  const report = await headend.provision(JSON.stringify([...rows, reused, broken]), 'json');
  assert.equal(report.refused.length, 2);
  const told = JSON.stringify([report, events.reported]).toUpperCase();
  const disk = ['', '-wal'].map((end) => readFileSync(path + end));
  for (const { keys } of rows) {
    for (const key of [
      keys.reader.ek,
      keys.reader.ak,
      keys.management?.ek ?? '-',
      keys.management?.ak ?? '-',
    ]) {
      assert.ok(!told.includes(key));
      for (const octets of disk) {
        assert.equal(octets.indexOf(Buffer.from(key, 'hex')), -1);
        assert.equal(octets.toString('latin1').toUpperCase().indexOf(key), -1);
      }
    }
  }
  const keyFile = statSync(join(keyDirectory, 'key'));
  assert.deepEqual([keyFile.size, keyFile.mode & 0o777], [32, 0o600]);
});
