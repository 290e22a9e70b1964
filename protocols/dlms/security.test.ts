import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, fromHex, seededRandom, toHex } from '@wattline/base';
import { decodeAcse, encodeAcse } from './acse.ts';
import { decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import type { ClientOutcome } from './client.ts';
import { createClientConnection } from './client-connection.ts';
import {
  type Conversation,
  clientFor,
  clientTitle,
  converse,
  countFrom,
  guardFrom,
  keys,
  meterTitle,
  otherKeys,
  policies,
  profile,
  testDevice,
} from './conversation.case.ts';
import { gmac, meetsProtection, open, seal, sealApdu, strongerProtection, verifyGmac } from './security.ts';
import type { ClientPolicy } from './server.ts';
import { createServerConnection } from './server-connection.ts';
import { encodeWrapper } from './wrapper.ts';

const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 } as const;
const getEnergy = encodeApdu('get-request', {
  choice: 'get-request-normal',
  value: { invokeIdAndPriority: 0xc1, attributeDescriptor: energy },
});

function failureOf(outcome: ClientOutcome | undefined): string {
  assert(outcome?.kind === 'failure', JSON.stringify(outcome));
  return outcome.failure.code;
}

function refusalsOf(conversation: Conversation): string[] {
  return conversation.events.flatMap((event) => (event.kind === 'refused' ? [event.code] : []));
}

/** Sends an APDU of client SAP 2 as it is and gives the server's answer and codes. */
function inject(conversation: Conversation, apdu: Uint8Array, clientSap = 2) {
  const reaction = conversation.server.receive(encodeWrapper({ source: clientSap, destination: 1, apdu }));
  return {
    answers: reaction.send.map((octets) => octets.subarray(8)),
    codes: reaction.events.map((event) => ('code' in event ? event.code : event.kind)),
  };
}

test('the GMAC example of the Green Book, C to S (facts of jDLMS and gurux: server title MMM, counter 01234567)', () => {
  const sealer = { keys, systemTitle: meterTitle };
  const challenge = new TextEncoder().encode('K56iVagY');
  const answer = gmac(challenge, sealer, 0x01234567);
  assert.equal(toHex(answer), '1001234567FE1466AFB3DBCD4F9389E2B7');
  assert.equal(verifyGmac(answer, challenge, sealer), 0x01234567);
  assert.equal(verifyGmac(answer, new TextEncoder().encode('K56iVagX'), sealer), undefined);
  assert.equal(verifyGmac(answer, challenge, { ...sealer, systemTitle: clientTitle }), undefined);
});

test('the glo-get-request example of the standard, encrypted only', () => {
  const plain = fromHex('C0010000080000010000FF0200');
  const how = { protection: 'e', invocationCounter: 0x01234567, dress: 'glo' } as const;
  const sealed = sealApdu(plain, { keys, systemTitle: meterTitle }, how);
  assert.equal(toHex(sealed), 'C8122001234567411312FF935A47566827C467BC');
});

test('the glo-initiateRequest example of the standard, authenticated and encrypted', () => {
  const plain = fromHex('01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0');
  const how = { protection: 'ae', invocationCounter: 0x01234567, dress: 'glo' } as const;
  const sealed = sealApdu(plain, { keys, systemTitle: meterTitle }, how);
  assert.equal(
    toHex(sealed),
    '21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855',
  );
});

test('what is sealed opens under the same keys, title and suite, and under no other', () => {
  const plain = fromHex('C001C100080000010000FF0200');
  for (const suite of [0, 1, 2] as const) {
    const length = suite === 2 ? 32 : 16;
    const own = { suite, ek: new Uint8Array(length).fill(1), ak: new Uint8Array(length).fill(2) };
    const sealer = { keys: own, systemTitle: clientTitle };
    for (const protection of ['a', 'e', 'ae'] as const) {
      const sealed = seal(plain, sealer, { protection, invocationCounter: 7 });
      assert.deepEqual(open(sealed, sealer), {
        ok: true,
        value: { plain, invocationCounter: 7, protection, isBroadcast: false },
      });
      const wrongSuite = open(sealed, { ...sealer, keys: { ...own, suite: suite === 0 ? 1 : 0 } });
      assert(!wrongSuite.ok && wrongSuite.error.code === 'dlms/security-suite');
      if (protection === 'e') continue;
      const others = [
        { ...sealer, systemTitle: meterTitle },
        { ...sealer, keys: { ...own, ek: new Uint8Array(length).fill(3) } },
        { ...sealer, keys: { ...own, ak: new Uint8Array(length).fill(3) } },
      ];
      for (const other of others) {
        const opened = open(sealed, other);
        assert(!opened.ok && opened.error.code === 'dlms/decryption-failed');
      }
    }
  }
});

