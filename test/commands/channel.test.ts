/** Every octet that crosses the channel to the signer while keys change, looked through for keys. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { realClock, silentLog, toHex } from '@wattline/base';
import { connectSigner, type SignerLink } from '@wattline/headend';
import { openOffice } from './office.ts';

const main = fileURLToPath(new URL('../../headend/signer/main.ts', import.meta.url));

/** A signer on a local socket, and another socket before it that hears all. */
function tapped(t: TestContext, directory: string, heard: Buffer[]): SignerLink {
  const [own, tap] = [join(directory, 'own.sock'), join(directory, 'tap.sock')];
  const child = spawn(process.execPath, [main, directory, '--socket', own], { stdio: 'inherit' });
  t.after(() => child.kill());
  const server = createServer((client) => {
    const signer = connect(own);
    for (const [from, to] of [
      [client, signer],
      [signer, client],
    ] as const) {
      from.on('data', (octets: Buffer) => {
        heard.push(octets);
        to.write(octets);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  server.listen(tap);
  t.after(() => server.close());
  return connectSigner(tap, { clock: realClock(), log: silentLog });
}

test('no key of any client crosses the channel while all of them change, in no writing', async (t) => {
  const heard: Buffer[] = [];
  const office = await openOffice(t, { count: 1, connect: (directory) => tapped(t, directory, heard) });
  await office.signerIsBack();
  const of = ['reader', 'management', 'master'] as const;
  const [job] = await office.carryOut(office.batch({ command: 'key-change', parameters: { of } }));
  assert.equal(job?.state, 'done');
  const [serial = ''] = office.serials;
  assert.equal((await office.headend.collect(serial)).outcome, 'answer');

  const octets = Buffer.concat(heard);
  const text = octets.toString('latin1');
  // What was carried as base64 is looked through too.
  const carried = [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([one]) => Buffer.from(one, 'base64'));
  assert.ok(carried.length > 20, 'the session went over this channel');
  const names = ['reader/ek', 'reader/ak', 'management/ek', 'management/ak', 'master'];
  const fresh = names.map((name) => office.memories[0]?.read(`${serial}/security/key/${name}`) ?? '');
  const { keys, masterKey } = office.meters[0]!.spec;
  const shipped = [...Object.values(keys).flatMap(({ ek, ak }) => [ek, ak]), masterKey!].map(toHex);
  for (const hex of [...fresh, ...shipped]) {
    assert.match(hex, /^[0-9A-Fa-f]{32}$/);
    const key = Buffer.from(hex, 'hex');
    assert.equal(octets.includes(key), false);
    assert.equal(text.toUpperCase().includes(hex.toUpperCase()), false);
    // Base64 begins anew every three octets: what stands inside of a longer text has one of three forms.
    for (const skip of [0, 1, 2]) {
      const part = key.subarray(skip).toString('base64').slice(0, 16);
      assert.equal(text.includes(part), false);
    }
    assert.equal(
      carried.some((one) => one.includes(key)),
      false,
    );
  }
});

test('a signer with another public key than the one it is known by is brought no key', async (t) => {
  const office = await openOffice(t, {
    count: 1,
    signerRecipient: Buffer.alloc(32, 9).toString('base64url'),
  });
  const [job] = await office.carryOut(
    office.batch({ command: 'key-change', parameters: { of: ['reader'] } }),
    1,
  );
  assert.equal(job?.code, 'command/signer-other');
  assert.equal((await office.headend.readerKeys.figures()).pending, 0);
});
