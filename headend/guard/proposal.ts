/** What is put before the guard: a batch with what was proved of it, and the time. */
import type { Approval } from './approval.ts';
import type { Batch } from './batch.ts';

/** A batch with what was proved of it beforehand: its hash, whose signatures are genuine, whose evidence is. */
export interface Proposal {
  readonly batch: Batch;
  readonly hash: string;
  /** Only those whose signature over `hash` was verified. */
  readonly approvals: readonly Approval[];
  /** Serial numbers whose evidence was verified. */
  readonly evidenced: ReadonlySet<string>;
}

/** The guard's own clock; `isDoubtful` when it was seen to jump. */
export interface GuardTime {
  readonly nowMs: number;
  readonly isDoubtful: boolean;
}
