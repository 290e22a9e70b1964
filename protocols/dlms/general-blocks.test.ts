import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import { decodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import { clientFor, converse, profile, testDevice } from './conversation.case.ts';
import { createGeneralBlocks, type GeneralBlocks } from './general-blocks.ts';
import { skipVectors, unframe, vectors } from './vectors.case.ts';

const loadProfile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
const calendar = { classId: 20, obis: '0.0.13.0.0.255', attribute: 9 };
const disconnector = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };

function blockOf(octets: Uint8Array) {
  const decoded = decodeApdu(octets);
  assert(decoded.ok && decoded.value.apdu === 'general-block-transfer', toHex(octets));
  return decoded.value.value;
}

/** Carries `apdu` from one side to the other over a line that loses pieces; silence makes the receiver speak again. */
function carry(apdu: Uint8Array, sides: readonly [GeneralBlocks, GeneralBlocks], isLost: () => boolean) {
  const [sender, receiver] = sides;
  const first = sender.send(apdu);
  assert(first.ok);
  let forth: Uint8Array[] = [...first.value];
  let sent = forth.length;
  for (let turn = 0; turn < 10_000; turn++) {
    const back: Uint8Array[] = [];
    for (const octets of forth) {
      if (isLost()) continue;
      const step = receiver.take(blockOf(octets));
      assert(step.ok, JSON.stringify(step));
      if (step.value.whole) return { whole: step.value.whole, sent };
      back.push(...step.value.send);
    }
    forth = [];
    for (const octets of back) {
      if (isLost()) continue;
      const step = sender.take(blockOf(octets));
      assert(step.ok, JSON.stringify(step));
      forth.push(...step.value.send);
    }
    const again = sender.again();
    if (forth.length === 0 && again) forth.push(again);
    sent += forth.length;
  }
  return assert.fail('the transfer never ended');
}

test('each answer begins with one block alone, as the window of its receiver is not known yet', () => {
  // Gurux.DLMS for Java (a01dbc8) loses count when the second answer of an association begins with a window of blocks.
  const conversation = converse(clientFor(16, { generalBlockWindow: 5, maxPduSize: 128 }));
  conversation.ask({ kind: 'associate' });
  for (let answer = 0; answer < 3; answer++) {
    const from = conversation.wire.length;
    assert.equal(conversation.ask({ kind: 'get', reference: loadProfile }).kind, 'get');
    const blocks = conversation.wire
      .slice(from)
      .filter((frame) => frame.from === 'server')
      .map(({ octets }) => blockOf(octets.subarray(8)));
    assert.deepEqual(
      blocks.slice(0, 3).map(({ blockNumber, blockControl }) => [blockNumber, (blockControl & 0x40) !== 0]),
      [
        [1, false],
        [2, true],
        [3, true],
      ],
    );
  }
});

test('an APDU in general blocks arrives whole whatever the windows and whatever the line loses', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(`blocks ${seed}`);
    const apdu = random.bytes(1 + random.below(5000));
    const side = () =>
      createGeneralBlocks({ room: 20 + random.below(300), window: 1 + random.below(63), maxLength: 1 << 16 });
    const loss = random.below(4) / 10;
    const { whole } = carry(apdu, [side(), side()], () => random.next() < loss);
    assert.deepEqual(whole, apdu, `seed ${seed}`);
  }
});

