import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeData, encodeData } from './axdr.ts';
import type { ClientOutcome } from './client.ts';
import { clientFor, converse, password, policies, profile, testDevice } from './conversation.case.ts';
import type { AttributeDescriptor } from './cosem.ts';
import type { Data } from './data.ts';
import { decodeRange, encodeRange } from './profile-access.ts';

const energy: AttributeDescriptor = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
const loadProfile: AttributeDescriptor = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
const calendar: AttributeDescriptor = { classId: 20, obis: '0.0.13.0.0.255', attribute: 9 };
const disconnector = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };

function readValueOf(outcome: ClientOutcome): Data {
  assert(outcome.kind === 'get' && outcome.result.ok, JSON.stringify(outcome));
  const decoded = decodeData(outcome.result.encoded);
  assert(decoded.ok);
  return decoded.value.value;
}

for (const { clientSap, name, mechanism } of policies()) {
  test(`client ${name} associates, reads a register and releases, whatever the cut of the octets`, () => {
    for (const cut of [1, 2, 7, 8, 9, 100, Number.POSITIVE_INFINITY]) {
      const conversation = converse(clientFor(clientSap), { cut });
      const associated = conversation.ask({ kind: 'associate' });
      assert.equal(associated.kind, 'associated', JSON.stringify(associated));
      const read = conversation.ask({ kind: 'get', reference: energy });
      assert.deepEqual(readValueOf(read), { type: 'double-long-unsigned', value: 5009 });
      assert.deepEqual(conversation.ask({ kind: 'release' }), { kind: 'released' });
      assert.deepEqual(conversation.events, [
        { kind: 'associated', client: name, mechanism },
        { kind: 'released' },
      ]);
      assert.equal(conversation.closed(), false);
    }
  });

  test(`client ${name} reads a long profile in blocks no longer than it can take`, () => {
    const maxPduSize = 128;
    const conversation = converse(clientFor(clientSap, { maxPduSize }));
    conversation.ask({ kind: 'associate' });
    const read = conversation.ask({ kind: 'get', reference: loadProfile });
    assert.deepEqual(readValueOf(read), profile);
    const answers = conversation.wire.filter(({ from }) => from === 'server').slice(1);
    assert(answers.length > 20);
    for (const { octets } of answers) assert(octets.length - 8 <= maxPduSize, `${octets.length - 8} octets`);
  });

  test(`client ${name} writes and acts, also in blocks to a server that takes little`, () => {
    const device = testDevice();
    const conversation = converse(clientFor(clientSap), { device, serverMaxPduSize: 96 });
    conversation.ask({ kind: 'associate' });
    assert.deepEqual(conversation.ask({ kind: 'set', reference: calendar, value: profile }), {
      kind: 'set',
      result: 'success',
    });
    assert.deepEqual(device.written, [profile]);
    const acted = conversation.ask({ kind: 'action', reference: disconnector, parameter: profile });
    assert(acted.kind === 'action');
    assert.equal(acted.outcome.result, 'success');
    assert.deepEqual(acted.outcome.encoded, encodeData(profile));
    assert.deepEqual(device.acted, [profile]);
    const bare = conversation.ask({ kind: 'action', reference: disconnector });
    assert.deepEqual(bare, { kind: 'action', outcome: { result: 'success' } });
  });
}

test('a list of attributes is answered in order, each with its own result', () => {
  for (const maxPduSize of [1024, 64]) {
    const conversation = converse(clientFor(2, { maxPduSize }));
    conversation.ask({ kind: 'associate' });
    const unknown = { classId: 1, obis: '9.9.9.9.9.9', attribute: 2 };
    const read = conversation.ask({ kind: 'get-list', references: [energy, unknown, loadProfile] });
    assert(read.kind === 'get-list');
    assert.deepEqual(read.results[0], {
      ok: true,
      encoded: encodeData({ type: 'double-long-unsigned', value: 5009 }),
    });
    assert.deepEqual(read.results[1], { ok: false, result: 'object-undefined' });
    assert.deepEqual(read.results[2], { ok: true, encoded: encodeData(profile) });
  }
});

test('a range of the profile reaches the device as it was asked for', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const from = Date.UTC(2025, 2, 1);
  const to = Date.UTC(2025, 2, 2);
  const access = encodeRange(from, to, 60);
  // The device of the tests echoes the parameters of a selective access.
  const echoed = readValueOf(conversation.ask({ kind: 'get', reference: { ...loadProfile, access } }));
  assert.deepEqual(decodeRange({ selector: 1, parameters: echoed }), {
    ok: true,
    value: { fromMs: from, toMs: to },
  });
});

test('what the device refuses comes back as the refusal, and the association goes on', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  const unknown = { classId: 1, obis: '9.9.9.9.9.9', attribute: 2 };
  assert.deepEqual(conversation.ask({ kind: 'get', reference: unknown }), {
    kind: 'get',
    result: { ok: false, result: 'object-undefined' },
  });
  assert.deepEqual(conversation.ask({ kind: 'set', reference: unknown, value: { type: 'null-data' } }), {
    kind: 'set',
    result: 'read-write-denied',
  });
  const method = { classId: 1, obis: '9.9.9.9.9.9', method: 1 };
  assert.deepEqual(conversation.ask({ kind: 'action', reference: method }), {
    kind: 'action',
    outcome: { result: 'object-undefined' },
  });
  assert.deepEqual(readValueOf(conversation.ask({ kind: 'get', reference: energy })), {
    type: 'double-long-unsigned',
    value: 5009,
  });
});

test('a client that does not fit its state or its options is told so and sends nothing', () => {
  const conversation = converse(clientFor(16));
  const early = conversation.ask({ kind: 'get', reference: energy });
  assert(early.kind === 'failure' && early.failure.code === 'dlms/request-not-allowed');
  const { keys: _, ...keyless } = clientFor(2);
  const unkeyed = converse(keyless).ask({ kind: 'associate' });
  assert(unkeyed.kind === 'failure' && unkeyed.failure.code === 'dlms/keys-missing');
  const unsupported = converse(clientFor(16, { mechanism: 'ecdsa' })).ask({ kind: 'associate' });
  assert(unsupported.kind === 'failure' && unsupported.failure.code === 'dlms/keys-missing');
  assert.equal(conversation.wire.length, 0);
});

test('after release the same connection can associate again', () => {
  const conversation = converse(clientFor(32, { secret: password }));
  for (let i = 0; i < 3; i++) {
    assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
    assert.equal(conversation.ask({ kind: 'release' }).kind, 'released');
  }
});
