/** A meter on TCP, UDP and a serial line. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secureRandom, virtualClock } from '@wattline/base';
import { type Link, memoryLinkPair, tcpDialer, udpDialer } from '@wattline/network';
import { createClientConnection, type HdlcOptions } from '@wattline/protocols/dlms';
import { testMeter } from './meter-fixture.ts';
import { serveMeter, serveMeterOnUdp } from './serve.ts';
import { attachLine } from './serve-serial.ts';

const random = secureRandom();
const local = { host: '127.0.0.1', port: 0 };

/** Associates as the public client; resolves to the first answer's kind, or to how the link ended. */
function associate(link: Link, hdlc?: HdlcOptions): Promise<string> {
  const client = createClientConnection({
    clientSap: 16,
    serverSap: 1,
    mechanism: 'none',
    protection: 'none',
    random,
    ...(hdlc ? { hdlc } : {}),
  });
  return new Promise((resolve) => {
    link.receive((octets) => {
      const { send, outcome } = client.receive(octets);
      for (const reply of send) link.send(reply);
      if (outcome) resolve(outcome.kind);
    });
    void link.closed.then(() => resolve('closed'));
    const asked = client.request({ kind: 'associate' });
    if (asked.ok) link.send(asked.value);
  });
}

describe('a meter that listens', () => {
  test('answers whoever dials', async () => {
    const served = await serveMeter(testMeter().meter.device, local, { random, clock: virtualClock() });
    const link = await tcpDialer.dial(served.address, 2000);
    assert.equal(await associate(link), 'associated');
    link.close();
    await served.close();
  });
  test('answers in HDLC frames when told to', async () => {
    const options = { random, clock: virtualClock(), hdlc: {} };
    const served = await serveMeter(testMeter().meter.device, local, options);
    const link = await tcpDialer.dial(served.address, 2000);
    assert.equal(await associate(link, {}), 'associated');
    link.close();
    await served.close();
  });
  test('out of reach it closes each link at once, and answers again later', async () => {
    let isReachable = true;
    const options = { random, clock: virtualClock(), isReachable: () => isReachable };
    const served = await serveMeter(testMeter().meter.device, local, options);
    const before = await tcpDialer.dial(served.address, 2000);
    assert.equal(await associate(before), 'associated');
    isReachable = false;
    served.dropLinks();
    await before.closed;
    assert.equal(await associate(await tcpDialer.dial(served.address, 2000)), 'closed');
    isReachable = true;
    const after = await tcpDialer.dial(served.address, 2000);
    assert.equal(await associate(after), 'associated');
    after.close();
    await served.close();
  });
  test('a link that says nothing is closed after its time', async () => {
    const clock = virtualClock();
    const served = await serveMeter(testMeter().meter.device, local, { random, clock, idleMs: 1000 });
    const link = await tcpDialer.dial(served.address, 2000);
    assert.equal(await associate(link), 'associated');
    await clock.advance(1000);
    await link.closed;
    await served.close();
  });
  test('over UDP it answers each peer on its own, and gives up who falls silent', async () => {
    const clock = virtualClock();
    const served = await serveMeterOnUdp(testMeter().meter.device, local, {
      random,
      clock,
      idleMs: 1000,
      maxLinks: 2,
    });
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map(() => udpDialer.dial(served.address, 2000)),
    );
    assert(first && second && third);
    assert.deepEqual(await Promise.all([associate(first), associate(second)]), ['associated', 'associated']);
    await clock.advance(1000);
    assert.equal(await associate(third), 'associated');
    for (const link of [first, second, third]) link.close();
    await served.close();
  });
  test('a datagram that is no whole APDU is dropped and told, and the dialogue goes on', async () => {
    const events: string[] = [];
    const { promise: dropped, resolve } = Promise.withResolvers<void>();
    const served = await serveMeterOnUdp(testMeter().meter.device, local, {
      random,
      clock: virtualClock(),
      onEvent: (event) => {
        events.push(event.kind === 'refused' ? event.code : event.kind);
        resolve();
      },
    });
    const link = await udpDialer.dial(served.address, 2000);
    link.send(Uint8Array.of(0, 1, 0, 16, 0, 1, 0, 99, 0x60));
    await dropped;
    assert.equal(await associate(link), 'associated');
    assert.deepEqual(events, ['dlms/bad-wrapper', 'associated']);
    link.close();
    await served.close();
  });
  test('a line that falls silent is given up and stays open for the next who comes', async () => {
    const clock = virtualClock();
    const [near, far] = memoryLinkPair();
    const events: string[] = [];
    const onEvent = (event: { kind: string }) => events.push(event.kind);
    attachLine(testMeter().meter.device, far, { random, clock, hdlc: {}, onEvent });
    assert.equal(await associate(near, {}), 'associated');
    await clock.advance(120_000);
    assert.equal(await associate(near, {}), 'associated');
    assert.deepEqual(events, ['associated', 'associated']);
  });
  test('rubbish ends the link and is told to the log', async () => {
    const events: string[] = [];
    const options = {
      random,
      clock: virtualClock(),
      onEvent: (event: { kind: string }) => events.push(event.kind),
    };
    const served = await serveMeter(testMeter().meter.device, local, options);
    const link = await tcpDialer.dial(served.address, 2000);
    link.send(new Uint8Array(64).fill(0xaa));
    await link.closed;
    assert.deepEqual(events, ['refused']);
    await served.close();
  });
});
