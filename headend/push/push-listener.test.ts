/** Pushes over real sockets on the loopback: the good become events, the bad become alarms, and none stops the listener. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { concatBytes, virtualClock } from '@wattline/base';
import { decodePushConfirm } from '@wattline/protocols/dlms';
import { openRegistry } from '@wattline/store/registry';
import type { Headend } from '../headend.ts';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, type TestMeter, testMeter } from '../test-server.ts';
import { eventually, pushOf as gaspOf, until } from './push-fixture.ts';

const startMs = Date.UTC(2025, 9, 1);
const clock = virtualClock(startMs + 86_400_000);

const pushOf = (meter: TestMeter, options?: Parameters<typeof gaspOf>[2]) => gaspOf(meter, clock, options);

/** Sends octets over one connection and waits until the head-end has dealt with them and closed, or we close. */
async function deliver(headend: Headend, ...parts: readonly Uint8Array[]): Promise<void> {
  const socket = connect(headend.pushAddress.port, headend.pushAddress.host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  socket.end();
  if (!socket.destroyed) await once(socket, 'close');
}

async function headendFor(context: TestContext, meters: readonly TestMeter[]) {
  const stack = await headendWith(context, { clock, meters });
  return { ...stack, reported: stack.events.reported };
}

function meterOf(number: number): TestMeter {
  const meter = testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 86_400_000);
  return meter;
}

test('a power failure pushed by a meter is an event of its usage point at the time the meter says', async (context) => {
  const meter = meterOf(1);
  const { headend, reported } = await headendFor(context, [meter]);
  await deliver(headend, pushOf(meter));
  await eventually(reported, 1);
  assert.deepEqual(reported, [
    {
      kind: 'power-fail',
      occurredMs: clock.now() - 5000,
      receivedMs: clock.now(),
      usagePointId: 'UP-0001',
      serial: 'WTL000001',
      message: 'Power failed',
    },
  ]);
  assert.deepEqual([headend.figures().pushesReceived, headend.figures().pushesRefused], [1, 0]);
});

test('when power is back the meter is read', async (context) => {
  const meter = meterOf(1);
  const { headend, reported, registry, management } = await headendFor(context, [meter]);
  await deliver(headend, pushOf(meter, { code: 1 }), pushOf(meter, { code: 2 }));
  await eventually(reported, 3);
  assert.deepEqual(
    reported.map(({ kind, message }) => [kind, message]),
    [
      ['power-fail', 'Power failed'],
      ['power-restore', 'Power restored after 90 s'],
      ['meter-collected', 'Meter read: 192 interval values'],
    ],
  );
  assert.equal(management.batches.length, 1);
  const exchange = await registry.selectFrom('exchange').select('purpose').executeTakeFirstOrThrow();
  assert.equal(exchange.purpose, 'power-restore');
});

test('a push that asks to be confirmed is confirmed once its event is on disk, and not before; one that does not is not', async (context) => {
  const meter = meterOf(1);
  const { headend, events } = await headendFor(context, [meter]);
  const disk = Promise.withResolvers<void>();
  const report = events.report.bind(events);
  events.report = (event) => disk.promise.then(() => report(event));
  const socket = connect(headend.pushAddress.port, headend.pushAddress.host);
  context.after(() => socket.destroy());
  await once(socket, 'connect');
  const answers: Uint8Array[] = [];
  socket.on('data', (octets: Uint8Array) => answers.push(octets));
  socket.write(pushOf(meter, { counter: 7 }));
  socket.write(pushOf(meter, { counter: 8, isConfirmed: true }));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answers.length, 0, 'the disk has nothing yet');
  disk.resolve();
  await until(() => answers.length > 0);
  const keysOf = () => meter.keys;
  const confirmed = decodePushConfirm(concatBytes(...answers), { keysOf, replayOf: () => undefined });
  assert.deepEqual(confirmed.ok && confirmed.value.invokeId, 8);
  assert.equal(headend.figures().pushesReceived, 2);
});

test('the counter of a push is on disk when its event is told', async (context) => {
  const meter = meterOf(1);
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  const { headend, events } = await headendWith(context, { clock, meters: [meter], registry });
  const rows: unknown[] = [];
  const told = Promise.withResolvers<void>();
  events.report = async () => {
    const row = await registry
      .selectFrom('invocation_counter')
      .selectAll()
      .where('scope', '=', 'WTL000001/push/accepted')
      .executeTakeFirst();
    rows.push(row?.value);
    told.resolve();
  };
  await deliver(headend, pushOf(meter, { counter: 77 }));
  await told.promise;
  assert.deepEqual(rows, [77]);
});

