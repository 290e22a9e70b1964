/** Keys, secrets, policies, certificates and lists of objects: what changes who may do what, over octets. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { fromHex } from '@wattline/base';
import {
  type AgreementSide,
  type Data,
  encodeKeyTransfer,
  finishAgreement,
  generateKeyPair,
  startAgreement,
} from '@wattline/protocols/dlms';
import { volatileMemory } from '../memory/non-volatile.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { dataOf } from './data-type.ts';
import { elementsIn, numberIn, obisIn } from './fields.ts';

const { number, octets, structure, array, obis } = dataOf;
const masterKey = new Uint8Array(16).fill(0x4d);
const fresh = { ek: new Uint8Array(16).fill(1), ak: new Uint8Array(16).fill(2) };
const managementSetup = '0.0.43.0.0.255';
const readerSetup = '0.0.43.0.1.255';
const transfer = (kek: Uint8Array) =>
  encodeKeyTransfer(kek, [
    { id: 'unicast', key: fresh.ek },
    { id: 'authentication', key: fresh.ak },
  ]);

describe('Security setup, class 64', () => {
  test('new keys of the reader hold for its next association, also after a restart; the old ones no more', async () => {
    const memory = volatileMemory();
    const { meter } = testMeter({ profile: 'generic', masterKey }, { memory });
    const old = meter.clients.find(({ name }) => name === 'reader')?.keys ?? assert.fail();
    const client = await connect(meter, 'management');
    assert.equal((await client.act(64, readerSetup, 2, transfer(masterKey))).result, 'success');
    const [change] = meter.configuration.audit;
    assert.deepEqual([change?.by, change?.parameter], ['management', 'keys/reader']);
    assert.equal(meter.events.lastCode, 48);
    assert.equal((await connect(meter, 'reader', { keys: old })).association.kind, 'failure');
    const again = testMeter({ profile: 'generic', masterKey }, { memory }).meter;
    const keys = { suite: 0 as const, ...fresh };
    assert.equal((await connect(again, 'reader', { keys })).association.kind, 'associated');
  });
  test('keys wrapped under another key, or for a meter without a master key, are refused and change nothing', async () => {
    const { meter } = testMeter({ profile: 'generic', masterKey });
    const client = await connect(meter, 'management');
    const wrong = transfer(new Uint8Array(16).fill(9));
    assert.equal((await client.act(64, readerSetup, 2, wrong)).result, 'other-reason');
    assert.equal((await connect(meter, 'reader')).association.kind, 'associated');
    const without = await connect(testMeter({ profile: 'generic' }).meter, 'management');
    assert.equal((await without.act(64, readerSetup, 2, transfer(masterKey))).result, 'other-reason');
  });
  test('a policy is strengthened, never weakened', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management');
    assert.deepEqual(await client.get(64, managementSetup, 2), number('enum', 0x6c));
    assert.equal((await client.act(64, managementSetup, 1, number('enum', 0x24))).result, 'other-reason');
    assert.equal((await client.act(64, managementSetup, 1, number('enum', 0x6c))).result, 'success');
    assert.equal(
      (await client.act(64, managementSetup, 1, number('enum', 0xfc))).result,
      'other-reason',
      'no signing',
    );
  });
  test('suite 0 has no key pairs; suite 1 makes one, and its request is signed with it', async () => {
    const plain = await connect(testMeter({ profile: 'generic' }).meter, 'management');
    assert.equal((await plain.act(64, managementSetup, 4, number('enum', 0))).result, 'object-unavailable');
    const keys = { suite: 1 as const, ek: new Uint8Array(16).fill(3), ak: new Uint8Array(16).fill(4) };
    const { meter } = testMeter({ profile: 'generic', keys: { reader: keys, management: keys } });
    const client = await connect(meter, 'management');
    assert.equal((await client.act(64, managementSetup, 5, number('enum', 0))).result, 'object-unavailable');
    assert.equal((await client.act(64, managementSetup, 4, number('enum', 0))).result, 'success');
    const { value } = await client.act(64, managementSetup, 5, number('enum', 0));
    assert.ok(value?.type === 'octet-string');
    assert.ok(isSignedBySubject(Buffer.from(value.value)));
  });
  test('a certificate is imported, listed, exported and removed; other octets are refused', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management');
    assert.equal((await client.act(64, managementSetup, 6, octets('no certificate'))).result, 'other-reason');
    assert.equal((await client.act(64, managementSetup, 6, octets(authority))).result, 'success');
    const [info] = elementsIn((await client.get(64, managementSetup, 6)) as Data);
    const [entity, , serialNumber, issuer] = elementsIn(info);
    assert.equal(numberIn(entity), 2, 'an authority');
    const named = structure(number('enum', 1), structure(serialNumber as Data, issuer as Data));
    assert.deepEqual((await client.act(64, managementSetup, 7, named)).value, octets(authority));
    assert.equal((await client.act(64, managementSetup, 8, named)).result, 'success');
    assert.equal((await client.act(64, managementSetup, 8, named)).result, 'object-undefined');
  });
});

describe('key_agreement of Security setup, class 64', () => {
  const keys = { suite: 1 as const, ek: new Uint8Array(16).fill(3), ak: new Uint8Array(16).fill(4) };
  const clientTitle = fromHex('5754430000000001');
  async function agreeing(startMs = at('2026-12-01T00:00:00Z')) {
    const { meter } = testMeter({ profile: 'generic', startMs, keys: { reader: keys, management: keys } });
    const client = await connect(meter, 'management');
    await client.act(64, readerSetup, 4, number('enum', 0));
    await client.act(64, readerSetup, 6, octets(clientCertificate));
    const { value } = await client.act(64, readerSetup, 5, number('enum', 0));
    assert.ok(value?.type === 'octet-string');
    const side: AgreementSide = {
      suite: 1,
      clientTitle,
      serverTitle: meter.systemTitle,
      signing: { own: clientPair, peerPublicKey: requestedKey(Buffer.from(value.value)) },
    };
    return { meter, client, side };
  }
  test('both sides hold the new key, and the reader associates with it', async () => {
    const { meter, client, side } = await agreeing();
    const start = startAgreement(['unicast'], side);
    assert.ok(start.ok);
    const { result, value } = await client.act(64, readerSetup, 3, start.value.parameter);
    assert.equal(result, 'success');
    const agreed = finishAgreement(start.value.started, value ?? assert.fail(), side);
    assert.ok(agreed.ok);
    const ek = agreed.value[0]?.key ?? assert.fail();
    assert.equal((await connect(meter, 'reader', { keys })).association.kind, 'failure', 'the old key');
    assert.equal((await connect(meter, 'reader', { keys: { ...keys, ek } })).association.kind, 'associated');
  });
  test('a key that another signed is refused, and so is a certificate that is not valid yet', async () => {
    const { client, side } = await agreeing();
    const other = { ...side, signing: { ...side.signing, own: generateKeyPair(1) } };
    const start = startAgreement(['unicast'], other);
    assert.ok(start.ok);
    assert.equal((await client.act(64, readerSetup, 3, start.value.parameter)).result, 'other-reason');
    const early = await agreeing(at('2026-10-01T00:00:00Z'));
    const right = startAgreement(['unicast'], early.side);
    assert.ok(right.ok);
    assert.equal(
      (await early.client.act(64, readerSetup, 3, right.value.parameter)).result,
      'object-unavailable',
    );
  });
});

/** The public key x || y of a request on P-256: the last 64 octets of its SubjectPublicKeyInfo. */
function requestedKey(request: Buffer): Uint8Array {
  // id-ecPublicKey on prime256v1, then the bit string: no unused bits, uncompressed point.
  const before = Buffer.from('06082A8648CE3D03010703420004', 'hex');
  const start = request.indexOf(before) + before.length;
  return new Uint8Array(request.subarray(start, start + 64));
}

