/**
 * Batches in the order of acknowledgement: numbered, dated, written ahead, then carried into the store. A batch is
 * stored exactly once: a sealed log segment is inserted as a whole, and after a crash only the rows that are not there.
 */
import type { Clock } from '@wattline/base';
import type { SealedSegment, WriteAheadLog } from '@wattline/store/log';
import { decodeBatch, encodeBatch, type ReadingsStore, type StoredBatch } from '@wattline/store/readings';
import type { BusyTime } from './busy-time.ts';
import type { StorageWatch } from './storage-watch.ts';

/** A batch before it has its number and its date. */
export type BatchDraft = Omit<StoredBatch, 'batch' | 'knownMs'>;

/** Acknowledged octets at which they are carried to the store without waiting for more: half as many rows a part are merged once more. */
const flushOctets = 16 * 2 ** 20;
/** Longest that an acknowledged batch waits for company on its way to the store, ms. */
const flushDelayMs = 500;

interface Content {
  firstBatch: number;
  lastBatch: number;
  blocks: number;
  verdicts: number;
}

interface Carried {
  readonly segment: SealedSegment;
  readonly content: Content;
  /** True when an insert of it was tried before. */
  isDoubtful: boolean;
}

export interface LedgerOptions {
  readonly log: WriteAheadLog;
  readonly store: ReadingsStore;
  readonly clock: Clock;
  readonly busy: BusyTime;
  readonly backlogOctets: number;
  /** The oldest batch whose consequences (verdicts, estimates) are not written yet; Infinity when there is none. */
  readonly oldestUnreviewed: () => number;
  /** Called after each carry to the store. */
  readonly onStored: (batch: number) => void;
  readonly watch: Pick<StorageWatch, 'failed' | 'passed'>;
}

/** The ledger of one store. */
export class Ledger {
  private readonly options: LedgerOptions;
  private nextBatch = 1;
  /** No later batch may claim to have been known at or before this. */
  private floorMs = 0;
  private content: Content | null = null;
  /** Sealed, not stored. */
  private readonly waiting: Carried[] = [];
  /** Stored, not deleted. */
  private readonly stored: Carried[] = [];
  private storedBatch = 0;
  private flushing: Promise<void> | null = null;
  private cancelTimer: (() => void) | null = null;
  private waitingOctets = 0;
  /** Numbered, not yet entered into memory. */
  private readonly unentered = new Set<number>();
  private lastEntered = 0;
  private blocksAppended = 0;

  constructor(options: LedgerOptions) {
    this.options = options;
  }

  /** Carries over what an earlier run left in the log; returns those batches, for their consequences to be drawn again. */
  async recover(): Promise<StoredBatch[]> {
    const batches: StoredBatch[] = [];
    for (const segment of this.options.log.recovery.segments) {
      const found = segment.records.map(decodeBatch);
      const first = found[0];
      if (!first) {
        await this.options.log.remove(segment);
        continue;
      }
      const content = { firstBatch: first.batch, lastBatch: first.batch, blocks: 0, verdicts: 0 };
      for (const batch of found) addTo(content, batch);
      batches.push(...found);
      this.waiting.push({ segment, content, isDoubtful: true });
      this.waitingOctets += segment.octets;
      this.nextBatch = Math.max(this.nextBatch, content.lastBatch + 1);
      for (const batch of found) this.floorMs = Math.max(this.floorMs, batch.knownMs);
    }
    await this.flush();
    return batches;
  }

  /** Tells what the store held before this run. */
  continueAfter(tail: { readonly batch: number; readonly knownMs: number }): void {
    this.nextBatch = Math.max(this.nextBatch, tail.batch + 1);
    this.floorMs = Math.max(this.floorMs, tail.knownMs);
    this.storedBatch = Math.max(this.storedBatch, tail.batch);
    this.lastEntered = this.nextBatch - 1;
  }

  /** The present knowledge time: everything acknowledged so far is known at it, nothing to come will be. */
  asOf(): number {
    this.floorMs = Math.max(this.floorMs, this.options.clock.now());
    return this.floorMs;
  }

  /** Waits while too much is on its way to the store. */
  async room(): Promise<void> {
    while (this.backlog() > this.options.backlogOctets) await this.flush();
  }

