/** Shipments sealed on their way: opened by those they are for, by nobody else, and not once altered. */
import assert from 'node:assert/strict';
import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { testMeter } from '../test-server.ts';
import { isSealedShipment, makeShipmentIdentity, openShipment, sealShipment } from './sealed-shipment.ts';

const clock = virtualClock(0);
const text = JSON.stringify([testMeter(1, { clock, installedAtMs: 0 }).shipment]);
const utility = makeShipmentIdentity();
const signer = makeShipmentIdentity();
const stranger = makeShipmentIdentity();

test('each recipient opens it, nobody else does, and no key stands in it in the clear', () => {
  const sealed = sealShipment({ text, format: 'json' }, [utility.recipient, signer.recipient]);
  assert.ok(isSealedShipment(sealed) && !isSealedShipment(Buffer.from(text)));
  for (const { privateKey } of [utility, signer]) {
    assert.deepEqual(openShipment(sealed, privateKey), { text, format: 'json' });
  }
  assert.throws(() => openShipment(sealed, stranger.privateKey), { code: 'headend/shipment-not-ours' });
  const ek = /"ek":"([0-9A-F]{32})"/.exec(text)?.[1] ?? 'none';
  assert.ok(!Buffer.from(sealed).toString('latin1').includes(ek));
  const again = sealShipment({ text, format: 'json' }, [utility.recipient]);
  assert.notDeepEqual(sealed.slice(-64), again.slice(-64), 'nothing is sealed twice alike');
});

test('one octet changed anywhere, or any cut, and it does not open', () => {
  const sealed = sealShipment({ text, format: 'json' }, [utility.recipient]);
  for (let at = 0; at < sealed.length; at += 7) {
    const bent = sealed.slice();
    bent[at] = (bent[at] as number) ^ 1;
    assert.throws(() => openShipment(bent, utility.privateKey), { name: 'CodedError' }, `octet ${at}`);
    assert.throws(() => openShipment(sealed.subarray(0, at), utility.privateKey), { name: 'CodedError' });
  }
  // The format is bound as well: rows of JSON must not be read as CSV.
  const other = Buffer.from(Buffer.from(sealed).toString('latin1').replace(' json\n', ' csv\n'), 'latin1');
  assert.throws(() => openShipment(other, utility.privateKey), { code: 'headend/shipment-altered' });
});

test('the form is the one described: the file key can be unwrapped by the description alone', () => {
  const sealed = sealShipment({ text, format: 'csv' }, [utility.recipient]);
  const line = Buffer.from(sealed).toString('latin1').split('\n')[1] ?? '';
  const [word, recipient, ephemeral = '', wrapped = ''] = line.split(' ');
  assert.deepEqual(
    [word, recipient, Buffer.from(wrapped, 'base64url').length],
    ['to', utility.recipient, 48],
  );
  const jwk = { kty: 'OKP', crv: 'X25519', x: ephemeral };
  const shared = diffieHellman({
    privateKey: createPrivateKey(utility.privateKey),
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
  });
  const salt = Buffer.concat([ephemeral, utility.recipient].map((part) => Buffer.from(part, 'base64url')));
  const key = new Uint8Array(hkdfSync('sha256', shared, salt, 'wattline shipment key', 32));
  const octets = Buffer.from(wrapped, 'base64url');
  const decipher = createDecipheriv('chacha20-poly1305', key, new Uint8Array(12), { authTagLength: 16 });
  decipher.setAuthTag(octets.subarray(32));
  assert.equal(Buffer.concat([decipher.update(octets.subarray(0, 32)), decipher.final()]).length, 32);
  assert.equal(openShipment(sealed, utility.privateKey).format, 'csv');
});

test('recipients and identities that are none are refused', () => {
  const plain = { text, format: 'json' } as const;
  for (const recipients of [[], ['short'], Array<string>(21).fill(utility.recipient)]) {
    assert.throws(() => sealShipment(plain, recipients), { code: 'headend/shipment-recipient' });
  }
  const sealed = sealShipment(plain, [utility.recipient]);
  assert.throws(() => openShipment(sealed, 'no key'), { code: 'headend/shipment-recipient' });
  assert.throws(() => openShipment(Buffer.from(text), utility.privateKey), {
    code: 'headend/shipment-unreadable',
  });
});
