import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import type { Protection } from './association.ts';
import { countFrom, guardFrom, keys, meterTitle, otherKeys, profile } from './conversation.case.ts';
import {
  createPushReceiver,
  decodePush,
  encodeEvent,
  encodePush,
  encodeReport,
  type PushKeys,
} from './push.ts';
import { encodeWrapper } from './wrapper.ts';

const instantMs = Date.UTC(2025, 5, 1, 12);
const message = {
  systemTitle: meterTitle,
  keys,
  clientSap: 1,
  serverSap: 1,
  instantMs,
  offsetMinutes: 330,
  body: profile,
} as const;

function receiverKeys(guard = guardFrom()): PushKeys {
  const isMeter = (title: Uint8Array) => Buffer.compare(title, meterTitle) === 0;
  return {
    keysOf: (title) => (isMeter(title) ? keys : undefined),
    replayOf: (title) => (isMeter(title) ? guard : undefined),
  };
}

function codeOf(octets: Uint8Array, by: PushKeys = receiverKeys()): string {
  const decoded = decodePush(octets, by);
  assert(!decoded.ok, JSON.stringify(decoded));
  return decoded.error.code;
}

test('a push comes back as it was sent, whatever its protection, with and without wrapper', () => {
  for (const protection of ['none', 'a', 'e', 'ae'] as Protection[]) {
    const frame = encodePush({ ...message, protection, counter: countFrom(41) });
    for (const octets of [frame, frame.subarray(8)]) {
      const isCiphered = protection !== 'none';
      assert.deepEqual(decodePush(octets, receiverKeys()), {
        ok: true,
        value: {
          systemTitle: isCiphered ? meterTitle : new Uint8Array(0),
          invocationCounter: isCiphered ? 41 : undefined,
          isCiphered,
          protection,
          instantMs,
          body: profile,
        },
      });
    }
  }
});

test('a receiver cuts pushes out of a stream, octet by octet', () => {
  const counter = countFrom(1);
  const stream = Buffer.concat([1, 2, 3].map(() => encodePush({ ...message, protection: 'ae', counter })));
  const receiver = createPushReceiver(receiverKeys());
  const counters: (number | undefined)[] = [];
  for (const octet of stream) {
    const { pushes, failures, close } = receiver.receive(Uint8Array.of(octet));
    counters.push(...pushes.map(({ invocationCounter }) => invocationCounter));
    assert.deepEqual(failures, []);
    assert.equal(close, false);
  }
  assert.deepEqual(counters, [1, 2, 3]);
});

test('a push repeated, from an unknown meter or under a wrong key is refused by code', () => {
  const frame = encodePush({ ...message, protection: 'ae', counter: countFrom(5) });
  const by = receiverKeys();
  assert.equal(decodePush(frame, by).ok, true);
  assert.equal(codeOf(frame, by), 'dlms/counter-replayed');
  assert.equal(codeOf(frame, { ...by, keysOf: () => undefined }), 'dlms/unknown-system-title');
  assert.equal(codeOf(frame, { ...by, keysOf: () => otherKeys }), 'dlms/decryption-failed');
  const untitled = encodeApdu('general-glo-ciphering', {
    systemTitle: new Uint8Array(0),
    cipheredService: fromHex('3000000001'),
  });
  assert.equal(codeOf(untitled), 'dlms/system-title-mismatch');
  assert.equal(codeOf(fromHex('C001C100080000010000FF0200')), 'dlms/unknown-apdu');
});

test('a forged push does not use up the counter of the meter', () => {
  const by = receiverKeys();
  const forged = encodePush({
    ...message,
    keys: otherKeys,
    protection: 'ae',
    counter: countFrom(4_000_000_000),
  });
  assert.equal(codeOf(forged, by), 'dlms/decryption-failed');
  assert.equal(decodePush(encodePush({ ...message, protection: 'ae', counter: countFrom(6) }), by).ok, true);
});

test('a push in general-block-transfer is put together, and blocks out of order are not', () => {
  const whole = encodePush({ ...message, protection: 'ae', counter: countFrom(7) }).subarray(8);
  const block = (blockNumber: number, from: number, to: number, isLast: boolean) =>
    encodeWrapper({
      source: 1,
      destination: 1,
      apdu: encodeApdu('general-block-transfer', {
        blockControl: isLast ? 0x80 : 0x40,
        blockNumber,
        blockNumberAck: 0,
        blockData: whole.subarray(from, to),
      }),
    });
  const receiver = createPushReceiver(receiverKeys());
  assert.deepEqual(receiver.receive(block(1, 0, 1000, false)).pushes, []);
  const { pushes, failures } = receiver.receive(block(2, 1000, whole.length, true));
  assert.deepEqual(failures, []);
  assert.deepEqual(
    pushes.map(({ invocationCounter }) => invocationCounter),
    [7],
  );
  const astray = receiver.receive(block(2, 1000, whole.length, true));
  assert.deepEqual(
    astray.failures.map(({ code }) => code),
    ['dlms/block-out-of-order'],
  );
  assert.equal(codeOf(block(1, 0, 1000, false)), 'dlms/truncated');
});

test('an event notification names the attribute it tells of (last gasp of an MX382)', () => {
  const frame = fromHex(
    '000100670066002AC2090C07E70706040A362600FF888000018080808080000209104B413650303035303339303231313130',
  );
  const decoded = decodePush(frame, receiverKeys());
  assert(decoded.ok);
  assert.deepEqual(decoded.value.source, { classId: 1, obis: '128.128.128.128.128.0', attribute: 2 });
  assert.deepEqual(decoded.value.body, {
    type: 'octet-string',
    value: new Uint8Array(Buffer.from('KA6P005039021110', 'latin1')),
  });
  assert.equal(decoded.value.instantMs, Date.UTC(2023, 6, 6, 8, 54, 38));
});

test('an event and a report by short names come back as they were sent, in any protection', () => {
  const source = { classId: 1, obis: '0.0.96.11.0.255', attribute: 2 };
  const body = { type: 'unsigned', value: 7 } as const;
  const variables = [
    { name: 0xfa08, value: body },
    { name: 0x0208, value: profile },
  ];
  for (const protection of ['none', 'a', 'e', 'ae'] as Protection[]) {
    const counter = countFrom(1);
    const { body: _, instantMs: __, ...envelope } = { ...message, protection, counter };
    const event = decodePush(encodeEvent({ ...envelope, instantMs, source, body }), receiverKeys());
    assert(event.ok, JSON.stringify(event));
    assert.deepEqual(
      [event.value.source, event.value.body, event.value.instantMs, event.value.protection],
      [source, body, instantMs, protection],
    );
    const report = decodePush(encodeReport({ ...envelope, variables }), receiverKeys());
    assert(report.ok, JSON.stringify(report));
    assert.deepEqual(report.value.shortNames, [0xfa08, 0x0208]);
    assert.deepEqual(report.value.body, { type: 'structure', value: [body, profile] });
    assert.equal(report.value.instantMs, undefined);
  }
});

test('a report with more names than values is refused', () => {
  const apdu = encodeApdu('information-report-request', {
    currentTime: undefined,
    variableAccessSpecification: [{ choice: 'variable-name', value: 8 }],
    listOfData: [],
  });
  assert.equal(codeOf(apdu), 'dlms/bad-value');
});
