/** The AMI engineer's bench: one virtual meter in a process, read by the command in another. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type RunningCommand, startWattline, wattline } from './command.ts';

interface MeterCard {
  readonly address: { readonly host: string; readonly port: number };
  readonly clients: readonly {
    readonly name: string;
    readonly sap: number;
    readonly ek?: string;
    readonly ak?: string;
  }[];
}

describe('a virtual meter run by the command', () => {
  let running: RunningCommand;
  let address = '';
  let keys: { readonly ek: string; readonly ak: string } = { ek: '', ak: '' };
  before(async () => {
    running = startWattline('meter', 'run', '--profile', 'demo', '--port', '0', '--json');
    const [line] = await running.says(/^\{.*\}$/m);
    const card = JSON.parse(line) as MeterCard;
    address = `${card.address.host}:${card.address.port}`;
    const reader = card.clients.find((client) => client.sap === 2);
    keys = { ek: reader?.ek ?? '', ak: reader?.ak ?? '' };
  });
  after(async () => {
    running.process.kill('SIGTERM');
    await running.end;
  });
  const secured = (...more: string[]) => ['--client', '2', '--auth', 'gmac', '--security', 'ae', ...more];

  test('is read unsecured by the public client', async () => {
    const { code, stdout, stderr } = await wattline('read', address, '1.0.1.8.0.255');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Wh/);
  });

  test('gives the reader client the same register over HLS-GMAC with authenticated encryption', async () => {
    const read = await wattline(
      'read',
      address,
      '1.0.1.8.0.255',
      ...secured('--ek', keys.ek, '--ak', keys.ak),
    );
    assert.equal(read.code, 0, read.stderr);
    assert.match(read.stdout, /\d+ ?k?Wh/);
  });

  test('gives the reader client its load profile', async () => {
    const read = await wattline(
      'read',
      address,
      '1.0.99.1.0.255',
      ...secured('--ek', keys.ek, '--ak', keys.ak, '--json'),
    );
    assert.equal(read.code, 0, read.stderr);
    assert.ok(read.stdout.length > 1000);
  });

  test('refuses a wrong key with exit code 4', async () => {
    const wrong = '00000000000000000000000000000077';
    const read = await wattline('read', address, '1.0.1.8.0.255', ...secured('--ek', wrong, '--ak', keys.ak));
    assert.equal(read.code, 4, read.stderr);
    assert.doesNotMatch(read.stderr, /at .*\.ts:/, 'no stack trace for people');
  });

  test('refuses the public client its load profile with exit code 4', async () => {
    const read = await wattline('read', address, '1.0.99.1.0.255', '--class', '7');
    assert.equal(read.code, 4, read.stderr);
  });

  test('nobody at an address is exit code 3', async () => {
    const read = await wattline('read', '127.0.0.1:1', '1.0.1.8.0.255');
    assert.equal(read.code, 3, read.stderr);
  });

  test('no OBIS code is exit code 5 or 2, in one line', async () => {
    const read = await wattline('read', address, 'energy');
    assert.ok(read.code === 5 || read.code === 2, `${read.code}`);
    assert.equal(read.stderr.trim().split('\n').length, 1, read.stderr);
  });
});
