/** A number is never used twice, a number accepted is never accepted again: over blocks, processes and kill -9. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '@wattline/store/registry';
import { temporaryDirectory } from '../headend-fixture.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { openFileCounter } from './file-counter.ts';
import { openInvocationCounters } from './invocation-counters.ts';

const program = fileURLToPath(new URL('counter-fixture.ts', import.meta.url));

/** Runs the counting process, kills it with SIGKILL once it has printed `enough` numbers, and returns all it printed. */
async function countUntilKilled(kind: 'registry' | 'file', path: string, enough: number): Promise<number[]> {
  const child = spawn(process.execPath, [program, kind, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let isKilled = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (!isKilled && text.split('\n').length > enough) {
      isKilled = true;
      child.kill('SIGKILL');
    }
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
  // A line cut by the kill is a number that was used all the same, but only whole lines say which.
  return text.slice(0, text.lastIndexOf('\n')).split('\n').map(Number);
}

test('over 10 kills with SIGKILL no counter of the registry repeats or goes back', async (context) => {
  const path = join(temporaryDirectory(context), 'registry.sqlite');
  let last = -1;
  let count = 0;
  for (let cycle = 0; cycle < 10; cycle++) {
    for (const number of await countUntilKilled('registry', path, 5 + cycle * 3)) {
      assert.ok(number > last, `cycle ${cycle}: ${number} after ${last}`);
      last = number;
      count++;
    }
  }
  assert.ok(count > 10 * 5);
});

test('over kills with SIGKILL no counter of a directory repeats', async (context) => {
  const path = join(temporaryDirectory(context), 'counter');
  let last = -1;
  for (let cycle = 0; cycle < 5; cycle++) {
    for (const number of await countUntilKilled('file', path, 4000)) {
      assert.ok(number > last, `cycle ${cycle}: ${number} after ${last}`);
      last = number;
    }
  }
});

test('two clients of one directory never get the same number', (context) => {
  const path = join(temporaryDirectory(context), 'counter');
  const seen = new Set<number>();
  const clients = Array.from({ length: 4 }, () => openFileCounter(path));
  for (let i = 0; i < 20_000; i++) seen.add((clients[i % 4] as (typeof clients)[number]).next());
  assert.equal(seen.size, 20_000);
});

async function openCounters(context: TestContext, path: string) {
  const registry = await openRegistry(path);
  context.after(() => registry.destroy());
  const writer = createRegistryWriter(registry);
  const counters = await openInvocationCounters({ registry, writer, blockSize: 8, requestSize: 4 });
  return { registry, writer, counters };
}

test('two head-ends on one registry never get the same number', async (context) => {
  const path = join(temporaryDirectory(context), 'registry.sqlite');
  const both = [await openCounters(context, path), await openCounters(context, path)];
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const counter = (both[i % 2] as (typeof both)[number]).counters.sent('M/reader');
    await counter.ready();
    seen.add(counter.next());
  }
  assert.equal(seen.size, 100);
});

test('a number is on disk before it is used', async (context) => {
  const { registry, counters } = await openCounters(context, ':memory:');
  const counter = counters.sent('M/reader');
  assert.throws(() => counter.next(), { code: 'headend/counter-block-exhausted' });
  for (let i = 0; i < 50; i++) {
    await counter.ready();
    const number = counter.next();
    const { value } = await registry
      .selectFrom('invocation_counter')
      .select('value')
      .where('scope', '=', 'M/reader/sent')
      .executeTakeFirstOrThrow();
    assert.ok(number < value, `${number} used, ${value} reserved`);
  }
});

test('the last number is the last: the key must be changed', async (context) => {
  const { registry, counters } = await openCounters(context, ':memory:');
  await registry
    .insertInto('invocation_counter')
    .values({ scope: 'M/reader/sent', value: 2 ** 32 - 4 })
    .execute();
  await assert.rejects(counters.sent('M/reader').ready(), { code: 'headend/counter-exhausted' });
});

test('what was accepted and kept is refused after a restart, meter by meter', async (context) => {
  const path = join(temporaryDirectory(context), 'registry.sqlite');
  const before = await openCounters(context, path);
  const guard = before.counters.accepted('M/push');
  assert.deepEqual(
    [5, 5, 4, 6, 9].map((counter) => guard.accept(counter)),
    [true, false, false, true, true],
  );
  await before.writer.write(before.counters.keepAccepted('M/push'));
  const after = await openCounters(context, path);
  const restarted = after.counters.accepted('M/push');
  assert.deepEqual(
    [6, 9, 10].map((counter) => restarted.accept(counter)),
    [false, false, true],
  );
  assert.equal(after.counters.accepted('N/push').accept(1), true);
  // An older write that comes late takes nothing back.
  await after.writer.write(after.counters.keepAccepted('M/push'));
  await before.writer.write(before.counters.keepAccepted('M/push'));
  const rows = await after.registry.selectFrom('invocation_counter').selectAll().execute();
  assert.deepEqual(
    rows.map(({ scope, value }) => [scope, value]),
    [['M/push/accepted', 10]],
  );
});