test('any octet altered in a sealed APDU is noticed', () => {
  const sealer = { keys, systemTitle: clientTitle };
  const sealed = seal(getEnergy, sealer, { protection: 'ae', invocationCounter: 7 });
  for (let i = 0; i < sealed.length; i++) {
    const altered = Uint8Array.from(sealed, (octet, j) => (i === j ? octet ^ 0x01 : octet));
    assert.equal(open(altered, sealer).ok, false, `octet ${i}`);
  }
});

test('protections compare by what they do, not by rank', () => {
  assert.equal(meetsProtection('ae', 'a'), true);
  assert.equal(meetsProtection('a', 'e'), false);
  assert.equal(meetsProtection('none', 'none'), true);
  assert.equal(strongerProtection('a', 'e'), 'ae');
  assert.equal(strongerProtection('none', 'e'), 'e');
});

test('a client under the wrong key is refused an association and the event names the decryption', () => {
  const conversation = converse(clientFor(2, { keys: otherKeys }));
  assert.equal(failureOf(conversation.ask({ kind: 'associate' })), 'dlms/association-rejected');
  assert.deepEqual(refusalsOf(conversation), ['dlms/decryption-failed']);
});

test('a client with the wrong password is refused with authentication-failure', () => {
  for (const secret of ['12345679', '1234567', '', '123456789'].map((text) =>
    new TextEncoder().encode(text),
  )) {
    const conversation = converse(clientFor(32, { secret: concatBytes(secret, new Uint8Array(1)) }));
    const outcome = conversation.ask({ kind: 'associate' });
    assert(outcome.kind === 'failure');
    assert.equal(outcome.failure.where.diagnostic, 'authentication-failure');
    assert.deepEqual(refusalsOf(conversation), ['dlms/authentication-failed']);
  }
});

test('a client with the wrong secret fails in pass 3 and has no association afterwards', () => {
  for (const clientSap of [6, 7, 8, 9]) {
    const secret = new TextEncoder().encode('87654321');
    const conversation = converse(clientFor(clientSap, { secret }));
    assert.equal(failureOf(conversation.ask({ kind: 'associate' })), 'dlms/authentication-failed');
    assert.deepEqual(refusalsOf(conversation), ['dlms/authentication-failed']);
    assert.deepEqual(inject(conversation, getEnergy, clientSap).codes, ['dlms/not-associated']);
  }
});

test('a client SAP without policy, a wrong mechanism and a wrong context get the diagnostic that says so', () => {
  const ask = (options: Parameters<typeof converse>[0]) => {
    const conversation = converse(options);
    const outcome = conversation.ask({ kind: 'associate' });
    assert(outcome.kind === 'failure');
    return [outcome.failure.where.diagnostic, ...refusalsOf(conversation)];
  };
  assert.deepEqual(ask({ ...clientFor(16), clientSap: 99, allowsWeak: true }), [
    'no-reason-given',
    'dlms/unknown-client-sap',
  ]);
  assert.deepEqual(ask({ ...clientFor(16), serverSap: 7 }), [
    'called-ap-title-not-recognized',
    'dlms/unknown-server-sap',
  ]);
  assert.deepEqual(ask({ ...clientFor(16), clientSap: 32, allowsWeak: true }), [
    'authentication-mechanism-name-required',
    'dlms/mechanism-refused',
  ]);
  assert.deepEqual(ask({ ...clientFor(6), clientSap: 32 }), [
    'authentication-mechanism-name-not-recognised',
    'dlms/mechanism-refused',
  ]);
  assert.deepEqual(ask({ ...clientFor(5), clientSap: 2 }), [
    'application-context-name-not-supported',
    'dlms/context-refused',
  ]);
  assert.deepEqual(ask({ ...clientFor(3), clientSap: 2 }), ['authentication-failure', 'dlms/unprotected']);
  assert.deepEqual(ask({ ...clientFor(2), systemTitle: meterTitle }), [
    'calling-ap-title-not-recognized',
    'dlms/system-title-mismatch',
  ]);
});

