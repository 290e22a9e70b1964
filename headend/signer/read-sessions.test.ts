/** Makes with one client alone: the head-end reads through the signer, which seals nothing that it has not parsed and built itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { decodeData, encodeApdu } from '@wattline/protocols/dlms';
import fc from 'fast-check';
import { codesOf, openStreet, type Street, testBatch } from './signer-fixture.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const control = { classId: 70, obis: '0.0.96.3.10.255', attribute: 3 };
const clockTime = { classId: 8, obis: '0.0.1.0.0.255', attribute: 2 };
const invokeIdAndPriority = 0xc1;
const getNormal = (attributeDescriptor: typeof control) =>
  encodeApdu('get-request', {
    choice: 'get-request-normal',
    value: { invokeIdAndPriority, attributeDescriptor },
  });

/** Opens a reading session and a link to the meter; what is asked goes over both. */
async function openReading(street: Street, port = 2) {
  const link = await street.dialer.dial({ host: 'memory', port }, 1_000);
  const inbox: Uint8Array[] = [];
  const sent: Uint8Array[] = [];
  link.receive((octets) => inbox.push(octets));
  const carry = async (first: Awaited<ReturnType<Street['ask']>>) => {
    let reply = first;
    while (reply.kind === 'session' && !reply.answers && !reply.end) {
      for (const text of reply.send) {
        sent.push(new Uint8Array(Buffer.from(text, 'base64')));
        link.send(sent.at(-1) as Uint8Array);
      }
      while (inbox.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const octets = Buffer.from(inbox.shift() as Uint8Array).toString('base64');
      reply = await street.ask({ kind: 'octets', session: reply.session, octets });
    }
    return reply;
  };
  const opened = await carry(await street.ask({ kind: 'open-read', serial: `M00${port}` }));
  assert.ok(opened.kind === 'session' && opened.answers, JSON.stringify(opened));
  const { session } = opened;
  const ask = (apdu: Uint8Array) =>
    street.ask({ kind: 'ask', session, apdu: Buffer.from(apdu).toString('base64') });
  return { sent, ask, read: async (apdu: Uint8Array) => carry(await ask(apdu)), session };
}

describe('a meter with one client', () => {
  test('is read through the signer, one attribute or several, and every octet on the line is sealed', async (t) => {
    const street = await openStreet(t, { clock: virtualClock(startMs) });
    const { read, sent } = await openReading(street);
    const one = await read(getNormal(control));
    assert.ok(one.kind === 'session');
    const [answer] = one.answers ?? [];
    const decoded = decodeData(Buffer.from(answer && 'encoded' in answer ? answer.encoded : '', 'base64'));
    assert.deepEqual(decoded.ok && decoded.value.value, { type: 'enum', value: 1 });
    const missing = await read(getNormal({ classId: 3, obis: '1.0.1.8.0.255', attribute: 2 }));
    assert.deepEqual(missing.kind === 'session' && missing.answers, [{ refused: 'object-undefined' }]);
    const list = encodeApdu('get-request', {
      choice: 'get-request-with-list',
      value: { invokeIdAndPriority, attributeDescriptorList: [control, clockTime] },
    });
    const many = await read(list);
    assert.equal(many.kind === 'session' && many.answers?.length, 2);
    // glo-get-request behind the eight octets of the wrapper; the AARQ and the proof went before.
    assert.deepEqual([...new Set(sent.slice(2).map((octets) => octets[8]))], [0xc8]);
    assert.deepEqual(street.meters[2]?.moves, []);
  });

  test('no service but GET is sealed, nor one with an octet too many, the next block, or a secret', async (t) => {
    const street = await openStreet(t, { clock: virtualClock(startMs) });
    const { ask, sent } = await openReading(street);
    const before = sent.length;
    const method = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };
    const get = getNormal(control);
    const bad: Readonly<Record<string, Uint8Array>> = {
      action: encodeApdu('action-request', {
        choice: 'action-request-normal',
        value: {
          invokeIdAndPriority,
          methodDescriptor: method,
          methodInvocationParameters: { type: 'integer', value: 0 },
        },
      }),
      set: encodeApdu('set-request', {
        choice: 'set-request-normal',
        value: { invokeIdAndPriority, attributeDescriptor: control, value: { type: 'enum', value: 0 } },
      }),
      next: encodeApdu('get-request', {
        choice: 'get-request-next',
        value: { invokeIdAndPriority, blockNumber: 1 },
      }),
      trailing: Uint8Array.of(...get, 0),
      twice: Uint8Array.of(...get, ...get),
      cut: get.subarray(0, -1),
      sealed: Uint8Array.of(0xc8, 0x05, 0x30, 0, 0, 0, 1),
      'short names': Uint8Array.of(0x05, 0x01, 0x02, 0xfa, 0x00),
      secret: getNormal({ classId: 15, obis: '0.0.40.0.0.255', attribute: 7 }),
      nothing: new Uint8Array(0),
    };
    for (const [name, apdu] of Object.entries(bad)) {
      assert.deepEqual(codesOf(await ask(apdu)), ['signer/not-a-read'], name);
    }
    assert.equal(sent.length, before);
    assert.deepEqual(street.dark(), []);
  });

  test('whatever octets are asked, in whatever way a request is altered, nothing but a reading leaves', async (t) => {
    const street = await openStreet(t, { clock: virtualClock(startMs) });
    const { ask } = await openReading(street);
    const get = getNormal(control);
    let sealed = 0;
    const altered = fc
      .tuple(fc.nat(get.length - 1), fc.nat(255))
      .map(([at, octet]) => get.map((one, i) => (i === at ? octet : one)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(altered, fc.uint8Array({ maxLength: 40 })), async (apdu) => {
        const reply = await ask(apdu);
        if (reply.kind !== 'session') return;
        sealed++;
        // Wrapper, then glo-get-request: the only tag that ever comes out.
        for (const text of reply.send) assert.equal(Buffer.from(text, 'base64')[8], 0xc8);
      }),
      { numRuns: 500 },
    );
    assert.ok(sealed > 0);
    assert.deepEqual(street.dark(), []);
  });

  test('a meter with a reader of its own is not read here, and one that is read is not commanded meanwhile', async (t) => {
    const street = await openStreet(t, { clock: virtualClock(startMs), settings: { cancelWindowMs: 0 } });
    assert.deepEqual(codesOf(await street.ask({ kind: 'open-read', serial: 'M001' })), [
      'signer/not-allowed',
    ]);
    const { session } = await openReading(street);
    const batch = testBatch(['M002'], startMs);
    await street.file(batch, street.anna);
    assert.equal(await street.carry(batch, 'M002'), 'signer/busy');
    await street.ask({ kind: 'close', session });
    assert.equal(await street.carry(batch, 'M002'), 'disconnected');
  });
});