/** A PKCS #10 request: SEQUENCE of info, algorithm, signature; the key is in the info. */
function isSignedBySubject(request: Buffer): boolean {
  const at = (offset: number) => {
    const first = request[offset + 1] as number;
    const octetsOfLength = first < 0x80 ? 0 : first & 0x7f;
    const length = octetsOfLength === 0 ? first : request.readUIntBE(offset + 2, octetsOfLength);
    const start = offset + 2 + octetsOfLength;
    return { start, end: start + length };
  };
  const outer = at(0);
  const info = at(outer.start);
  const version = at(info.start);
  const name = at(version.end);
  const key = at(name.end);
  const algorithm = at(info.end);
  const signature = at(algorithm.end);
  const publicKey = createPublicKey({
    key: request.subarray(name.end, key.end),
    format: 'der',
    type: 'spki',
  });
  // The bit string begins with the count of unused bits.
  return verify(
    'sha256',
    request.subarray(outer.start, info.end),
    publicKey,
    request.subarray(signature.start + 1, signature.end),
  );
}

describe('Association LN, class 15', () => {
  const association = '0.0.40.0.0.255';
  const element = (classId: number, name: string) =>
    structure(
      number('long-unsigned', classId),
      number('unsigned', 0),
      obis(name),
      structure(array(), array()),
    );
  test('an object that is removed is gone for that client alone, until it is added again', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management');
    const object = element(3, '1.0.2.8.0.255');
    assert.equal((await client.act(15, association, 4, object)).result, 'success');
    assert.equal(await client.get(3, '1.0.2.8.0.255', 2), 'object-undefined');
    const list = elementsIn((await client.get(15, association, 2)) as Data).map((one) =>
      obisIn(elementsIn(one)[2]),
    );
    assert.ok(!list.includes('1.0.2.8.0.255'));
    const reader = await connect(meter, 'reader');
    assert.equal(typeof (await reader.get(3, '1.0.2.8.0.255', 2)), 'object');
    assert.equal((await client.act(15, association, 3, object)).result, 'success');
    assert.equal(typeof (await client.get(3, '1.0.2.8.0.255', 2)), 'object');
    assert.equal(
      (await client.act(15, association, 4, element(3, '9.9.9.9.9.9'))).result,
      'object-undefined',
    );
  });
  test('users are added and removed by their number', async () => {
    const client = await connect(testMeter({ profile: 'generic' }).meter, 'management');
    const user = (id: number, name: string) =>
      structure(number('unsigned', id), { type: 'visible-string', value: name });
    await client.act(15, association, 5, user(1, 'Ada'));
    await client.act(15, association, 5, user(1, 'Grace'));
    assert.deepEqual(await client.get(15, association, 10), array(user(1, 'Grace')));
    assert.equal((await client.act(15, association, 6, user(1, ''))).result, 'success');
    assert.equal((await client.act(15, association, 6, user(1, ''))).result, 'object-undefined');
  });
  test('the secret of a client with a password is changed by management; the old one opens nothing', async () => {
    const { meter } = testMeter({ profile: 'is15959' });
    const old = meter.clients.find(({ name }) => name === 'MR')?.secret ?? assert.fail();
    const client = await connect(meter, 'US');
    const secret = new Uint8Array(Buffer.from('a new password..'));
    assert.equal((await client.act(15, '0.0.40.0.2.255', 2, octets(secret))).result, 'success');
    assert.equal(meter.eventRecorder.lastCode, 161);
    assert.deepEqual(
      meter.configuration.audit.map(({ by, parameter }) => [by, parameter]),
      [['US', 'secret/MR']],
    );
    assert.equal((await connect(meter, 'MR', { secret: old })).association.kind, 'failure');
    assert.equal((await connect(meter, 'MR', { secret })).association.kind, 'associated');
    assert.equal(
      (await client.act(15, '0.0.40.0.3.255', 2, octets(secret))).result,
      'other-reason',
      'GMAC has keys',
    );
  });
});