test('a weak mechanism opens nothing unless both sides say so', () => {
  for (const clientSap of [32, 6, 7, 9, 10]) {
    const { allowsWeak: _, ...cautious } = clientFor(clientSap);
    const begun = converse(cautious).ask({ kind: 'associate' });
    assert(begun.kind === 'failure' && begun.failure.code === 'dlms/weak-mechanism', `client ${clientSap}`);
    const strict = policies().map(({ allowsWeak: __, ...policy }) => policy);
    const conversation = converse(clientFor(clientSap), { device: testDevice(strict) });
    const outcome = conversation.ask({ kind: 'associate' });
    assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/association-rejected');
    assert.deepEqual(refusalsOf(conversation), ['dlms/weak-mechanism']);
    assert.equal(converse(clientFor(clientSap)).ask({ kind: 'associate' }).kind, 'associated');
  }
});

test('a client without a mechanism is public at SAP 16 alone, or authenticates its APDUs', () => {
  const none = { name: 'none', mechanism: 'none' } as const;
  const codeAt = (policy: ClientPolicy) => {
    const { clientSap, mechanism, protection } = policy;
    const options = { ...clientFor(2), clientSap, mechanism, protection };
    const conversation = converse({ ...options, allowsWeak: true }, { device: testDevice([policy]) });
    const outcome = conversation.ask({ kind: 'associate' });
    return outcome.kind === 'associated' ? outcome.kind : refusalsOf(conversation)[0];
  };
  assert.equal(codeAt({ ...none, clientSap: 16, protection: 'none' }), 'associated');
  assert.equal(codeAt({ ...none, clientSap: 17, protection: 'none' }), 'dlms/weak-mechanism');
  assert.equal(codeAt({ ...none, clientSap: 17, protection: 'none', allowsWeak: true }), 'associated');
  assert.equal(codeAt({ ...none, clientSap: 17, protection: 'ae', keys }), 'associated');
});

test('an APDU in the clear, or with less protection than agreed, is answered by an exception', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const plain = inject(conversation, getEnergy);
  assert.deepEqual(plain.codes, ['dlms/unprotected']);
  const sealer = { keys, systemTitle: clientTitle };
  for (const protection of ['a', 'e'] as const) {
    const how = { protection, invocationCounter: 5000 + protection.charCodeAt(0), dress: 'glo' } as const;
    assert.deepEqual(inject(conversation, sealApdu(getEnergy, sealer, how)).codes, ['dlms/unprotected']);
  }
  assert.deepEqual(decodeApdu(plain.answers[0] as Uint8Array), {
    ok: true,
    value: {
      apdu: 'exception-response',
      value: { stateError: 'service-not-allowed', serviceError: 'operation-not-possible' },
    },
  });
});

test('an APDU under the wrong key on an open association is answered by deciphering-error', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const how = { protection: 'ae', invocationCounter: 9000, dress: 'glo' } as const;
  const sealed = sealApdu(getEnergy, { keys: otherKeys, systemTitle: clientTitle }, how);
  const { answers, codes } = inject(conversation, sealed);
  assert.deepEqual(codes, ['dlms/decryption-failed']);
  const decoded = decodeApdu(answers[0] as Uint8Array);
  assert(decoded.ok && decoded.value.apdu === 'exception-response');
  assert.equal(decoded.value.value.serviceError, 'deciphering-error');
  // The counter of a forged APDU does not count: the client's own goes on.
  assert.equal(conversation.ask({ kind: 'get', reference: energy }).kind, 'get');
});

test('a request sent again is refused, on its connection and on a new one', () => {
  const clients = policies();
  const conversation = converse(clientFor(2), { device: testDevice(clients) });
  conversation.ask({ kind: 'associate' });
  conversation.ask({ kind: 'get', reference: energy });
  const requests = conversation.wire.filter(({ from }) => from === 'client').map(({ octets }) => octets);
  const again = conversation.server.receive(requests.at(-1) as Uint8Array);
  assert.deepEqual(
    again.events.map((event) => 'code' in event && event.code),
    ['dlms/counter-replayed'],
  );
  const decoded = decodeApdu((again.send[0] as Uint8Array).subarray(8));
  assert(decoded.ok && decoded.value.apdu === 'exception-response');
  assert.equal(decoded.value.value.serviceError, 'invocation-counter-error');

  const fresh = createServerConnection(testDevice(clients), { random: seededRandom('other') });
  const replayed = fresh.receive(requests[0] as Uint8Array);
  assert.deepEqual(
    replayed.events.map((event) => 'code' in event && event.code),
    ['dlms/counter-replayed'],
  );
});

