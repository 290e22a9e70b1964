/** Group commit: on disk and in order, or not at all; what others commit stays fully synced. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { realClock } from '@wattline/base';
import { sql } from 'kysely';
import { openGroupCommit } from './group-commit.ts';
import { openRegistry, type Registry } from './open.ts';

async function fileRegistry(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-commit-'));
  const path = join(directory, 'registry.sqlite');
  const registry = await openRegistry(path);
  const group = await openGroupCommit(registry);
  context.after(async () => {
    group.close();
    await registry.destroy();
    rmSync(directory, { recursive: true });
  });
  return { registry, group, path };
}

const put = (name: string) => async (transaction: Registry) => {
  await transaction.insertInto('fact').values({ name, value: 'x' }).execute();
};
const namesIn = async (registry: Registry) =>
  (await registry.selectFrom('fact').select('name').orderBy('name').execute()).map(({ name }) => name);

test('what was committed in a group is seen by another process over the same file', async (t) => {
  const { group, path } = await fileRegistry(t);
  await group.commit(put('a'));
  const other = await openRegistry(path);
  t.after(() => other.destroy());
  assert.deepEqual(await namesIn(other), ['a']);
});

test('a group that fails writes nothing, and transactions beside a group are synced in full', async (t) => {
  const { registry, group } = await fileRegistry(t);
  const both = async (transaction: Registry) => {
    await put('b')(transaction);
    throw new Error('no');
  };
  await assert.rejects(group.commit(both), { message: 'no' });
  assert.deepEqual(await namesIn(registry), []);
  const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(registry);
  assert.equal(rows[0]?.synchronous, 2);
});

test('groups and single writes that come together all stand', async (t) => {
  const { registry, group } = await fileRegistry(t);
  await Promise.all([
    group.commit(put('a')),
    put('b')(registry),
    group.commit(put('c')),
    registry.transaction().execute(put('d')),
  ]);
  assert.deepEqual(await namesIn(registry), ['a', 'b', 'c', 'd']);
});

test('a registry in memory commits as it always does', async (t) => {
  const registry = await openRegistry(':memory:');
  t.after(() => registry.destroy());
  const group = await openGroupCommit(registry);
  await group.commit(put('a'));
  assert.deepEqual(await namesIn(registry), ['a']);
  group.close();
});

test('works of two parts of a program that come together share a transaction, and one that fails takes no other with it', async (t) => {
  const { registry, group } = await fileRegistry(t);
  const other = await openGroupCommit(registry);
  t.after(() => other.close());
  const transactions = new Set<unknown>();
  const noted = (name: string) => async (transaction: Registry) => {
    transactions.add(transaction);
    await put(name)(transaction);
  };
  await Promise.all([group.commit(noted('a')), other.commit(noted('b')), group.commit(noted('c'))]);
  assert.equal(transactions.size, 1);
  const mixed = await Promise.allSettled([
    group.commit(put('d')),
    other.commit(put('a')),
    group.commit(put('e')),
  ]);
  assert.deepEqual(
    mixed.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await namesIn(registry), ['a', 'b', 'c', 'd', 'e']);
});

test('after the group of a crowd the next one waits for more to join it, after a group of few it does not', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-commit-'));
  const registry = await openRegistry(join(directory, 'registry.sqlite'));
  const pauses: number[] = [];
  const during: (() => void)[] = [];
  const standing = { ...realClock(), monotonic: () => 1_000 };
  const sleep = async (ms: number) => {
    pauses.push(ms);
    during.shift()?.();
  };
  const group = await openGroupCommit(registry, { ...standing, sleep });
  t.after(async () => {
    group.close();
    await registry.destroy();
    rmSync(directory, { recursive: true });
  });
  const transactions: unknown[] = [];
  const crowd = (name: string) => async (transaction: Registry) => {
    transactions.push(transaction);
    const values = Array.from({ length: 32 }, (_, i) => ({ name: `${name}${i}`, value: 'x' }));
    await transaction.insertInto('fact').values(values).execute();
  };
  await group.commit(put('few'));
  await group.commit(put('fewer'));
  assert.deepEqual(pauses, []);
  const later: Promise<void>[] = [];
  during.push(() => later.push(group.commit(crowd('b')), group.commit(crowd('c'))));
  await group.commit(crowd('a'));
  await Promise.resolve();
  assert.equal(later.length, 2, 'they came while the next group waited');
  await Promise.all(later);
  assert.deepEqual(pauses.slice(0, 1), [8]);
  assert.equal(transactions[1], transactions[2]);
  assert.notEqual(transactions[0], transactions[1]);
});
