/** When the index is put on disk: after so many blocks, and on closing. A snapshot that fails costs time, never readings. */
import { type Log, messageOf } from '@wattline/base';
import type { ChannelIndex } from './channel-index.ts';

/** What tells how far memory has come. */
export interface Progress {
  readonly enteredThrough: { readonly all: number; readonly any: number };
  readonly blocksWritten: number;
}

/** The snapshots of one open index. */
export interface Snapshots {
  /** Writes one in the background when enough has come since the last. */
  offer(): void;
  /** Writes the last one, when anything came since. */
  finish(): Promise<void>;
}

/** Snapshots of `index` every `every` blocks. */
export function createSnapshots(options: {
  readonly index: ChannelIndex;
  readonly ledger: Progress;
  readonly logger: Log;
  readonly every: number;
}): Snapshots {
  const { index, ledger, logger } = options;
  let written = index.isCurrent ? 0 : -1;
  let work: Promise<void> | null = null;

  function write(): Promise<void> {
    written = ledger.blocksWritten;
    work ??= index
      .write(ledger.enteredThrough.all, () => ledger.enteredThrough.any)
      .catch((error: unknown) => logger.warn({ error: messageOf(error) }, 'the index was not put on disk'))
      .finally(() => {
        work = null;
      });
    return work;
  }

  return {
    offer() {
      if (!work && ledger.blocksWritten - Math.max(0, written) >= options.every) void write();
    },
    async finish() {
      await work;
      if (ledger.blocksWritten !== written) await write();
    },
  };
}
