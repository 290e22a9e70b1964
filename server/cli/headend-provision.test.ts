/** Meters taken into a running server from a shipment, and keys that do not go that way. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openEnrolmentFile } from '@wattline/headend';
import type { MeterShipment, Page, UsagePointSummary } from '@wattline/model';
import { type ServedSystem, serveSystem, shipment } from '../api/fixture/served-system.ts';
import { wattline } from './fixture/command-line.ts';

const withoutManagement = (number: number): MeterShipment => {
  const { keys, ...row } = shipment(number);
  return { ...row, keys: { reader: keys.reader } };
};

describe('a shipment for a running server', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem();
  });
  after(() => served.close());

  function fileOf(name: string, rows: readonly unknown[]): string {
    const path = join(served.directory, name);
    writeFileSync(path, JSON.stringify(rows));
    return path;
  }

  const provision = (path: string, ...flags: string[]) =>
    wattline('headend', 'provision', path, '--data', served.directory, ...flags);

  test('adds its meters, and the same file again changes nothing', async () => {
    const path = fileOf('two.json', [withoutManagement(11), withoutManagement(12)]);
    const first = await provision(path);
    assert.deepEqual([first.code, first.out], [0, '2 meters added, 0 updated, 0 unchanged, 0 refused']);
    assert.match((await provision(path)).out, /^0 meters added, 0 updated, 2 unchanged/);
    const { items } = await served.get<Page<UsagePointSummary>>('/api/v1/usage-points?limit=100');
    assert.equal(items.find(({ id }) => id === 'UP-0011')?.meter?.serial, 'WTL0011');
  });

  test('is refused row by row, with the code of each', async () => {
    const bad = { ...withoutManagement(14), meter: { ...withoutManagement(14).meter, port: 70_000 } };
    const ended = await provision(fileOf('bad.json', [withoutManagement(13), bad]));
    assert.equal(ended.code, 5);
    assert.match(ended.out, /^1 meters added.*1 refused\n/);
    assert.match(ended.out, /2 +headend\/field-invalid +expected .* in meter\.port/);
  });

  test('with management keys goes nowhere, from the command line or past it', async () => {
    const rows = [shipment(15)];
    const path = fileOf('whole.json', rows);
    const ended = await provision(path);
    assert.equal(ended.code, 5);
    assert.match(ended.err, /row 1: take them out .*\(server\/management-keys\)$/);
    const response = await served.ask('/api/v1/meters/shipments', {
      method: 'POST',
      isSignedIn: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rows),
    });
    const problem = (await response.json()) as { code: string };
    assert.deepEqual([response.status, problem.code], [400, 'server/management-keys']);
    const text = JSON.stringify(problem) + ended.err;
    for (const key of Object.values(shipment(15).keys.management ?? {})) assert.ok(!text.includes(key));
  });

  test('is enrolled at the signer first when its directory is named', async () => {
    const signer = join(served.directory, 'signer');
    const ended = await provision(fileOf('enrol.json', [shipment(16)]), '--signer', signer);
    assert.equal(ended.code, 0, ended.err);
    assert.equal(ended.out.split('\n')[1], 'at the signer: 1 enrolled, 0 without keys');
    assert.ok(openEnrolmentFile(signer).meters.some(({ serial }) => serial === 'WTL0016'));
    const secret = shipment(16).keys.management?.ek ?? '-';
    for (const end of ['', '-wal']) {
      const octets = readFileSync(join(served.directory, `registry.sqlite${end}`));
      assert.equal(octets.indexOf(Buffer.from(secret, 'hex')), -1);
    }
  });

  test('that is no shipment, or is not there, is told so', async () => {
    const path = join(served.directory, 'none.csv');
    assert.match((await provision(path)).err, /none\.csv cannot be read: .*\(server\/no-shipment\)$/);
    writeFileSync(path, 'serial,host\nA,B\n');
    const ended = await provision(path);
    assert.deepEqual([ended.code, /\(headend\/shipment-unreadable\)$/.test(ended.err)], [5, true]);
  });

  test('is taken from nobody who has not signed in', async () => {
    const response = await served.ask('/api/v1/meters/shipments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[]',
    });
    assert.equal(response.status, 401);
  });
});
