/** A command from the command line to a meter of the town and back: signed by people, sealed by the signer process alone. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CampaignReport, CommandBatchDetail, KeyStatus, MeterShipment } from '@wattline/model';
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
      const { jobs } = await town.get<CommandBatchDetail>(`/api/v1/commands/${encodeURIComponent(key)}`);
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

  const headend = async <T>(line: readonly string[], code = 0): Promise<T> => {
    const ended = await wattline('headend', ...line, '--json');
    assert.equal(ended.code, code, ended.stderr + ended.stdout);
    return JSON.parse(ended.stdout) as T;
  };
  const at = ['--data', data];

  test('keys of a meter are changed by command, and it is read and switched with them', async () => {
    const target = ['--meter', 'WTL10000003', '--reason', 'test', '--by', 'asha', '--key', 'keys'];
    const asked = await headend<CommandBatchDetail>(['keys', 'rotate', ...target, ...at]);
    assert.deepEqual((asked.batch as { parameters?: unknown }).parameters, {
      of: ['reader', 'management', 'master'],
    });
    await signedBy('keys', 'asha');
    const [job] = await ended('keys');
    assert.deepEqual(
      [job?.state, job?.result],
      ['done', 'reader, management, master keys changed and proved'],
    );
    const status = await headend<KeyStatus>(['keys', 'status', ...at]);
    assert.deepEqual(status.reader, { meters: 3, changed: 1, pending: 0 });
    assert.deepEqual(status.signer?.changed, { management: 1, master: 1 });
    const report = await headend<{ rows: unknown[] }>(['keys', 'report', 'keys', ...at]);
    assert.deepEqual(report.rows, [{ state: 'done', meters: 1, why: '' }]);
    assert.equal((await headend<{ outcome: string }>(['read', 'WTL10000003', ...at])).outcome, 'answer');
  });

  test('an image goes from its maker to every meter of the town, activated when two people have signed', async () => {
    const [image, manifest] = [join(data, 'fw.bin'), join(data, 'fw.json')];
    const made = await wattline(
      'meter',
      'firmware',
      '2.0.0',
      '--seed',
      '1',
      '--octets',
      '3000',
      '--out',
      image,
    );
    assert.equal(made.code, 0, made.stderr);
    const maker = ['--maker', 'mira', '--key-file', join(data, 'people', 'mira.pem')];
    const what = ['--image-version', '2.0.0', '--hardware', 'Wattline virtual meter'];
    await headend(['campaign', 'sign', '--image', image, ...what, ...maker, '--out', manifest]);
    const files = ['--image', image, '--manifest', manifest, '--soak-hours', '0.000001'];
    await headend(['campaign', 'start', '--id', 'c', ...files, '--by', 'asha', '--reason', 'test', ...at]);
    const signed = new Set<string>();
    for (;;) {
      const { state, waiting } = await town.get<CampaignReport>('/api/v1/campaigns/c');
      for (const key of waiting.filter((one) => !signed.has(one))) {
        signed.add(key);
        await signedBy(key, 'asha');
        await signedBy(key, 'ben');
      }
      if (state !== 'running') break;
    }
    const report = await headend<CampaignReport>(['campaign', 'report', 'c', ...at]);
    assert.equal(report.state, 'done');
    assert.deepEqual(
      report.meters.map(({ state }) => state),
      Array(3).fill('activated'),
    );
    const rows = await town.system.registry.selectFrom('meter').select('firmware').execute();
    assert.deepEqual(
      rows.map(({ firmware }) => firmware),
      Array(3).fill('2.0.0'),
    );
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
