/** A rotation that was cut off, and a session that proves a pair meanwhile: only the pair on its way ends the batch that brought it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom, virtualClock } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { headendWith } from '../headend-fixture.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { testMeter } from '../test-server.ts';
import { createKeyChangeStore } from './key-change-store.ts';
import { openKeyVault } from './key-vault.ts';
import { createReaderKeys } from './reader-keys.ts';

const clock = virtualClock(0);

test('a pair that is not the one on its way proves nothing of it; the one that is ends its batch without another', async (t) => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const { registry, directory } = await headendWith(t, { clock, meters: [meter] });
  const vault = openKeyVault(join(directory, 'key'));
  const writer = createRegistryWriter(registry);
  const readerKeys = createReaderKeys({
    ...{ registry, random: seededRandom('reader keys') },
    store: createKeyChangeStore({ registry, writer, vault, nowMs: () => 0 }),
    opens: async () => Promise.reject(new Error('silent')),
  });
  const { serial } = meter.shipment.meter;
  const sent: SecurityKeys[] = [];
  const silent = async (next: SecurityKeys) => {
    sent.push(next);
    throw new Error('no answer');
  };
  assert.equal(await readerKeys.change(serial, silent, 'yearly'), 'open');
  const onItsWay = await readerKeys.pending(serial);
  assert.ok(onItsWay);

  const replaced: SecurityKeys = { suite: 0, ek: new Uint8Array(16), ak: new Uint8Array(16) };
  await readerKeys.prove(serial, replaced);
  assert.deepEqual(await readerKeys.pending(serial), onItsWay);
  assert.equal(await readerKeys.change(serial, silent, 'yearly'), 'open');

  await readerKeys.prove(serial, onItsWay);
  assert.equal(await readerKeys.pending(serial), undefined);
  assert.deepEqual(await readerKeys.current(serial), onItsWay);
  const asked = sent.length;
  assert.equal(await readerKeys.change(serial, silent, 'yearly'), 'committed');
  assert.equal(sent.length, asked);
});
