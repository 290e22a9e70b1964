/** How often a meter was asked and what became of it: the head-end's word to whoever judges what is missing. */
import type { Period } from '@wattline/base';

/** Exchanges with a meter over a period, by their outcome. */
export interface ReadAttempts {
  readonly answered: number;
  /** The meter answered that it would not: wrong key, no right, no such object. */
  readonly refused: number;
  /** Nobody answered, or what came could not be used. */
  readonly unanswered: number;
  /** Code of the last exchange that was no answer, or null. */
  readonly lastCode: string | null;
}

/** The port to the head-end's journal. */
export interface AttemptHistory {
  /** Attempts by serial number; a meter that was never asked in its life is not in the answer: it may be one that pushes. */
  attempts(serials: readonly string[], period: Period): Promise<ReadonlyMap<string, ReadAttempts>>;
}
