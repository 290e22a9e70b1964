/** A command from the command line to a meter of the town and back: signed by people, sealed by the signer process alone. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CommandBatchDetail, MeterShipment } from '@wattline/model';
import { wattline } from './command.ts';
import { startTestTown, type TestTown } from './running-town.ts';

describe('a town with its signer', () => {
  let town: TestTown;
  const data = mkdtempSync(join(tmpdir(), 'wattline-town-'));
  before(async () => {
    // No window to wait out: the clocks of this town are the machine's.
    mkdirSync(join(data, 'signer'));
    const enrolment = { installation: 'test', settings: { cancelWindowMs: 0 }, people: [], meters: [] };
    writeFileSync(join(data, 'signer', 'enrolment.json'), JSON.stringify(enrolment));
    town = await startTestTown({ meters: 3, days: 1, data });
  });
  after(() => town.stop());

  const job = async (line: string, code = 0) => {
    const ended = await wattline('headend', 'job', ...line.split(' '), '--data', data, '--json');
    assert.equal(ended.code, code, ended.stderr + ended.stdout);
    return JSON.parse(ended.stdout) as CommandBatchDetail;
  };
  const ended = async (key: string) => {
    for (;;) {
      const { jobs } = await job(`show ${key}`);
      if (jobs.every(({ state }) => state === 'done' || state === 'failed')) return jobs;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const signedBy = (key: string, person: string) =>
    job(`approve ${key} --person ${person} --key-file ${join(data, 'people', `${person}.pem`)} --yes`);

  test('two homes are disconnected after two people signed, one is reconnected at once; each is read back', async () => {
    const meters = '--meter WTL10000001 --meter WTL10000002';
    const asked = await job(`submit disconnect ${meters} --key off --reason test --by asha`);
    assert.deepEqual(
      asked.jobs.map(({ state }) => state),
      ['held', 'held'],
    );
    await signedBy('off', 'asha');
    assert.deepEqual(
      (await job('show off')).jobs.map(({ code }) => code),
      Array(2).fill('guard/people-missing'),
    );
    await signedBy('off', 'ben');
    assert.deepEqual(
      (await ended('off')).map(({ result }) => result),
      ['disconnected', 'disconnected'],
    );
    await job('submit reconnect --meter WTL10000001 --key on --reason paid --by asha');
    await signedBy('on', 'chen');
    const [on] = await ended('on');
    assert.match(on?.result ?? '', /^(connected|ready-for-reconnection)$/);
  });

  test('no management key is in the registry of the head-end, in plain or sealed', async () => {
    const rows = await town.system.registry.selectFrom('meter_key').select('client').execute();
    assert.deepEqual(
      rows.map(({ client }) => client),
      Array(3).fill('reader'),
    );
    const shipments = JSON.parse(
      readFileSync(join(data, 'town', 'shipment.json'), 'utf8'),
    ) as MeterShipment[];
    const files = readdirSync(data).filter((name) => name.startsWith('registry.sqlite'));
    assert.ok(files.length > 0);
    for (const name of files) {
      const octets = readFileSync(join(data, name));
      for (const { keys } of shipments) {
        for (const key of [keys.management?.ek ?? '', keys.management?.ak ?? '']) {
          assert.equal(key.length, 32);
          assert.equal(octets.indexOf(Buffer.from(key, 'hex')), -1);
          assert.equal(octets.toString('latin1').toUpperCase().indexOf(key), -1);
        }
      }
    }
  });
});
