/** The index on disk: what it says is what the rows say, whatever happened to the file. */
import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { seededRandom, silentLog } from '@wattline/base';
import { simulatedDisk } from '@wattline/store/log';
import type { ReadingsStore } from '@wattline/store/readings';
import fc from 'fast-check';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { ChannelIndex } from './channel-index.ts';
import {
  emptyIndexState,
  type IndexState,
  readSnapshot,
  recordIndex,
  recordState,
  SnapshotWriter,
} from './index-snapshot.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const channel = 'UP-1/delivered';
const total = 'UP-1/delivered-total';
const hours = (from: number, value: number | null) => Array.from({ length: 96 - from }, () => value);

function snapshotOctets(states: ReadonlyMap<number, IndexState>): Uint8Array {
  const writer = new SnapshotWriter();
  for (const [number, state] of [...states].sort(([a], [b]) => a - b)) writer.add(number, state);
  return Buffer.concat(writer.finish(7, 9).parts);
}

const ranges = fc.uniqueArray(fc.integer({ min: 0, max: 50_000 }), { maxLength: 12 }).map((points) => {
  const state = emptyIndexState();
  for (const point of points) state.known.add(point * 900, point * 900 + 900);
  for (const point of points.slice(3)) state.estimated.add(point, point + 5);
  for (const point of points.slice(5)) state.held.add(point, point + 1);
  if (points[0] !== undefined) state.lastVerdict = points[0];
  return state;
});

describe('a snapshot', () => {
  test('gives back every channel as it was put in, and nothing for others', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.integer({ min: 1, max: 4_000_000_000 }).map(String), ranges),
        (byNumber) => {
          const states = new Map(Object.entries(byNumber).map(([number, state]) => [Number(number), state]));
          const snapshot = readSnapshot(snapshotOctets(states));
          assert(snapshot);
          for (const [number, state] of states) {
            assert.deepEqual(recordState(snapshot, recordIndex(snapshot, number)), state);
          }
          assert.equal(recordIndex(snapshot, 4_100_000_000), -1);
        },
      ),
    );
  });
  test('that is cut short anywhere or has one bit flipped is none', () => {
    const state = emptyIndexState();
    state.known.add(0, 900);
    const octets = snapshotOctets(new Map([[3, state]]));
    for (let length = 0; length < octets.length; length++) {
      assert.equal(readSnapshot(octets.slice(0, length)), null);
    }
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const flipped = octets.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.equal(readSnapshot(flipped), null, `bit ${bit}`);
    }
  });
  test('is the old one or the new one after a power cut at any moment of writing it', async () => {
    const none = { channels: () => [], of: () => [] };
    const store = {
      extents: async () => none,
      patchedBlocks: async () => [],
      lastVerdictStarts: async () => [],
    } as unknown as ReadingsStore;
    let old = 0;
    for (let cutAt = 1; cutAt < 40; cutAt++) {
      const random = seededRandom(`index/${cutAt}`);
      const first = simulatedDisk();
      const options = { store, directory: 'index', logger: silentLog, isTrusted: true, lastBatch: 2 };
      const index = await ChannelIndex.open({ ...options, disk: first });
      index.stateOf(1).known.add(0, 900);
      await index.write(1, () => 1);
      const disk = first.afterPowerCut(random, { cutAt });
      const again = await ChannelIndex.open({ ...options, disk }).catch(() => null);
      again?.stateOf(1).known.add(900, 1800);
      await again?.write(2, () => 2).catch(() => {});
      const after = await ChannelIndex.open({ ...options, disk: disk.afterPowerCut(random) });
      const end = after.stateOf(1).known.end;
      assert(end === 900 || (end === 1800 && after.isCurrent), `cut at ${cutAt}: known until ${end}`);
      if (end === 900) old++;
    }
    assert(old > 0 && old < 39, `expected cuts on both sides of the rename, found ${old} old files`);
  });
});

/** A history with a gap, an estimate, late data and registers. */
async function live(trial: Trial, days: readonly number[]): Promise<void> {
  for (const day of days) {
    const at = start + day * dayMs;
    const holes = day % 3 === 1 ? [...hours(90, null), ...hours(6, 10)] : hours(0, 10);
    await trial.mdm.ingest(
      batchOf(`d${day}`, intervals(channel, at, holes), registerAt(total, at, day * 960)),
    );
    await trial.mdm.ingest(batchOf(`r${day}`, intervals('UP-2/delivered', at, hours(0, day + 1))));
  }
  await trial.mdm.settled();
}

async function answers(trial: Trial) {
  const period = { startMs: start, endMs: start + 12 * dayMs };
  return {
    gaps: await trial.mdm.gaps(channel, period.startMs, period.endMs),
    registers: await trial.mdm.gaps(total, period.startMs, period.endMs),
    others: await trial.mdm.gaps('UP-2/delivered', period.startMs, period.endMs),
    days: await trial.mdm.completeness(period, 'UTC'),
    until: await trial.mdm.knownUntil(channel, start),
  };
}

describe('a start', () => {
  const options = { usagePoints: 2, nowMs: start + 20 * dayMs, installedMs: start };
  const fileOf = (trial: Trial) => join(trial.directory, 'index', 'index.snapshot');

  test('from a snapshot, from an older one with rows after it, and from rows alone says the same', async () => {
    const trial = await openTrial(options);
    await live(trial, [0, 1, 2, 3]);
    await trial.reopen();
    await copyFile(fileOf(trial), `${fileOf(trial)}.kept`);
    await live(trial, [5, 4, 7]);
    await trial.mdm.ingest(batchOf('late', intervals(channel, start + dayMs, hours(90, 12))));
    await trial.mdm.settled();
    const expected = await answers(trial);
    assert(expected.gaps.length > 0 && expected.days.some((day) => day.estimated > 0));
    await trial.reopen();
    assert.deepEqual(await answers(trial), expected, 'from the snapshot');
    await trial.reopen(() => copyFile(`${fileOf(trial)}.kept`, fileOf(trial)));
    assert.deepEqual(await answers(trial), expected, 'from an older snapshot');
    await trial.reopen(() => rm(fileOf(trial)));
    assert.deepEqual(await answers(trial), expected, 'from the rows');
    await trial.reopen(async () => {
      const octets = await readFile(fileOf(trial));
      octets[60] = (octets[60] as number) ^ 1;
      await writeFile(fileOf(trial), octets);
    });
    assert.deepEqual(await answers(trial), expected, 'with a damaged snapshot');
    await trial.close();
  });
  test('does not believe a snapshot that knows more than the store', async () => {
    const trial = await openTrial(options);
    await live(trial, [0, 1]);
    const other = await openTrialAfter(trial);
    assert.equal(await other.mdm.knownUntil(channel, start), start);
    await other.close();
  });
  /** A fresh store beside the snapshot of `trial`: as after a backup of the wrong day is put back. */
  async function openTrialAfter(trial: Trial): Promise<Trial> {
    await trial.reopen();
    const octets = await readFile(fileOf(trial));
    await trial.close();
    const other = await openTrial(options);
    await other.reopen(() => writeFile(fileOf(other), octets));
    return other;
  }
});
