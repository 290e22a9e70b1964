/** One suite for every carrier: what a Link promises. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Link } from './link.ts';
import { memoryLinkPair } from './memory.ts';
import { listenTcp, tcpDialer } from './tcp.ts';

interface Pair {
  readonly ends: readonly [Link, Link];
  close(): Promise<void>;
}

const carriers: Record<string, () => Promise<Pair>> = {
  memory: async () => ({ ends: memoryLinkPair(), close: async () => {} }),
  tcp: async () => {
    let accept: (link: Link) => void = () => {};
    const accepted = new Promise<Link>((resolve) => {
      accept = resolve;
    });
    const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, accept);
    const dialled = await tcpDialer.dial(listener.address, 2000);
    return { ends: [dialled, await accepted], close: () => listener.close() };
  },
};

for (const [name, open] of Object.entries(carriers)) {
  describe(`a link over ${name}`, () => {
    test('carries octets in order, whatever the cut', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      const sent = Array.from({ length: 200 }, (_, i) => i & 0xff);
      const received = new Promise<number[]>((resolve) => {
        const all: number[] = [];
        far.receive((octets) => {
          all.push(...octets);
          if (all.length === sent.length) resolve(all);
        });
      });
      for (let i = 0; i < sent.length; i += 7) near.send(Uint8Array.from(sent.slice(i, i + 7)));
      assert.deepEqual(await received, sent);
      near.close();
      await close();
    });
    test('keeps what comes before a receiver is set', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      near.send(Uint8Array.of(1, 2, 3));
      near.close();
      await far.closed;
      const got: number[] = [];
      far.receive((octets) => got.push(...octets));
      assert.deepEqual(got, [1, 2, 3]);
      await close();
    });
    test('tells both ends that it is closed, and by whom', async () => {
      const { ends, close } = await open();
      const [near, far] = ends;
      far.receive(() => {});
      near.receive(() => {});
      near.close();
      assert.equal((await near.closed).reason, 'closed');
      assert.equal((await far.closed).reason, 'closed-by-peer');
      near.send(Uint8Array.of(9));
      await close();
    });
  });
}

test('a port in use is a coded error that names it', async () => {
  const first = await listenTcp({ host: '127.0.0.1', port: 0 }, () => {});
  await assert.rejects(
    listenTcp(first.address, () => {}),
    { code: 'network/port-taken' },
  );
  await first.close();
});
test('nobody at the address is a coded error', async () => {
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, () => {});
  await listener.close();
  await assert.rejects(tcpDialer.dial(listener.address, 1000), { code: 'network/unreachable' });
});
