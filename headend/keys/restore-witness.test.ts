/** A registry restored from a backup: no number that was used since is used again. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry } from '@wattline/store/registry';
import { temporaryDirectory } from '../headend-fixture.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { openInvocationCounters } from './invocation-counters.ts';
import { openRestoreWitness, restoreJump } from './restore-witness.ts';

/** One life of a head-end: uses `count` numbers of each meter. */
async function live(registryPath: string, witnessPath: string, uses: Readonly<Record<string, number>>) {
  const registry = await openRegistry(registryPath);
  const writer = createRegistryWriter(registry);
  const witness = await openRestoreWitness({ registry, path: witnessPath });
  const counters = await openInvocationCounters({ registry, writer, witness, blockSize: 8, requestSize: 4 });
  const used: string[] = [];
  await Promise.all(
    Object.entries(uses).map(async ([serial, count]) => {
      const counter = counters.sent(`${serial}/reader`);
      for (let i = 0; i < count; i++) {
        await counter.ready();
        used.push(`${serial}/${counter.next()}`);
      }
    }),
  );
  await writer.close();
  witness.close();
  await registry.destroy();
  return { used, wasRestored: witness.wasRestored };
}

function places(context: TestContext) {
  const directory = temporaryDirectory(context);
  return {
    registry: join(directory, 'registry.sqlite'),
    witness: join(directory, 'keys.bin.counters'),
    directory,
  };
}

test('after a restore no meter is sent a number it has seen, not even one that the backup did not know', async (context) => {
  const { registry, witness, directory } = places(context);
  const first = await live(registry, witness, { A: 20, B: 3 });
  const backup = join(directory, 'backup.sqlite');
  copyFileSync(registry, backup);
  const second = await live(registry, witness, { A: 30, C: 12 });
  copyFileSync(backup, registry);
  const third = await live(registry, witness, { A: 30, B: 5, C: 12 });
  const fourth = await live(registry, witness, { A: 30, B: 5, C: 12 });
  assert.deepEqual(
    [first, second, third, fourth].map(({ wasRestored }) => wasRestored),
    [false, false, true, false],
  );
  const all = [first, second, third, fourth].flatMap(({ used }) => used);
  assert.equal(new Set(all).size, all.length);
  assert.ok(third.used.every((name) => Number(name.slice(2)) > restoreJump));
});

test('a process that dies between the registry and the witness is not taken for a restore', async (context) => {
  const { registry, witness, directory } = places(context);
  await live(registry, witness, { A: 4 });
  const older = join(directory, 'older');
  copyFileSync(witness, older);
  await live(registry, witness, { A: 20 });
  copyFileSync(older, witness);
  const { wasRestored, used } = await live(registry, witness, { A: 1 });
  assert.equal(wasRestored, false);
  assert.ok(used.every((name) => Number(name.slice(2)) < restoreJump));
});

test('two head-ends with one witness use no number twice and see no restore', async (context) => {
  const path = places(context);
  const registry = await openRegistry(path.registry);
  const writer = createRegistryWriter(registry);
  const used: number[] = [];
  const run = async () => {
    const witness = await openRestoreWitness({ registry, path: path.witness });
    const counters = await openInvocationCounters({
      registry,
      writer,
      witness,
      blockSize: 8,
      requestSize: 4,
    });
    const counter = counters.sent('A/reader');
    for (let i = 0; i < 40; i++) {
      await counter.ready();
      used.push(counter.next());
    }
    witness.close();
  };
  await Promise.all([run(), run()]);
  assert.equal(new Set(used).size, 80);
  await writer.close();
  await registry.destroy();
  assert.equal((await live(path.registry, path.witness, { A: 1 })).wasRestored, false);
});

test('a counter that is raised above what a meter has seen never goes below it, also after a restart', async (context) => {
  const path = places(context).registry;
  const registry = await openRegistry(path);
  const writer = createRegistryWriter(registry);
  const open = () => openInvocationCounters({ registry, writer, blockSize: 8, requestSize: 4 });
  const counter = (await open()).sent('A/reader');
  await counter.ready();
  counter.next();
  await counter.raise(5_000);
  await counter.ready();
  assert.ok(counter.next() >= 5_000);
  await counter.raise(100);
  assert.ok(counter.next() > 5_000, 'nothing is taken back');
  const again = (await open()).sent('A/reader');
  await again.ready();
  assert.ok(again.next() > 5_001);
  await writer.close();
  await registry.destroy();
});
