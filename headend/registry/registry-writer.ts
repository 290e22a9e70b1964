/** Group commit: what several sessions have to write goes to the registry in one transaction, and so in one sync of the disk. */
import { type GroupCommit, openGroupCommit, type Registry, type Work } from '@wattline/store/registry';

/** Statements to run inside a transaction. */
export type Write = Work;

/** Writes in groups. */
export interface RegistryWriter {
  /** Resolves when the write is committed and on disk. */
  write(write: Write): Promise<void>;
  /** Resolves when all writes given so far have ended. */
  settled(): Promise<void>;
  /** Resolves when all writes have ended and nothing is held open. */
  close(): Promise<void>;
}

/** A writer over a registry: while one group is being committed the next one gathers. */
export function createRegistryWriter(registry: Registry): RegistryWriter {
  const running = new Set<Promise<void>>();
  let committer: Promise<GroupCommit> | undefined;
  const commit = async (write: Write) => {
    committer ??= openGroupCommit(registry);
    await (await committer).commit(write);
  };
  const settled = async () => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return {
    write(write) {
      const written = commit(write).finally(() => running.delete(written));
      running.add(written);
      return written;
    },
    settled,
    async close() {
      await settled();
      (await committer)?.close();
    },
  };
}
