import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { decodeApdu } from './apdu/apdu.ts';
import { decodeData, encodeData } from './axdr.ts';
import type { Data } from './data.ts';
import { decodeFrame } from './frame-tree.ts';
import { formatObis } from './obis.ts';
import { decodePush } from './push.ts';
import {
  findNode,
  keysOf,
  skipVectors,
  tokensOfApdu,
  tokensOfXml,
  unframe,
  type Vector,
  vectors,
} from './vectors.case.ts';

/** Vectors that no frame tree can judge: each with the test that does, or the reason why none does. */
const judgedElsewhere: Readonly<Record<string, string>> = {
  'esph-mbus-kmswest': 'push-capture.test.ts',
  'p1-v4-2': 'push-capture.test.ts',
  'p1-v5': 'push-capture.test.ts',
  'p1-iskra-ie': 'push-capture.test.ts',
  'jdlms-keywrap': 'public-keys.test.ts',
  'gb-c2-general-ciphering-onepass': 'public-keys.test.ts',
  'gb-c1-ecdh-static': 'public-keys.test.ts',
  'gb-c3-static-unified-ciphertext': 'public-keys.test.ts',
  'suiteb-ecdsa-p384': 'public-keys.test.ts',
  'osgp-smr5-mbus-userkey': 'mbus-user-key.test.ts',
};

/** Bytes so far from the standard that they are refused, with the code. */
const refused: Readonly<Record<string, string>> = {
  // A byte pair inside the data is swapped: what follows is no Data any more.
  'esph-hdlc-landis-gyr-zmf100': 'dlms/bad-tag',
};

const covered = vectors.filter(({ id }) => !(id in judgedElsewhere) && !(id in refused));

/** Vectors of the data layer alone. */
const isBareData = (vector: Vector) => vector.layer === 'axdr';

test('vectors that other tests judge are named with them', { skip: skipVectors }, (t) => {
  const known = new Set(vectors.map(({ id }) => id));
  for (const [id, reason] of Object.entries(judgedElsewhere)) {
    assert(known.has(id), `${id} is a vector`);
    t.diagnostic(`${id}: ${reason}`);
  }
});

test('bytes that no reading saves are refused with a code', { skip: skipVectors }, () => {
  for (const [id, code] of Object.entries(refused)) {
    const vector = vectors.find((candidate) => candidate.id === id);
    assert(vector, `${id} is a vector`);
    const decoded = decodeFrame(fromHex(vector.hex), keysOf(vector));
    assert(!decoded.ok && decoded.error.code === code, `${id}: ${JSON.stringify(decoded)}`);
  }
});

for (const vector of covered.filter(({ expected }) => 'gurux_java_xml' in expected)) {
  const xml = String(vector.expected.gurux_java_xml);
  // A link setup is translated to its parameters, which hdlc tests judge.
  if (xml.startsWith('<MaxInfoTX')) continue;
  test(`${vector.id} reads as the Gurux translator reads it`, () => {
    const octets = fromHex(vector.hex);
    const expected = tokensOfXml(xml);
    if (isBareData(vector)) {
      const decoded = decodeData(octets);
      assert(decoded.ok);
      assert.deepEqual(encodeData(decoded.value.value), octets);
      // The tree reads data inside an APDU: a notification without time is the shortest.
      const [, ...tokens] = tokensOfApdu(fromHex(`0F0000000000${vector.hex}`), {});
      assert.deepEqual(tokens.slice(1), expected);
      return;
    }
    const { apdus } = unframe(octets);
    assert.equal(apdus.length, 1);
    assert.deepEqual(tokensOfApdu(apdus[0] as Uint8Array, keysOf(vector)), expected);
  });
}

const statesPlaintext = ({ expected }: Vector) => /[0-9A-F]{8,}/.test(String(expected.plaintext));

for (const vector of covered.filter(statesPlaintext)) {
  test(`${vector.id} opens to the plaintext its source states`, () => {
    const [stated] = /[0-9A-F]{8,}/.exec(String(vector.expected.plaintext)) ?? [];
    assert(stated, 'a plaintext in hexadecimal');
    const [apdu] = unframe(fromHex(vector.hex)).apdus;
    assert(apdu);
    const decoded = decodeFrame(apdu, keysOf(vector));
    assert(decoded.ok, JSON.stringify(decoded));
    assert.equal(findNode(decoded.value, 'plaintext')?.value?.slice(0, stated.length), stated);
  });
}

