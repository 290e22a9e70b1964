import assert from 'node:assert/strict';
import { createDecipheriv, createECDH } from 'node:crypto';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { decodeApdu, encodeApdu } from './apdu/apdu.ts';
import {
  clientFor,
  clientTitle,
  converse,
  guardFrom,
  keys,
  meterTitle,
  pairs,
  policies,
  signingOf,
  suite2Keys,
  testDevice,
} from './conversation.case.ts';
import { agreeEcdh, generateKeyPair, isKeyPair, publicKeyOfCertificate, verifyEcdsa } from './elliptic.ts';
import {
  type CipheringKey,
  type CipheringKeys,
  openGeneralCiphering,
  recoverKey,
  sealGeneralCiphering,
} from './general-ciphering.ts';
import { decodeKeyTransfer, encodeKeyTransfer, unwrapKey, wrapKey } from './key-transfer.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { skipVectors, vectors } from './vectors.case.ts';

const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };

function vectorOf(id: string) {
  const vector = vectors.find((candidate) => candidate.id === id);
  assert(vector, id);
  const key = (name: string) => fromHex(vector.keys?.[name] ?? '');
  return { octets: fromHex(vector.hex), key, expected: vector.expected };
}

test('the ECDSA proof of a Gurux client is right, and is not for other challenges', {
  skip: skipVectors,
}, () => {
  const { octets, key, expected } = vectorOf('run-java-ecdsa-act');
  const proof = octets.subarray(octets.length - 3 - 64, octets.length - 3);
  const handshake = {
    clientTitle: key('client_system_title'),
    serverTitle: key('server_system_title'),
    clientChallenge: fromHex(String(expected.CtoS)),
    serverChallenge: fromHex(String(expected.StoC)),
    secret: undefined,
    keys: undefined,
    signing: { own: pairs.p256.meter, peerPublicKey: key('client_signing_public_key') },
  };
  assert.equal(hlsMechanisms.ecdsa?.verify(handshake, 'client', proof).isRight, true);
  const swapped = { ...handshake, clientChallenge: handshake.serverChallenge };
  assert.equal(hlsMechanisms.ecdsa?.verify(swapped, 'client', proof).isRight, false);
});

test('the P-384 signature of the Suite B guide is right, and altered is not', { skip: skipVectors }, () => {
  const { octets, key, expected } = vectorOf('suiteb-ecdsa-p384');
  const message = fromHex(String(expected.message));
  assert.equal(verifyEcdsa(message, octets, key('public_key')), true);
  assert.equal(verifyEcdsa(message.subarray(1), octets, key('public_key')), false);
  assert.equal(verifyEcdsa(message, octets, pairs.p384.client.publicKey), false);
  assert.equal(verifyEcdsa(message, octets.subarray(1), key('public_key')), false);
});

test('the shared secret of the Green Book (C.1) comes out of ECDH', { skip: skipVectors }, () => {
  const { octets, key } = vectorOf('gb-c1-ecdh-static');
  const privateKey = key('server_ephemeral_private_key');
  const own = { privateKey, publicKey: publicKeyOf(privateKey) };
  assert.deepEqual(agreeEcdh(own, key('client_ephemeral_public_key')), octets);
});

/** The public half of a private P-256 key. */
function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  return new Uint8Array(ecdh.getPublicKey().subarray(1));
}

test('the one-pass key of the Green Book (C.2) comes out of the envelope and opens its ciphertext', {
  skip: skipVectors,
}, () => {
  const { octets, key, expected } = vectorOf('gb-c2-general-ciphering-onepass');
  const decoded = decodeApdu(octets);
  assert(decoded.ok && decoded.value.apdu === 'general-ciphering');
  const { keyInfo, cipheredContent, ...header } = decoded.value.value;
  const privateKey = key('recipient_static_private_key');
  const recipient: CipheringKeys = {
    suite: 1,
    ak: key('authentication_key'),
    title: fromHex('4D4D4D0000000001'),
    agreement: { privateKey, publicKey: publicKeyOf(privateKey) },
    originatorSigningKey: key('client_signing_public_key'),
  };
  const recovered = recoverKey(keyInfo, header, recipient);
  assert(recovered.ok, JSON.stringify(recovered));
  assert.equal(toHex(recovered.value), expected.derived_key);
  const forged = { ...recipient, originatorSigningKey: pairs.p256.client.publicKey };
  const refused = recoverKey(keyInfo, header, forged);
  assert(!refused.ok && refused.error.code === 'dlms/key-agreement');
  // Nobody has reproduced the printed tag: the ciphertext alone is judged.
  const iv = Buffer.concat([header.originatorSystemTitle, cipheredContent.subarray(1, 5)]);
  const decipher = createDecipheriv('aes-128-gcm', recovered.value, iv);
  const plain = decipher.update(cipheredContent.subarray(5, cipheredContent.length - 12));
  assert.equal(toHex(plain), expected.plaintext);
});

