/** Pushes over UDP and over HDLC, on real sockets and a line of two pseudo-terminals. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { concatBytes, fromHex, virtualClock } from '@wattline/base';
import { type Link, listenTcp, openNullModem, openSerial } from '@wattline/network';
import { headendWith } from '../headend-fixture.ts';
import type { HeadendPolicy } from '../policy.ts';
import { type TestMeter, testMeter } from '../test-server.ts';
import { parseLineSource } from './kept-line.ts';
import { pushOf, until } from './push-fixture.ts';
import type { PushSources } from './push-options.ts';

const startMs = Date.UTC(2025, 9, 1);
const clock = virtualClock(startMs + 86_400_000);
const local = { host: '127.0.0.1', port: 0 };
const meterOf = (number: number) => testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
const push = (meter: TestMeter, counter?: number) =>
  pushOf(meter, clock, counter === undefined ? {} : { counter });

async function headendFor(
  context: TestContext,
  meters: readonly TestMeter[],
  pushSources: PushSources,
  policy: Partial<HeadendPolicy> = {},
) {
  const stack = await headendWith(context, { clock, meters, pushSources, policy });
  return { ...stack, reported: stack.events.reported, addresses: stack.headend.pushAddresses };
}

/** The APDU of a wrapped push in a UI frame of HDLC; the check is worked out octet by octet as the standard says it. */
function uiFrame(wrapped: Uint8Array): Uint8Array {
  const information = concatBytes(fromHex('E6E700'), wrapped.subarray(8));
  const length = 2 + 3 + 1 + 2 + information.length + 2;
  const head = Uint8Array.of(0xa0 | (length >> 8), length & 0xff, (2 << 1) | 1, 1 << 1, (17 << 1) | 1, 0x13);
  const body = concatBytes(head, check(head), information);
  return concatBytes(fromHex('7E'), body, check(body), fromHex('7E'));
}

function check(octets: Uint8Array): Uint8Array {
  let register = 0xffff;
  for (const octet of octets) {
    register ^= octet;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >> 1) ^ 0x8408 : register >> 1;
  }
  return Uint8Array.of(~register & 0xff, (~register >> 8) & 0xff);
}

test('gasps in datagrams are all taken, each from a port of its own, and none is answered', async (context) => {
  const meters = Array.from({ length: 50 }, (_, i) => meterOf(i + 1));
  const { headend, reported, addresses } = await headendFor(context, meters, { udp: local });
  let answers = 0;
  for (const meter of meters) {
    const socket = createSocket('udp4').on('message', () => answers++);
    context.after(() => socket.close());
    socket.send(push(meter), addresses.udp?.port ?? 0, '127.0.0.1');
  }
  await until(() => headend.figures().pushesReceived >= meters.length);
  const failed = reported.filter(({ kind }) => kind === 'power-fail');
  assert.equal(new Set(failed.map(({ serial }) => serial)).size, meters.length);
  assert.deepEqual(headend.figures().pushesOver.datagram, { taken: 50, refused: 0 });
  assert.equal(answers, 0);
});

test('a datagram that is cut, doubled or garbage is refused alone', async (context) => {
  const meter = meterOf(1);
  const { headend, reported, addresses } = await headendFor(context, [meter], { udp: local });
  const socket = createSocket('udp4');
  context.after(() => socket.close());
  const good = push(meter);
  const bad = [
    good.subarray(0, 40),
    good.subarray(40),
    concatBytes(good, good),
    Buffer.from('GET /'),
    new Uint8Array(0),
  ];
  for (const octets of bad) socket.send(octets, addresses.udp?.port ?? 0, '127.0.0.1');
  socket.send(good, addresses.udp?.port ?? 0, '127.0.0.1');
  await until(() => headend.figures().pushesReceived === 1 && headend.figures().pushesRefused === bad.length);
  assert.deepEqual(reported.map(({ code }) => code ?? 'taken').sort(), [
    ...bad.map(() => 'headend/push-datagram'),
    'taken',
  ]);
});

test('a host that floods with datagrams is past its quota, from whatever port, and others are not', async (context) => {
  const meter = meterOf(1);
  const policy = { pushesPerLinkMinute: 5, refusalsPerHostMinute: 2 };
  const { headend, reported, addresses } = await headendFor(
    context,
    [meter],
    { udp: local, hdlc: local },
    policy,
  );
  for (let i = 0; i < 20; i++) {
    const socket = createSocket('udp4');
    context.after(() => socket.close());
    socket.send(push(meter), addresses.udp?.port ?? 0, '127.0.0.1');
  }
  await until(() => headend.figures().pushesReceived + headend.figures().pushesRefused === 20);
  assert.equal(headend.figures().pushesOver.datagram.taken, 5);
  assert.deepEqual(
    reported.flatMap(({ code }) => code ?? []),
    ['headend/push-quota', 'headend/push-quota'],
  );
  await send(addresses.hdlc?.port ?? 0, uiFrame(push(meter)));
  await until(() => headend.figures().pushesOver.hdlc.taken === 1);
});

