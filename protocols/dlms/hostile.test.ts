import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, type Result, seededRandom } from '@wattline/base';
import { decodeAcse } from './acse.ts';
import { decodeApdu } from './apdu/apdu.ts';
import { decodeData } from './axdr.ts';
import { messageBudget } from './budget.ts';
import { createClientConnection } from './client-connection.ts';
import { clientFor, converse, keys, testDevice } from './conversation.case.ts';
import { decodeDateTime } from './date-time.ts';
import { type DlmsErrorCode, dlmsErrors } from './errors.ts';
import { decodeFrame } from './frame-tree.ts';
import { decodeHdlcFrame } from './hdlc/frame.ts';
import { createHdlcCutter } from './hdlc/stream.ts';
import { decodeProfileColumns } from './profile-columns.ts';
import { createPushReceiver, decodePush } from './push.ts';
import { createServerConnection } from './server-connection.ts';
import { keysOf, skipVectors, unframe, vectors } from './vectors.case.ts';
import { encodeWrapper } from './wrapper.ts';

/** A result is a value, or a failure whose code stands in the table, with the octet where it went wrong when it is one of form. */
function assertCoded(result: Result<unknown>): void {
  if (result.ok) return;
  const { code, message, where } = result.error;
  assert(code in dlmsErrors, `${code} stands in the table`);
  assert(message.length > 0);
  const isOfForm = /truncated|trailing|bad-tag|bad-length|too-deep|too-many|unknown-framing/.test(code);
  if (isOfForm) assert(typeof where.offset === 'number', `${code}: ${message} says where`);
}

const pushKeys = { keysOf: () => keys, replayOf: () => undefined };

/** Every decoder of the room on the same octets: none may throw. */
function decodeAll(octets: Uint8Array, frameKeys = {}): void {
  assertCoded(decodeFrame(octets, frameKeys));
  assertCoded(decodeApdu(octets));
  assertCoded(decodeAcse(octets));
  assertCoded(decodeData(octets));
  assertCoded(decodePush(octets, pushKeys));
  assertCoded(decodeProfileColumns(octets));
  assertCoded(decodeDateTime(octets));
  assertCoded(decodeHdlcFrame(octets));
}

test('every truncation of every vector is a value or a coded failure', { skip: skipVectors }, () => {
  for (const vector of vectors) {
    const octets = fromHex(vector.hex);
    for (let length = 0; length <= octets.length; length++)
      decodeAll(octets.subarray(0, length), keysOf(vector));
    for (const apdu of unframe(octets).apdus) {
      for (let length = 0; length < apdu.length; length++)
        decodeAll(apdu.subarray(0, length), keysOf(vector));
    }
  }
});

test('every vector with octets changed, inserted or lost is a value or a coded failure', {
  skip: skipVectors,
}, (t) => {
  const seed = 'dlms mutations';
  t.diagnostic(`seed: ${seed}`);
  const random = seededRandom(seed);
  for (const vector of vectors) {
    const whole = fromHex(vector.hex);
    for (const octets of [whole, ...unframe(whole).apdus]) {
      for (let round = 0; round < 30; round++) decodeAll(mutate(octets, random), keysOf(vector));
    }
  }
});

function mutate(octets: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const mutated = [...octets];
  const changes = 1 + random.below(3);
  for (let i = 0; i < changes; i++) {
    const at = random.below(mutated.length + 1);
    const kind = random.below(3);
    const value = [0, 0xff, 0x7f, 0x80, 0x84, random.below(256)][random.below(6)] as number;
    if (kind === 0) mutated.splice(at, 1, value);
    else if (kind === 1) mutated.splice(at, 0, value);
    else mutated.splice(at, 1);
  }
  return Uint8Array.from(mutated);
}

/** Octets of a whole conversation of the client at a SAP, both directions. */
function recorded(clientSap: number) {
  const conversation = converse(clientFor(clientSap, { maxPduSize: 128 }));
  conversation.ask({ kind: 'associate' });
  conversation.ask({ kind: 'get', reference: { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 } });
  conversation.ask({
    kind: 'set',
    reference: { classId: 1, obis: '0.0.13.0.0.255', attribute: 2 },
    value: { type: 'null-data' },
  });
  conversation.ask({ kind: 'release' });
  return conversation.wire;
}