test('the ciphertext of the Green Book (C.3) opens under its key', { skip: skipVectors }, () => {
  const { octets, key, expected } = vectorOf('gb-c3-static-unified-ciphertext');
  const decipher = createDecipheriv('aes-128-gcm', key('block_cipher_key'), fromHex(String(expected.iv)));
  const plain = decipher.update(octets.subarray(0, octets.length - 12));
  assert.equal(toHex(plain), expected.plaintext);
});

const plain = encodeApdu('get-request', {
  choice: 'get-request-normal',
  value: { invokeIdAndPriority: 0xc1, attributeDescriptor: energy },
});

for (const [suite, curve, ak] of [
  [1, 'p256', keys.ak],
  [2, 'p384', suite2Keys.ak],
] as const) {
  const { client, meter } = pairs[curve];
  const kek = ak.toReversed();
  const schemes: readonly CipheringKey[] = [
    {
      scheme: 'one-pass',
      ephemeral: generateKeyPair(suite),
      signing: client,
      recipientPublicKey: meter.publicKey,
    },
    { scheme: 'static-unified', own: client, recipientPublicKey: meter.publicKey },
    { scheme: 'wrapped', kek, key: ak.map((octet) => octet ^ 0x55) },
    { scheme: 'identified', key: suite === 2 ? suite2Keys.ek : keys.ek },
  ];
  for (const key of schemes) {
    test(`suite ${suite}: what ${key.scheme} seals the recipient opens, and nobody else`, () => {
      const request = {
        suite,
        key,
        ak,
        originatorTitle: clientTitle,
        recipientTitle: meterTitle,
        transactionId: fromHex('0102030405060708'),
        protection: 'ae',
        invocationCounter: 5,
      } as const;
      const sealed = sealGeneralCiphering(plain, request);
      assert(sealed.ok, JSON.stringify(sealed));
      const recipient: CipheringKeys = {
        suite,
        ak,
        title: meterTitle,
        agreement: meter,
        originatorAgreementKey: client.publicKey,
        originatorSigningKey: client.publicKey,
        kek,
        ek: suite === 2 ? suite2Keys.ek : keys.ek,
      };
      const opened = openGeneralCiphering(sealed.value, recipient);
      assert(opened.ok, JSON.stringify(opened));
      assert.deepEqual(opened.value.plain, plain);
      assert.deepEqual(opened.value.originatorTitle, clientTitle);
      assert.equal(opened.value.invocationCounter, 5);
      const stranger = generateKeyPair(suite);
      const strange: CipheringKeys = {
        ...recipient,
        agreement: stranger,
        kek: ak,
        ek: ak,
      };
      assert.equal(openGeneralCiphering(sealed.value, strange).ok, false);
      assert.equal(openGeneralCiphering(sealed.value, { ...recipient, title: clientTitle }).ok, false);
      const bare = openGeneralCiphering(sealed.value, { suite, ak, title: meterTitle });
      assert(!bare.ok && bare.error.code === 'dlms/keys-missing');
      for (let at = 0; at < sealed.value.length; at++) {
        const altered = sealed.value.slice();
        altered[at] = (altered[at] as number) ^ 1;
        assert.equal(openGeneralCiphering(altered, recipient).ok, false, `octet ${at}`);
      }
    });
  }
}

test('static-unified makes another key with each transaction id', () => {
  const { client, meter } = pairs.p256;
  const keyOf = (id: string) => {
    const header = {
      transactionId: fromHex(id),
      originatorSystemTitle: clientTitle,
      recipientSystemTitle: meterTitle,
      dateTime: new Uint8Array(0),
      otherInformation: new Uint8Array(0),
    };
    const keyInfo = {
      choice: 'agreed-key',
      value: { keyParameters: Uint8Array.of(2), keyCipheredData: new Uint8Array(0) },
    } as const;
    const recovered = recoverKey(keyInfo, header, {
      suite: 1,
      ak: keys.ak,
      title: meterTitle,
      agreement: meter,
      originatorAgreementKey: client.publicKey,
    });
    assert(recovered.ok);
    return toHex(recovered.value);
  };
  assert.notEqual(keyOf('01'), keyOf('02'));
  assert.equal(keyOf('01'), keyOf('01'));
});