describe('Association SN, class 12', () => {
  test('every object listed is read under its base name, and the list is the one of the logical names', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management', { referencing: 'sn' });
    assert.equal(client.association.kind, 'associated');
    const outcome = await client.ask({ kind: 'read', variables: [{ name: 0xfa08 }] });
    assert.ok(outcome.kind === 'read' && outcome.results[0]?.ok);
    const { decodeData } = await import('@wattline/protocols/dlms');
    const decoded = decodeData(outcome.results[0].encoded);
    assert.ok(decoded.ok);
    const listed = elementsIn(decoded.value.value).map(elementsIn);
    assert.ok(listed.length > 80);
    for (const [base, , , name] of listed) {
      const read = await client.ask({ kind: 'read', variables: [{ name: numberIn(base) & 0xffff }] });
      assert.ok(read.kind === 'read' && read.results[0]?.ok, obisIn(name));
      const own = decodeData(read.results[0].encoded);
      assert.ok(own.ok && obisIn(own.value.value) === obisIn(name), obisIn(name));
    }
  });
  test('a value is written and a method called by short name', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management', { referencing: 'sn' });
    const named = meter.device.shortNames?.(meter.device.policy(1) ?? assert.fail()) ?? [];
    const port = named.find(({ classId }) => classId === 41) ?? assert.fail();
    const value = number('long-unsigned', 4062);
    const written = await client.ask({ kind: 'write', items: [{ name: port.baseName + 8, value }] });
    assert.deepEqual(written, { kind: 'write', results: ['success'] });
    const control = named.find(({ classId }) => classId === 70) ?? assert.fail();
    const called = await client.ask({
      kind: 'write',
      items: [{ name: control.baseName + 0x20, value: number('integer', 0) }],
    });
    assert.deepEqual(called, { kind: 'write', results: ['success'] });
    assert.equal(meter.isConnected, false);
  });
});

