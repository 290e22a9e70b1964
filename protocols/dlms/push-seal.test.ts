/** The seal of a push read and opened apart from what is in it, on bytes we did not make. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { decodeOpenedPush, decodePush } from './push.ts';
import { openPushSeal, readPushSeal } from './push-seal.ts';
import { keysOf, skipVectors, vectors } from './vectors.case.ts';

const vector = vectors.find(({ id }) => id === 'u9n-gen-glo-push');
const octets = fromHex(vector?.hex ?? '');
const { ek, ak } = vector ? keysOf(vector) : {};
const keys = ek && ak ? { suite: 0 as const, ek, ak } : undefined;

test('a push of a real meter is opened apart as it is in one go', { skip: skipVectors }, () => {
  const seal = readPushSeal(octets);
  assert(seal && keys);
  assert.equal(toHex(seal.systemTitle), '2F19229199164103');
  const opened = openPushSeal(seal, keys);
  assert(opened.ok, JSON.stringify(opened));
  const whole = decodePush(octets, { keysOf: () => keys, replayOf: () => undefined });
  assert.deepEqual(decodeOpenedPush(opened.value, seal.systemTitle, undefined), whole);
});

test('a number that the guard refuses is refused after the opening', { skip: skipVectors }, () => {
  const seal = readPushSeal(octets);
  const opened = seal && openPushSeal(seal, keys);
  assert(opened?.ok);
  const decoded = decodeOpenedPush(opened.value, seal?.systemTitle ?? octets, { accept: () => false });
  assert.equal(decoded.ok ? undefined : decoded.error.code, 'dlms/counter-replayed');
});

test('no cut of it and nothing longer has a seal, and no changed octet opens', { skip: skipVectors }, () => {
  for (let length = 0; length < octets.length; length++) {
    assert.equal(readPushSeal(octets.subarray(0, length)), undefined, `${length} octets`);
  }
  assert.equal(readPushSeal(Uint8Array.of(...octets, 0)), undefined);
  for (let i = 0; i < octets.length; i++) {
    const altered = octets.slice();
    altered[i] = (altered[i] as number) ^ 0x04;
    const seal = readPushSeal(altered);
    assert.equal(seal ? openPushSeal(seal, keys).ok : false, false, `octet ${i}`);
  }
});

test('lengths of one, two and three octets are read, a length without octets is not', () => {
  const header = fromHex('DB080102030405060708');
  for (const [length, size] of [
    ['05', 5],
    ['8105', 5],
    ['820100', 256],
  ] as const) {
    const apdu = Uint8Array.of(...header, ...fromHex(length), ...new Uint8Array(size));
    assert.equal(readPushSeal(apdu)?.cipheredService.length, size);
  }
  for (const length of ['80', '83000005', 'FF']) {
    assert.equal(readPushSeal(Uint8Array.of(...header, ...fromHex(length), ...new Uint8Array(5))), undefined);
  }
});