/** Codes with their values out of a push, scaled where a scaler follows. */
function registersOf(body: Data): Map<string, number | string> {
  const leaves: Data[] = [];
  const walk = (data: Data): void => {
    if (data.type === 'array' || data.type === 'structure') data.value.forEach(walk);
    else leaves.push(data);
  };
  walk(body);
  const registers = new Map<string, number | string>();
  leaves.forEach((leaf, i) => {
    const value = leaves[i + 1];
    if (leaf.type !== 'octet-string' || leaf.value.length !== 6 || !value) return;
    const [scaler, unit] = [leaves[i + 2], leaves[i + 3]];
    const scale = scaler?.type === 'integer' && unit?.type === 'enum' ? scaler.value : 0;
    const code = formatObis(leaf.value);
    if (value.type === 'visible-string') registers.set(code, value.value.replace(/\0+$/, ''));
    else if (value.type === 'octet-string') registers.set(code, Buffer.from(value.value).toString('latin1'));
    else if ('value' in value && typeof value.value === 'number')
      registers.set(code, value.value * 10 ** scale);
  });
  return registers;
}

function bodyOf(vector: Vector): Data {
  const [apdu] = unframe(fromHex(vector.hex)).apdus;
  assert(apdu);
  const { ek, ak } = keysOf(vector);
  const decoded = decodePush(apdu, {
    keysOf: () => (ek && ak ? { suite: 0, ek, ak } : undefined),
    replayOf: () => undefined,
  });
  assert(decoded.ok, JSON.stringify(decoded));
  return decoded.value.body;
}

/** The registers a source states, by OBIS code. */
const numbersOf = ({ expected }: Vector) => expected.numbers ?? expected.obis;

/** Pushes in a layout of their own: a list of capture objects first, then the values. */
const listsObjectsFirst = new Set(['esph-raw-energomera']);

for (const vector of covered.filter(
  (candidate) => typeof numbersOf(candidate) === 'object' && !listsObjectsFirst.has(candidate.id),
)) {
  test(`${vector.id} gives the registers its source reads`, () => {
    const registers = registersOf(bodyOf(vector));
    const numbers = numbersOf(vector) as Record<string, number>;
    for (const [code, expected] of Object.entries(numbers)) {
      const found = registers.get(code);
      assert(typeof found === 'number', `${code} is a number, found ${found}`);
      assert(
        Math.abs(found - expected) < 1e-6 * Math.max(1, Math.abs(expected)),
        `${code}: ${found}, expected ${expected}`,
      );
    }
    for (const [code, text] of Object.entries((vector.expected.strings ?? {}) as Record<string, string>)) {
      if (/^\d{4}-\d\d-\d\d/.test(text) || code === '0.0.0.0.0.0') continue;
      assert.equal(registers.get(code), text);
    }
  });
}

test('the L+G capture with a repeated block and blocks out of order is not put together', {
  skip: skipVectors,
}, () => {
  const vector = vectors.find(({ id }) => id === 'scs-lg-e450-plain-invalid');
  assert(vector);
  const { apdus } = unframe(fromHex(vector.hex));
  for (const apdu of apdus) assert.notEqual(decodeApdu(apdu).ok, false, toHex(apdu));
  const decoded = decodeFrame(fromHex(vector.hex));
  assert(decoded.ok);
  assert.match(findNode(decoded.value, 'error')?.value ?? '', /dlms\/block-out-of-order/);
});

test('every covered frame reads as a tree whose nodes lie inside their octets', { skip: skipVectors }, () => {
  for (const vector of covered) {
    if (isBareData(vector) || vector.id === 'gb-gmac-ctos') continue;
    const octets = fromHex(vector.hex);
    const decoded = decodeFrame(octets, keysOf(vector));
    assert(decoded.ok, `${vector.id}: ${JSON.stringify(decoded)}`);
    assert.equal(decoded.value.length <= octets.length, true);
    assert(decoded.value.children.length > 0, vector.id);
  }
});