/** A self-signed authority on P-256, made with OpenSSL for this test. */
const authority = new Uint8Array(
  Buffer.from(
    [
      'MIIBjTCCATOgAwIBAgIUYY14pjCSWFBgpaZRAjNAhiaGbH8wCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQNTc1NDQz',
      'MDAwMDAwMDAwMTAgFw0yNjExMjgyMzE5MTNaGA8yMTI2MTEwNDIzMTkxM1owGzEZMBcGA1UEAwwQNTc1NDQzMDAw',
      'MDAwMDAwMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH76+k6g8PBOP0Lz6cUsvZaJX5iG+crs8dpsoRve8x+9',
      '4Li+d2mud7xXgSt2vAF95IsQZWKKOYDxiP8NyqaOX2OjUzBRMB0GA1UdDgQWBBR/PtrHA5+fLPgyJzdZ4YMTpjQR',
      'zTAfBgNVHSMEGDAWgBR/PtrHA5+fLPgyJzdZ4YMTpjQRzTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA',
      'MEUCIQCCKn8nSaamXvpkCeygFnwFVXT/B942RgoFslVh8HDNggIgI+lk1UZs4JXyicZksSNF7aie1siWhzRAkin4',
      'CmBaTFU=',
    ].join(''),
    'base64',
  ),
);

/** A client of this test, made with OpenSSL: its key pair, which protects nothing, and its certificate from 2026-11-28 on. */
const clientPair = {
  privateKey: fromHex('4727b72b18cebba0149d8b1fccafa4bf3aaa528873d1fcd170c32652c5a6c223'),
  publicKey: fromHex(
    'a2f438814ce5aad324c5ae43ebfa84d8b005653748e94d1215a4bd4c4dec4f0a0f6421dc4ba4d098f9ad812c181ee54f7e140a20d85345ddc7e7f2127bc5a48f',
  ),
};
const clientCertificate = new Uint8Array(
  Buffer.from(
    [
      'MIIBijCCATCgAwIBAgIUIAs0wHaqMsYJUHH1WA1LPELwxcMwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQNTc1NDQz',
      'MDAwMDAwMDAwMTAgFw0yNjExMjgyMzM1MzhaGA8yMTI2MTEwNDIzMzUzOFowGzEZMBcGA1UEAwwQNTc1NDQzMDAw',
      'MDAwMDAwMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKL0OIFM5arTJMWuQ+v6hNiwBWU3SOlNEhWkvUxN7E8K',
      'D2Qh3Euk0Jj5rYEsGB7lT34UCiDYU0Xdx+fyEnvFpI+jUDBOMB0GA1UdDgQWBBS0CAVmQrTwnTPhVWk3H1MrCLnY',
      'fjAfBgNVHSMEGDAWgBS0CAVmQrTwnTPhVWk3H1MrCLnYfjAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0gAMEUC',
      'IH0cl41rV42mLSZon08lZlPsSmSBRSOXwRYPhbKO3zdoAiEArzPo/0TVOjB+zHzpVqkq0SDBeNNWTDdK6jT87Rto',
      'wb0=',
    ].join(''),
    'base64',
  ),
);
