import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import { encodeData } from '../axdr.ts';
import type { ClientOutcome } from '../client.ts';
import { createClientConnection } from '../client-connection.ts';
import { clientFor, converse, policies, profile, testDevice } from '../conversation.case.ts';
import { dlmsErrors } from '../errors.ts';
import { createServerConnection } from '../server-connection.ts';
import { encodeHdlcFrame } from './frame.ts';
import {
  agree,
  decodeParameters,
  defaultParameters,
  encodeParameters,
  type HdlcOptions,
  parametersOf,
} from './parameters.ts';
import { createHdlcCutter } from './stream.ts';

const loadProfile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 } as const;
const links: readonly HdlcOptions[] = [
  {},
  { serverLower: 17 },
  { serverLower: 300, maxInformation: 64, window: 3 },
  { serverLower: 17, addressLength: 4, maxInformation: 2030, window: 7 },
];

for (const hdlc of links) {
  test(`every client converses over HDLC with ${JSON.stringify(hdlc)}, whatever the cut of the octets`, () => {
    for (const { clientSap, name } of policies()) {
      for (const cut of [1, 13, Number.POSITIVE_INFINITY]) {
        const device = testDevice();
        const conversation = converse(clientFor(clientSap, { hdlc }), { device, cut, hdlc });
        assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated', name);
        const read = conversation.ask({ kind: 'get', reference: loadProfile });
        assert(read.kind === 'get' && read.result.ok);
        assert.deepEqual(read.result.encoded, encodeData(profile));
        const reference = { classId: 20, obis: '0.0.13.0.0.255', attribute: 9 };
        assert.deepEqual(conversation.ask({ kind: 'set', reference, value: profile }), {
          kind: 'set',
          result: 'success',
        });
        assert.deepEqual(device.written, [profile]);
        assert.deepEqual(conversation.ask({ kind: 'release' }), { kind: 'released' });
        assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated', `${name} again`);
      }
    }
  });
}

/** Carries a request over a line that loses what `isLost` says, sending again after silence. */
function askOverLossyLine(
  isLost: () => boolean,
  hdlc: HdlcOptions,
): { outcome: ClientOutcome; written: number } {
  const device = testDevice();
  const server = createServerConnection(device, { random: seededRandom('server'), hdlc });
  const client = createClientConnection(clientFor(2, { hdlc }));
  let outcome: ClientOutcome | undefined;
  const carry = (toServer: readonly Uint8Array[]): void => {
    for (const octets of toServer) {
      if (isLost()) continue;
      for (const answer of server.receive(octets).send) {
        if (isLost()) continue;
        const reaction = client.receive(answer);
        outcome ??= reaction.outcome;
        carry(reaction.send);
      }
    }
  };
  const ask = (request: Parameters<typeof client.request>[0]): ClientOutcome => {
    outcome = undefined;
    const first = client.request(request);
    assert(first.ok);
    carry([first.value]);
    for (let tries = 0; !outcome && tries < 200; tries++) {
      const again = client.retry?.();
      assert(again);
      carry([again]);
    }
    assert(outcome, 'an outcome after at most 200 silences');
    return outcome;
  };
  ask({ kind: 'associate' });
  const reference = { classId: 20, obis: '0.0.13.0.0.255', attribute: 9 };
  assert.equal(ask({ kind: 'set', reference, value: profile }).kind, 'set');
  return { outcome: ask({ kind: 'get', reference: loadProfile }), written: device.written.length };
}

test('a line that loses frames costs silences, never octets, and nothing is carried out twice', (t) => {
  for (const hdlc of [{ maxInformation: 64 }, { maxInformation: 64, window: 4 }]) {
    const seed = `lossy line ${hdlc.window ?? 1}`;
    t.diagnostic(`seed: ${seed}`);
    const random = seededRandom(seed);
    const { outcome, written } = askOverLossyLine(() => random.next() < 0.1, hdlc);
    assert(outcome.kind === 'get' && outcome.result.ok, JSON.stringify(outcome));
    assert.deepEqual(outcome.result.encoded, encodeData(profile));
    assert.equal(written, 1);
  }
});