test('a key is wrapped as RFC 3394 wraps it, and does not unwrap altered or under another', {
  skip: skipVectors,
}, () => {
  const { octets, key, expected } = vectorOf('jdlms-keywrap');
  const plainKey = fromHex(String(expected.wrapped_key));
  assert.deepEqual(wrapKey(key('kek'), plainKey), octets);
  assert.deepEqual(unwrapKey(key('kek'), octets), { ok: true, value: plainKey });
  const altered = unwrapKey(key('kek'), octets.toReversed());
  assert(!altered.ok && altered.error.code === 'dlms/key-wrap');
  const cut = unwrapKey(key('kek'), octets.subarray(1));
  assert(!cut.ok && cut.error.code === 'dlms/key-wrap');
  assert.throws(() => wrapKey(key('kek'), plainKey.subarray(1)), { code: 'dlms/key-wrap' });
});

test('a key transfer carries keys by name, and one wrong key spoils it', () => {
  for (const { ek, ak } of [keys, suite2Keys]) {
    const updates = [
      { id: 'unicast', key: ek },
      { id: 'broadcast', key: ek.toReversed() },
      { id: 'authentication', key: ak },
      { id: 'master', key: ak.toReversed() },
    ] as const;
    const parameter = encodeKeyTransfer(ak, updates);
    assert.deepEqual(decodeKeyTransfer(ak, parameter), { ok: true, value: updates });
    const wrong = decodeKeyTransfer(ek, parameter);
    assert(!wrong.ok && wrong.error.code === 'dlms/key-wrap');
  }
  for (const data of [
    { type: 'null-data' },
    { type: 'array', value: [{ type: 'null-data' }] },
    {
      type: 'array',
      value: [
        {
          type: 'structure',
          value: [
            { type: 'enum', value: 9 },
            { type: 'octet-string', value: wrapKey(keys.ek, keys.ak) },
          ],
        },
      ],
    },
  ] as const) {
    const decoded = decodeKeyTransfer(keys.ek, data);
    assert(!decoded.ok && decoded.error.code === 'dlms/bad-value');
  }
});

test('a client that signs with another key than the meter knows is refused', () => {
  const stranger = generateKeyPair(1);
  const { peerPublicKey } = signingOf('p256', 'client');
  const conversation = converse(clientFor(11, { signing: { own: stranger, peerPublicKey } }));
  const outcome = conversation.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/authentication-failed');
  const event = conversation.events[0];
  assert(event?.kind === 'refused' && event.code === 'dlms/authentication-failed');
});

test('a meter that signs with another key than the client knows is not believed', () => {
  const { own } = signingOf('p256', 'client');
  const signing = { own, peerPublicKey: generateKeyPair(1).publicKey };
  const outcome = converse(clientFor(11, { signing })).ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/authentication-failed');
});

test('keys that are no keys are refused before anything is sent', () => {
  const { own, peerPublicKey } = signingOf('p256', 'client');
  for (const signing of [
    { own, peerPublicKey: peerPublicKey.toReversed() },
    { own: { ...own, privateKey: own.privateKey.subarray(1) }, peerPublicKey },
  ]) {
    const conversation = converse(clientFor(11, { signing }));
    const outcome = conversation.ask({ kind: 'associate' });
    assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/keys-missing');
    assert.equal(conversation.wire.length, 0);
  }
  assert.equal(isKeyPair(own), true);
  assert.equal(agreeEcdh(own, pairs.p384.meter.publicKey), undefined);
});

