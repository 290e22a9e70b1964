/** One suite for every carrier: what a Link promises. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address, Dialer, Link, Listener } from './link.ts';
import { memoryLinkPair } from './memory.ts';
import { openNullModem } from './null-modem.ts';
import { listSerialPorts, openSerial } from './serial.ts';
import { listenTcp, tcpDialer } from './tcp.ts';
import { listenUdp, udpDialer } from './udp.ts';

interface Pair {
  readonly ends: readonly [Link, Link];
  close(): Promise<void>;
}

interface Carrier {
  open(): Promise<Pair>;
  /** Whether one end learns that the other has closed: datagrams and serial lines carry no goodbye. */
  readonly tellsPeer: boolean;
}

const local = { host: '127.0.0.1', port: 0 };
const nullModem = await openNullModem();
await nullModem?.unplug();

const carriers: Record<string, Carrier> = {
  memory: { tellsPeer: true, open: async () => ({ ends: memoryLinkPair(), close: async () => {} }) },
  tcp: { tellsPeer: true, open: () => dialled(listenTcp, tcpDialer) },
  udp: {
    tellsPeer: false,
    open: () => dialled(listenUdp, udpDialer, (near) => near.send(Uint8Array.of())),
  },
  ...(nullModem ? { serial: { tellsPeer: false, open: joinedSerial } } : {}),
};

async function dialled(
  listen: (address: Address, onLink: (link: Link) => void) => Promise<Listener>,
  dialer: Dialer,
  knock: (near: Link) => void = () => {},
): Promise<Pair> {
  const { promise: accepted, resolve } = Promise.withResolvers<Link>();
  const listener = await listen(local, resolve);
  const near = await dialer.dial(listener.address, 2000);
  knock(near);
  return { ends: [near, await accepted], close: () => listener.close() };
}

async function joinedSerial(): Promise<Pair> {
  const cable = await openNullModem();
  assert(cable);
  const [near, far] = await Promise.all(cable.paths.map((path) => openSerial({ path })));
  assert(near && far);
  return {
    ends: [near, far],
    async close() {
      near.close();
      far.close();
      await Promise.all([near.closed, far.closed]);
      await cable.unplug();
    },
  };
}

/** Resolves once so many octets have come. */
function gather(link: Link, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const all: number[] = [];
    link.receive((octets) => {
      all.push(...octets);
      if (all.length >= count) resolve(all);
    });
  });
}

for (const [name, { open, tellsPeer }] of Object.entries(carriers)) {
  describe(`a link over ${name}`, () => {
    test('carries octets in order, whatever the cut', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      const sent = Array.from({ length: 512 }, (_, i) => i & 0xff);
      const received = gather(far, sent.length);
      for (let i = 0; i < sent.length; i += 7) near.send(Uint8Array.from(sent.slice(i, i + 7)));
      assert.deepEqual(await received, sent);
      near.close();
      await close();
    });
    test('carries octets the other way', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      const received = gather(near, 3);
      far.send(Uint8Array.of(0x7e, 0, 0xff));
      assert.deepEqual(await received, [0x7e, 0, 0xff]);
      near.close();
      await close();
    });
    test('keeps what comes before a receiver is set, and closes behind what was sent', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      near.send(Uint8Array.of(1, 2, 3));
      near.close();
      if (tellsPeer) await far.closed;
      else await near.closed;
      assert.deepEqual(await gather(far, 3), [1, 2, 3]);
      await close();
    });
    test('tells both ends that it is closed, by whom and with a code, or where it cannot, the end that closed it', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      far.receive(() => {});
      near.receive(() => {});
      near.close();
      assert.deepEqual(await near.closed, {
        reason: 'closed',
        code: 'network/closed',
        message: 'closed here',
      });
      near.send(Uint8Array.of(9));
      if (tellsPeer) {
        const { reason, code } = await far.closed;
        assert.deepEqual([reason, code], ['closed-by-peer', 'network/closed-by-peer']);
      } else far.close();
      await close();
    });
    test('closed for a reason, it ends with the code of that reason', async () => {
      const { ends, close } = await open();
      const [near] = ends;
      near.close({ code: 'network/idle', message: 'silent for 120 s' });
      assert.equal((await near.closed).code, 'network/idle');
      near.close();
      assert.equal((await near.closed).message, 'silent for 120 s');
      await close();
    });
  });
}

