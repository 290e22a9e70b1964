/** When the disk fails under ingest: the delivery is refused with a code, nothing is half known, and what was acknowledged stays. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { CodedError, codeOf } from '@wattline/base';
import { type AppendFile, type Disk, machineDisk } from '@wattline/store/log';
import { batchOf, intervals, openTrial } from '../fixture/trial.ts';

const startMs = Date.UTC(2026, 2, 2);
const channel = 'UP-1/delivered';
const period = { startMs, endMs: startMs + 4 * 900_000 };

/** The machine's disk with switches for its faults. */
function faultyDisk() {
  const faults = { isFull: false, failsSync: false };
  const machine = machineDisk();
  const fail = (code: string) => new CodedError(code, 'planted');
  const wrap = (file: AppendFile): AppendFile => ({
    ...file,
    async append(parts) {
      if (!faults.isFull) return file.append(parts);
      // Half of it gets through before the disk is full.
      const first = parts[0] as Uint8Array;
      await file.append([first.subarray(0, first.length >>> 1)]);
      throw fail('ENOSPC');
    },
    async sync() {
      if (faults.failsSync) throw fail('EIO');
      await file.sync();
    },
  });
  const disk: Disk = { ...machine, create: async (path) => wrap(await machine.create(path)) };
  return { disk, faults };
}

test('a full disk refuses the delivery; with room again the same delivery is taken', async (t) => {
  const { disk, faults } = faultyDisk();
  const trial = await openTrial({ nowMs: startMs + 86_400_000, disk });
  t.after(() => trial.close());
  await trial.mdm.ingest(batchOf('before', intervals(channel, startMs, [1])));
  faults.isFull = true;
  const refused = batchOf('refused', intervals(channel, startMs + 900_000, [2, 3]));
  await assert.rejects(trial.mdm.ingest(refused), (error) => codeOf(error) === 'store/disk-full');
  const { place, code, sinceMs } = trial.mdm.trouble() ?? {};
  assert.deepEqual([place, code, sinceMs], ['log', 'store/disk-full', startMs + 86_400_000]);
  assert.deepEqual([...(await trial.mdm.series(channel, period)).quality], [1, 2, 2, 2]);
  assert.equal(await trial.mdm.knownUntil(channel, startMs), startMs + 900_000);
  faults.isFull = false;
  assert.equal((await trial.mdm.ingest(refused)).accepted, 2);
  assert.equal(trial.mdm.trouble(), null);
  await trial.reopen();
  assert.deepEqual([...(await trial.mdm.series(channel, period)).value], [1, 2, 3, 0]);
  assert.equal((await trial.mdm.versions(channel, startMs + 900_000)).length, 1);
});

test('a failed sync ends ingest until the next start, which has all that was acknowledged', async (t) => {
  const { disk, faults } = faultyDisk();
  const trial = await openTrial({ nowMs: startMs + 86_400_000, disk });
  t.after(() => trial.close());
  await trial.mdm.ingest(batchOf('before', intervals(channel, startMs, [1, 2])));
  faults.failsSync = true;
  const doubtful = batchOf('doubtful', intervals(channel, startMs + 1_800_000, [3]));
  await assert.rejects(trial.mdm.ingest(doubtful), (error) => codeOf(error) === 'store/sync-failed');
  const later = batchOf('later', intervals(channel, startMs + 2_700_000, [4]));
  await assert.rejects(trial.mdm.ingest(later), (error) => codeOf(error) === 'store/log-failed');
  assert.equal(trial.mdm.trouble()?.code, 'store/log-failed');
  faults.failsSync = false;
  await trial.reopen();
  const { value } = await trial.mdm.series(channel, period);
  assert.deepEqual([...value].slice(0, 2), [1, 2]);
  // What was not acknowledged may be there or not; delivered again it is there once.
  await trial.mdm.ingest(doubtful);
  await trial.mdm.ingest(later);
  assert.deepEqual([...(await trial.mdm.series(channel, period)).value], [1, 2, 3, 4]);
  assert.equal((await trial.mdm.versions(channel, startMs + 1_800_000)).length, 1);
});