async function send(port: number, ...parts: readonly Uint8Array[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  socket.end();
  socket.resume();
  await once(socket, 'close');
}

test('a serial server that dials in pushes in UI frames, octet by octet and with noise between them', async (context) => {
  const meters = [1, 2, 3].map(meterOf);
  const { reported, addresses } = await headendFor(context, meters, { hdlc: local });
  const line = concatBytes(...meters.flatMap((meter) => [fromHex('00FF55'), uiFrame(push(meter))]));
  await send(addresses.hdlc?.port ?? 0, ...Array.from(line, (octet) => Uint8Array.of(octet)));
  await until(() => reported.filter(({ kind }) => kind === 'power-fail').length === 3);
  assert.ok(
    reported.some(({ code }) => code === 'dlms/bad-hdlc-frame'),
    'noise is told',
  );
});

const vectorsPath = join(process.env.WATTLINE_SHARED ?? '../shared', 'vectors/dlms.json');
const skip = existsSync(vectorsPath) ? false : `no vectors at ${vectorsPath}`;

test('pushes of real meters in UI frames are read whole and not believed, for nothing proves them', {
  skip,
}, async (context) => {
  const ids = ['ams-iskraemeco-gh615-1', 'ams-iskraemeco-gh869-1', 'ams-kamstrup-gh175-2'];
  const { vectors } = JSON.parse(readFileSync(vectorsPath, 'utf8')) as {
    readonly vectors: readonly { readonly id: string; readonly hex: string }[];
  };
  const { reported, addresses } = await headendFor(context, [], { hdlc: local });
  const captures = vectors.filter(({ id }) => ids.includes(id)).map(({ hex }) => fromHex(hex));
  await send(addresses.hdlc?.port ?? 0, ...captures);
  const unproven = () => reported.filter(({ code }) => code === 'headend/push-unprotected');
  await until(() => unproven().length === captures.length);
  assert.ok(unproven().every(({ kind }) => kind === 'authentication-failed'));
});

test('a serial server that is dialled is dialled again when its line ends', async (context) => {
  const meter = meterOf(1);
  const arrivals: ((link: Link) => void)[] = [];
  const server = await listenTcp(local, (link) => arrivals.shift()?.(link));
  context.after(() => server.close());
  const arrival = () => new Promise<Link>((resolve) => arrivals.push(resolve));
  const first = arrival();
  const { headend } = await headendFor(context, [meter], { lines: [server.address] });
  const line = await first;
  line.send(uiFrame(push(meter)));
  await until(() => headend.figures().pushesOver.hdlc.taken === 1);
  const second = arrival();
  line.close();
  let again: Link | undefined;
  void second.then((link) => {
    again = link;
  });
  // Time of the pause before the next dial passes until the line is there.
  while (!again) await clock.advance(30_000);
  again.send(uiFrame(push(meter)));
  await until(() => headend.figures().pushesOver.hdlc.taken === 2);
});

test('pushes come in over a serial port', async (context) => {
  const cable = await openNullModem();
  if (!cable) return context.skip('no pseudo-terminals on this machine');
  context.after(() => cable.unplug());
  const [near, far] = cable.paths;
  const meter = meterOf(1);
  const { headend } = await headendFor(context, [meter], { lines: [{ path: near ?? '' }] });
  const serial = await openSerial({ path: far ?? '' });
  context.after(() => serial.close());
  const frame = uiFrame(push(meter));
  // Until the head-end has set its end of the line the octets may be lost.
  for (let counter = 1; headend.figures().pushesOver.hdlc.taken === 0; counter++) {
    serial.send(counter === 1 ? frame : uiFrame(push(meter)));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(headend.figures().pushesOver.hdlc.taken >= 1);
});

test('lines are named as an engineer would write them', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['/dev/ttyUSB0', { path: '/dev/ttyUSB0' }],
    ['/dev/ttyUSB0@19200', { path: '/dev/ttyUSB0', baudRate: 19_200 }],
    ['10.0.0.7:4001', { host: '10.0.0.7', port: 4001 }],
    ['[fe80::1]:4001', { host: 'fe80::1', port: 4001 }],
    ['moxa.example:4001', { host: 'moxa.example', port: 4001 }],
    ['moxa.example', undefined],
    ['moxa.example:0', undefined],
    ['moxa.example:70000', undefined],
    ['/dev/ttyUSB0@fast', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseLineSource(text), expected, text);
});
