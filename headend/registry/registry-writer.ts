/** Group commit: what several sessions have to write goes to the registry in one transaction, and so in one sync of the disk. */
import { type GroupCommit, openGroupCommit, type Registry } from '@wattline/store/registry';

/** Statements to run inside a transaction. */
export type Write = (transaction: Registry) => Promise<void>;

/** Writes in groups. */
export interface RegistryWriter {
  /** Resolves when the write is committed and on disk. */
  write(write: Write): Promise<void>;
  /** Resolves when all writes given so far have ended. */
  settled(): Promise<void>;
  /** Resolves when all writes have ended and nothing is held open. */
  close(): Promise<void>;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const groupMax = 256;

/** A writer over a registry: while one group is being committed the next one gathers. */
export function createRegistryWriter(registry: Registry): RegistryWriter {
  let waiting: Waiting[] = [];
  let draining: Promise<void> | undefined;

  let committer: Promise<GroupCommit> | undefined;

  const commit = async (group: readonly Waiting[]) => {
    committer ??= openGroupCommit(registry);
    await (await committer).commit(async (transaction) => {
      for (const { write } of group) await write(transaction);
    });
  };

  const commitGroup = async (group: readonly Waiting[]) => {
    try {
      await commit(group);
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) return group[0]?.reject(error);
      // One bad write must not take the others with it.
      for (const single of group) await commitGroup([single]);
    }
  };

  const drain = async () => {
    // What is asked for in this turn of the event loop belongs to the first group.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupMax);
      waiting = waiting.slice(groupMax);
      await commitGroup(group);
    }
    draining = undefined;
  };

  return {
    write: (write) =>
      new Promise((resolve, reject) => {
        waiting.push({ write, resolve, reject });
        draining ??= drain();
      }),
    async settled() {
      while (draining) await draining;
    },
    async close() {
      while (draining) await draining;
      (await committer)?.close();
    },
  };
}