test('a server fed with damaged requests never throws, and every refusal has its code', (t) => {
  const seed = 'hostile clients';
  t.diagnostic(`seed: ${seed}`);
  const random = seededRandom(seed);
  for (const clientSap of [16, 32, 2, 6]) {
    const requests = recorded(clientSap).filter(({ from }) => from === 'client');
    for (let round = 0; round < 200; round++) {
      const server = createServerConnection(testDevice(), { random: seededRandom('server') });
      for (const { octets } of requests.slice(0, 6)) {
        const damaged =
          random.below(3) > 0 ? octets : rewrapped(mutate(octets.subarray(8), random), clientSap);
        const { events, close } = server.receive(damaged);
        for (const event of events) {
          if (event.kind === 'refused') assert(event.code in dlmsErrors, event.code);
        }
        if (close) break;
      }
    }
  }
});

function rewrapped(apdu: Uint8Array, clientSap: number): Uint8Array {
  return encodeWrapper({ source: clientSap, destination: 1, apdu });
}

test('a client fed with damaged answers never throws, and fails with a code', (t) => {
  const seed = 'hostile servers';
  t.diagnostic(`seed: ${seed}`);
  const random = seededRandom(seed);
  for (const clientSap of [16, 32, 2, 6]) {
    for (let round = 0; round < 100; round++) {
      const conversation = converse(clientFor(clientSap), {
        tamperBack: (octets) => {
          if (random.below(3) > 0) return octets;
          return encodeWrapper({
            source: 1,
            destination: clientSap,
            apdu: mutate(octets.subarray(8), random),
          });
        },
      });
      for (const request of [
        { kind: 'associate' } as const,
        { kind: 'get', reference: { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 } } as const,
      ]) {
        const outcome = conversation.ask(request);
        if (outcome.kind !== 'failure') continue;
        assert(outcome.failure.code in dlmsErrors, outcome.failure.code);
        break;
      }
    }
  }
});

/** What a connection must say of octets that are no conversation. */
function codesOf(octets: Uint8Array): { codes: string[]; close: boolean; answers: number } {
  const server = createServerConnection(testDevice(), { random: seededRandom('server') });
  const { events, close, send } = server.receive(octets);
  return {
    codes: events.map((event) => ('code' in event ? event.code : event.kind)),
    close,
    answers: send.length,
  };
}

test('garbage closes the connection with a code before more than a header was kept', () => {
  assert.deepEqual(codesOf(fromHex('474554202F20485454502F312E31')), {
    codes: ['dlms/bad-wrapper'],
    close: true,
    answers: 0,
  });
  assert.deepEqual(codesOf(fromHex('000100100001FFFF')), {
    codes: ['dlms/frame-too-long'],
    close: true,
    answers: 0,
  });
});

test('an APDU that is none, or cannot be read, is answered by an exception', () => {
  const codes: DlmsErrorCode[] = ['dlms/unknown-apdu', 'dlms/not-associated', 'dlms/unknown-apdu'];
  for (const [i, hex] of ['AB00', 'C001C1', ''].entries()) {
    const { codes: found, close, answers } = codesOf(rewrapped(fromHex(hex), 16));
    assert.deepEqual(found, [codes[i]]);
    assert.equal(close, false);
    assert.equal(answers, 1);
  }
  const { server } = associatedPublic();
  const truncated = server.receive(rewrapped(fromHex('C001C100'), 16));
  assert.deepEqual(
    truncated.events.map((event) => 'code' in event && event.code),
    ['dlms/truncated'],
  );
  assert.equal(truncated.send.length, 1);
});

function associatedPublic() {
  const conversation = converse(clientFor(16));
  conversation.ask({ kind: 'associate' });
  return conversation;
}

test('a heap of short requests for long answers does not make a heap of answers', () => {
  const { server } = associatedPublic();
  const request = rewrapped(fromHex('C001C1000701006301 00FF0200'), 16);
  const heap = new Uint8Array(request.length * 4000);
  for (let i = 0; i < 4000; i++) heap.set(request, i * request.length);
  const { send, close, events } = server.receive(heap);
  assert.equal(close, true);
  assert(send.reduce((sum, octets) => sum + octets.length, 0) < 1.2 * 2 ** 20);
  assert.equal(events.at(-1)?.kind, 'refused');
});

test('the answer to a request of another client, or an answer nobody asked for, fails the client', () => {
  const client = createClientConnection(clientFor(16));
  assert(client.request({ kind: 'associate' }).ok);
  const astray = client.receive(encodeWrapper({ source: 1, destination: 17, apdu: fromHex('61') }));
  assert(astray.outcome?.kind === 'failure' && astray.outcome.failure.code === 'dlms/unexpected-answer');
  const other = createClientConnection(clientFor(16));
  assert(other.request({ kind: 'associate' }).ok);
  const early = other.receive(
    encodeWrapper({ source: 1, destination: 16, apdu: fromHex('C401C1000600001391') }),
  );
  assert(early.outcome?.kind === 'failure' && early.outcome.failure.code === 'dlms/unexpected-answer');
});

