/** Meters that dial in over real sockets: known by an authenticated push, read over the line they opened, again and again. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type VirtualClock, virtualClock } from '@wattline/base';
import { type Link, tcpDialer } from '@wattline/network';
import { type Data, encodeDateTime, encodePush, parseObis } from '@wattline/protocols/dlms';
import type { Headend } from '../headend.ts';
import { headendWith } from '../headend-fixture.ts';
import type { HeadendPolicy } from '../policy.ts';
import { fillProfile, serveMeter, type TestMeter, testMeter } from '../test-server.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

/** A meter whose place in the shipment is its system title: nobody can dial it. */
function roamingMeter(number: number, clock: VirtualClock): TestMeter {
  const meter = testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  const { shipment } = meter;
  const host = `inbound:${shipment.meter.systemTitle}`;
  return { ...meter, shipment: { ...shipment, meter: { ...shipment.meter, host } } };
}

async function openStreet(context: TestContext, policy: Partial<HeadendPolicy> = {}) {
  const clock = virtualClock(startMs + dayMs);
  const meters = [1, 2].map((number) => roamingMeter(number, clock));
  const stack = await headendWith(context, { clock, meters, policy });
  return { ...stack, clock, meters };
}

function helloOf(meter: TestMeter, nowMs: number): Uint8Array {
  const body: Data = {
    type: 'structure',
    value: [
      { type: 'octet-string', value: Buffer.from(meter.shipment.meter.serial) },
      { type: 'octet-string', value: parseObis('0.0.25.9.0.255') },
      { type: 'octet-string', value: encodeDateTime(nowMs, 0) },
      { type: 'unsigned', value: 2 },
      { type: 'double-long-unsigned', value: 60 },
    ],
  };
  return encodePush({
    ...{ systemTitle: meter.systemTitle, keys: meter.keys, counter: meter.counter, protection: 'ae', body },
    ...{ clientSap: 2, serverSap: 1, instantMs: nowMs, offsetMinutes: 0 },
  });
}

/** Dials in, tells who it is, and answers from then on. */
async function dialIn(
  headend: Headend,
  meter: TestMeter,
  clock: VirtualClock,
  hello = helloOf(meter, clock.now()),
) {
  const link = await tcpDialer.dial(headend.pushAddress, 1_000);
  link.send(hello);
  serveMeter(meter, link, clock);
  return link;
}

/** Waits on the thing itself, not on time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

test('a meter that dials in is read at once, and again over the same line', async (context) => {
  const { headend, management, clock, meters, registry } = await openStreet(context);
  const [meter] = meters as [TestMeter];
  const link = await dialIn(headend, meter, clock);
  context.after(() => link.close());
  // For dialling in, and for the power that its hello tells of.
  await until(() => headend.figures().exchanges.answer >= 2);
  assert.ok(management.values.has(`UP-0001/delivered@${startMs}`));
  await clock.advance(quarterMs);
  fillProfile(meter, clock.now() - quarterMs, clock.now());
  const again = await headend.collect('WTL000001');
  assert.deepEqual([again.outcome, again.readings, meter.open], ['answer', 2, 1]);
  const purposes = (await registry.selectFrom('exchange').select('purpose').execute()).map(
    (row) => row.purpose,
  );
  assert.ok(purposes.includes('dial-in'));
});

test('a push in the middle of a session is an event, and the session goes on', async (context) => {
  const { headend, events, clock, meters } = await openStreet(context);
  const [meter] = meters as [TestMeter];
  const plain = await tcpDialer.dial(headend.pushAddress, 1_000);
  // Pushes before each of its answers.
  const noisy: Link = {
    ...plain,
    send(octets) {
      plain.send(helloOf(meter, clock.now()));
      plain.send(octets);
    },
  };
  plain.send(helloOf(meter, clock.now()));
  serveMeter(meter, noisy, clock);
  context.after(() => plain.close());
  await until(() => headend.figures().exchanges.answer >= 1);
  const restored = events.reported.filter(({ kind }) => kind === 'power-restore').length;
  assert.ok(restored > 3, `${restored} events`);
});

test('a meter that has not dialled in is unreachable, and who dials in meanwhile is read', async (context) => {
  const { headend, clock, meters } = await openStreet(context);
  const waiting = headend.collect('WTL000002');
  await clock.advance(5_001);
  assert.equal((await waiting).outcome, 'unreachable');
  const patient = headend.collect('WTL000002');
  const link = await dialIn(headend, (meters as [TestMeter, TestMeter])[1], clock);
  context.after(() => link.close());
  assert.equal((await patient).outcome, 'answer');
});

test('a line is nobody else’s: a replayed hello and a hello of another meter give it to no one', async (context) => {
  const { headend, clock, meters, events } = await openStreet(context);
  const [victim, thief] = meters as [TestMeter, TestMeter];
  const hello = helloOf(victim, clock.now());
  const genuine = await dialIn(headend, victim, clock, hello);
  await until(() => headend.figures().exchanges.answer >= 1);
  const replayed = await dialIn(headend, thief, clock, hello);
  context.after(() => {
    for (const link of [genuine, replayed]) link.close();
  });
  await until(() => events.kinds().includes('frame-replayed'));
  assert.equal((await headend.collect('WTL000001')).outcome, 'answer', 'still read over its own line');
  const waiting = headend.collect('WTL000002');
  await clock.advance(5_001);
  assert.equal((await waiting).outcome, 'unreachable');
});

test('a meter that dials in anew takes the place of its old line, and a failed session closes the line', async (context) => {
  const { headend, clock, meters } = await openStreet(context);
  const [meter] = meters as [TestMeter];
  const first = await dialIn(headend, meter, clock);
  await until(() => headend.figures().exchanges.answer >= 1);
  const second = await dialIn(headend, meter, clock);
  await first.closed;
  assert.equal((await headend.collect('WTL000001')).outcome, 'answer');
  meter.isSilent = true;
  const silent = headend.collect('WTL000001');
  await until(() => headend.figures().octetsSent > 0);
  for (let i = 0; i < 40; i++) await clock.advance(500);
  assert.equal((await silent).outcome, 'timeout');
  await second.closed;
});