  /**
   * Numbers, dates and writes a batch; `done` resolves when it is on disk. Called without a pause in between, batches
   * stand in the log in the order of their numbers.
   */
  append(draft: BatchDraft): {
    readonly batch: number;
    readonly knownMs: number;
    readonly done: Promise<void>;
  } {
    const batch = this.nextBatch++;
    this.floorMs = Math.max(this.options.clock.now(), this.floorMs + 1);
    const stored: StoredBatch = { ...draft, batch, knownMs: this.floorMs };
    this.content ??= { firstBatch: batch, lastBatch: batch, blocks: 0, verdicts: 0 };
    addTo(this.content, stored);
    this.unentered.add(batch);
    this.blocksAppended += stored.blocks.length;
    const done = this.options.log.append(encodeBatch(stored)).then(
      () => {
        this.options.watch.passed('log');
        this.schedule();
      },
      (error: unknown) => {
        this.options.watch.failed('log', error);
        this.unentered.delete(batch);
        throw error;
      },
    );
    return { batch, knownMs: this.floorMs, done };
  }

  /** A batch is on disk and in memory. One that is on disk alone stays out of snapshots for good. */
  entered(batch: number): void {
    this.unentered.delete(batch);
    this.lastEntered = Math.max(this.lastEntered, batch);
  }

  /** The batch up to which memory holds all there is, and the newest batch of which it holds anything. */
  get enteredThrough(): { readonly all: number; readonly any: number } {
    let all = this.nextBatch - 1;
    for (const batch of this.unentered) all = Math.min(all, batch - 1);
    return { all, any: this.lastEntered };
  }

  /** Blocks appended since this run began. */
  get blocksWritten(): number {
    return this.blocksAppended;
  }

  /** Number of the last batch that queries see. */
  get storedThrough(): number {
    return this.storedBatch;
  }

  /** Resolves when everything appended before the call is in the store; rejects when the store refuses it. */
  async flush(): Promise<void> {
    const target = this.nextBatch - 1;
    while (this.hasPending(target)) {
      this.flushing ??= this.options.busy
        .during(() => this.carry())
        .then(
          () => this.options.watch.passed('store'),
          (error: unknown) => {
            this.options.watch.failed('store', error);
            throw error;
          },
        )
        .finally(() => {
          this.flushing = null;
        });
      await this.flushing;
    }
  }

  /** Deletes segments that are stored and whose consequences are written too. */
  async prune(): Promise<void> {
    const oldest = this.options.oldestUnreviewed();
    while (this.stored[0] && this.stored[0].content.lastBatch < oldest) {
      const carried = this.stored.shift() as Carried;
      await this.options.log.remove(carried.segment);
    }
  }

  async close(): Promise<void> {
    this.cancelTimer?.();
    await this.flush();
    await this.prune();
    await this.options.log.close();
  }

  private hasPending(target: number): boolean {
    const first = this.waiting[0]?.content.firstBatch ?? this.content?.firstBatch ?? Number.POSITIVE_INFINITY;
    return first <= target || (this.flushing !== null && this.storedBatch < target);
  }

  private backlog(): number {
    return this.waitingOctets + this.options.log.runningOctets();
  }

  private schedule(): void {
    if (this.flushing) return;
    if (this.options.log.runningOctets() >= flushOctets) this.flushInBackground();
    else this.cancelTimer ??= this.options.clock.after(flushDelayMs, () => this.flushInBackground());
  }

  private flushInBackground(): void {
    // What failed was told by the watch.
    this.flush().catch(() => {});
  }

  /** Seals what was appended and inserts all that waits, oldest first. */
  private async carry(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = null;
    const content = this.content;
    this.content = null;
    if (content) {
      const segment = await this.options.log.seal().catch((error: unknown) => {
        this.content = this.content ? merged(content, this.content) : content;
        throw error;
      });
      if (segment) {
        this.waiting.push({ segment, content, isDoubtful: false });
        this.waitingOctets += segment.octets;
      }
    }
    while (this.waiting[0]) {
      const carried = this.waiting[0];
      const onlyAbsent = carried.isDoubtful;
      carried.isDoubtful = true;
      const { segment } = carried;
      await this.options.store.insertSegment({ path: segment.path, content: carried.content, onlyAbsent });
      this.waiting.shift();
      this.waitingOctets -= segment.octets;
      this.storedBatch = Math.max(this.storedBatch, carried.content.lastBatch);
      this.stored.push(carried);
    }
    await this.prune();
    this.options.onStored(this.storedBatch);
  }
}

function merged(a: Content, b: Content): Content {
  return {
    firstBatch: Math.min(a.firstBatch, b.firstBatch),
    lastBatch: Math.max(a.lastBatch, b.lastBatch),
    blocks: a.blocks + b.blocks,
    verdicts: a.verdicts + b.verdicts,
  };
}

function addTo(content: Content, batch: StoredBatch): void {
  content.firstBatch = Math.min(content.firstBatch, batch.batch);
  content.lastBatch = Math.max(content.lastBatch, batch.batch);
  content.blocks += batch.blocks.length;
  content.verdicts += batch.verdicts.length;
}
