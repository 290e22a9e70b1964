/** The write-ahead log: a record is acknowledged once it is on disk; many that wait share one fdatasync. */
import { codeOf, messageOf } from '@wattline/base';
import { fileError, storeError } from '../errors.ts';
import type { AppendFile, Disk } from './disk.ts';
import { sealFrame } from './frame.ts';
import { type Recovery, recoverSegments, type SealedSegment, segmentFile } from './recovery.ts';

/** A log that is open for appending. */
export interface WriteAheadLog {
  /** What earlier runs left; their segments stay until removed. */
  readonly recovery: Recovery;
  /**
   * Appends a record whose first `frameRoom` octets are left free for the frame, and resolves after fdatasync. Records
   * appended while a sync is under way go together into the next one. The record must not change until then.
   * @throws CodedError `store/disk-full` (later appends may succeed), `store/sync-failed` and from then on
   * `store/log-failed`, `store/record-too-large`, `store/log-closed`.
   */
  append(record: Uint8Array): Promise<void>;
  /** Ends the running segment, so that it can be read elsewhere; null when it holds nothing. */
  seal(): Promise<SealedSegment | null>;
  /** Deletes a sealed segment whose records are safe in the store. */
  remove(segment: SealedSegment): Promise<void>;
  /** Octets in the running segment, acknowledged or not. */
  runningOctets(): number;
  close(): Promise<void>;
}

export interface LogOptions {
  readonly directory: string;
  readonly disk: Disk;
  /** A record may not be larger. Default 1 GiB, what the frame's length word and one buffer can carry with ease. */
  readonly largestRecord?: number;
}

interface Waiting {
  /** Null asks to seal the running segment. */
  readonly record: Uint8Array | null;
  readonly done: (segment: SealedSegment | null) => void;
  readonly failed: (reason: unknown) => void;
}

interface Running {
  readonly file: AppendFile;
  readonly path: string;
  readonly sequence: number;
  octets: number;
}

/**
 * Opens the log in `directory`, made when absent, and recovers what stands there.
 * @throws CodedError `store/read-only`, `store/disk-full`
 */
export async function openWriteAheadLog(options: LogOptions): Promise<WriteAheadLog> {
  const { directory, disk, largestRecord = 2 ** 30 } = options;
  let recovery: Recovery;
  try {
    await disk.makeDirectory(directory);
    recovery = await recoverSegments(disk, directory);
  } catch (error) {
    throw fileError(error, directory, 'store/log-failed');
  }
  const state = {
    queue: [] as Waiting[],
    running: null as Running | null,
    nextSequence: 1 + recovery.segments.reduce((last, segment) => Math.max(last, segment.sequence), 0),
    failure: null as unknown,
    work: null as Promise<void> | null,
    isClosed: false,
    queuedOctets: 0,
  };

  function enqueue(record: Uint8Array | null): Promise<SealedSegment | null> {
    return new Promise((done, failed) => {
      state.queue.push({ record, done, failed });
      state.queuedOctets += record?.length ?? 0;
      state.work ??= work();
    });
  }

  /** Takes what waits, group by group, until nothing does. Never rejects: each waiter hears its own outcome. */
  async function work(): Promise<void> {
    // One turn of the loop lets appends of the same tick share the first sync.
    await Promise.resolve();
    while (state.queue.length > 0) {
      const until = state.queue.findIndex((entry) => entry.record === null);
      const group = state.queue.splice(0, until < 0 ? state.queue.length : Math.max(until, 1));
      try {
        if (state.failure) throw alreadyFailed(state.failure);
        const first = group[0];
        if (first?.record === null) first.done(await sealRunning());
        else {
          await commit(group.map((entry) => entry.record as Uint8Array));
          for (const entry of group) entry.done(null);
        }
      } catch (error) {
        for (const entry of group) entry.failed(error);
      }
      for (const entry of group) state.queuedOctets -= entry.record?.length ?? 0;
    }
    // In the same turn as the last look at the queue: what is queued from now on starts anew.
    state.work = null;
  }

  async function commit(records: readonly Uint8Array[]): Promise<void> {
    const running = state.running ?? (await openSegment());
    state.running = running;
    for (const record of records) sealFrame(record, running.octets);
    try {
      await running.file.append(records);
    } catch (error) {
      await takeBack(running);
      throw fileError(error, running.path, 'store/sync-failed');
    }
    try {
      await running.file.sync();
    } catch (error) {
      // After a failed sync the page cache may claim what the disk never got: no retry can be trusted.
      state.failure = error;
      throw storeError('store/sync-failed', messageOf(error), { path: running.path }, error);
    }
    for (const record of records) running.octets += record.length;
  }

  async function openSegment(): Promise<Running> {
    const sequence = state.nextSequence;
    const path = disk.join(directory, segmentFile(sequence));
    let file: AppendFile;
    try {
      file = await disk.create(path);
    } catch (error) {
      // The name is taken by the next try only if this one made the file and failed after.
      if (codeOf(error) === 'EEXIST') state.nextSequence++;
      throw fileError(error, path, 'store/sync-failed');
    }
    state.nextSequence++;
    try {
      await disk.syncDirectory(directory);
    } catch (error) {
      state.failure = error;
      throw storeError('store/sync-failed', messageOf(error), { path: directory }, error);
    }
    return { file, path, sequence, octets: 0 };
  }

  /** After a failed write: what got through in part is cut off again, or the log is given up. */
  async function takeBack(running: Running): Promise<void> {
    try {
      await running.file.truncate(running.octets);
    } catch (error) {
      state.failure = error;
    }
  }

  async function sealRunning(): Promise<SealedSegment | null> {
    const running = state.running;
    if (!running) return null;
    state.running = null;
    await running.file.close();
    const { path, sequence, octets } = running;
    if (octets > 0) return { path, sequence, octets };
    await disk.remove(path);
    return null;
  }

  return {
    recovery,
    async append(record) {
      if (state.isClosed) throw storeError('store/log-closed', directory);
      if (state.failure) throw alreadyFailed(state.failure);
      if (record.length > largestRecord)
        throw storeError('store/record-too-large', `${record.length} octets`);
      await enqueue(record);
    },
    seal() {
      if (state.isClosed) return Promise.reject(storeError('store/log-closed', directory));
      return enqueue(null);
    },
    async remove(segment) {
      try {
        await disk.remove(segment.path);
      } catch (error) {
        throw fileError(error, segment.path, 'store/log-failed');
      }
    },
    runningOctets: () => (state.running?.octets ?? 0) + state.queuedOctets,
    async close() {
      if (state.isClosed) return;
      state.isClosed = true;
      while (state.work) await state.work;
      await state.running?.file.close();
      state.running = null;
    },
  };
}

function alreadyFailed(cause: unknown): Error {
  return storeError('store/log-failed', messageOf(cause), {}, cause);
}