test('a server that has no link answers DM, and one that is disconnected too', () => {
  const server = createServerConnection(testDevice(), { random: seededRandom('server'), hdlc: {} });
  const frame = (control: Parameters<typeof encodeHdlcFrame>[0]['control'], upper = 1) =>
    encodeHdlcFrame({
      destination: { upper, lower: undefined, length: 1 },
      source: { upper: 16, lower: undefined, length: 1 },
      control,
      isSegmented: false,
      information: new Uint8Array(0),
    });
  const kindOf = (octets: Uint8Array) => {
    const { send } = server.receive(octets);
    return send.map((answer) => createHdlcCutter().push(answer).frames[0]?.control.kind);
  };
  assert.deepEqual(kindOf(frame({ kind: 'RR', received: 0, isFinal: true })), ['DM']);
  assert.deepEqual(kindOf(frame({ kind: 'SNRM', isFinal: true })), ['UA']);
  assert.deepEqual(kindOf(frame({ kind: 'RR', received: 0, isFinal: true })), ['RR']);
  assert.deepEqual(kindOf(frame({ kind: 'DISC', isFinal: true })), ['UA']);
  assert.deepEqual(kindOf(frame({ kind: 'DISC', isFinal: true })), ['DM']);
  assert.deepEqual(kindOf(frame({ kind: 'SNRM', isFinal: true }, 2)), []);
});

test('a client whose link is refused fails with the code of it', () => {
  const client = createClientConnection(clientFor(16, { hdlc: {} }));
  assert(client.request({ kind: 'associate' }).ok);
  const dm = encodeHdlcFrame({
    destination: { upper: 16, lower: undefined, length: 1 },
    source: { upper: 1, lower: undefined, length: 1 },
    control: { kind: 'DM', isFinal: true },
    isSegmented: false,
    information: new Uint8Array(0),
  });
  const { outcome } = client.receive(dm);
  assert(outcome?.kind === 'failure' && outcome.failure.code === 'dlms/link-disconnected');
});

test('the parameters of a UA of a real meter are read and written (239 octets, window 1)', () => {
  const parameters = decodeParameters(fromHex('818014050200EF060200EF070400000001080400000001'));
  assert.deepEqual(parameters, { maxTransmit: 239, maxReceive: 239, windowTransmit: 1, windowReceive: 1 });
  assert.equal(toHex(encodeParameters(parameters)), '818014050200EF060200EF070400000001080400000001');
  const oneOctet = decodeParameters(fromHex('81800C05017F06017F070101080101'));
  assert.deepEqual(oneOctet, { maxTransmit: 127, maxReceive: 127, windowTransmit: 1, windowReceive: 1 });
  assert.deepEqual(decodeParameters(new Uint8Array(0)), defaultParameters);
  const own = parametersOf({ maxInformation: 500, window: 7 });
  assert.deepEqual(agree(own, parameters), parameters);
});

test('frames in any order and with any contents never make either side throw', (t) => {
  const seed = 'hostile link';
  t.diagnostic(`seed: ${seed}`);
  const random = seededRandom(seed);
  const kinds = ['SNRM', 'UA', 'DISC', 'DM', 'FRMR', 'UI', 'I', 'RR', 'RNR', 'I', 'I', 'RR'] as const;
  const one = (upper: number) => ({ upper, lower: undefined, length: 1 }) as const;
  for (let round = 0; round < 150; round++) {
    const server = createServerConnection(testDevice(), { random: seededRandom('server'), hdlc: {} });
    const client = createClientConnection(clientFor(16, { hdlc: {} }));
    assert(client.request({ kind: 'associate' }).ok);
    for (let i = 0; i < 20; i++) {
      const kind = kinds[random.below(kinds.length)] ?? 'I';
      const isFinal = random.below(4) > 0;
      const numbers = { sent: random.below(8), received: random.below(8) };
      const frame = {
        control: { kind, isFinal, ...numbers } as Parameters<typeof encodeHdlcFrame>[0]['control'],
        isSegmented: random.below(3) === 0,
        information: random.bytes(random.below(40)),
      };
      server.receive(encodeHdlcFrame({ destination: one(1), source: one(16), ...frame }));
      const { outcome } = client.receive(encodeHdlcFrame({ destination: one(16), source: one(1), ...frame }));
      if (outcome?.kind === 'failure') assert(outcome.failure.code in dlmsErrors, outcome.failure.code);
    }
  }
});

test('segments without end are cut off', () => {
  const server = createServerConnection(testDevice(), {
    random: seededRandom('server'),
    hdlc: {},
    maxPduSize: 512,
  });
  const addresses = {
    destination: { upper: 1, lower: undefined, length: 1 },
    source: { upper: 16, lower: undefined, length: 1 },
  } as const;
  const empty = new Uint8Array(0);
  server.receive(
    encodeHdlcFrame({
      ...addresses,
      control: { kind: 'SNRM', isFinal: true },
      isSegmented: false,
      information: empty,
    }),
  );
  const codes: string[] = [];
  for (let i = 0; i < 20; i++) {
    const control = { kind: 'I', sent: i & 7, received: 0, isFinal: true } as const;
    const information = new Uint8Array(128);
    const { events } = server.receive(
      encodeHdlcFrame({ ...addresses, control, isSegmented: true, information }),
    );
    codes.push(...events.map((event) => ('code' in event ? event.code : event.kind)));
  }
  assert.deepEqual(codes, ['dlms/frame-too-long']);
});