test('a lost block alone is sent again with those after it, and a window is not awaited block by block', () => {
  const sides = [1, 2].map(() => createGeneralBlocks({ room: 109, window: 5, maxLength: 1 << 16 }));
  const [sender, receiver] = sides as [GeneralBlocks, GeneralBlocks];
  const first = sender.send(new Uint8Array(1000).fill(7));
  assert(first.ok && first.value.length === 1, 'one block before the window of the peer is known');
  const confirmed = receiver.take(blockOf(first.value[0] as Uint8Array));
  assert(confirmed.ok);
  const window = sender.take(blockOf(confirmed.value.send[0] as Uint8Array));
  assert(window.ok);
  assert.deepEqual(
    window.value.send.map((octets) => blockOf(octets).blockNumber),
    [2, 3, 4, 5, 6],
  );
  assert.deepEqual(
    window.value.send.map((octets) => blockOf(octets).blockControl),
    [0x45, 0x45, 0x45, 0x45, 0x05],
  );
  // Block 4 is lost.
  let confirmation: Uint8Array | undefined;
  for (const octets of window.value.send.filter((_, i) => i !== 2)) {
    const step = receiver.take(blockOf(octets));
    assert(step.ok);
    confirmation = step.value.send[0] ?? confirmation;
  }
  assert.equal(blockOf(confirmation as Uint8Array).blockNumberAck, 3);
  const again = sender.take(blockOf(confirmation as Uint8Array));
  assert(again.ok);
  assert.deepEqual(
    again.value.send.map((octets) => blockOf(octets).blockNumber),
    [4, 5, 6, 7, 8],
  );
});

test('the confirmations of a Gurux client move a transfer on', { skip: skipVectors }, () => {
  const blocks = createGeneralBlocks({ room: 109, window: 1, maxLength: 1 << 16 });
  assert(blocks.send(new Uint8Array(250).fill(1)).ok);
  for (const [i, id] of ['run-java-gbt-ack1', 'run-java-gbt-ack2'].entries()) {
    const vector = vectors.find((candidate) => candidate.id === id);
    const frame = fromHex(vector?.hex ?? '');
    // The LLC header follows eight octets of HDLC; flag, FCS and the closing flag stand around.
    const apdu = frame.subarray(frame.indexOf(0xe0), frame.length - 3);
    const step = blocks.take(blockOf(apdu));
    assert(step.ok);
    assert.deepEqual(
      step.value.send.map((octets) => blockOf(octets).blockNumber),
      [i + 2],
      id,
    );
    assert.equal(unframe(frame).frames.length, 1);
  }
});

test('a full window is confirmed although its last block says that more are streaming', () => {
  // Gurux.DLMS for Java (a01dbc8) as a server with a window of 1: control octets 01, 41 and 81 of its three blocks.
  const receiver = createGeneralBlocks({ room: 1024, window: 1, maxLength: 4096 });
  receiver.begin();
  const take = (blockControl: number, blockNumber: number, data: string) => {
    const step = receiver.take({
      blockControl,
      blockNumber,
      blockNumberAck: blockNumber - 1,
      blockData: fromHex(data),
    });
    assert(step.ok, JSON.stringify(step));
    return { send: step.value.send.map(toHex), whole: step.value.whole && toHex(step.value.whole) };
  };
  assert.deepEqual(take(0x01, 1, 'C401C100'), { send: ['E0810001000100'], whole: undefined });
  assert.deepEqual(take(0x41, 2, '0900'), { send: ['E0810002000200'], whole: undefined });
  assert.deepEqual(take(0x81, 3, '00'), { send: [], whole: 'C401C100090000' });
});

test('confirmations of what was never sent, and a peer that confirms nothing, end the transfer by code', () => {
  const blocks = () => createGeneralBlocks({ room: 50, window: 3, maxLength: 100 });
  const empty = { blockControl: 0x83, blockNumber: 1, blockData: new Uint8Array(0) };
  const sender = blocks();
  sender.send(new Uint8Array(500));
  const ahead = sender.take({ ...empty, blockNumberAck: 9 });
  assert(!ahead.ok && ahead.error.code === 'dlms/block-out-of-order');
  const stalled = blocks();
  stalled.send(new Uint8Array(500));
  let last = stalled.take({ ...empty, blockNumberAck: 0 });
  for (let i = 0; i < 20 && last.ok && last.value.send.length > 0; i++) {
    last = stalled.take({ ...empty, blockNumberAck: 0 });
  }
  assert(!last.ok && last.error.code === 'dlms/block-out-of-order');
  const long = blocks();
  const block = { blockControl: 0x43, blockNumberAck: 0, blockData: new Uint8Array(60) };
  assert(long.take({ ...block, blockNumber: 1 }).ok);
  const tooLong = long.take({ ...block, blockNumber: 2 });
  assert(!tooLong.ok && tooLong.error.code === 'dlms/transfer-too-long');
  assert(!blocks().send(new Uint8Array(3_000_000)).ok, 'more than 65535 blocks');
});