test('a request under the broadcast key is served once where a guard stands for it, else refused', () => {
  const broadcast = { ...keys, broadcastEk: fromHex('0F0E0D0C0B0A09080706050403020100') };
  for (const isGuarded of [true, false]) {
    const clients = policies().map((policy) =>
      policy.clientSap === 2
        ? { ...policy, keys: broadcast, ...(isGuarded ? { broadcastReplay: guardFrom() } : {}) }
        : policy,
    );
    const conversation = converse(clientFor(2, { keys: broadcast, isBroadcast: true }), {
      device: testDevice(clients),
    });
    assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
    const read = conversation.ask({ kind: 'get', reference: energy });
    if (isGuarded) {
      assert(read.kind === 'get' && read.result.ok, JSON.stringify(read));
      const [frame] = conversation.wire.filter(({ from }) => from === 'client').slice(-1);
      assert.equal((frame?.octets[10] ?? 0) & 0x40, 0x40);
      const { events } = conversation.server.receive(frame?.octets ?? new Uint8Array(0));
      assert(events[0]?.kind === 'refused' && events[0].code === 'dlms/counter-replayed');
    } else {
      assert(read.kind === 'failure' && read.failure.code === 'dlms/exception-response');
    }
  }
});

/** Made with OpenSSL for these tests alone: an authority on P-256 and a meter's signing certificate, 2026 to 2126. */
const authority = new Uint8Array(
  Buffer.from(
    'MIIBfzCCASWgAwIBAgIUf66y3wzXAlcP8jd1nCeEYrv3QYQwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MCAX' +
      'DTI2MTEyMTEyMTUwNFoYDzIxMjYxMDI4MTIxNTA0WjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwWTATBgcqhkjOPQIBBggqhkjO' +
      'PQMBBwNCAARpsuwTBgPtL+JyKjSQir5q2RjPHWX3hYq6WZ6bOSoYZXnqaSCO298VkIFk5c2BoYNM/IsKr8NNTWe1Bsf+2SgO' +
      'o1MwUTAdBgNVHQ4EFgQUbhCY7Ud/CDBCJmq8bw0rUnTawcEwHwYDVR0jBBgwFoAUbhCY7Ud/CDBCJmq8bw0rUnTawcEwDwYD' +
      'VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBSM+PLBimFV0WZC9PZ6TJWre7PFL4rf096Dy/2GjEWqgIhAPY2dh3O' +
      'XmbEOUACXLa69YIecxL1r8mw8eQXNR93+xeb',
    'base64',
  ),
);
const certificate = new Uint8Array(
  Buffer.from(
    'MIIBLDCB0gIUMQaq2H33ziyFMWu0+DmMfzhlwYgwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MCAXDTI2MTEy' +
      'MTEyMTUwNFoYDzIxMjYxMDI4MTIxNTA0WjAbMRkwFwYDVQQDDBA0RDRENEQwMDAwQkM2MTRFMFkwEwYHKoZIzj0CAQYIKoZI' +
      'zj0DAQcDQgAE8dJx13p+ZeJZnWwEONkrlDOAYMV5XdnRqhn3hmUukRATRwV6GA5Jtvw00t/r0Sk9ShtUARM7K6xmuDGogCZD' +
      'uzAKBggqhkjOPQQDAgNJADBGAiEAjtA2XyHvLbFhpv0t7sQ5Mh643P8aLiKHT8SY+AsfzkICIQCP9DmPOXgrAcSHcgj5NU4B' +
      'xXOf9RFigxMVA4c9zoMsLA==',
    'base64',
  ),
);

test('a certificate gives its public key when its issuer signed it and its time has come', () => {
  const instantMs = Date.UTC(2030, 0, 1);
  const read = publicKeyOfCertificate(certificate, { instantMs, issuer: authority });
  assert(read.ok, JSON.stringify(read));
  assert.equal(
    toHex(read.value),
    'F1D271D77A7E65E2599D6C0438D92B94338060C5795DD9D1AA19F786652E9110' +
      '1347057A180E49B6FC34D2DFEBD1293D4A1B5401133B2BAC66B831A8802643BB',
  );
  for (const [octets, trust] of [
    [certificate, { instantMs: Date.UTC(2020, 0, 1), issuer: authority }],
    [certificate, { instantMs: Date.UTC(2130, 0, 1), issuer: authority }],
    [certificate, { instantMs, issuer: certificate }],
    [authority, { instantMs, issuer: certificate }],
    ['no certificate', { instantMs }],
    [fromHex('3003020101'), { instantMs }],
    [certificate, { instantMs, issuer: '' }],
  ] as const) {
    const refused = publicKeyOfCertificate(octets, trust);
    assert(!refused.ok && refused.error.code === 'dlms/bad-certificate');
  }
});
