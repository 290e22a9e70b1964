/** Peers of the push port that mean harm: they are bounded by host and by link, end with a code, and the meters go on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { concatBytes, virtualClock } from '@wattline/base';
import { memoryLinkPair } from '@wattline/network';
import { headendWith } from '../headend-fixture.ts';
import type { HeadendPolicy } from '../policy.ts';
import { testMeter } from '../test-server.ts';
import { pushOf, until } from './push-fixture.ts';
import { createPushGate } from './push-gate.ts';
import { createStrangers } from './strangers.ts';

const startMs = Date.UTC(2025, 9, 1);

async function headendFor(context: TestContext, policy: Partial<HeadendPolicy> = {}) {
  const clock = virtualClock(startMs);
  const meters = [1, 2].map((number) => testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' }));
  const stack = await headendWith(context, { clock, meters, policy });
  const [meter, other] = meters;
  assert.ok(meter && other);
  return { ...stack, clock, meter, other };
}

async function open(
  context: TestContext,
  port: number,
): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  context.after(() => socket.destroy());
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.resume();
  return { socket, closed };
}

/** Lets octets pass through the machine's sockets. */
async function pass(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a peer that dribbles a push octet by octet is closed as a silent one is, and a whole push begins the silence anew', async (context) => {
  const { headend, clock, meter, other } = await headendFor(context, { pushIdleMs: 60_000 });
  const slow = await open(context, headend.pushAddress.port);
  const quick = await open(context, headend.pushAddress.port);
  let isClosed = false;
  void slow.closed.then(() => {
    isClosed = true;
  });
  const frame = pushOf(meter, clock);
  for (let i = 0; i < 6; i++) {
    slow.socket.write(frame.subarray(i, i + 1));
    quick.socket.write(pushOf(other, clock));
    await until(() => headend.figures().pushesReceived === i + 1);
    await pass();
    assert.equal(isClosed, false, `after ${i} octets`);
    await clock.advance(11_000);
  }
  await slow.closed;
  quick.socket.write(pushOf(other, clock));
  await until(() => headend.figures().pushesReceived === 7);
});

test('links on which no meter proves itself are so many of a host, and the oldest gives way; proved ones stay', async (context) => {
  const { headend, clock, meter, other } = await headendFor(context, { strangersPerHost: 5 });
  const { port } = headend.pushAddress;
  const proved = await open(context, port);
  proved.socket.write(pushOf(meter, clock));
  await until(() => headend.figures().pushesReceived === 1);
  const strangers = [];
  for (let i = 0; i < 8; i++) strangers.push(await open(context, port));
  await Promise.all(strangers.slice(0, 3).map(({ closed }) => closed));
  assert.deepEqual(
    strangers.slice(3).map(({ socket }) => socket.destroyed),
    [false, false, false, false, false],
  );
  proved.socket.write(pushOf(meter, clock));
  strangers[7]?.socket.write(pushOf(other, clock));
  await until(() => headend.figures().pushesReceived === 3);
});

test('of all hosts together strangers have half of the links', () => {
  const strangers = createStrangers({ strangersPerHost: 4, pushLinks: 10 });
  const closed: string[] = [];
  const linkOf = (peer: string) => {
    const [near] = memoryLinkPair();
    return { ...near, peer, close: () => void closed.push(peer) };
  };
  for (let i = 0; i < 7; i++) strangers.add(linkOf(`10.0.0.${i}:1`));
  assert.deepEqual(closed, ['10.0.0.0:1', '10.0.0.1:1']);
});

test('a flood of forged pushes costs its host its events, not the meters theirs', async (context) => {
  const { headend, clock, meter, other, events } = await headendFor(context, { refusalsPerHostMinute: 10 });
  const forged = pushOf({ ...meter, heldKeys: other.keys }, clock);
  const flood = await open(context, headend.pushAddress.port);
  for (let i = 0; i < 20; i++) flood.socket.write(concatBytes(...Array<Uint8Array>(100).fill(forged)));
  const honest = await open(context, headend.pushAddress.port);
  honest.socket.write(pushOf(other, clock));
  await until(() => headend.figures().pushesRefused === 2_000 && headend.figures().pushesReceived === 1);
  assert.equal(events.reported.filter(({ kind }) => kind === 'authentication-failed').length, 10);
  assert.equal(events.reported.filter(({ kind }) => kind === 'power-fail').length, 1);
});

test('while too many pushes wait for the disk no line is read, one that is full alone holds none but itself', () => {
  const held = new Set<string>();
  const linkOf = (peer: string) => {
    const [near] = memoryLinkPair();
    return { ...near, peer, pause: () => void held.add(peer), resume: () => void held.delete(peer) };
  };
  const gate = createPushGate(8);
  const a = gate.line(linkOf('a'), 4);
  const b = gate.line(linkOf('b'), 100);
  for (let i = 0; i < 4; i++) a.enter();
  assert.deepEqual([...held], ['a']);
  for (let i = 0; i < 4; i++) b.enter();
  assert.deepEqual([...held].sort(), ['a', 'b']);
  const late = gate.line(linkOf('c'), 4);
  assert.ok(held.has('c'), 'a new line waits too');
  for (let i = 0; i < 4; i++) b.leave();
  assert.deepEqual([...held], ['a'], 'it is full still');
  a.leave();
  a.leave();
  assert.deepEqual([...held], []);
  late.close();
  const [datagrams] = memoryLinkPair();
  const c = gate.line(datagrams, 1_000);
  for (let i = 0; i < 16 * 8; i++) c.enter();
  assert.equal(c.isOverfull, true, 'datagrams cannot be held: past the bound they are dropped');
});
