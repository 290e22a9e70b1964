/** `wattline meter run` and `wattline read` against each other over TCP, as an engineer uses them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runSingleMeter, type SingleMeter, type SingleMeterClient } from '@wattline/sim';
import { spawnWattline, wattline } from './fixture/command-line.ts';

describe('reading a virtual meter by hand', () => {
  let directory: string;
  let meter: SingleMeter;
  let address: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wattline-read-'));
    meter = await runSingleMeter({
      profile: 'demo',
      port: 0,
      seed: 'read test',
      intervalSeconds: 1800,
      zone: 'Europe/London',
      days: 3,
      memoryPath: join(directory, 'meter.memory'),
    });
    address = `${meter.address.host}:${meter.address.port}`;
  });
  after(async () => {
    await meter.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const state = () => join(directory, 'state');
  const read = (...args: string[]) => wattline('read', address, ...args, '--state', state());

  function login(sap: number, over: Partial<SingleMeterClient> = {}): string[] {
    const client = meter.clients.find((entry) => entry.sap === sap);
    assert.ok(client);
    const { mechanism, protection, ek, ak } = { ...client, ...over };
    const words = ['--client', String(sap), '--auth', mechanism, '--security', protection];
    return [...words, '--ek', String(ek), '--ak', String(ak)];
  }

  test('the public client reads the total energy with unit and scaler, and leaves no counter', async () => {
    const { code, out, err } = await read('1.0.1.8.0.255');
    assert.equal(code, 0, err);
    assert.match(out, /^\d+ Wh {2}\(double-long-unsigned \d+, scaler 0\)$/);
    assert.equal((await read('1-0:1.8.0*255')).out, out);
  });

  test('the clock is an instant with its offset', async () => {
    const { out } = await read('0.0.1.0.0.255');
    assert.match(out, /^octet-string [0-9A-F]{24} \(\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d\)$/);
  });

  test('the serial number is text, as JSON too', async () => {
    const { out } = await read('0.0.96.1.0.255', '--json');
    const answer = JSON.parse(out) as { classId: number; data: { type: string; value: string } };
    assert.equal(answer.classId, 1);
    assert.equal(Buffer.from(answer.data.value, 'hex').toString(), meter.serial);
  });

  test('the reader reads a day of the load profile as a table, the ends of its intervals in order', async () => {
    const to = Temporal.Instant.fromEpochMilliseconds(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    const from = to.subtract({ hours: 2 });
    const flags = ['--from', from.toString(), '--to', to.toString(), ...login(2)];
    const { code, out, err } = await read('1.0.99.1.0.255', ...flags);
    assert.equal(code, 0, err);
    const lines = out.split('\n');
    assert.match(
      lines[0] ?? '',
      /^0\.0\.1\.0\.0\.255 +0\.0\.96\.10\.1\.255 +1\.0\.1\.29\.0\.255 Wh +1\.0\.2\.29\.0\.255 Wh$/,
    );
    assert.equal(lines.at(-1), '5 entries');
  });

  test('each run claims counters that were never used, so a meter that remembers takes the next run too', async () => {
    for (let run = 0; run < 3; run++) {
      const { code, err } = await read('1.0.1.8.1.255', ...login(2));
      assert.equal(code, 0, err);
    }
    assert.equal(readdirSync(join(state(), 'counters')).length, 1);
    assert.ok(readdirSync(state()).includes('system-title'));
  });

  test('what the public client may not read is refused: 4', async () => {
    const { code, err } = await read('1.0.99.1.0.255');
    assert.equal(code, 4, err);
    assert.match(err, /^wattline: [^\n]+ \((headend|dlms)\/[a-z-]+\)$/);
  });

  test('a wrong key is refused: 4', async () => {
    const { code, err } = await read('1.0.1.8.0.255', ...login(2, { ek: `${'00'.repeat(15)}01` }));
    assert.equal(code, 4, err);
  });

  test('an object that the meter does not have fails: 1', async () => {
    const { code, err } = await read('1.0.77.7.0.255', ...login(2));
    assert.equal(code, 1, err);
    assert.match(err, /\(headend\/object-not-found\)$/);
  });
});

describe('wattline meter run', () => {
  test('prints its clients and keys, can be read, and ends with 0 when told to stop', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wattline-meter-'));
    const args = [
      'meter',
      'run',
      '--port',
      '0',
      '--days',
      '2',
      '--seed',
      'bin test',
      '--memory',
      join(directory, 'm'),
    ];
    const shown = await spawnWattline(args, /Stop it with/);
    assert.deepEqual([shown.code, shown.err], [0, '']);
    assert.match(shown.out, /^client +SAP +auth +security +suite +EK +AK +password$/m);
    assert.match(
      shown.out,
      /wattline read 127\.0\.0\.1:\d+ 1\.0\.1\.8\.0\.255 --client 2 --auth gmac --security ae --ek/,
    );
    const json = await spawnWattline([...args, '--json'], /\n/);
    const facts = JSON.parse(json.out) as { clients: { sap: number }[] };
    assert.deepEqual(
      facts.clients.map(({ sap }) => sap).sort((a, b) => a - b),
      [1, 2, 16],
    );
    rmSync(directory, { recursive: true, force: true });
  });
});