test('a counter that went back, as after a lost disk, is refused', () => {
  const clients = policies();
  const later = converse(clientFor(2, { counter: countFrom(1000) }), { device: testDevice(clients) });
  assert.equal(later.ask({ kind: 'associate' }).kind, 'associated');
  const earlier = converse(clientFor(2, { counter: countFrom(500) }), { device: testDevice(clients) });
  assert.equal(failureOf(earlier.ask({ kind: 'associate' })), 'dlms/association-rejected');
  assert.deepEqual(refusalsOf(earlier), ['dlms/counter-replayed']);
});

test('a counter that has run out seals nothing', () => {
  const conversation = converse(clientFor(2, { counter: { next: () => 2 ** 32 } }));
  assert.equal(failureOf(conversation.ask({ kind: 'associate' })), 'dlms/counter-exhausted');
  assert.equal(conversation.wire.length, 0);
});

test('a server whose counter has run out answers nothing and says why', () => {
  const device = { ...testDevice(), counter: () => ({ next: () => 2 ** 32 }) };
  const server = createServerConnection(device, { random: seededRandom('server') });
  const aarq = createClientConnection(clientFor(2)).request({ kind: 'associate' });
  assert(aarq.ok);
  const { send, events } = server.receive(aarq.value);
  assert.deepEqual(send, []);
  assert.deepEqual(
    events.map((event) => 'code' in event && event.code),
    ['dlms/counter-exhausted'],
  );
});

/** An AARE of a server that wants to pass for the meter without its keys. */
function forgedAare(challenge: Uint8Array, mechanism: 'md5' | 'gmac'): Uint8Array {
  const initiateResponse = encodeApdu('initiate-response', {
    negotiatedQualityOfService: undefined,
    negotiatedDlmsVersionNumber: 6,
    negotiatedConformance: 0x00001d,
    serverMaxReceivePduSize: 1024,
    vaaName: 7,
  });
  return encodeAcse('aare', {
    applicationContextName: 'ln',
    result: 'accepted',
    resultSourceDiagnostic: { source: 'acse-service-user', reason: 'authentication-required' },
    respondingApTitle: meterTitle,
    mechanismName: mechanism,
    respondingAuthenticationValue: challenge,
    userInformation: initiateResponse,
  });
}

function challengeOf(aarq: Uint8Array): Uint8Array {
  const decoded = decodeAcse(aarq.subarray(8));
  assert(decoded.ok && decoded.value.apdu === 'aarq' && decoded.value.value.callingAuthenticationValue);
  return decoded.value.value.callingAuthenticationValue;
}

test('a server that reflects the challenge of the client is refused before the client answers it', () => {
  for (const clientSap of [5, 6]) {
    const client = createClientConnection(clientFor(clientSap));
    const aarq = client.request({ kind: 'associate' });
    assert(aarq.ok);
    const apdu = forgedAare(challengeOf(aarq.value), clientSap === 5 ? 'gmac' : 'md5');
    const { send, outcome } = client.receive(encodeWrapper({ source: 1, destination: clientSap, apdu }));
    assert.deepEqual(send, []);
    assert.equal(failureOf(outcome), 'dlms/reflected-challenge');
  }
});

test('a client that sends back the challenge of the server is refused', () => {
  const conversation = converse(clientFor(6));
  conversation.ask({ kind: 'associate' });
  const aare = conversation.wire.find(({ from }) => from === 'server')?.octets;
  const decoded = aare && decodeAcse(aare.subarray(8));
  assert(decoded?.ok && decoded.value.apdu === 'aare');
  const aarq = encodeAcse('aarq', {
    applicationContextName: 'ln',
    mechanismName: 'md5',
    callingAuthenticationValue: decoded.value.value.respondingAuthenticationValue,
    userInformation: fromHex('01000000065F1F0400007E1F04B0'),
  });
  assert.deepEqual(inject(conversation, aarq, 6).codes, ['dlms/reflected-challenge']);
});

