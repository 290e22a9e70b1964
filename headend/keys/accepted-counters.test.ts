/** What was taken is never taken again, whether its row or a line of the journal says so, over any number of restarts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry, type Registry } from '@wattline/store/registry';
import fc from 'fast-check';
import { temporaryDirectory } from '../headend-fixture.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { openAcceptedCounters } from './accepted-counters.ts';

async function registryFor(context: TestContext): Promise<Registry> {
  const registry = await openRegistry(join(temporaryDirectory(context), 'registry.sqlite'));
  context.after(() => registry.destroy());
  return registry;
}

async function open(registry: Registry, journalLines?: number) {
  const writer = createRegistryWriter(registry);
  const counters = await openAcceptedCounters({
    registry,
    writer,
    ...(journalLines ? { journalLines } : {}),
  });
  return { writer, counters };
}

const scopeOf = (meter: number) => `M${meter}/push`;
const lines = async (registry: Registry) =>
  (await registry.selectFrom('accepted_counter').select('line').execute()).length;

test('what a crowd pushed at once is one line, and is refused by whoever opens the registry next', async (context) => {
  const registry = await registryFor(context);
  const { counters } = await open(registry);
  const kept: Promise<void>[] = [];
  for (let meter = 0; meter < 100; meter++) {
    assert.equal(counters.of(scopeOf(meter)).accept(10 + meter), true);
    kept.push(counters.of(scopeOf(meter)).onDisk());
  }
  await Promise.all(kept);
  assert.equal(await lines(registry), 1);
  // Nothing is closed: the process was killed.
  const { counters: after } = await open(registry);
  for (let meter = 0; meter < 100; meter++) {
    const counter = after.of(scopeOf(meter));
    assert.deepEqual(
      [counter.isFresh(10 + meter), counter.accept(10 + meter), counter.isFresh(11 + meter)],
      [false, false, true],
    );
  }
  assert.equal(await lines(registry), 0, 'rows hold it now');
});

test('a journal stays short however long the storm', async (context) => {
  const registry = await registryFor(context);
  const { counters, writer } = await open(registry, 16);
  for (let round = 1; round <= 120; round++) {
    const meters = Array.from({ length: 40 }, (_, i) => (round * 7 + i) % 300);
    await Promise.all(
      meters.map((meter) => {
        counters.of(scopeOf(meter)).accept(round);
        return counters.of(scopeOf(meter)).onDisk();
      }),
    );
  }
  await writer.close();
  assert.ok((await lines(registry)) < 60, `${await lines(registry)} lines`);
});

test('whatever is taken in whatever groups, whoever opens next knows the highest of each', async () => {
  const taken = fc.array(fc.tuple(fc.nat(11), fc.nat(50)), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(taken, { maxLength: 12 }), async (groups) => {
      const registry = await openRegistry(':memory:');
      const highest = new Map<number, number>();
      // Two processes at a time; each restart finds what both left.
      let both = [await open(registry, 2), await open(registry, 2)];
      for (const [i, group] of groups.entries()) {
        const { counters } = both[i % 2] as (typeof both)[number];
        await Promise.all(
          group.map(async ([meter, number]) => {
            const counter = counters.of(scopeOf(meter + 20 * (i % 2)));
            const key = meter + 20 * (i % 2);
            assert.equal(counter.accept(number), number > (highest.get(key) ?? -1));
            highest.set(key, Math.max(number, highest.get(key) ?? -1));
            await counter.onDisk();
          }),
        );
        if (i % 4 === 3) both = [await open(registry, 2), await open(registry, 2)];
      }
      await Promise.all(both.map(({ writer }) => writer.settled()));
      const { counters } = await open(registry);
      for (const [meter, number] of highest) {
        assert.equal(counters.of(scopeOf(meter)).isFresh(number), false);
        assert.equal(counters.of(scopeOf(meter)).isFresh(number + 1), true);
      }
      await registry.destroy();
    }),
    { numRuns: 40 },
  );
});

test('a group that cannot be written tells so, and what came with it is written', async (context) => {
  const registry = await registryFor(context);
  const { counters, writer } = await open(registry);
  const refusing = writer.write(() => Promise.reject(new Error('the disk is full')));
  const kept = Array.from({ length: 20 }, (_, meter) => {
    counters.of(scopeOf(meter)).accept(5);
    return counters.of(scopeOf(meter)).onDisk();
  });
  await assert.rejects(refusing, /disk is full/);
  await Promise.all(kept);
  const { counters: after } = await open(registry);
  for (let meter = 0; meter < 20; meter++) assert.equal(after.of(scopeOf(meter)).isFresh(5), false);
});
