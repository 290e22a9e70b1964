/** Whose turn it is: priorities, routes, deadlines, budgets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, virtualClock } from '@wattline/base';
import { throttleDials } from './dial-throttle.ts';
import { createRouteBudgets } from './route-budget.ts';
import { createSessionQueue, type Priority } from './session-queue.ts';

test('what is asked for by hand overtakes the schedule', async () => {
  const order: string[] = [];
  const gates = new Map<string, () => void>();
  const queue = createSessionQueue<string, string>(
    async (serial, reason) => {
      order.push(`${serial} ${reason}`);
      await new Promise<void>((resolve) => gates.set(serial, resolve));
      return reason;
    },
    { concurrency: 1 },
  );
  const asked = ['A', 'B', 'C', 'D'].map((serial) =>
    queue.request({ serial, reason: 'schedule', priority: 2 }),
  );
  const byHand = queue.request({ serial: 'D', reason: 'on-demand', priority: 0 });
  for (const serial of ['A', 'D', 'B', 'C']) {
    assert.equal(queue.running(), 1);
    gates.get(serial)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(asked);
  assert.deepEqual(order, ['A schedule', 'D on-demand', 'B schedule', 'C schedule']);
  // The one who waited for the schedule gets the session that overtook it.
  assert.equal(await byHand, 'on-demand');
  assert.equal(await asked[3], 'on-demand');
});

test('no more sessions run than allowed, and never two with one meter, in any order of requests', async () => {
  const random = seededRandom('queue');
  const running = new Map<string, number>();
  let runningNow = 0;
  let most = 0;
  const queue = createSessionQueue<null, null>(
    async (serial) => {
      running.set(serial, (running.get(serial) ?? 0) + 1);
      most = Math.max(most, ++runningNow);
      assert.equal(running.get(serial), 1);
      for (let i = random.below(5); i >= 0; i--) await Promise.resolve();
      running.set(serial, 0);
      runningNow--;
      return null;
    },
    { concurrency: 3 },
  );
  const requests = Array.from({ length: 500 }, async () => {
    for (let i = random.below(40); i >= 0; i--) await Promise.resolve();
    const priority = random.below(4) as 0 | 1 | 2 | 3;
    await queue.request({ serial: `M${random.below(12)}`, reason: null, priority });
  });
  await Promise.all(requests);
  assert.equal(most, 3);
  assert.equal(queue.running(), 0);
});

/** A queue whose sessions end when told, and the order in which they began. */
function gated(
  options: Omit<Parameters<typeof createSessionQueue>[1], 'concurrency'> & { concurrency?: number },
) {
  const began: string[] = [];
  const gates = new Map<string, () => void>();
  const queue = createSessionQueue<null, string>(
    async (serial) => {
      began.push(serial);
      await new Promise<void>((resolve) => gates.set(serial, resolve));
      return serial;
    },
    { concurrency: 100, ...options },
  );
  const end = async (serial: string) => {
    gates.get(serial)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const ask = (serial: string, priority: Priority = 2, deadlineMs?: number) =>
    queue.request({ serial, reason: null, priority, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
  return { queue, began, end, ask };
}
const routeOf = (serial: string) => serial.split('-')[0] as string;

test('a concentrator carries no more sessions than its own, and its queue holds nobody else up', async () => {
  const { queue, began, end, ask } = gated({ routeOf, routeSessions: 1 });
  for (const serial of ['A-1', 'A-2', 'A-3', 'B-1', 'C-1']) void ask(serial);
  assert.deepEqual(began, ['A-1', 'B-1', 'C-1']);
  assert.equal(queue.waiting(), 2);
  void ask('A-3', 0);
  await end('A-1');
  await end('A-3');
  await end('A-2');
  assert.deepEqual(began, ['A-1', 'B-1', 'C-1', 'A-3', 'A-2']);
  assert.equal(queue.waiting(), 0);
});

test('routes take turns, so that a large one does not starve a small one', async () => {
  const { began, end, ask } = gated({ routeOf, concurrency: 1 });
  for (const serial of ['A-1', 'A-2', 'A-3', 'A-4', 'B-1', 'B-2']) void ask(serial);
  for (let i = 0; i < 6; i++) await end(began[i] as string);
  assert.deepEqual(began, ['A-1', 'A-2', 'B-1', 'A-3', 'B-2', 'A-4']);
});

test('who has no turn before the deadline is told so, without a session', async () => {
  const clock = virtualClock(0);
  const { began, end, ask } = gated({ concurrency: 1, monotonic: () => clock.monotonic() });
  void ask('A-1');
  const late = ask('A-2', 2, 1000);
  const refused = assert.rejects(late, { code: 'headend/deadline-passed' });
  void ask('A-3', 2, 5000);
  await clock.advance(2000);
  await end('A-1');
  await refused;
  assert.deepEqual(began, ['A-1', 'A-3']);
});

test('a route that spent its airtime waits for the next hour, a person who reads by hand does not', async () => {
  const clock = virtualClock(0);
  let pump = () => {};
  const budgets = createRouteBudgets({ clock, octetsPerHour: 1000, onOpen: () => pump() });
  const { queue, began, ask } = gated({ routeOf, mayStart: budgets.mayStart });
  pump = queue.pump;
  void ask('A-1');
  budgets.charge('A', 1500);
  void ask('A-2');
  void ask('B-1');
  void ask('A-3', 0);
  assert.deepEqual(began, ['A-1', 'B-1', 'A-3']);
  await clock.advance(3_600_000);
  assert.deepEqual(began, ['A-1', 'B-1', 'A-3', 'A-2']);
});

test('history over a route waits for its hours, also those over midnight', async () => {
  const clock = virtualClock(Date.UTC(2025, 0, 1, 12));
  let pump = () => {};
  const background = { zone: 'UTC', fromHour: 22, untilHour: 5 };
  const octetsPerHour = Number.POSITIVE_INFINITY;
  const budgets = createRouteBudgets({ clock, octetsPerHour, background, onOpen: () => pump() });
  const { queue, began, ask } = gated({ routeOf, mayStart: budgets.mayStart });
  pump = queue.pump;
  void ask('A-1', 3);
  void ask('A-2', 2);
  await clock.advance(9 * 3_600_000);
  assert.deepEqual(began, ['A-2']);
  await clock.advance(3_600_000);
  assert.deepEqual(began, ['A-2', 'A-1']);
});

test('ten thousand dials at once are spread over time; a few are not slowed', async () => {
  const clock = virtualClock(0);
  const dialled: number[] = [];
  const dialer = throttleDials(
    {
      dial: async () => {
        dialled.push(clock.now());
        throw new Error('nobody');
      },
    },
    { clock, perSecond: 1000 },
  );
  const all = Array.from({ length: 3000 }, () => dialer.dial({ host: 'x', port: 1 }, 1).catch(() => {}));
  await clock.advance(0);
  assert.ok(dialled.length >= 90 && dialled.length <= 110, `${dialled.length} at once`);
  await clock.advance(3000);
  await Promise.all(all);
  for (let second = 0; second < 3; second++) {
    const count = dialled.filter((at) => at >= second * 1000 && at < (second + 1) * 1000).length;
    assert.ok(count <= 1110, `${count} in second ${second}`);
  }
});
