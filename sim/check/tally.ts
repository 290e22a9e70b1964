/** Counting what was compared and keeping the first few that were wrong. */
import type { CheckFinding } from './checker.ts';

const examplesKept = 5;

/** A count that grows. */
export class Tally {
  private compared = 0;
  private wrong = 0;
  private readonly examples: string[] = [];

  /** Counts one comparison; `describe` is asked only when it is wrong and still wanted. */
  count(isRight: boolean, describe: () => string): void {
    this.compared += 1;
    if (isRight) return;
    this.wrong += 1;
    if (this.examples.length < examplesKept) this.examples.push(describe());
  }

  finding(): CheckFinding {
    const { compared, wrong, examples } = this;
    return { compared, wrong, examples };
  }
}
