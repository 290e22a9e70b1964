/** A meter on TCP. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secureRandom, virtualClock } from '@wattline/base';
import { type Link, tcpDialer } from '@wattline/network';
import { createClientConnection, type HdlcOptions } from '@wattline/protocols/dlms';
import { testMeter } from './meter-fixture.ts';
import { serveMeter } from './serve.ts';

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
