import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom } from '@wattline/base';
import type { CipheringScheme, CipheringSetup, PeerKeys, SecurityKeys } from './association.ts';
import { encodeData } from './axdr.ts';
import type { ClientOptions } from './client.ts';
import {
  clientTitle,
  converse,
  countFrom,
  guardFrom,
  keys,
  meterTitle,
  pairs,
  profile,
  signingOf,
  suite2Keys,
  testDevice,
} from './conversation.case.ts';
import { generateKeyPair } from './elliptic.ts';
import { decodeFrame } from './frame-tree.ts';
import type { ClientPolicy } from './server.ts';

import { findNode } from './vectors.case.ts';

const kek16 = fromHex('00112233445566778899AABBCCDDEEFF');
const kek32 = fromHex('00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF');
const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
const wholeProfile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };

/** Static key agreement pairs of both sides, apart from their signing pairs. */
const agreement = {
  1: { client: generateKeyPair(1), meter: generateKeyPair(1) },
  2: { client: generateKeyPair(2), meter: generateKeyPair(2) },
} as const;

interface Sides {
  readonly policy: ClientPolicy;
  readonly options: ClientOptions;
}

/** A client and its policy under one scheme. */
function sidesOf(
  suite: 0 | 1 | 2,
  scheme: CipheringScheme,
  extra: { readonly policy?: Partial<ClientPolicy>; readonly options?: Partial<ClientOptions> } = {},
): Sides {
  const suiteKeys: SecurityKeys = suite === 2 ? suite2Keys : { ...keys, suite };
  const kek = suite === 2 ? kek32 : kek16;
  const curve = suite === 2 ? 'p384' : 'p256';
  const agreed = (own: 'client' | 'meter', peer: 'client' | 'meter'): PeerKeys | undefined =>
    suite === 0 ? undefined : { own: agreement[suite][own], peerPublicKey: agreement[suite][peer].publicKey };
  const setup = (peers: PeerKeys | undefined): Omit<CipheringSetup, 'scheme'> =>
    peers ? { kek, agreement: peers } : { kek };
  const common = { clientSap: 20, mechanism: 'gmac', protection: 'ae', keys: suiteKeys } as const;
  return {
    policy: {
      ...common,
      name: 'ciphering',
      replay: guardFrom(),
      ciphering: setup(agreed('meter', 'client')),
      signing: signingOf(curve, 'meter'),
      ...extra.policy,
    },
    options: {
      ...common,
      serverSap: 1,
      envelope: 'ciphering',
      ciphering: { scheme, ...setup(agreed('client', 'meter')) },
      signing: signingOf(curve, 'client'),
      systemTitle: clientTitle,
      counter: countFrom(100),
      random: seededRandom(`client ${scheme}`),
      ...extra.options,
    },
  };
}

function talk({ policy, options }: Sides) {
  const device = testDevice([policy]);
  return { device, conversation: converse(options, { device }) };
}

/** The first octet of each APDU on the wire after the association was asked for. */
const tagsOf = (conversation: ReturnType<typeof converse>) =>
  new Set(conversation.wire.slice(2).map(({ octets }) => octets[8]));

const cases: readonly (readonly [0 | 1 | 2, CipheringScheme])[] = [
  [0, 'identified'],
  [0, 'wrapped'],
  [1, 'identified'],
  [1, 'wrapped'],
  [1, 'one-pass'],
  [1, 'static-unified'],
  [2, 'wrapped'],
  [2, 'one-pass'],
  [2, 'static-unified'],
];

for (const [suite, scheme] of cases) {
  test(`General-Ciphering by a key ${scheme} carries all services of an association of suite ${suite}`, () => {
    const { conversation, device } = talk(sidesOf(suite, scheme, { options: { maxPduSize: 600 } }));
    const associated = conversation.ask({ kind: 'associate' });
    assert(associated.kind === 'associated', JSON.stringify(associated));
    const read = conversation.ask({ kind: 'get', reference: energy });
    assert(read.kind === 'get' && read.result.ok);
    assert.deepEqual(read.result.encoded, encodeData({ type: 'double-long-unsigned', value: 5009 }));
    const long = conversation.ask({ kind: 'get', reference: wholeProfile });
    assert(long.kind === 'get' && long.result.ok);
    assert.deepEqual(long.result.encoded, encodeData(profile));
    const reference = { classId: 20, obis: '0.0.13.0.0.255', attribute: 2 };
    const written = conversation.ask({ kind: 'set', reference, value: { type: 'unsigned', value: 7 } });
    assert(written.kind === 'set' && written.result === 'success');
    assert.deepEqual(device.written, [{ type: 'unsigned', value: 7 }]);
    const access = conversation.ask({ kind: 'access', items: [{ kind: 'get', reference: energy }] });
    assert.equal(access.kind, 'access');
    assert.deepEqual(tagsOf(conversation), new Set([0xdd]));
    assert.equal(conversation.ask({ kind: 'release' }).kind, 'released');
  });
}