test('a replayed push is an alarm, also after a restart of the head-end', async (context) => {
  const meter = meterOf(1);
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  const frame = pushOf(meter);
  const first = await headendWith(context, { clock, meters: [meter], registry });
  await deliver(first.headend, frame);
  await deliver(first.headend, frame);
  await eventually(first.events.reported, 2);
  assert.deepEqual(first.events.kinds(), ['power-fail', 'frame-replayed']);
  assert.equal(first.events.reported[1]?.serial, 'WTL000001');
  await first.headend.close();
  // The same registry and the same shipment; keys are sealed anew under the new key file of the fixture.
  await registry.deleteFrom('meter_key').execute();
  await registry.deleteFrom('channel').execute();
  await registry.deleteFrom('meter').execute();
  const second = await headendWith(context, { clock, meters: [meter], registry });
  await deliver(second.headend, frame);
  await eventually(second.events.reported, 1);
  assert.deepEqual(second.events.kinds(), ['frame-replayed']);
});

test('the same push twice in one segment counts once', async (context) => {
  const meter = meterOf(1);
  const { headend, reported } = await headendFor(context, [meter]);
  const frame = pushOf(meter);
  await deliver(headend, concatBytes(frame, frame));
  await eventually(reported, 2);
  assert.deepEqual(reported.map(({ kind }) => kind).sort(), ['frame-replayed', 'power-fail']);
});

test('a push with a wrong key, of an unknown meter, unprotected, or with a foreign body is refused by its kind', async (context) => {
  const meter = meterOf(1);
  const { headend, reported } = await headendFor(context, [meter]);
  const wrongKeys = { ...meter, heldKeys: meterOf(2).keys };
  const cases: readonly (readonly [Uint8Array, string, string])[] = [
    [pushOf(wrongKeys), 'authentication-failed', 'dlms/decryption-failed'],
    [pushOf(meterOf(9)), 'meter-unknown', 'dlms/unknown-system-title'],
    [pushOf(meter, { protection: 'none' }), 'authentication-failed', 'headend/push-unprotected'],
    [
      pushOf(meter, { protection: 'e', counter: 0xffff_fff0 }),
      'authentication-failed',
      'headend/push-unprotected',
    ],
    [pushOf(meter, { body: { type: 'null-data' } }), 'frame-malformed', 'headend/push-body'],
    [pushOf(meter, { code: 200 }), 'frame-malformed', 'headend/push-event-unknown'],
  ];
  for (const [frame] of cases) {
    const before = reported.length;
    await deliver(headend, frame);
    await eventually(reported, before + 1);
  }
  assert.deepEqual(
    reported.map(({ kind, code }) => [kind, code]),
    cases.map(([, kind, code]) => [kind, code]),
  );
  assert.equal(headend.figures().pushesRefused, cases.length);
  // The forged counter near the end of its range has not locked the true meter out.
  await deliver(headend, pushOf(meter));
  await eventually(reported, cases.length + 1);
  assert.equal(reported.at(-1)?.kind, 'power-fail');
});

test('garbage ends its connection and nothing else', async (context) => {
  const meter = meterOf(1);
  const { headend, reported } = await headendFor(context, [meter]);
  const socket = connect(headend.pushAddress.port, headend.pushAddress.host);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: meters\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  assert.deepEqual(
    reported.map(({ kind }) => kind),
    ['frame-malformed'],
  );
  await deliver(headend, pushOf(meter));
  await eventually(reported, 2);
  assert.equal(reported[1]?.kind, 'power-fail');
});

test('every cut of a push is either waited for or refused, never believed', async (context) => {
  const meter = meterOf(1);
  const { headend } = await headendFor(context, [meter]);
  const frame = pushOf(meter);
  for (let length = 1; length < frame.length; length += 7) await deliver(headend, frame.subarray(0, length));
  assert.equal(headend.figures().pushesReceived, 0);
  const altered = frame.slice();
  for (let i = 8; i < frame.length; i += 5) {
    altered.set(frame);
    altered[i] = (altered[i] as number) ^ 0x10;
    await deliver(headend, altered);
  }
  assert.equal(headend.figures().pushesReceived, 0);
  assert.ok(headend.figures().pushesRefused > 0);
});

test('refusals of one host become a bounded number of events in a minute, and all are counted', async (context) => {
  const meter = meterOf(1);
  const stack = await headendWith(context, { clock, meters: [meter], policy: { refusalsPerHostMinute: 5 } });
  const frame = pushOf(meterOf(9));
  for (let i = 0; i < 4; i++) await deliver(stack.headend, ...Array(5).fill(frame));
  await new Promise<void>((resolve) => {
    const look = () => (stack.headend.figures().pushesRefused >= 20 ? resolve() : void setImmediate(look));
    look();
  });
  assert.equal(stack.headend.figures().pushesRefused, 20);
  assert.equal(stack.events.reported.length, 5);
});

