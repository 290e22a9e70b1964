/** What a screen knows of remote data, and how it learns of more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, problemOf } from './problem.ts';
import { createResource, type Remote, type Timer } from './resource.ts';

function handTimer() {
  let present = 0;
  let due: { at: number; action: () => void }[] = [];
  const timer: Timer = {
    now: () => present,
    after(ms, action) {
      const entry = { at: present + ms, action };
      due.push(entry);
      return () => {
        due = due.filter((one) => one !== entry);
      };
    },
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const advance = async (ms: number) => {
    present += ms;
    const now = due.filter((entry) => entry.at <= present);
    due = due.filter((entry) => entry.at > present);
    for (const { action } of now) action();
    await settle();
  };
  return { timer, advance, settle };
}

function script(...answers: Answer<number>[]) {
  let calls = 0;
  return {
    load: async () => answers[Math.min(calls++, answers.length - 1)] as Answer<number>,
    calls: () => calls,
  };
}
const stateOf = (remote: { readonly value: Remote<number> }) => remote.value.state;
const good = (value: number): Answer<number> => ({ ok: true, value });
const gone = problemOf('portal/no-connection');

test('a resource is loading, then ready', async () => {
  const { timer, settle } = handTimer();
  const { remote } = createResource(script(good(1)).load, { timer });
  assert.equal(stateOf(remote), 'loading');
  await settle();
  assert.deepEqual(remote.value, { state: 'ready', value: 1, atMs: 0 });
});

test('a resource that never came is wrong; a retry shows that it loads again', async () => {
  const { timer, settle } = handTimer();
  const resource = createResource(script(gone, good(2)).load, { timer });
  await settle();
  assert.equal(stateOf(resource.remote), 'wrong');
  resource.refresh();
  assert.equal(stateOf(resource.remote), 'loading');
  await settle();
  assert.equal(stateOf(resource.remote), 'ready');
});

test('a resource that is wrong is tried again by the clock, and stays wrong meanwhile', async () => {
  const { timer, advance, settle } = handTimer();
  const waiting: ((answer: Answer<number>) => void)[] = [];
  const load = () => new Promise<Answer<number>>((resolve) => waiting.push(resolve));
  const { remote } = createResource(load, { timer, everyMs: 60_000 });
  waiting[0]?.(gone);
  await settle();
  await advance(5_000);
  assert.equal(waiting.length, 2);
  assert.equal(stateOf(remote), 'wrong');
  waiting[1]?.(good(4));
  await settle();
  assert.equal(stateOf(remote), 'ready');
});

test('a refresh that fails keeps the value and its age, tries again soon, and recovers', async () => {
  const { timer, advance, settle } = handTimer();
  const { remote } = createResource(script(good(1), gone, good(3)).load, { timer, everyMs: 60_000 });
  await settle();
  await advance(60_000);
  assert.ok(remote.value.state === 'late' && remote.value.value === 1 && remote.value.atMs === 0);
  await advance(5_000);
  assert.deepEqual(remote.value, { state: 'ready', value: 3, atMs: 65_000 });
});

test('a resource that was stopped asks no more', async () => {
  const { timer, advance, settle } = handTimer();
  const { load, calls } = script(good(1));
  const resource = createResource(load, { timer, everyMs: 1_000 });
  await settle();
  resource.stop();
  await advance(10_000);
  assert.equal(calls(), 1);
});

test('the answer of a fetch that was dropped does not show', async () => {
  const { timer, settle } = handTimer();
  const waiting: ((answer: Answer<number>) => void)[] = [];
  const load = () => new Promise<Answer<number>>((resolve) => waiting.push(resolve));
  const resource = createResource(load, { timer });
  resource.refresh();
  waiting[0]?.(good(1));
  await settle();
  assert.equal(stateOf(resource.remote), 'loading');
  waiting[1]?.(good(2));
  await settle();
  assert.deepEqual(resource.remote.value, { state: 'ready', value: 2, atMs: 0 });
});