test('every answer goes under another key and no octet of a request is taken twice', () => {
  const { conversation } = talk(sidesOf(1, 'one-pass'));
  conversation.ask({ kind: 'associate' });
  conversation.ask({ kind: 'get', reference: energy });
  const request = conversation.wire.findLast(({ from }) => from === 'client')?.octets;
  assert(request);
  const { events, send } = conversation.server.receive(request);
  assert.deepEqual(
    events.map((event) => event.kind === 'refused' && event.code),
    ['dlms/counter-replayed'],
  );
  assert.equal(send.length, 1);
});

test('a scheme whose keys the server does not hold is answered by an exception', () => {
  const { conversation } = talk(sidesOf(1, 'static-unified', { policy: { ciphering: {} } }));
  const outcome = conversation.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/exception-response');
  const [refusal] = conversation.events;
  assert(refusal?.kind === 'refused' && refusal.code === 'dlms/keys-missing');
});

test('a scheme whose keys the client does not hold is not begun', () => {
  for (const ciphering of [{ scheme: 'one-pass' }, { scheme: 'wrapped', kek: kek32 }] as const) {
    const { conversation } = talk(sidesOf(1, ciphering.scheme, { options: { ciphering } }));
    const outcome = conversation.ask({ kind: 'associate' });
    assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/keys-missing');
  }
});

test('an ephemeral key signed by somebody else opens nothing', () => {
  const forged = { own: generateKeyPair(1), peerPublicKey: pairs.p256.meter.publicKey };
  const { conversation } = talk(sidesOf(1, 'one-pass', { options: { signing: forged } }));
  const outcome = conversation.ask({ kind: 'associate' });
  assert.equal(outcome.kind, 'failure');
  const [refusal] = conversation.events;
  assert(refusal?.kind === 'refused' && refusal.code === 'dlms/key-agreement');
});

for (const suite of [1, 2] as const) {
  for (const envelope of ['service', 'general', 'ciphering'] as const) {
    test(`requests and answers in the ${envelope} envelope are signed in suite ${suite}`, () => {
      const { conversation } = talk(
        sidesOf(suite, 'static-unified', {
          policy: { demandsSignature: true },
          options: { envelope, isSigned: true, maxPduSize: 700 },
        }),
      );
      const associated = conversation.ask({ kind: 'associate' });
      assert(associated.kind === 'associated', JSON.stringify(associated));
      const long = conversation.ask({ kind: 'get', reference: wholeProfile });
      assert(long.kind === 'get' && long.result.ok);
      assert.deepEqual(long.result.encoded, encodeData(profile));
      assert.deepEqual(tagsOf(conversation), new Set([0xdf]));
      assert(conversation.wire.every(({ octets }) => octets.length <= 8 + 1024));
      const tree = decodeFrame(conversation.wire.at(-1)?.octets ?? new Uint8Array(0));
      assert(tree.ok, JSON.stringify(tree));
      assert(findNode(tree.value, 'content')?.children.length === 1);
    });
  }
}

test('a policy that demands a signature takes no APDU without one', () => {
  const { conversation } = talk(sidesOf(1, 'wrapped', { policy: { demandsSignature: true } }));
  const outcome = conversation.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure');
  const [refusal] = conversation.events;
  assert(refusal?.kind === 'refused' && refusal.code === 'dlms/unprotected');
});

test('a signature of somebody else, or over other octets, is refused by its code on either side', () => {
  const forged = { own: generateKeyPair(1), peerPublicKey: pairs.p256.meter.publicKey };
  const stranger = talk(sidesOf(1, 'wrapped', { options: { signing: forged, isSigned: true } })).conversation;
  assert.equal(stranger.ask({ kind: 'associate' }).kind, 'failure');
  const [refusal] = stranger.events;
  assert(refusal?.kind === 'refused' && refusal.code === 'dlms/bad-signature');

  const sides = sidesOf(1, 'wrapped', { options: { isSigned: true } });
  const device = testDevice([sides.policy]);
  const altered = converse(sides.options, {
    device,
    tamperBack: (octets) => {
      if (octets[8] !== 0xdf) return octets;
      const copy = octets.slice();
      copy[copy.length - 1] = (copy.at(-1) as number) ^ 1;
      return copy;
    },
  });
  const outcome = altered.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/bad-signature');
});

test('a signature without ciphering is not begun: nothing would tell that it was sent again', () => {
  const { conversation } = talk(sidesOf(1, 'wrapped', { options: { protection: 'none', isSigned: true } }));
  const outcome = conversation.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/keys-missing');
});

test('an envelope from another title, or to another, is refused', () => {
  const title = meterTitle.toReversed();
  const sides = sidesOf(0, 'wrapped');
  const device = { ...testDevice([sides.policy]), systemTitle: title };
  const { outcome } = {
    outcome: converse({ ...sides.options, serverSystemTitle: meterTitle }, { device }).ask({
      kind: 'associate',
    }),
  };
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/system-title-mismatch');
});
