import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@wattline/base';
import { decodeApdu, encodeApdu } from './apdu/apdu.ts';
import type { OptionalService } from './apdu/conformance.ts';
import { encodeData } from './axdr.ts';
import { clientFor, clientTitle, converse, keys, profile, testDevice } from './conversation.case.ts';
import type { Data } from './data.ts';
import { open, sealApdu } from './security.ts';
import { encodeWrapper } from './wrapper.ts';

const serial = { classId: 1, obis: '0.0.96.1.0.255', attribute: 0 };
const calendar = { classId: 20, obis: '0.0.13.0.0.255', attribute: 0 };
const five: Data = { type: 'unsigned', value: 5 };
const nothing: Data = { type: 'null-data' };

/** The device of the tests, with attributes 1 and 2 of each object it has; attribute 1 may not be read. */
function listingDevice() {
  const device = testDevice();
  return {
    ...device,
    attributes: ({ obis }: { readonly obis: string }) => (obis === '9.9.9.9.9.9' ? undefined : [1, 2]),
    get: (...[reference, client]: Parameters<typeof device.get>) =>
      reference.attribute === 1
        ? ({ ok: false, result: 'read-write-denied' } as const)
        : device.get(reference, client),
  };
}

function open16(proposes: readonly OptionalService[], device = listingDevice()) {
  const conversation = converse(clientFor(16, { proposes }), { device });
  assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
  return { conversation, device };
}

test('attribute 0 reads all attributes at once, null-data for what may not be read', () => {
  const { conversation } = open16(['attribute0-supported-with-get']);
  const read = conversation.ask({ kind: 'get', reference: serial });
  assert(read.kind === 'get' && read.result.ok);
  const title: Data = { type: 'octet-string', value: listingDevice().systemTitle };
  assert.deepEqual(read.result.encoded, encodeData({ type: 'structure', value: [nothing, title] }));
  const unknown = conversation.ask({ kind: 'get', reference: { ...serial, obis: '9.9.9.9.9.9' } });
  assert(unknown.kind === 'get' && !unknown.result.ok && unknown.result.result === 'object-undefined');
});

test('attribute 0 writes what is given and leaves what is null-data', () => {
  const { conversation, device } = open16(['attribute0-supported-with-set']);
  const write = (value: Data) => {
    const outcome = conversation.ask({ kind: 'set', reference: calendar, value });
    assert(outcome.kind === 'set');
    return outcome.result;
  };
  assert.equal(write({ type: 'structure', value: [nothing, five] }), 'success');
  assert.deepEqual(device.written, [five]);
  assert.equal(write({ type: 'structure', value: [five] }), 'type-unmatched');
  assert.equal(write(five), 'type-unmatched');
});

test('attribute 0 is refused where it was not agreed to, and not offered by a device that lists nothing', () => {
  for (const { conversation } of [
    open16([]),
    open16(['attribute0-supported-with-get'], testDevice() as never),
  ]) {
    const read = conversation.ask({ kind: 'get', reference: serial });
    assert(read.kind === 'get' && !read.result.ok && read.result.result === 'read-write-denied');
    const written = conversation.ask({ kind: 'set', reference: calendar, value: five });
    assert(written.kind === 'set' && written.result === 'read-write-denied');
  }
});

/** A GET with an invoke id, urgent or not. */
function get(id: number, isUrgent: boolean): Uint8Array {
  return encodeApdu('get-request', {
    choice: 'get-request-normal',
    value: {
      invokeIdAndPriority: id | 0x40 | (isUrgent ? 0x80 : 0),
      attributeDescriptor: { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 },
    },
  });
}

/** Invoke ids of answers in the order they went out. */
function idsOf(answers: readonly Uint8Array[]): number[] {
  return answers.map((octets) => {
    const decoded = decodeApdu(octets);
    assert(decoded.ok && decoded.value.apdu === 'get-response', JSON.stringify(decoded));
    return decoded.value.value.value.invokeIdAndPriority & 0x0f;
  });
}

test('urgent requests that came with others are answered first, the others in their order', () => {
  const order = [get(1, false), get(2, true), get(3, false), get(4, true)];
  const heap = concatBytes(...order.map((apdu) => encodeWrapper({ source: 16, destination: 1, apdu })));
  const idsWith = (proposes: readonly OptionalService[]) => {
    const { send } = open16(proposes).conversation.server.receive(heap);
    return idsOf(send.map((octets) => octets.subarray(8)));
  };
  assert.deepEqual(idsWith(['priority-mgmt-supported']), [2, 4, 1, 3]);
  assert.deepEqual(idsWith([]), [1, 2, 3, 4]);
});

test('urgent ciphered requests keep the order of their counters: none of them looks replayed', () => {
  const conversation = converse(clientFor(2, { proposes: ['priority-mgmt-supported'] }));
  assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
  const heap = concatBytes(
    ...[get(1, false), get(2, true)].map((plain, i) => {
      const how = { protection: 'ae', invocationCounter: 5000 + i, dress: 'glo' } as const;
      const apdu = sealApdu(plain, { keys, systemTitle: clientTitle }, how);
      return encodeWrapper({ source: 2, destination: 1, apdu });
    }),
  );
  const { send, events } = conversation.server.receive(heap);
  assert.deepEqual(events, []);
  const plains = send.map((octets) => {
    const opened = open(octets.subarray(10), { keys, systemTitle: testDevice().systemTitle });
    assert(opened.ok);
    return opened.value.plain;
  });
  assert.deepEqual(idsOf(plains), [2, 1]);
});

test('a client of normal priority says so in its invoke id', () => {
  for (const [priority, octet] of [
    ['normal', 0x41],
    ['high', 0xc1],
  ] as const) {
    const conversation = converse(clientFor(16, { priority, maxPduSize: 100 }));
    conversation.ask({ kind: 'associate' });
    const read = conversation.ask({
      kind: 'get',
      reference: { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 },
    });
    assert(read.kind === 'get' && read.result.ok);
    assert.deepEqual(read.result.encoded, encodeData(profile));
    const sent = conversation.wire.filter(({ from }) => from === 'client').slice(1);
    assert(sent.length > 10 && sent.every(({ octets }) => octets[10] === octet));
  }
});
