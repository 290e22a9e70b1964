/** Pushes of makes with one client: the signer opens what the meter itself has told, and nothing that could be taken for it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { decodeApdu, encodeApdu, encodeData, sealPlain } from '@wattline/protocols/dlms';
import { codesOf, openStreet, type StreetMeter } from './signer-fixture.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const notification = encodeApdu('data-notification', {
  longInvokeIdAndPriority: 7,
  dateTime: new Uint8Array(0),
  notificationBody: { type: 'unsigned', value: 1 },
});

/** What a meter seals, in the envelope of a push. */
function sealedBy(
  { keys, systemTitle }: StreetMeter,
  plain: Uint8Array,
  protection: 'ae' | 'e' = 'ae',
): Uint8Array {
  const cipheredService = sealPlain(plain, { keys, systemTitle }, { protection, invocationCounter: 9 });
  return encodeApdu('general-glo-ciphering', { systemTitle, cipheredService });
}

async function openSeals(t: Parameters<typeof openStreet>[0]) {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const open = (apdu: Uint8Array, serial = 'M002') =>
    street.ask({ kind: 'open-push', serial, apdu: Buffer.from(apdu).toString('base64') });
  return { clock, open, own: street.meters[2]!, other: street.meters[1]! };
}

describe('a push of a meter with one client', () => {
  test('is opened: what the meter told, its number, and that it was authenticated', async (t) => {
    const { open, own } = await openSeals(t);
    const reply = await open(sealedBy(own, notification));
    assert.ok(reply.kind === 'push', JSON.stringify(reply));
    assert.deepEqual([reply.invocationCounter, reply.protection], [9, 'ae']);
    const decoded = decodeApdu(new Uint8Array(Buffer.from(reply.plain, 'base64')));
    assert.equal(decoded.ok && decoded.value.apdu, 'data-notification');
  });

  test('of another meter, or of one whose reader has keys of its own, is not', async (t) => {
    const { open, own, other } = await openSeals(t);
    assert.deepEqual(codesOf(await open(sealedBy(other, notification), 'M001')), ['signer/not-allowed']);
    assert.deepEqual(codesOf(await open(sealedBy(other, notification))), ['signer/not-a-push']);
    const forged = sealedBy({ ...own, keys: other.keys }, notification);
    assert.deepEqual(codesOf(await open(forged)), ['dlms/decryption-failed']);
    assert.deepEqual(codesOf(await open(notification)), ['signer/not-a-push']);
  });

  test('that is an answer or a question in its envelope, or was encrypted and not authenticated, stays closed', async (t) => {
    const { open, own } = await openSeals(t);
    const reference = { classId: 1, obis: '0.0.96.1.0.255', attribute: 2 };
    const answer = encodeApdu('get-response', {
      choice: 'get-response-normal',
      value: {
        invokeIdAndPriority: 0xc1,
        result: {
          choice: 'data',
          value: encodeData({ type: 'octet-string', value: Buffer.from('secret') }),
        },
      },
    });
    const question = encodeApdu('get-request', {
      choice: 'get-request-normal',
      value: { invokeIdAndPriority: 0xc1, attributeDescriptor: reference },
    });
    for (const plain of [answer, question, notification.subarray(0, 4)]) {
      assert.deepEqual(codesOf(await open(sealedBy(own, plain))), ['signer/not-a-push']);
    }
    assert.deepEqual(codesOf(await open(sealedBy(own, notification, 'e'))), ['signer/not-a-push']);
  });

  test('with any octet altered says nothing', async (t) => {
    const { open, own, clock } = await openSeals(t);
    const sealed = sealedBy(own, notification);
    for (let at = 0; at < sealed.length; at++) {
      const altered = sealed.slice();
      altered[at] = (altered[at] as number) ^ 0x10;
      const reply = await open(altered);
      assert.equal(reply.kind, 'refused', `octet ${at}`);
      await clock.advance(2_000);
    }
  });

  test('is one of sixty in a minute: a flood keeps no command waiting', async (t) => {
    const { open, own, clock } = await openSeals(t);
    const push = sealedBy(own, notification);
    const codes = [];
    for (let i = 0; i < 61; i++) codes.push(...codesOf(await open(push)));
    assert.deepEqual(codes, ['signer/busy']);
    await clock.advance(60_000);
    assert.equal((await open(push)).kind, 'push');
  });
});
