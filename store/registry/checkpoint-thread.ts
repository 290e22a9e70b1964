/** The thread of {@link file://./checkpoints.ts}: a connection that writes nothing of its own. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type CheckpointResult, longLogPages } from './checkpoints.ts';

const roundsMax = 4;

let connection: DatabaseSync | undefined;

/** Opened with the first checkpoint: until then the file is nobody's but who writes to it. */
function open(): DatabaseSync {
  const database = new DatabaseSync(workerData as string);
  // A checkpoint syncs the log before it copies and the database before the log may begin anew.
  database.exec('pragma synchronous = full');
  return database;
}

/** What is written while pages are copied is left; of a long log it is copied too, round after round less, until little is left. */
function run(): CheckpointResult {
  connection ??= open();
  const checkpoint = connection.prepare('pragma wal_checkpoint(passive)');
  for (let round = 1; ; round++) {
    const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
    if (log <= longLogPages || round === roundsMax) return { logged: log, copied: checkpointed };
  }
}

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    connection?.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(run());
});
