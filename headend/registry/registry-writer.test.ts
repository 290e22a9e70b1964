/** Group commit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '@wattline/store/registry';
import { createRegistryWriter, type Write } from './registry-writer.ts';

function put(name: string): Write {
  return async (transaction) => {
    await transaction.insertInto('fact').values({ name, value: 'x' }).execute();
  };
}

test('writes of one moment share a transaction, and one that fails takes no other with it', async (context) => {
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  let transactions = 0;
  const counted = new Proxy(registry, {
    get(target, name) {
      if (name === 'transaction') transactions++;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const writer = createRegistryWriter(counted);
  await Promise.all(Array.from({ length: 20 }, (_, i) => writer.write(put(`a${i}`))));
  assert.equal(transactions, 1);
  const mixed = await Promise.allSettled(['b', 'a1', 'c'].map((name) => writer.write(put(name))));
  assert.deepEqual(
    mixed.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await writer.settled();
  const { length } = await registry.selectFrom('fact').select('name').execute();
  assert.equal(length, 22);
});
