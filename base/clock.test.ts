import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realClock, virtualClock } from './clock.ts';

describe('virtual time moves only when told', () => {
  test('what falls due runs in order of time, then of asking', async () => {
    const clock = virtualClock(1000);
    const ran: string[] = [];
    clock.after(20, () => ran.push('late'));
    clock.after(10, () => ran.push('first'));
    clock.after(10, () => ran.push('second'));
    await clock.advance(15);
    assert.deepEqual(ran, ['first', 'second']);
    assert.equal(clock.now(), 1015);
    await clock.advance(5);
    assert.deepEqual(ran, ['first', 'second', 'late']);
  });
  test('what is armed while time moves runs in the same move', async () => {
    const clock = virtualClock();
    const seen: number[] = [];
    clock.after(10, () => clock.after(10, () => seen.push(clock.now())));
    await clock.advance(30);
    assert.deepEqual(seen, [20]);
  });
  test('a cancelled action does not run', async () => {
    const clock = virtualClock();
    let ran = false;
    clock.after(5, () => {
      ran = true;
    })();
    await clock.advance(10);
    assert.equal(ran, false);
  });
  test('an aborted sleep rejects with the reason', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(100, controller.signal);
    controller.abort(new Error('closing'));
    await assert.rejects(sleeping, /closing/);
  });
});

describe('an anchored clock', () => {
  test('runs at its speed from its anchor', () => {
    const wall = realClock();
    const wallMs = wall.now() - 1000;
    const town = realClock({ townMs: 5_000_000, wallMs, speed: 60 });
    const now = town.now();
    assert.ok(now >= 5_060_000 && now < 5_060_000 + 60 * 60_000, `${now}`);
  });
  test('two processes with one anchor show one time', () => {
    const anchor = { townMs: 1e12, wallMs: realClock().now(), speed: 1 };
    assert.ok(Math.abs(realClock(anchor).now() - realClock(anchor).now()) <= 1000);
  });
});
