import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import { decodeApdu } from './apdu/apdu.ts';
import { clientTitle, countFrom, guardFrom, keys, meterTitle } from './conversation.case.ts';
import { createPushReceiver, encodePush } from './push.ts';
import { decodePushConfirm, encodePushConfirm } from './push-confirm.ts';

const envelope = { keys, protection: 'ae', clientSap: 2, serverSap: 1 } as const;
const keysOf = () => keys;

function pushed(isConfirmed: boolean, protection: 'none' | 'ae' = 'ae') {
  const frame = encodePush({
    ...envelope,
    protection,
    systemTitle: meterTitle,
    counter: countFrom(77),
    instantMs: Date.UTC(2026, 0, 1),
    offsetMinutes: 60,
    body: { type: 'unsigned', value: 1 },
    isConfirmed,
  });
  const { pushes } = createPushReceiver({ keysOf, replayOf: () => undefined }).receive(frame);
  assert.equal(pushes.length, 1);
  return pushes[0];
}

test('a push that asks to be confirmed is confirmed under its invoke id, sealed back to the meter', () => {
  const confirms = pushed(true)?.confirms;
  assert.equal(confirms, 77);
  assert.equal(pushed(false)?.confirms, undefined);
  assert.equal(pushed(true, 'none')?.confirms, 0);
  const frame = encodePushConfirm({
    ...envelope,
    systemTitle: clientTitle,
    counter: countFrom(500),
    invokeId: confirms ?? 0,
    instantMs: Date.UTC(2026, 0, 1),
  });
  // From client SAP 2 to server SAP 1.
  assert.deepEqual([...frame.subarray(0, 6)], [0, 1, 0, 2, 0, 1]);
  const guard = guardFrom();
  const read = decodePushConfirm(frame, { keysOf, replayOf: () => guard });
  assert.deepEqual(read, { ok: true, value: { invokeId: 77, systemTitle: clientTitle } });
  const again = decodePushConfirm(frame, { keysOf, replayOf: () => guard });
  assert(!again.ok && again.error.code === 'dlms/counter-replayed');
});

test('what is no confirmation, cut or altered is refused', () => {
  const none = { ...envelope, protection: 'none', systemTitle: clientTitle, counter: countFrom(1) } as const;
  const frame = encodePushConfirm({ ...none, invokeId: 5 });
  assert.deepEqual(frame.subarray(8), fromHex('100000000500'));
  assert(decodeApdu(frame.subarray(8)).ok);
  const unknown = { keysOf: () => undefined, replayOf: () => undefined };
  assert(decodePushConfirm(frame, unknown).ok);
  for (let length = 8; length < frame.length; length++) {
    assert.equal(decodePushConfirm(frame.subarray(8, length), unknown).ok, false);
  }
  const push = decodePushConfirm(fromHex('0F00000001000600001391'), unknown);
  assert(!push.ok && push.error.code === 'dlms/unknown-apdu');
});
