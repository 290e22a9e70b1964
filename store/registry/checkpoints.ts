/**
 * Checkpoints of a SQLite registry on a thread of their own. The page copies and the two syncs of a checkpoint take tens of milliseconds;
 * on the thread that writes they would hold up every push and every session meanwhile.
 */
import { Worker } from 'node:worker_threads';

/** Pages of the log (4 KiB each) from which on it should begin anew: for that nobody may write while the last are copied. */
export const longLogPages = 16_384;

/** How far a checkpoint came, in pages (sqlite.org, `PRAGMA wal_checkpoint`). */
export interface CheckpointResult {
  /** Pages in the write-ahead log. */
  readonly logged: number;
  /** Of them, pages that are in the database file. */
  readonly copied: number;
}

/** A thread that checkpoints when asked. */
export interface Checkpoints {
  /** Begins a checkpoint unless one is running. */
  begin(): void;
  /** The result of the last one that ended, given once. */
  take(): CheckpointResult | undefined;
  close(): void;
}

const program = new URL('./checkpoint-thread.ts', import.meta.url);

/** Checkpoints of the database at `path`; the thread, which keeps no program alive, is there before the first one: a storm must not start it. */
export function openCheckpoints(path: string): Checkpoints {
  let worker: Worker | undefined;
  let isRunning = false;
  let result: CheckpointResult | undefined;
  const start = () => {
    // It says nothing; joined to the output of the program it would leave that one without waiting, and writes to a full pipe would fail.
    const started = new Worker(program, { workerData: path, stdout: true, stderr: true });
    started.on('message', (told: CheckpointResult) => {
      result = told;
      isRunning = false;
    });
    // Without the thread nothing is lost: the log grows until the connection itself checkpoints.
    started.on('error', () => {
      worker = undefined;
      isRunning = false;
    });
    started.unref();
    return started;
  };
  worker = start();
  return {
    begin() {
      if (isRunning) return;
      isRunning = true;
      worker ??= start();
      worker.postMessage('checkpoint');
    },
    take() {
      const told = result;
      result = undefined;
      return told;
    },
    close() {
      worker?.postMessage('close');
      worker = undefined;
    },
  };
}