test('every association draws a fresh challenge', () => {
  const seen = new Set<string>();
  const conversation = converse(clientFor(6));
  for (let i = 0; i < 20; i++) {
    conversation.ask({ kind: 'associate' });
    conversation.ask({ kind: 'release' });
  }
  for (const { octets } of conversation.wire) {
    const decoded = decodeAcse(octets.subarray(8));
    if (!decoded.ok) continue;
    const { value } = decoded.value;
    if ('callingAuthenticationValue' in value)
      seen.add(toHex(value.callingAuthenticationValue as Uint8Array));
    if ('respondingAuthenticationValue' in value) {
      seen.add(toHex(value.respondingAuthenticationValue as Uint8Array));
    }
  }
  assert.equal(seen.size, 40);
});

test('a server that does not prove itself in pass 4, or skips authentication, is refused', () => {
  const impostor = (reply: (octets: Uint8Array) => Uint8Array) => {
    const conversation = converse(clientFor(6), { tamperBack: reply });
    return failureOf(conversation.ask({ kind: 'associate' }));
  };
  const wrongProof = impostor((octets) =>
    octets[8] === 0xc7
      ? Uint8Array.from(octets, (octet, i) => (i === octets.length - 1 ? octet ^ 1 : octet))
      : octets,
  );
  assert.equal(wrongProof, 'dlms/authentication-failed');
  const accepting = impostor((octets) => {
    const accepted = toHex(octets)
      .replace('A30310020E', 'A303020100')
      .replace('A305A10302010E', 'A305A103020100');
    return fromHex(accepted);
  });
  assert.equal(accepting, 'dlms/authentication-failed');
});

test('a server under another system title than expected is refused', () => {
  const conversation = converse(clientFor(2, { serverSystemTitle: clientTitle.slice().fill(9) }));
  assert.equal(failureOf(conversation.ask({ kind: 'associate' })), 'dlms/system-title-mismatch');
});

test('an answer that was recorded before is refused by the guard of the client', () => {
  const replay = guardFrom();
  let recorded: Uint8Array | undefined;
  let isReplaying = false;
  const conversation = converse(clientFor(2, { replay }), {
    tamperBack(octets) {
      if (isReplaying && recorded) return recorded;
      if (octets[8] === 0xcc) recorded = octets;
      return octets;
    },
  });
  conversation.ask({ kind: 'associate' });
  assert.equal(conversation.ask({ kind: 'get', reference: energy }).kind, 'get');
  isReplaying = true;
  assert.equal(failureOf(conversation.ask({ kind: 'get', reference: energy })), 'dlms/counter-replayed');
  assert.equal(failureOf(conversation.ask({ kind: 'get', reference: energy })), 'dlms/counter-replayed');
});

test('an answer in the clear on a protected association is refused by the client', () => {
  const plainAnswer = encodeApdu('get-response', {
    choice: 'get-response-normal',
    value: { invokeIdAndPriority: 0xc1, result: { choice: 'data', value: fromHex('0600001391') } },
  });
  const conversation = converse(clientFor(2), {
    tamperBack: (octets) =>
      octets[8] === 0xcc ? encodeWrapper({ source: 1, destination: 2, apdu: plainAnswer }) : octets,
  });
  conversation.ask({ kind: 'associate' });
  assert.equal(failureOf(conversation.ask({ kind: 'get', reference: energy })), 'dlms/unprotected');
});

test('general-glo-ciphering is opened and answered in kind', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const cipheredService = seal(
    getEnergy,
    { keys, systemTitle: clientTitle },
    { protection: 'ae', invocationCounter: 9000 },
  );
  const { answers, codes } = inject(
    conversation,
    encodeApdu('general-glo-ciphering', { systemTitle: clientTitle, cipheredService }),
  );
  assert.deepEqual(codes, []);
  const decoded = decodeApdu(answers[0] as Uint8Array);
  assert(decoded.ok && decoded.value.apdu === 'general-glo-ciphering');
  assert.deepEqual(decoded.value.value.systemTitle, meterTitle);
  const opened = open(decoded.value.value.cipheredService, { keys, systemTitle: meterTitle });
  assert(opened.ok);
  assert.equal(toHex(opened.value.plain), 'C401C1000600001391');
  const foreign = encodeApdu('general-glo-ciphering', { systemTitle: meterTitle, cipheredService });
  assert.deepEqual(inject(conversation, foreign).codes, ['dlms/system-title-mismatch']);
});

