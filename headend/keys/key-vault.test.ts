/** Keys at rest. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { temporaryDirectory } from '../headend-fixture.ts';
import { openKeyVault } from './key-vault.ts';

const random = seededRandom('vault');
const keys = { ek: random.bytes(16), ak: random.bytes(16) };
const owner = { serial: 'WTL000001', client: 'reader' } as const;

test('what is sealed opens again with the same key file, also after a restart', (context) => {
  const keyFile = join(temporaryDirectory(context), 'key');
  const sealed = openKeyVault(keyFile).seal(owner, keys);
  const opened = openKeyVault(keyFile).open(owner, sealed);
  assert.deepEqual(Buffer.from(opened.ek), Buffer.from(keys.ek));
  assert.deepEqual(Buffer.from(opened.ak), Buffer.from(keys.ak));
  assert.equal(openKeyVault(keyFile).seal(owner, keys), sealed);
});

test('keys open with the suite they were sealed with: 16 octets each, 32 in suite 2; what was sealed before suites is of suite 0', (context) => {
  const vault = openKeyVault(join(temporaryDirectory(context), 'key'));
  for (const suite of [0, 1, 2] as const) {
    const length = suite === 2 ? 32 : 16;
    const own = { suite, ek: random.bytes(length), ak: random.bytes(length) };
    const opened = vault.open(owner, vault.seal(owner, own));
    assert.deepEqual(
      [opened.suite, Buffer.from(opened.ek), Buffer.from(opened.ak)],
      [suite, Buffer.from(own.ek), Buffer.from(own.ak)],
    );
    const master = random.bytes(length);
    assert.deepEqual(Buffer.from(vault.openKey(owner, vault.sealKey(owner, master))), Buffer.from(master));
  }
  assert.equal(vault.open(owner, vault.seal(owner, keys)).suite, 0);
  assert.throws(() => vault.seal(owner, { ...keys, suite: 2 }), /keys of suite 2/);
});

test('a seal does not open in another row, when altered, when cut, or with another key file', (context) => {
  const directory = temporaryDirectory(context);
  const vault = openKeyVault(join(directory, 'key'));
  const sealed = vault.seal(owner, keys);
  const unsealable = { code: 'headend/key-unsealable' };
  assert.throws(() => vault.open({ ...owner, serial: 'WTL000002' }, sealed), unsealable);
  assert.throws(() => vault.open({ ...owner, client: 'management' }, sealed), unsealable);
  assert.throws(() => vault.open(owner, sealed.slice(0, -4)), unsealable);
  assert.throws(() => vault.open(owner, ''), unsealable);
  assert.throws(() => openKeyVault(join(directory, 'other')).open(owner, sealed), unsealable);
  const octets = Buffer.from(sealed, 'base64');
  for (let i = 0; i < octets.length; i++) {
    const altered = Buffer.from(octets);
    altered[i] = (altered[i] as number) ^ 1;
    assert.throws(() => vault.open(owner, altered.toString('base64')), unsealable, `octet ${i}`);
  }
});

test('different contents never share a nonce', (context) => {
  const vault = openKeyVault(join(temporaryDirectory(context), 'key'));
  const nonces = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const sealed = vault.seal({ ...owner, serial: `M${i % 10}` }, { ...keys, ek: random.bytes(16) });
    nonces.add(Buffer.from(sealed, 'base64').subarray(5, 17).toString('hex'));
  }
  assert.equal(nonces.size, 500);
});

test('a key file of another length is refused', (context) => {
  const path = join(temporaryDirectory(context), 'key');
  writeFileSync(path, 'short');
  assert.throws(() => openKeyVault(path), { code: 'headend/key-file-invalid' });
});

test('two installations have two system titles, one installation always the same', (context) => {
  const directory = temporaryDirectory(context);
  const first = openKeyVault(join(directory, 'a')).systemTitle;
  assert.equal(first.length, 8);
  assert.deepEqual(openKeyVault(join(directory, 'a')).systemTitle, first);
  assert.notDeepEqual(openKeyVault(join(directory, 'b')).systemTitle, first);
});