const hdlc = { window: 3, maxInformation: 128 };
for (const [carrier, how] of [
  ['the wrapper', {}],
  ['HDLC with windows of 3', { hdlc }],
] as const) {
  for (const clientSap of [16, 2, 12]) {
    test(`SAP ${clientSap} reads, writes and acts in general blocks over ${carrier}`, () => {
      for (const generalBlockWindow of [1, 6]) {
        const device = testDevice();
        const conversation = converse(clientFor(clientSap, { maxPduSize: 200, generalBlockWindow, ...how }), {
          device,
          serverMaxPduSize: 128,
          ...how,
        });
        assert.equal(conversation.ask({ kind: 'associate' }).kind, 'associated');
        const read = conversation.ask({ kind: 'get', reference: loadProfile });
        assert(read.kind === 'get' && read.result.ok, JSON.stringify(read));
        assert.deepEqual(read.result.encoded, encodeData(profile));
        const set = conversation.ask({ kind: 'set', reference: calendar, value: profile });
        assert.deepEqual(set, { kind: 'set', result: 'success' });
        assert.deepEqual(device.written, [profile]);
        const acted = conversation.ask({ kind: 'action', reference: disconnector, parameter: profile });
        assert(acted.kind === 'action' && acted.outcome.result === 'success', JSON.stringify(acted));
        assert.deepEqual(acted.outcome.encoded, encodeData(profile));
        assert.deepEqual(conversation.ask({ kind: 'release' }), { kind: 'released' });
      }
    });
  }
}

test('over a datagram line that loses one in five, general blocks still carry a profile', () => {
  const random = seededRandom('datagrams');
  let isLossy = false;
  const conversation = converse(clientFor(2, { maxPduSize: 200, generalBlockWindow: 8 }), {
    isLost: () => isLossy && random.next() < 0.2,
  });
  conversation.ask({ kind: 'associate' });
  const opened = conversation.wire.length;
  const first = conversation.client.request({ kind: 'get', reference: loadProfile });
  assert(first.ok);
  // The request itself arrives: what is lost from here on are blocks and confirmations.
  const answers = [...conversation.server.receive(first.value).send];
  isLossy = true;
  for (let silence = 0; silence < 200; silence++) {
    for (let octets = answers.shift(); octets; octets = answers.shift()) {
      if (random.next() < 0.2) continue;
      const { send, outcome } = conversation.client.receive(octets);
      if (outcome) {
        assert(outcome.kind === 'get' && outcome.result.ok, JSON.stringify(outcome));
        assert.deepEqual(outcome.result.encoded, encodeData(profile));
        assert.equal(conversation.wire.length, opened);
        return;
      }
      for (const more of send) {
        if (random.next() >= 0.2) answers.push(...conversation.server.receive(more).send);
      }
    }
    const again = conversation.client.retry?.();
    if (again) answers.push(...conversation.server.receive(again).send);
  }
  assert.fail('the transfer never ended');
});

test('a block to a server that did not agree to general blocks is answered by an exception', () => {
  const conversation = converse(clientFor(16));
  conversation.ask({ kind: 'associate' });
  const { send, events } = conversation.server.receive(
    fromHex('000100100001000A' + 'E08100010000' + '03C001C1'),
  );
  assert.equal(toHex(send[0] as Uint8Array).slice(16), 'D80202');
  assert(events[0]?.kind === 'refused' && events[0].code === 'dlms/service-not-supported');
});
