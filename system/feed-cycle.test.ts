/** When the change feed is delivered: soon after news, now and then without, never twice at once, never after closing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError, type Log, silentLog, virtualClock } from '@wattline/base';
import { createFeedCycle, newsMs, quietMs } from './feed-cycle.ts';

/** A cycle over a feed that the test answers for. */
function tried(deliver: (signal?: AbortSignal) => Promise<number> = async () => 0) {
  const clock = virtualClock();
  const listeners = new Set<() => void>();
  const at: number[] = [];
  const codes: unknown[] = [];
  const log: Log = { ...silentLog, error: (fields) => void codes.push((fields as { code?: unknown }).code) };
  const feed = {
    deliver: (signal?: AbortSignal) => {
      at.push(clock.now());
      return deliver(signal);
    },
    watch: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const cycle = createFeedCycle({ feed, clock, log });
  const store = () => {
    for (const listener of listeners) listener();
  };
  return { clock, cycle, store, at, codes, listeners };
}

describe('the feed cycle', () => {
  test('delivers once for all that is stored close together, and again only in a quiet while', async () => {
    const { clock, cycle, store, at } = tried();
    cycle.start();
    await clock.advance(300);
    store();
    await clock.advance(500);
    store();
    store();
    await clock.advance(newsMs + quietMs);
    assert.deepEqual(at, [300 + newsMs, 300 + newsMs + quietMs]);
    await cycle.close();
  });

  test('asks again at a bounded interval when nothing is stored', async () => {
    const { clock, cycle, at } = tried();
    cycle.start();
    await clock.advance(3 * quietMs);
    assert.deepEqual(at, [quietMs, 2 * quietMs, 3 * quietMs]);
    await cycle.close();
  });

  test('goes on without the long pause while subscribers take pages', async () => {
    const answers = [20, 3, 0];
    const { clock, cycle, at } = tried(async () => answers.shift() ?? 0);
    cycle.start();
    await clock.advance(2 * quietMs);
    assert.deepEqual(at, [quietMs, quietMs + newsMs, quietMs + 2 * newsMs]);
    await cycle.close();
  });

  test('one delivery runs at a time; what is stored meanwhile goes out after it', async () => {
    const pending: ((pages: number) => void)[] = [];
    const { clock, cycle, store, at } = tried(() => new Promise((done) => pending.push(done)));
    cycle.start();
    store();
    await clock.advance(newsMs);
    store();
    await clock.advance(5 * quietMs);
    assert.equal(at.length, 1);
    pending.shift()?.(0);
    await clock.advance(newsMs);
    assert.deepEqual(at, [newsMs, newsMs + 5 * quietMs + newsMs]);
    pending.shift()?.(0);
    await cycle.close();
  });

  test('a delivery that fails is logged with its code and the next one comes', async () => {
    const { clock, cycle, at, codes } = tried(async () => {
      throw new CodedError('store/query-failed', 'the engine is gone');
    });
    cycle.start();
    await clock.advance(2 * quietMs);
    assert.deepEqual([at.length, codes], [2, ['store/query-failed', 'store/query-failed']]);
    await cycle.close();
  });

  test('closing cuts the delivery under way short, waits for it, and nothing comes after', async () => {
    let isOver = false;
    const { clock, cycle, store, at, listeners } = tried(
      (signal) =>
        new Promise((done) => {
          signal?.addEventListener('abort', () => {
            isOver = true;
            done(0);
          });
        }),
    );
    cycle.start();
    await clock.advance(quietMs);
    await cycle.close();
    assert.deepEqual([isOver, listeners.size], [true, 0]);
    store();
    await clock.advance(5 * quietMs);
    assert.equal(at.length, 1);
  });
});
