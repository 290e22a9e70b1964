/** What ends a link that is looked after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import type { Link } from './link.ts';
import { guardLink } from './link-guard.ts';
import { memoryLinkPair } from './memory.ts';

const bounds = { idleMs: 1000, mostPendingOctets: 100 };

test('silence ends a link with its code, and each octet heard begins the silence anew', async () => {
  const clock = virtualClock();
  const [near] = memoryLinkPair();
  const guard = guardLink(near, { ...bounds, clock });
  await clock.advance(999);
  guard.heard();
  await clock.advance(999);
  let isClosed = false;
  void near.closed.then(() => {
    isClosed = true;
  });
  await Promise.resolve();
  assert.equal(isClosed, false);
  await clock.advance(1);
  assert.deepEqual(await near.closed, {
    reason: 'closed',
    code: 'network/idle',
    message: 'silent for 1000 ms',
  });
});

test('on a line that stays open, silence is told again and again', async () => {
  const clock = virtualClock();
  const [near] = memoryLinkPair();
  let silences = 0;
  const guard = guardLink(near, { ...bounds, clock, onIdle: () => silences++ });
  await clock.advance(1000);
  guard.heard();
  await clock.advance(1000);
  assert.equal(silences, 2);
});

test('a peer that takes nothing of what it is sent is cut off with a code, at the bound and not before', async () => {
  let pending = 100;
  const [near] = memoryLinkPair();
  const full: Link = {
    peer: 'full',
    closed: near.closed,
    send: () => {},
    receive: () => {},
    pendingOctets: () => pending,
    close: (why) => near.close(why),
  };
  const guard = guardLink(full, { ...bounds, clock: virtualClock() });
  guard.sent();
  pending = 101;
  guard.sent();
  const { code, message } = await near.closed;
  assert.deepEqual([code, /at most 100 octets .* found 101/.test(message)], ['network/overflow', true]);
});

test('a link that has closed arms no more', async () => {
  const clock = virtualClock();
  const [near] = memoryLinkPair();
  let silences = 0;
  const guard = guardLink(near, { ...bounds, clock, onIdle: () => silences++ });
  near.close();
  await near.closed;
  guard.heard();
  await clock.advance(5000);
  assert.equal(silences, 0);
});