test('a dedicated key given in the AARQ opens ded- APDUs, with a counter of its own', () => {
  const { server } = converse(clientFor(2));
  const sealer = { keys, systemTitle: clientTitle };
  const dedicatedKey = fromHex('00112233445566778899AABBCCDDEEFF');
  const initiate = encodeApdu('initiate-request', {
    dedicatedKey,
    responseAllowed: undefined,
    proposedQualityOfService: undefined,
    proposedDlmsVersionNumber: 6,
    proposedConformance: 0x007e1f,
    clientMaxReceivePduSize: 1024,
  });
  const aarq = encodeAcse('aarq', {
    applicationContextName: 'ln-ciphering',
    callingApTitle: clientTitle,
    mechanismName: 'lls',
    callingAuthenticationValue: new TextEncoder().encode('12345678'),
    userInformation: sealApdu(initiate, sealer, { protection: 'ae', invocationCounter: 50, dress: 'glo' }),
  });
  const opened = server.receive(encodeWrapper({ source: 10, destination: 1, apdu: aarq }));
  assert.deepEqual(
    opened.events.map(({ kind }) => kind),
    ['associated'],
  );
  const own = { keys: { ...keys, ek: dedicatedKey }, systemTitle: clientTitle };
  const request = sealApdu(getEnergy, own, { protection: 'ae', invocationCounter: 0, dress: 'ded' });
  const frame = encodeWrapper({ source: 10, destination: 1, apdu: request });
  const { send } = server.receive(frame);
  const answer = (send[0] as Uint8Array).subarray(8);
  assert.equal(answer[0], 212);
  const plain = open(answer.subarray(2), { ...own, systemTitle: meterTitle });
  assert(plain.ok);
  assert.equal(toHex(plain.value.plain), 'C401C1000600001391');
  const again = server.receive(frame);
  assert.deepEqual(
    again.events.map((event) => 'code' in event && event.code),
    ['dlms/counter-replayed'],
  );
});

test('a release under a broken seal is refused, one under a right seal is answered under seal', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const sealer = { keys, systemTitle: clientTitle };
  const initiate = fromHex('01000000065F1F0400007E1F04B0');
  const rlrq = (key: typeof sealer, invocationCounter: number) =>
    encodeAcse('rlrq', {
      reason: 'normal',
      userInformation: sealApdu(initiate, key, { protection: 'ae', invocationCounter, dress: 'glo' }),
    });
  const broken = inject(conversation, rlrq({ ...sealer, keys: otherKeys }, 7000));
  assert.deepEqual(broken.codes, ['dlms/decryption-failed']);
  const released = inject(conversation, rlrq(sealer, 7001));
  assert.deepEqual(released.codes, ['released']);
  const rlre = decodeAcse(released.answers[0] as Uint8Array);
  assert(rlre.ok && rlre.value.apdu === 'rlre');
  assert.equal(rlre.value.value.userInformation?.[0], 40);
});

test('a client converses under general envelopes and under a dedicated key, also in blocks', () => {
  const dedicatedKey = fromHex('00112233445566778899AABBCCDDEEFF');
  const tags = { 'service ': 200, 'service dedicated': 208, 'general ': 219, 'general dedicated': 220 };
  for (const clientSap of [2, 3, 4, 10]) {
    for (const envelope of ['service', 'general'] as const) {
      for (const extra of [{}, { dedicatedKey }]) {
        const conversation = converse(clientFor(clientSap, { envelope, maxPduSize: 128, ...extra }));
        assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
        const loadProfile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
        const read = conversation.ask({ kind: 'get', reference: loadProfile });
        assert(read.kind === 'get' && read.result.ok);
        assert.deepEqual(read.result.encoded, encodeData(profile));
        const last = conversation.wire.findLast(({ from }) => from === 'client')?.octets;
        const name = `${envelope} ${'dedicatedKey' in extra ? 'dedicated' : ''}` as keyof typeof tags;
        assert.equal(last?.[8], tags[name]);
        for (const { octets } of conversation.wire.filter(({ from }) => from === 'server')) {
          assert(octets.length - 8 <= 128, `${octets.length - 8} octets`);
        }
        assert.equal(conversation.ask({ kind: 'release' }).kind, 'released');
      }
    }
  }
});

test('a dedicated key never goes out in the clear', () => {
  const conversation = converse(clientFor(5, { dedicatedKey: fromHex('00112233445566778899AABBCCDDEEFF') }));
  conversation.ask({ kind: 'associate' });
  for (const { octets } of conversation.wire)
    assert.doesNotMatch(toHex(octets), /00112233445566778899AABBCCDDEEFF/);
});
