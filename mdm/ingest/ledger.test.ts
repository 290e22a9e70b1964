/** The way from the log to the store: what the store has not said to have stays in the log. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog, virtualClock } from '@wattline/base';
import { machineDisk, openWriteAheadLog } from '@wattline/store/log';
import type { ReadingsStore, SegmentToInsert } from '@wattline/store/readings';
import { BusyTime } from './busy-time.ts';
import { Ledger } from './ledger.ts';
import { StorageWatch } from './storage-watch.ts';

test('a segment stays in the log while the store refuses it, and goes when it is stored', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-ledger-'));
  t.after(() => rm(directory, { recursive: true }));
  const log = await openWriteAheadLog({ directory, disk: machineDisk() });
  const clock = virtualClock(1000);
  const inserted: SegmentToInsert[] = [];
  let isAway = true;
  const store = {
    async insertSegment(segment: SegmentToInsert) {
      inserted.push(segment);
      // While the store has it in hand it is in the log still.
      assert.equal((await readdir(directory)).length, 1);
      if (isAway) throw new Error('the store is away');
    },
  } as Partial<ReadingsStore> as ReadingsStore;
  const told: unknown[] = [];
  const logger = { ...silentLog, error: ({ error }: { error?: string }) => told.push(error) };
  const watch = new StorageWatch({ clock, logger });
  const ledger = new Ledger({
    ...{ log, store, clock, busy: new BusyTime(clock), backlogOctets: 1e9 },
    oldestUnreviewed: () => Number.POSITIVE_INFINITY,
    onStored: () => {},
    watch,
  });
  await ledger.append({
    id: 'a',
    receivedMs: 0,
    origin: { source: 'dlms', reference: 'x' },
    blocks: [],
    verdicts: [],
  }).done;
  await assert.rejects(ledger.flush(), /away/);
  assert.deepEqual([watch.trouble?.place, watch.trouble?.sinceMs], ['store', 1000]);
  await ledger.prune();
  assert.equal((await readdir(directory)).length, 1);
  assert.equal(ledger.storedThrough, 0);
  isAway = false;
  await ledger.flush();
  assert.deepEqual([watch.trouble, told], [null, ['the store is away']]);
  assert.deepEqual(await readdir(directory), []);
  assert.equal(ledger.storedThrough, 1);
  assert.deepEqual(
    inserted.map(({ onlyAbsent }) => onlyAbsent),
    [false, true],
  );
  await ledger.close();
});
