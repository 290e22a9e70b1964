/** Checkpoints on their own thread: what the log holds comes into the database file while the connection goes on writing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CheckpointResult, openCheckpoints } from './checkpoints.ts';
import { openGroupCommit } from './group-commit.ts';
import { openRegistry, type Registry } from './open.ts';

const rows = (from: number, count: number) => async (transaction: Registry) => {
  const values = Array.from({ length: count }, (_, i) => ({ name: `${from + i}`, value: 'x'.repeat(200) }));
  for (let at = 0; at < count; at += 500) {
    await transaction
      .insertInto('fact')
      .values(values.slice(at, at + 500))
      .execute();
  }
};

test('a checkpoint copies the whole log into the database file, and the log is begun anew by the next write', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-checkpoint-'));
  const path = join(directory, 'registry.sqlite');
  const registry = await openRegistry(path);
  const group = await openGroupCommit(registry);
  const checkpoints = openCheckpoints(path);
  t.after(async () => {
    checkpoints.close();
    group.close();
    await registry.destroy();
    rmSync(directory, { recursive: true });
  });
  // Fewer than the rows after which the group itself begins one; more pages than SQLite takes before its own, which groups switch off.
  await group.commit(rows(0, 9_000));
  const before = statSync(path).size;
  checkpoints.begin();
  const told = await new Promise<CheckpointResult>((resolve) => {
    const look = () => {
      const result = checkpoints.take();
      if (result) resolve(result);
      else setImmediate(look);
    };
    look();
  });
  assert.ok(told.logged > 400, `${told.logged} pages`);
  assert.equal(told.copied, told.logged);
  assert.ok(statSync(path).size > before + 1_500_000);
  const logOctets = statSync(`${path}-wal`).size;
  await group.commit(rows(9_000, 500));
  assert.equal(statSync(`${path}-wal`).size, logOctets);
  const { count } = await registry
    .selectFrom('fact')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  assert.equal(Number(count), 9_500);
});
