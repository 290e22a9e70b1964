import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, fromHex, seededRandom, toHex } from '@wattline/base';
import { decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import type { ClientOptions, ShortName, ShortNameValue } from './client.ts';
import { createClientConnection } from './client-connection.ts';
import {
  type Carriage,
  type Conversation,
  clientFor,
  converse,
  meterTitle,
  policies,
  profile,
  shortNames,
  testDevice,
} from './conversation.case.ts';
import type { Data } from './data.ts';
import { createServerConnection } from './server-connection.ts';
import {
  associationObject,
  decodeObjectList,
  objectListName,
  resolveShortName,
  shortNameOfAttribute,
  shortNameOfMethod,
} from './short-names.ts';
import { skipVectors, vectors } from './vectors.case.ts';
import { encodeWrapper } from './wrapper.ts';

const energy = encodeData({ type: 'double-long-unsigned', value: 5009 });
const five: Data = { type: 'unsigned', value: 5 };

function open(clientSap: number, carriage: Carriage = {}, extra: Partial<ClientOptions> = {}): Conversation {
  const conversation = converse(clientFor(clientSap, { referencing: 'sn', ...extra }), carriage);
  const outcome = conversation.ask({ kind: 'associate' });
  assert.equal(outcome.kind, 'associated', JSON.stringify(outcome));
  return conversation;
}

for (const { clientSap, name } of policies()) {
  test(`client ${name} associates with short names and reads, writes and calls a method by them`, () => {
    for (const hdlc of [undefined, { window: 1 }]) {
      const device = testDevice();
      const how = hdlc ? { hdlc } : {};
      const conversation = open(clientSap, { device, ...how }, how);
      const list = conversation.ask({ kind: 'read', variables: [{ name: objectListName }] });
      assert(list.kind === 'read' && list.results[0]?.ok, JSON.stringify(list));
      assert.deepEqual(decodeObjectList(list.results[0].encoded), {
        ok: true,
        value: [associationObject, ...shortNames],
      });
      const variables = [{ name: 0x0208 }, { name: 0x0108 }, { name: 0x7000 }, { name: 0x0209 }];
      assert.deepEqual(conversation.ask({ kind: 'read', variables }), {
        kind: 'read',
        results: [
          { ok: true, encoded: energy },
          { ok: true, encoded: encodeData({ type: 'octet-string', value: meterTitle }) },
          { ok: false, result: 'object-undefined' },
          { ok: false, result: 'object-undefined' },
        ],
      });
      const items: ShortNameValue[] = [
        { name: 0x0440, value: five },
        { name: 0x0208, value: five },
        { name: 0x0520, value: five },
      ];
      assert.deepEqual(conversation.ask({ kind: 'write', items }), {
        kind: 'write',
        results: ['success', 'read-write-denied', 'success'],
      });
      assert.deepEqual(device.written, [five]);
      assert.deepEqual(device.acted, [five]);
      const called: ShortName = { name: 0x0520, access: { selector: 1, parameters: five } };
      assert.deepEqual(conversation.ask({ kind: 'read', variables: [called] }), {
        kind: 'read',
        results: [{ ok: true, encoded: encodeData(five) }],
      });
      assert.deepEqual(conversation.ask({ kind: 'release' }), { kind: 'released' });
    }
  });
}

test("the proof written to the method's name, as Gurux's clients do, is answered as a Read", () => {
  // Gurux.DLMS.Python 1.0.197 against wattline meter run, 2026-11-28: WriteRequest of variable FA58 with the proof as its data.
  const written = fromHex('060102FA58010911100000EA60D31344B0ACAC02A28A9E5BFE');
  for (const clientSap of [6, 7, 8, 9]) {
    const client = createClientConnection(clientFor(clientSap, { referencing: 'sn' }));
    const server = createServerConnection(testDevice(), { random: seededRandom('server') });
    const aarq = client.request({ kind: 'associate' });
    assert(aarq.ok);
    const [aare] = server.receive(aarq.value).send;
    const [pass3] = client.receive(aare as Uint8Array).send;
    assert(pass3);
    // The client's own Read: 05 01, [4], name, selection 1, the proof as an octet-string.
    const proof = pass3.subarray(8 + 6);
    const asGurux = concatBytes(written.subarray(0, 6), proof);
    const apdu = { source: clientSap, destination: 1, apdu: asGurux };
    const { send, events } = server.receive(encodeWrapper(apdu));
    assert.equal(events[0]?.kind, 'associated', JSON.stringify(events));
    assert.equal(toHex((send[0] as Uint8Array).subarray(8, 12)), '0C010009');
    assert.equal(client.receive(send[0] as Uint8Array).outcome?.kind, 'associated');
  }
  const stranger = createServerConnection(testDevice(), { random: seededRandom('server') });
  const apdu = { source: 6, destination: 1, apdu: written };
  assert.equal(stranger.receive(encodeWrapper(apdu)).events[0]?.kind, 'refused');
});

test('a server that refuses the proof as a Read is given it as a Write, once', () => {
  const client = createClientConnection(clientFor(6, { referencing: 'sn' }));
  const server = createServerConnection(testDevice(), { random: seededRandom('server') });
  const aarq = client.request({ kind: 'associate' });
  assert(aarq.ok);
  const read = client.receive(server.receive(aarq.value).send[0] as Uint8Array).send[0] as Uint8Array;
  assert.equal(read[8], 0x05);
  // Gurux.DLMS for Java (a01dbc8), its short name server, 2026-11-28: service not supported, service unknown.
  const refusal = encodeWrapper({ source: 1, destination: 6, apdu: fromHex('D80202') });
  const [written] = client.receive(refusal).send;
  assert.equal(toHex((written as Uint8Array).subarray(8, 14)), '060102FA5801');
  const pass4 = server.receive(written as Uint8Array).send[0] as Uint8Array;
  assert.equal(client.receive(pass4).outcome?.kind, 'associated');
  const second = createClientConnection(clientFor(6, { referencing: 'sn' }));
  const again = second.request({ kind: 'associate' });
  assert(again.ok);
  second.receive(server.receive(again.value).send[0] as Uint8Array);
  second.receive(refusal);
  assert.equal(second.receive(refusal).outcome?.kind, 'failure');
});

test('a long variable comes in blocks of a Read, or in general blocks', () => {
  for (const extra of [{ maxPduSize: 128 }, { maxPduSize: 128, generalBlockWindow: 5 }]) {
    const conversation = open(2, {}, extra);
    const read = conversation.ask({ kind: 'read', variables: [{ name: 0x0308 }, { name: 0x0208 }] });
    assert.deepEqual(read, {
      kind: 'read',
      results: [
        { ok: true, encoded: encodeData(profile) },
        { ok: true, encoded: energy },
      ],
    });
    for (const { from, octets } of conversation.wire) assert(from === 'client' || octets.length <= 128 + 8);
  }
});

test('a selection reaches the device with the variable', () => {
  const read = open(16).ask({
    kind: 'read',
    variables: [{ name: 0x0308, access: { selector: 2, parameters: five } }],
  });
  // The device of the tests echoes the parameters of a selective access.
  assert.deepEqual(read, { kind: 'read', results: [{ ok: true, encoded: encodeData(five) }] });
});

test('what is written without confirmation is done and not answered', () => {
  for (const hdlc of [undefined, { window: 1 }]) {
    const device = testDevice();
    const how = hdlc ? { hdlc } : {};
    const conversation = open(2, { device, ...how }, how);
    const request = conversation.client.request({
      kind: 'write-unconfirmed',
      items: [{ name: 0x0440, value: five }],
    });
    assert(request.ok);
    for (const octets of conversation.server.receive(request.value).send) {
      assert.equal(conversation.client.receive(octets).outcome, undefined);
    }
    assert.deepEqual(device.written, [five]);
    const read = conversation.ask({ kind: 'read', variables: [{ name: 0x0208 }] });
    assert.deepEqual(read, { kind: 'read', results: [{ ok: true, encoded: energy }] });
  }
});

test('each kind of naming keeps to its own services', () => {
  const reference = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
  const short = open(16).ask({ kind: 'get', reference });
  assert(short.kind === 'failure' && short.failure.code === 'dlms/service-not-supported');
  const long = converse(clientFor(16));
  long.ask({ kind: 'associate' });
  const read = long.ask({ kind: 'read', variables: [{ name: 0x0208 }] });
  assert(read.kind === 'failure' && read.failure.code === 'dlms/service-not-supported');
  // Octets sent all the same.
  const forced = open(16).server.receive(fromHex('000100100001000DC001C100030100010800FF0200'));
  assert(forced.events[0]?.kind === 'refused' && forced.events[0].code === 'dlms/service-not-supported');
  const { events } = long.server.receive(fromHex('00010010000100050501020208'));
  assert(events[0]?.kind === 'refused' && events[0].code === 'dlms/service-not-supported');
});

test('a device without short names refuses an association that asks for them', () => {
  const { shortNames: _, ...device } = testDevice();
  const conversation = converse(clientFor(16, { referencing: 'sn' }), { device });
  const outcome = conversation.ask({ kind: 'associate' });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/association-rejected');
});

test('a Gurux C++ client associates with short names and reads by octets of its own', {
  skip: skipVectors,
}, () => {
  const octetsOf = (id: string) => fromHex(vectors.find((vector) => vector.id === id)?.hex ?? '');
  const server = createServerConnection(
    { ...testDevice(), shortNames: () => [{ ...shortNames[1], baseName: 0x0140 } as (typeof shortNames)[0]] },
    { random: { bytes: () => new Uint8Array(16) } as never },
  );
  const [aare] = server.receive(octetsOf('run-cpp-sn-aarq')).send;
  const theirs = octetsOf('run-cpp-sn-aare');
  const initiate = (octets: Uint8Array) => toHex(octets.subarray(octets.length - 14));
  assert(aare);
  // DLMS version, maximum size and VAA name are theirs; of the services ours has fewer.
  assert.equal(initiate(aare).slice(-8), initiate(theirs).slice(-8));
  const [answer] = server.receive(octetsOf('run-cpp-sn-read')).send;
  assert.equal(toHex(answer ?? new Uint8Array(0)), `0001000100100008${'0C0100'}${toHex(energy)}`);
});

test('names of attributes and methods resolve back to what they name', () => {
  for (const object of shortNames) {
    for (const attribute of [1, 2]) {
      const resolved = resolveShortName(shortNameOfAttribute(object, attribute), shortNames);
      assert.deepEqual(resolved, {
        kind: 'attribute',
        reference: { classId: object.classId, obis: object.obis, attribute },
      });
    }
    const name = shortNameOfMethod(object, 1);
    if (name === undefined) continue;
    assert.deepEqual(resolveShortName(name, shortNames), {
      kind: 'method',
      reference: { classId: object.classId, obis: object.obis, method: 1 },
    });
  }
  assert.equal(resolveShortName(0x50, shortNames), undefined);
  assert.equal(resolveShortName(0x0101, shortNames), undefined);
});

test('an object list of another shape is refused by code', () => {
  for (const data of [
    { type: 'null-data' },
    { type: 'array', value: [{ type: 'null-data' }] },
    { type: 'array', value: [{ type: 'structure', value: [{ type: 'long', value: 1 }] }] },
  ] as const) {
    const decoded = decodeObjectList(encodeData(data));
    assert(!decoded.ok && decoded.error.code === 'dlms/bad-value');
  }
  assert.equal(decodeObjectList(new Uint8Array(0)).ok, false);
});

test('a Write and a Read longer than the server takes go in blocks, and are carried out as a whole', () => {
  const device = testDevice();
  const conversation = open(16, { device, serverMaxPduSize: 64 });
  const value: Data = { type: 'octet-string', value: new Uint8Array(500).fill(7) };
  const written = conversation.ask({
    kind: 'write',
    items: [
      { name: 0x0408, value },
      { name: 0x0208, value: five },
    ],
  });
  assert.deepEqual(written, { kind: 'write', results: ['success', 'read-write-denied'] });
  assert.deepEqual(device.written, [value]);
  const variables = Array.from({ length: 40 }, (_, i) => ({ name: i % 2 === 0 ? 0x0208 : 0x0108 }));
  const read = conversation.ask({ kind: 'read', variables });
  assert(read.kind === 'read' && read.results.length === 40);
  assert(read.results.every(({ ok }) => ok));
  const fromClient = conversation.wire.filter(({ from }) => from === 'client');
  assert(fromClient.every(({ octets }) => octets.length <= 8 + 64));
  assert(fromClient.length > 15);
});

test('blocks of a Write out of order, holding blocks, or of no request, are refused and nothing is written', () => {
  const device = testDevice();
  const { server } = open(16, { device });
  const send = (blockNumber: number, lastBlock: boolean, rawData: Uint8Array) => {
    const apdu = encodeApdu('write-request', {
      variableAccessSpecification: [{ choice: 'write-data-block-access', value: { lastBlock, blockNumber } }],
      listOfData: [{ type: 'octet-string', value: rawData }],
    });
    const [answer] = server.receive(encodeWrapper({ source: 16, destination: 1, apdu })).send;
    const decoded = decodeApdu((answer ?? new Uint8Array(8)).subarray(8));
    assert(decoded.ok && decoded.value.apdu === 'write-response', JSON.stringify(decoded));
    return decoded.value.value;
  };
  const refusal = (value: 'data-block-number-invalid' | 'type-unmatched') => [
    { choice: 'data-access-error', value },
  ];
  assert.deepEqual(send(2, false, fromHex('00')), refusal('data-block-number-invalid'));
  assert.deepEqual(send(1, false, fromHex('00')), [{ choice: 'block-number', value: 1 }]);
  assert.deepEqual(send(3, true, fromHex('00')), refusal('data-block-number-invalid'));
  assert.deepEqual(send(1, true, fromHex('FF')), refusal('type-unmatched'));
  const nested = encodeApdu('write-request', {
    variableAccessSpecification: [
      { choice: 'write-data-block-access', value: { lastBlock: true, blockNumber: 1 } },
    ],
    listOfData: [five],
  });
  assert.deepEqual(send(1, true, nested.subarray(1)), refusal('type-unmatched'));
  assert.deepEqual(device.written, []);
});
