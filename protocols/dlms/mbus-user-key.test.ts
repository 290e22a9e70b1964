import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { openMbusUserKey, sealMbusUserKey } from './mbus-user-key.ts';
import { skipVectors, vectors } from './vectors.case.ts';

test('the M-Bus user key of SMR 5 is sealed as an open head-end seals it', { skip: skipVectors }, () => {
  const vector = vectors.find(({ id }) => id === 'osgp-smr5-mbus-userkey');
  assert(vector?.keys?.master_key);
  const nonce = fromHex(String(vector.expected.iv));
  const plain = fromHex(String(vector.expected.plaintext));
  const to = { masterKey: fromHex(vector.keys.master_key), meterId: nonce.subarray(0, 8), keyCounter: 1 };
  const sealed = sealMbusUserKey({ keyId: 2, key: plain.subarray(2) }, to);
  assert(sealed.ok);
  assert.equal(toHex(sealed.value), vector.hex);
  assert.deepEqual(openMbusUserKey(sealed.value, to), {
    ok: true,
    value: { keyId: 2, key: plain.subarray(2) },
  });
});

test('a key change altered, cut, or made under another counter is refused by code', () => {
  const to = { masterKey: new Uint8Array(16).fill(7), meterId: new Uint8Array(8).fill(1), keyCounter: 9 };
  const sealed = sealMbusUserKey({ keyId: 2, key: new Uint8Array(16).fill(3) }, to);
  assert(sealed.ok);
  const codeOf = (octets: Uint8Array, of = to) => {
    const opened = openMbusUserKey(octets, of);
    return opened.ok ? 'opened' : opened.error.code;
  };
  for (let at = 0; at < sealed.value.length; at++) {
    const altered = sealed.value.slice();
    altered[at] = (altered[at] as number) ^ 1;
    assert.equal(codeOf(altered), 'dlms/key-wrap');
    assert.equal(codeOf(sealed.value.subarray(0, at)), 'dlms/key-wrap');
  }
  assert.equal(codeOf(sealed.value, { ...to, keyCounter: 10 }), 'dlms/key-wrap');
  const short = sealMbusUserKey({ keyId: 2, key: new Uint8Array(15) }, to);
  assert(!short.ok && short.error.code === 'dlms/key-wrap');
});