for (const [name, listen] of Object.entries({ tcp: listenTcp, udp: listenUdp })) {
  test(`a ${name} port in use is a coded error that names it`, async () => {
    const first = await listen(local, () => {});
    await assert.rejects(
      listen(first.address, () => {}),
      { code: 'network/port-taken' },
    );
    await first.close();
  });
}
test('nobody at the address is a coded error', async () => {
  const listener = await listenTcp(local, () => {});
  await listener.close();
  await assert.rejects(tcpDialer.dial(listener.address, 1000), { code: 'network/unreachable' });
});
test('nobody at a UDP port is told after the first datagram', async () => {
  const listener = await listenUdp(local, () => {});
  await listener.close();
  const link = await udpDialer.dial(listener.address, 1000);
  link.send(Uint8Array.of(1));
  const { reason, code } = await link.closed;
  assert.deepEqual([reason, code], ['error', 'network/unreachable']);
});
test('a UDP listener holds no more peers than it was told; a place that is given up is taken by the next', async () => {
  const links: Link[] = [];
  const { promise: second, resolve } = Promise.withResolvers<void>();
  const listener = await listenUdp(
    local,
    (link) => {
      links.push(link);
      link.receive(() => link.send(Uint8Array.of(links.length)));
      if (links.length === 2) resolve();
    },
    { maxLinks: 1 },
  );
  const [first, next] = [
    await udpDialer.dial(listener.address, 1000),
    await udpDialer.dial(listener.address, 1000),
  ];
  const answered = gather(first, 1);
  first.send(Uint8Array.of(1));
  await answered;
  next.send(Uint8Array.of(2));
  const answeredAgain = gather(first, 1);
  first.send(Uint8Array.of(3));
  await answeredAgain;
  assert.equal(links.length, 1);
  links[0]?.close();
  next.send(Uint8Array.of(4));
  await second;
  first.close();
  next.close();
  await listener.close();
});
test('more than a datagram carries ends the link and sends nothing', async () => {
  const { ends, close } = await dialled(listenUdp, udpDialer, (near) => near.send(Uint8Array.of()));
  ends[0].send(new Uint8Array(65_508));
  assert.equal((await ends[0].closed).code, 'network/too-long');
  await close();
});

describe('a serial port', () => {
  const skip = nullModem ? false : 'neither socat nor python3 is here to make pseudo-terminals';
  test('that is not there is unreachable', async () => {
    await assert.rejects(openSerial({ path: '/dev/ttyNOT0' }), { code: 'network/unreachable' });
    await assert.rejects(openSerial({ path: '/dev/null' }), { code: 'network/unreachable' });
  });
  test('takes a speed of the standard and goes on; refuses one that no line has', { skip }, async () => {
    const cable = await openNullModem();
    assert(cable);
    const [near, far] = await Promise.all(cable.paths.map((path) => openSerial({ path, baudRate: 300 })));
    assert(near && far);
    near.send(Uint8Array.of(0x2f));
    await near.setBaudRate(9600);
    near.send(Uint8Array.of(0x06));
    assert.deepEqual(await gather(far, 2), [0x2f, 0x06]);
    await assert.rejects(near.setBaudRate(12_345_678), { code: 'network/bad-serial-setting' });
    near.close();
    far.close();
    await Promise.all([near.closed, far.closed]);
    await cable.unplug();
  });
  test('that goes away ends the link as lost', { skip }, async () => {
    const cable = await openNullModem();
    assert(cable);
    const link = await openSerial({ path: cable.paths[0] });
    link.receive(() => {});
    await cable.unplug();
    const { reason, code } = await link.closed;
    assert.deepEqual([reason, code], ['error', 'network/lost']);
  });
  test('is listed by its name, and a folder that cannot be read lists none', () => {
    assert.ok(listSerialPorts().every((path) => path.startsWith('/dev/')));
    assert.deepEqual(listSerialPorts('/nowhere'), []);
  });
});
