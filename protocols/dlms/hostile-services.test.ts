import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { clientFor, converse, testDevice } from './conversation.case.ts';
import type { Data } from './data.ts';
import { openGeneralCiphering } from './general-ciphering.ts';
import { createMbusReceiver } from './mbus.ts';
import { createP1Receiver } from './p1.ts';
import { decodePushCapture } from './push-capture.ts';
import { skipVectors, vectors } from './vectors.case.ts';
import { encodeWrapper } from './wrapper.ts';

const seed = 'hostile services';
const five: Data = { type: 'unsigned', value: 5 };
const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };

const requests = [
  encodeApdu('access-request', {
    longInvokeIdAndPriority: 0x40000001,
    dateTime: new Uint8Array(0),
    accessRequestSpecification: [
      { choice: 'access-request-get', value: energy },
      { choice: 'access-request-set', value: energy },
    ],
    accessRequestListOfData: [{ type: 'null-data' }, five],
  }),
  encodeApdu('general-block-transfer', {
    blockControl: 0x41,
    blockNumber: 1,
    blockNumberAck: 0,
    blockData: fromHex('C001C100030100010800FF0200'),
  }),
  encodeApdu('read-request', [
    { choice: 'variable-name', value: 0x0308 },
    { choice: 'parameterized-access', value: { variableName: 0x0308, selector: 1, parameter: five } },
  ]),
  encodeApdu('read-request', [{ choice: 'block-number-access', value: { blockNumber: 1 } }]),
  encodeApdu('write-request', {
    variableAccessSpecification: [{ choice: 'variable-name', value: 0x0208 }],
    listOfData: [five],
  }),
];

/** One to three octets changed, cut or repeated. */
function mutate(octets: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const copy = [...octets];
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.below(Math.max(1, copy.length));
    const how = random.below(4);
    if (how === 0) copy.splice(at, 1 + random.below(4));
    else if (how === 1) copy.splice(at, 0, ...random.bytes(1 + random.below(3)));
    else copy[at] = how === 2 ? random.below(256) : ([0, 1, 0x7f, 0x80, 0xff][random.below(5)] as number);
  }
  return Uint8Array.from(copy);
}

test('mutated ACCESS, blocks, Read and Write leave a server that still answers a right request', (t) => {
  t.diagnostic(`seed: ${seed}`);
  const random = seededRandom(seed);
  for (const referencing of ['ln', 'sn'] as const) {
    const conversation = converse(clientFor(16, { referencing, generalBlockWindow: 3, maxPduSize: 256 }), {
      device: testDevice(),
    });
    conversation.ask({ kind: 'associate' });
    for (let i = 0; i < 3000; i++) {
      const apdu = mutate(requests[random.below(requests.length)] as Uint8Array, random);
      // An association opened or released on the way would be another test.
      if ((apdu[0] ?? 0) >= 0x60 && (apdu[0] ?? 0) <= 0x63) continue;
      const { send } = conversation.server.receive(encodeWrapper({ source: 16, destination: 1, apdu }));
      for (const frame of send) assert(frame.length <= 256 + 8, toHex(apdu));
    }
    const outcome =
      referencing === 'ln'
        ? conversation.ask({ kind: 'get', reference: energy })
        : conversation.ask({ kind: 'read', variables: [{ name: 0x0208 }] });
    assert.equal(outcome.kind, referencing === 'ln' ? 'get' : 'read', JSON.stringify(outcome));
  }
});

test('a client whose server mutates its blocks ends with a code or goes on, and never throws', () => {
  const random = seededRandom(`${seed} client`);
  for (let i = 0; i < 200; i++) {
    const conversation = converse(clientFor(16, { generalBlockWindow: 4, maxPduSize: 200 }));
    conversation.ask({ kind: 'associate' });
    const request = conversation.client.request({
      kind: 'get',
      reference: { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 },
    });
    assert(request.ok);
    let frames = [...conversation.server.receive(request.value).send];
    for (let turn = 0; turn < 100 && frames.length > 0; turn++) {
      const next: Uint8Array[] = [];
      for (const frame of frames) {
        const octets = random.below(8) === 0 ? mutate(frame, random) : frame;
        const { send, outcome } = conversation.client.receive(octets);
        if (outcome?.kind === 'failure') assert.match(outcome.failure.code, /^dlms\//);
        for (const more of send) next.push(...conversation.server.receive(more).send);
      }
      frames = next;
    }
  }
});

test('captures cut at every octet and mutated are values or coded failures', { skip: skipVectors }, () => {
  const random = seededRandom(`${seed} captures`);
  const keys = { keysOf: () => undefined, replayOf: () => undefined };
  for (const { hex, layer } of vectors) {
    if (layer !== 'push') continue;
    const octets = fromHex(hex);
    const quirks = ['wrong-check', 'trailing-octets', 'swapped-tag'] as const;
    for (let i = 0; i < octets.length + 60; i++) {
      const hostile = i < octets.length ? octets.subarray(0, i) : mutate(octets, random);
      const read = decodePushCapture(hostile, keys, quirks);
      if (!read.ok) assert.match(read.error.code, /^dlms\//);
    }
    for (const receiver of [createP1Receiver(2048), createMbusReceiver(2048)]) {
      for (let i = 0; i < 20; i++) {
        for (const { code } of receiver.receive(mutate(octets, random)).failures)
          assert.match(code, /^dlms\//);
      }
    }
  }
});

test('a mutated General-Ciphering envelope is a coded failure', { skip: skipVectors }, () => {
  const random = seededRandom(`${seed} envelopes`);
  const octets = fromHex(vectors.find(({ id }) => id === 'gb-c2-general-ciphering-onepass')?.hex ?? '');
  for (let i = 0; i < 2000; i++) {
    const opened = openGeneralCiphering(mutate(octets, random), {
      suite: 1,
      ak: new Uint8Array(16),
      title: fromHex('4D4D4D0000000001'),
    });
    assert(!opened.ok);
    assert.match(opened.error.code, /^dlms\//);
  }
});
