import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import fc from 'fast-check';
import { createClientConnection } from './client-connection.ts';
import { clientFor, converse, meterTitle, testDevice } from './conversation.case.ts';
import { decodeFrame } from './frame-tree.ts';
import { decodeGateway, encodeGateway } from './gateway.ts';
import { createServerConnection } from './server-connection.ts';
import { findNode } from './vectors.case.ts';
import { encodeWrapper } from './wrapper.ts';

const behind = { networkId: 3, deviceAddress: fromHex('A1B2C3D4E5F6') };
const serial = { classId: 1, obis: '0.0.96.1.0.255', attribute: 2 };
const innerTitle = fromHex('4D4D4D0000FFFFFF');

/** A gateway with one meter behind it, both with objects of their own. */
function gateway() {
  const inner = { ...testDevice(), systemTitle: innerTitle };
  return {
    inner,
    route: {
      networkId: 3,
      device: (address: Uint8Array) => (toHex(address) === 'A1B2C3D4E5F6' ? inner : undefined),
    },
  };
}

for (const [carrier, hdlc] of [
  ['the wrapper', undefined],
  ['HDLC', { serverLower: 17, maxInformation: 64 }],
] as const) {
  test(`a meter behind a gateway is read through ${carrier}, ciphered and in blocks`, () => {
    const { route } = gateway();
    const extra = hdlc ? { hdlc } : {};
    const conversation = converse(clientFor(2, { gateway: behind, maxPduSize: 200, ...extra }), {
      gateway: route,
      ...extra,
    });
    const associated = conversation.ask({ kind: 'associate' });
    assert(associated.kind === 'associated', JSON.stringify(associated));
    assert.deepEqual(associated.serverSystemTitle, innerTitle);
    const read = conversation.ask({
      kind: 'get',
      reference: { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 },
    });
    assert(read.kind === 'get' && read.result.ok && read.result.encoded.length > 2000);
    assert.equal(conversation.ask({ kind: 'release' }).kind, 'released');
  });
}

test('the gateway itself answers what comes without a prefix', () => {
  const conversation = converse(clientFor(16), { gateway: gateway().route });
  conversation.ask({ kind: 'associate' });
  const own = conversation.ask({ kind: 'get', reference: serial });
  assert(own.kind === 'get' && own.result.ok && toHex(own.result.encoded).endsWith(toHex(meterTitle)));
});

test('a request for a meter that is not behind the gateway is told and not answered', () => {
  const server = createServerConnection(testDevice(), {
    random: seededRandom('server'),
    gateway: gateway().route,
  });
  for (const to of [
    { networkId: 4, deviceAddress: behind.deviceAddress },
    { networkId: 3, deviceAddress: fromHex('00') },
  ]) {
    const client = createClientConnection(clientFor(16, { gateway: to }));
    const aarq = client.request({ kind: 'associate' });
    assert(aarq.ok);
    const { send, events } = server.receive(aarq.value);
    assert.equal(send.length, 0);
    assert.deepEqual(
      events.map((event) => event.kind === 'refused' && event.code),
      ['dlms/unknown-device'],
    );
  }
});

test('an answer of another device, or without its prefix, fails the client', () => {
  for (const answer of [
    encodeGateway({ direction: 'response', networkId: 3, deviceAddress: fromHex('00'), apdu: fromHex('61') }),
    encodeGateway({ direction: 'request', ...behind, apdu: fromHex('61') }),
    fromHex('6100'),
    fromHex('E703'),
  ]) {
    const client = createClientConnection(clientFor(16, { gateway: behind }));
    assert(client.request({ kind: 'associate' }).ok);
    const { outcome } = client.receive(encodeWrapper({ source: 1, destination: 16, apdu: answer }));
    assert(outcome?.kind === 'failure');
    assert.match(outcome.failure.code, /^dlms\/(unexpected-answer|bad-tag|truncated)$/);
  }
});

test('a prefix comes back as it was written, and reads as a tree', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('request' as const, 'response' as const),
      fc.nat(255),
      fc.uint8Array({ maxLength: 255 }),
      fc.uint8Array({ maxLength: 20 }),
      (direction, networkId, deviceAddress, apdu) => {
        const frame = { direction, networkId, deviceAddress, apdu };
        assert.deepEqual(decodeGateway(encodeGateway(frame)), { ok: true, value: frame });
      },
    ),
    { seed: 31, numRuns: 200 },
  );
  const octets = encodeGateway({
    direction: 'request',
    ...behind,
    apdu: fromHex('C001C100030100010800FF0200'),
  });
  const tree = decodeFrame(encodeWrapper({ source: 16, destination: 1, apdu: octets }));
  assert(tree.ok, JSON.stringify(tree));
  assert.equal(findNode(tree.value, 'device-address')?.value, 'A1B2C3D4E5F6');
  assert.equal(findNode(tree.value, 'obis')?.value, '1.0.1.8.0.255');
});
