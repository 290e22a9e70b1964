/** The thread of {@link file://./checkpoints.ts}: a connection that writes nothing of its own. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type CheckpointResult, longLogPages } from './checkpoints.ts';

const roundsMax = 4;

const database = new DatabaseSync(workerData as string);
// A checkpoint syncs the log before it copies and the database before the log may begin anew.
database.exec('pragma synchronous = full');
const checkpoint = database.prepare('pragma wal_checkpoint(passive)');

/** What is written while pages are copied is left; of a long log it is copied too, round after round less, until little is left. */
function run(): CheckpointResult {
  for (let round = 1; ; round++) {
    const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
    if (log <= longLogPages || round === roundsMax) return { logged: log, copied: checkpointed };
  }
}

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(run());
});