test('a link that pushes without end is closed', async (context) => {
  const meter = meterOf(1);
  const stack = await headendWith(context, { clock, meters: [meter], policy: { pushesPerLinkMinute: 3 } });
  await deliver(stack.headend, concatBytes(...Array.from({ length: 10 }, () => pushOf(meter))));
  await eventually(stack.events.reported, 4);
  assert.deepEqual(stack.events.kinds(), ['power-fail', 'power-fail', 'power-fail', 'frame-malformed']);
  assert.equal(stack.events.reported[3]?.code, 'headend/push-quota');
});

test('a last gasp is told while every session is busy and others wait: no time passes between', async (context) => {
  const asleep = Array.from({ length: 40 }, (_, i) => meterOf(i + 2));
  for (const meter of asleep) meter.isSilent = true;
  const still = virtualClock(startMs + 86_400_000);
  const gasping = meterOf(1);
  const stack = await headendWith(context, { clock: still, meters: [gasping, ...asleep] });
  const busy = asleep.map(({ shipment }) => stack.headend.collect(shipment.meter.serial));
  await deliver(stack.headend, pushOf(gasping));
  await eventually(stack.events.reported, 1);
  const [event] = stack.events.reported;
  assert.deepEqual([event?.kind, event?.serial, event?.receivedMs], ['power-fail', 'WTL000001', still.now()]);
  assert.equal(stack.headend.figures().exchanges.timeout, 0, 'no session has ended meanwhile');
  await stack.headend.close();
  await Promise.allSettled(busy);
});

test('gasps of a transformer are told one by one and then as one outage', async (context) => {
  const meters = [1, 2, 3].map(meterOf);
  const { headend, reported } = await headendFor(context, meters);
  await deliver(headend, ...meters.map((meter) => pushOf(meter)));
  await eventually(reported, 4);
  assert.deepEqual(
    reported.map(({ kind }) => kind),
    ['power-fail', 'power-fail', 'power-fail', 'outage'],
  );
  assert.match(reported[3]?.message ?? '', /transformer T1, 3 of 3 meters/);
});

test('a sender that nobody knows is held, approved by its row of a shipment, and believed from then on', async (context) => {
  const [known, stranger] = [meterOf(1), meterOf(7)];
  const { headend, reported } = await headendFor(context, [known]);
  await deliver(headend, pushOf(stranger), pushOf(stranger));
  await eventually(reported, 2);
  await headend.held.settled();
  const title = stranger.shipment.meter.systemTitle;
  const [held] = await headend.held.list();
  assert.deepEqual([held?.system_title, held?.state, held?.serial], [title, 'held', null]);
  const approve = (row: unknown, of = title) => headend.held.approve(of, { row, by: 'asha' });
  await assert.rejects(approve(stranger.shipment, 'FFFFFFFFFFFFFFFF'), { code: 'headend/held-unknown' });
  await assert.rejects(approve(known.shipment), { code: 'headend/held-mismatch' });
  const { keys } = known.shipment;
  await assert.rejects(approve({ ...stranger.shipment, keys }), { code: 'headend/held-refused' });
  const approved = await approve(stranger.shipment);
  assert.deepEqual([approved.state, approved.serial, approved.decided_by], ['approved', 'WTL000007', 'asha']);
  await deliver(headend, pushOf(stranger));
  await eventually(reported, 4);
  // The third is the refused row.
  assert.deepEqual([reported[3]?.kind, reported[3]?.serial], ['power-fail', 'WTL000007']);
  assert.equal(
    (await headend.collect('WTL000007')).outcome,
    'unreachable',
    'the test dialer does not know it',
  );
});

test('who is turned away stays so, and a thousand invented titles are bounded by the quota of their host', async (context) => {
  const strangers = Array.from({ length: 30 }, (_, i) => meterOf(100 + i));
  const stack = await headendWith(context, { clock, meters: [], policy: { refusalsPerHostMinute: 10 } });
  await deliver(stack.headend, ...strangers.map((meter) => pushOf(meter)));
  await eventually(stack.events.reported, 10);
  await stack.headend.held.settled();
  const held = await stack.headend.held.list();
  assert.equal(held.length, 10);
  const rejected = await stack.headend.held.reject(held[0]?.system_title ?? '', 'asha');
  assert.equal(rejected.state, 'rejected');
});

test('the head-end closes with links open', async (context) => {
  const { headend } = await headendFor(context, []);
  const socket = connect(headend.pushAddress.port, headend.pushAddress.host);
  await once(socket, 'connect');
  await Promise.all([headend.close(), once(socket, 'close')]);
  assert.equal(socket.destroyed, true);
});