test('a push receiver keeps bounded, reports what it cannot read and goes on', () => {
  const receiver = createPushReceiver({ ...pushKeys, maxApduSize: 256 });
  const bad = receiver.receive(encodeWrapper({ source: 1, destination: 1, apdu: fromHex('C001') }));
  assert.equal(bad.failures.length, 1);
  assert.equal(bad.close, false);
  const good = receiver.receive(
    encodeWrapper({ source: 1, destination: 1, apdu: fromHex('0F00000001000600001391') }),
  );
  assert.equal(good.pushes.length, 1);
  const long = receiver.receive(fromHex('0001000100010101'));
  assert.deepEqual(
    long.failures.map(({ code }) => code),
    ['dlms/frame-too-long'],
  );
  assert.equal(long.close, true);
});

test('noise between HDLC frames costs the noise alone, also when it looks like a length', () => {
  const good = fromHex('7EA00802232193BD647E');
  const cutter = createHdlcCutter();
  const noise = fromHex('00FF127E7E7EA0057EA008022321937D647EAAAAAA');
  const stream = [noise, ...Array.from({ length: 300 }, () => good)];
  let frames = 0;
  let failures = 0;
  for (const part of stream) {
    const cut = cutter.push(part);
    frames += cut.frames.length;
    failures += cut.failures.length;
  }
  assert.equal(frames, 300);
  assert(failures >= 3);
});

/** An array of `count` values of one octet each, and what else costs the most for its octets. */
function costly(): readonly Uint8Array[] {
  const counted = (head: readonly number[], count: number, fill: number, size: number) => {
    const octets = new Uint8Array(head.length + 3 + count * size).fill(fill);
    octets.set([...head, 0x82, count >> 8, count & 0xff]);
    return octets;
  };
  return [
    counted([0x01], 65_535, 0x00, 1),
    counted([0x01], 32_767, 0x11, 2),
    // compact-array of structures of one unsigned and an array of nulls: an octet of contents unfolds to a thousand values.
    counted([0x13, 0x02, 0x02, 0x11, 0x01, 0x03, 0xe8, 0x00], 60_000, 0x00, 1),
    counted([0x13, 0x02, 0x02, 0x11, 0x01, 0x00, 0x01, 0x00], 60_000, 0x00, 1),
    counted([0x09], 65_000, 0x00, 1),
    counted([0x0c], 65_000, 0x80, 1),
  ];
}

test('the costliest messages stay within 64 MB, also as trees', () => {
  for (const encoded of costly()) {
    const apdu = Uint8Array.of(0x0f, 0, 0, 0, 1, 0, ...encoded);
    for (const decode of [
      () => decodeData(encoded),
      () => decodeProfileColumns(encoded),
      () => decodeFrame(apdu),
      () => decodeApdu(apdu),
    ]) {
      const before = process.memoryUsage();
      assertCoded(decode());
      const after = process.memoryUsage();
      const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
      assert(grown < 64 * 2 ** 20, `${grown} octets for ${encoded.length}`);
    }
  }
});

test('more octets than any message may have are refused before they are looked at', () => {
  const codeOf = (result: Result<unknown>) => (result.ok ? 'read' : result.error.code);
  const long = new Uint8Array(messageBudget.octets + 1);
  assert.equal(codeOf(decodeData(long)), 'dlms/frame-too-long');
  assert.equal(codeOf(decodeApdu(long)), 'dlms/frame-too-long');
  assert.equal(codeOf(decodeFrame(long.subarray(0, messageBudget.treeOctets + 1))), 'dlms/frame-too-long');
});

test('a few octets cannot unfold into more values than the budget', () => {
  // compact-array of structures of one unsigned and nested arrays of nulls.
  const bomb = fromHex('13 02 02 11 01 FFFF 01 FFFF 00 04 01020304'.replaceAll(' ', ''));
  const decoded = decodeData(bomb);
  assert(
    !decoded.ok && decoded.error.code === 'dlms/too-many-elements',
    JSON.stringify(decoded).slice(0, 200),
  );
  const deep = decodeData(new Uint8Array(100).fill(1));
  assert(!deep.ok && deep.error.code === 'dlms/too-deep');
  const endless = decodeData(fromHex('13000401020304'));
  assert(!endless.ok && endless.error.code === 'dlms/bad-value');
});
