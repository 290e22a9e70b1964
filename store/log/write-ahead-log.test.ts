/** The log's ordinary life: order, shared syncs, sealing, and each refusal with its code. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { CodedError } from '@wattline/base';
import { machineDisk } from './disk.ts';
import { frameRoom } from './frame.ts';
import { type SimulatedDisk, simulatedDisk } from './simulated-disk.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

const recordOf = (text: string) => {
  const payload = Buffer.from(text);
  const record = new Uint8Array(frameRoom + payload.length);
  record.set(payload, frameRoom);
  return record;
};
const textOf = (record: Uint8Array) => Buffer.from(record.subarray(frameRoom)).toString();
const isCode = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;

async function reopen(disk: SimulatedDisk) {
  const log = await openWriteAheadLog({ directory: 'log', disk });
  return { log, texts: log.recovery.segments.flatMap((segment) => segment.records.map(textOf)) };
}

test('a record that was acknowledged is read back when the log is opened again', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  await log.append(recordOf('first'));
  await log.append(recordOf('second'));
  await log.close();
  assert.deepEqual((await reopen(disk)).texts, ['first', 'second']);
});

test('on the machine’s own disk too', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const log = await openWriteAheadLog({ directory, disk: machineDisk() });
  await Promise.all(Array.from({ length: 200 }, (_, index) => log.append(recordOf(`record ${index}`))));
  const sealed = await log.seal();
  assert(sealed);
  await log.append(recordOf('after the seal'));
  await log.close();
  const again = await openWriteAheadLog({ directory, disk: machineDisk() });
  const texts = again.recovery.segments.flatMap((segment) => segment.records.map(textOf));
  assert.equal(texts.length, 201);
  assert.equal(texts[200], 'after the seal');
  for (const segment of again.recovery.segments) await again.remove(segment);
  await again.close();
  const empty = await openWriteAheadLog({ directory, disk: machineDisk() });
  assert.deepEqual(empty.recovery.segments, []);
  await empty.close();
});

test('appends that wait together share one sync', async () => {
  const disk = simulatedDisk();
  let syncs = 0;
  const counting = {
    ...disk,
    create: async (path: string) => {
      const file = await disk.create(path);
      return {
        ...file,
        sync: () => {
          syncs++;
          return file.sync();
        },
      };
    },
  };
  const log = await openWriteAheadLog({ directory: 'log', disk: counting });
  await Promise.all(Array.from({ length: 100 }, (_, index) => log.append(recordOf(String(index)))));
  assert.equal(syncs, 1);
  await log.close();
});

test('sealing ends a segment, keeps the order and gives nothing when nothing was written', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  assert.equal(await log.seal(), null);
  const appended = log.append(recordOf('a'));
  const sealed = log.seal();
  const later = log.append(recordOf('b'));
  await Promise.all([appended, later]);
  const segment = await sealed;
  assert.equal(segment?.octets, frameRoom + 1);
  assert.equal(log.runningOctets(), frameRoom + 1);
  if (segment) await log.remove(segment);
  await log.close();
  assert.deepEqual((await reopen(disk)).texts, ['b']);
});

test('a full disk refuses the append, keeps what was acknowledged, and takes more once there is room', async () => {
  const faults = { capacity: 100 };
  const disk = simulatedDisk(faults);
  const log = await openWriteAheadLog({ directory: 'log', disk });
  await log.append(recordOf('small'));
  await assert.rejects(log.append(recordOf('x'.repeat(200))), isCode('store/disk-full'));
  faults.capacity = 1000;
  await log.append(recordOf('y'.repeat(200)));
  await log.close();
  assert.deepEqual((await reopen(disk)).texts, ['small', 'y'.repeat(200)]);
});

test('a failed sync is final: the append and all later ones are refused', async () => {
  const log = await openWriteAheadLog({ directory: 'log', disk: simulatedDisk({ failingSync: 2 }) });
  await log.append(recordOf('safe'));
  await assert.rejects(log.append(recordOf('doubtful')), isCode('store/sync-failed'));
  await assert.rejects(log.append(recordOf('later')), isCode('store/log-failed'));
  await assert.rejects(log.seal(), isCode('store/log-failed'));
  await log.close();
});

test('a failed sync of the directory is final too', async () => {
  const disk = simulatedDisk();
  let syncs = 0;
  const failing = {
    ...disk,
    syncDirectory: async (path: string) => {
      if (++syncs === 2) throw new CodedError('EIO', 'planted');
      await disk.syncDirectory(path);
    },
  };
  const log = await openWriteAheadLog({ directory: 'log', disk: failing });
  await log.append(recordOf('safe'));
  await log.seal();
  await assert.rejects(log.append(recordOf('nameless')), isCode('store/sync-failed'));
  await assert.rejects(log.append(recordOf('later')), isCode('store/log-failed'));
  await log.close();
  assert.equal((await reopen(disk)).texts[0], 'safe');
});

test('a read-only directory is said to be one', async () => {
  const opening = openWriteAheadLog({ directory: 'log', disk: simulatedDisk({ isReadOnly: true }) });
  await assert.rejects(opening, isCode('store/read-only'));
});

test('a record beyond the limit and a record after closing are refused', async () => {
  const log = await openWriteAheadLog({ directory: 'log', disk: simulatedDisk(), largestRecord: 50 });
  await assert.rejects(log.append(recordOf('x'.repeat(60))), isCode('store/record-too-large'));
  await log.close();
  await assert.rejects(log.append(recordOf('x')), isCode('store/log-closed'));
  await assert.rejects(log.seal(), isCode('store/log-closed'));
});

test('every single flipped bit of an acknowledged record is noticed, and the records around it are kept', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  for (const text of ['before', 'victim', 'after']) await log.append(recordOf(text));
  await log.close();
  const path = 'log/000000000001.wal';
  const before = frameRoom + 6;
  const victim = frameRoom + 6;
  for (let bit = before * 8; bit < (before + victim) * 8; bit++) {
    const copy = simulatedDisk();
    const file = await copy.create(path);
    await file.append([await disk.read(path)]);
    copy.flipBit(path, bit);
    const { log: again, texts } = await reopen(copy);
    assert.deepEqual(texts, ['before', 'after'], `bit ${bit}`);
    assert.deepEqual(
      again.recovery.findings.map(({ code, offset, octets }) => ({ code, offset, octets })),
      [{ code: 'store/log-damaged', offset: before, octets: victim }],
    );
    assert.equal((await copy.read(`${path}.damaged`)).length, frameRoom * 3 + 17);
    const once = await reopen(copy);
    assert.deepEqual(once.log.recovery.findings, [], 'a repaired file is clean the next time');
  }
});

test('a flip in the very last record cannot be told from a torn write and is cut off as one', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  for (const text of ['kept', 'last']) await log.append(recordOf(text));
  await log.close();
  disk.flipBit('log/000000000001.wal', (frameRoom + 4 + frameRoom) * 8);
  const { log: again, texts } = await reopen(disk);
  assert.deepEqual(texts, ['kept']);
  assert.equal(again.recovery.findings[0]?.code, 'store/log-torn-tail');
});

test('in a segment that others follow, a damaged tail is damage', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  await log.append(recordOf('first segment'));
  await log.seal();
  await log.append(recordOf('second segment'));
  await log.close();
  disk.flipBit('log/000000000001.wal', frameRoom * 8);
  const { log: again, texts } = await reopen(disk);
  assert.deepEqual(texts, ['second segment']);
  assert.equal(again.recovery.findings[0]?.code, 'store/log-damaged');
});

test('a tail cut off anywhere is removed and named, and what stands before it is kept', async () => {
  const disk = simulatedDisk();
  const log = await openWriteAheadLog({ directory: 'log', disk });
  for (const text of ['kept', 'torn']) await log.append(recordOf(text));
  await log.close();
  const path = 'log/000000000001.wal';
  const whole = await disk.read(path);
  for (let length = frameRoom + 5; length < whole.length; length++) {
    const copy = simulatedDisk();
    const file = await copy.create(path);
    await file.append([whole.subarray(0, length)]);
    const { log: again, texts } = await reopen(copy);
    assert.deepEqual(texts, ['kept']);
    assert.equal(again.recovery.findings[0]?.code, 'store/log-torn-tail');
    assert.equal((await copy.read(path)).length, frameRoom + 4);
  }
});
