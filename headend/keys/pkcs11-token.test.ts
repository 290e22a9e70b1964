/** A key file under a PKCS#11 token: with a real SoftHSM and OpenSC where they are installed (Debian: softhsm2, opensc). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { temporaryDirectory } from '../headend-fixture.ts';
import { moveKeyFileToToken } from './key-file.ts';
import { openKeyVault } from './key-vault.ts';

const modules = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
const module = modules.find((path) => existsSync(path));
const hasTools = ['softhsm2-util', 'pkcs11-tool'].every((name) => !spawnSync(name, ['--help']).error);
const skip = module && hasTools ? false : 'SoftHSM and OpenSC (softhsm2, opensc) are not installed';

const pin = 'WATTLINE_TEST_PIN';
const random = seededRandom('token');
const keys = { ek: random.bytes(16), ak: random.bytes(16) };
const owner = { serial: 'WTL000001', client: 'management' } as const;

/** A token of its own with one RSA key pair, the private key never extractable. */
function softToken(context: TestContext) {
  const directory = temporaryDirectory(context);
  mkdirSync(join(directory, 'tokens'));
  writeFileSync(join(directory, 'softhsm2.conf'), `directories.tokendir = ${join(directory, 'tokens')}\n`);
  process.env.SOFTHSM2_CONF = join(directory, 'softhsm2.conf');
  process.env[pin] = '4321';
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(program, args);
    assert.equal(status, 0, String(stderr));
  };
  const tokenArgs = ['--label', 'wattline', '--so-pin', '12345678', '--pin', '4321'];
  run('softhsm2-util', '--init-token', '--free', ...tokenArgs);
  const at = { module: module as string, token: 'wattline', key: '01', pin };
  const pair = ['--keypairgen', '--key-type', 'rsa:2048', '--id', at.key];
  run(
    'pkcs11-tool',
    '--module',
    at.module,
    '--token-label',
    at.token,
    '--login',
    '--pin',
    `env:${pin}`,
    ...pair,
  );
  return { directory, at };
}

test('a key file moved to a token opens what it sealed before, holds no key itself, and opens with the right PIN alone', {
  skip,
}, (t) => {
  const { directory, at } = softToken(t);
  const path = join(directory, 'keys.bin');
  const before = openKeyVault(path);
  const sealed = before.seal(owner, keys);
  const plain = readFileSync(path);
  moveKeyFileToToken(path, at);
  const moved = readFileSync(path);
  assert.equal(moved.includes(plain) || moved.includes(plain.toString('base64')), false);
  const after = openKeyVault(path);
  assert.deepEqual(Buffer.from(after.open(owner, sealed).ek), Buffer.from(keys.ek));
  assert.deepEqual(after.systemTitle, before.systemTitle);
  process.env[pin] = '9999';
  assert.throws(() => openKeyVault(path), { code: 'headend/key-token-failed' });
  process.env[pin] = '4321';
  const altered = JSON.parse(String(moved)) as { wrapped: string };
  const wrapped = Buffer.from(altered.wrapped, 'base64').fill(0, 8, 12).toString('base64');
  writeFileSync(path, JSON.stringify({ ...altered, wrapped }));
  assert.throws(() => openKeyVault(path), { code: 'headend/key-token-failed' });
});

test('a key stays where it is when the token is not there', { skip: hasTools ? false : skip }, (t) => {
  const path = join(temporaryDirectory(t), 'keys.bin');
  openKeyVault(path);
  const plain = readFileSync(path);
  const nowhere = { module: '/nowhere/pkcs11.so', token: 'none', key: '01', pin };
  assert.throws(() => moveKeyFileToToken(path, nowhere), { code: 'headend/key-token-failed' });
  assert.deepEqual(readFileSync(path), plain);
});

test('without pkcs11-tool, and with a token file that is not whole, opening fails with a code', (t) => {
  const path = join(temporaryDirectory(t), 'keys.bin');
  const at = {
    provider: 'pkcs11',
    module: '/nowhere/pkcs11.so',
    token: 'none',
    key: '01',
    pin,
    wrapped: 'AAAA',
  };
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  writeFileSync(path, JSON.stringify(at));
  process.env.PATH = '/nowhere';
  assert.throws(() => openKeyVault(path), { code: 'headend/key-token-failed', message: /pkcs11-tool/ });
  writeFileSync(path, JSON.stringify({ ...at, wrapped: 1 }));
  assert.throws(() => openKeyVault(path), { code: 'headend/key-file-invalid' });
});
