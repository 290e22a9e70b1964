/** Two-phase key change: whatever breaks at whatever step, the meter never holds a key that is not on our disk. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom, toHex, virtualClock } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { headendWith, temporaryDirectory } from '../headend-fixture.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { testMeter } from '../test-server.ts';
import { changeKeys, type KeyChangeMeter, type KeyChangeStore } from './key-change.ts';
import { createKeyChangeStore } from './key-change-store.ts';
import { openKeyVault } from './key-vault.ts';

const clock = virtualClock(0);
const nameOf = ({ ek, ak }: SecurityKeys) => toHex(ek) + toHex(ak);

/** A store over a registry with one meter provisioned, as the head-end keeps it. */
async function openStore(context: TestContext) {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const { registry, directory } = await headendWith(context, { clock, meters: [meter] });
  const vault = openKeyVault(join(directory, 'key'));
  const store = createKeyChangeStore({
    registry,
    writer: createRegistryWriter(registry),
    vault,
    nowMs: () => 0,
  });
  const { serial } = meter.shipment.meter;
  return { store, serial, registry, vault, shipped: (await store.held(serial)).current };
}

/** Counts steps of store and meter; at the `failing` ones something breaks, before or after the step took effect. */
function world(store: KeyChangeStore, first: SecurityKeys, failing: ReadonlyMap<number, 'before' | 'after'>) {
  let step = 0;
  let held = first;
  const at = async <T>(work: () => Promise<T>): Promise<T> => {
    const fault = failing.get(step++);
    if (fault === 'before') throw new Error('lost before');
    const done = await work();
    if (fault === 'after') throw new Error('lost after');
    return done;
  };
  const faulty: KeyChangeStore = {
    held: (serial) => at(() => store.held(serial)),
    begin: (serial, keys) => at(() => store.begin(serial, keys)),
    commit: (serial) => at(() => store.commit(serial)),
  };
  const meter: KeyChangeMeter = {
    transfer: (_, { current, next }) =>
      at(async () => {
        if (nameOf(current) !== nameOf(held)) return 'refused';
        held = next;
        return 'taken';
      }),
    opens: (_, keys) => at(async () => nameOf(keys) === nameOf(held)),
  };
  return { faulty, meter, holds: () => nameOf(held), steps: () => step };
}

function drawer() {
  const random = seededRandom('new keys');
  return (): SecurityKeys => ({ suite: 0, ek: random.bytes(16), ak: random.bytes(16) });
}

test('new keys are proved by a session before they are ours, and the old ones are gone then', async (t) => {
  const { store, serial, shipped, registry } = await openStore(t);
  const { faulty, meter, holds } = world(store, shipped, new Map());
  assert.equal(await changeKeys(serial, { store: faulty, meter, draw: drawer() }), 'committed');
  const { current, next } = await store.held(serial);
  assert.equal(nameOf(current), holds());
  assert.notEqual(nameOf(current), nameOf(shipped));
  assert.equal(next, undefined);
  assert.deepEqual(await registry.selectFrom('key_change').selectAll().execute(), []);
});

test('a fault at any one or two steps, before or after they took effect: the key in the meter is always one of ours', async (t) => {
  const { serial, shipped, registry, vault } = await openStore(t);
  const kinds = ['before', 'after'] as const;
  let worlds = 0;
  for (let first = 0; first < 6; first++) {
    for (let second = first; second < 12; second++) {
      for (const kind of kinds) {
        for (const other of kinds) {
          const writer = createRegistryWriter(registry);
          const store = createKeyChangeStore({ registry, writer, vault, nowMs: () => 0 });
          await registry.deleteFrom('key_change').execute();
          const sealed = vault.seal({ serial, client: 'reader' }, shipped);
          await registry.updateTable('meter_key').set({ sealed }).where('serial', '=', serial).execute();
          const failing = new Map([
            [first, kind],
            [second, other],
          ]);
          const { faulty, meter, holds } = world(store, shipped, failing);
          const draw = drawer();
          let end = '';
          for (let pass = 0; pass < 4 && end !== 'committed'; pass++) {
            // A process that dies at a step is another one at the next pass, over the same disk.
            end = await changeKeys(serial, { store: faulty, meter, draw }).catch(() => 'died');
            const { current, next } = await store.held(serial);
            const ours = [nameOf(current), ...(next ? [nameOf(next)] : [])];
            assert.ok(ours.includes(holds()), `faults at ${first} ${kind}, ${second} ${other}`);
          }
          assert.equal(end, 'committed', `faults at ${first} ${kind}, ${second} ${other}`);
          assert.equal(nameOf((await store.held(serial)).current), holds());
          worlds++;
        }
      }
    }
  }
  assert.equal(worlds, 4 * (12 + 11 + 10 + 9 + 8 + 7));
});

test('a meter that refuses keeps its key, and so do we', async (t) => {
  const { store, serial, shipped } = await openStore(t);
  const meter: KeyChangeMeter = {
    transfer: async () => 'refused',
    opens: async (_, keys) => nameOf(keys) === nameOf(shipped),
  };
  assert.equal(await changeKeys(serial, { store, meter, draw: drawer() }), 'refused');
  assert.equal(nameOf((await store.held(serial)).current), nameOf(shipped));
});

test('pairs on their way are sealed like all others', async (t) => {
  const { store, serial, registry } = await openStore(t);
  const keys = drawer()();
  await store.begin(serial, keys);
  const [row] = await registry.selectFrom('key_change').selectAll().execute();
  const octets = Buffer.from(row?.sealed ?? '', 'base64');
  for (const key of [keys.ek, keys.ak]) assert.equal(octets.indexOf(key), -1);
  const elsewhere = openKeyVault(join(temporaryDirectory(t), 'key'));
  assert.throws(() => elsewhere.open({ serial, client: 'reader' }, row?.sealed ?? ''), {
    code: 'headend/key-unsealable',
  });
});
