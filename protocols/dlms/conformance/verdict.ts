/** Verdicts of conformance tests (ISO/IEC 9646): how a test may end, and how a script ends it early. */

/** In order of weight: the verdict of a test is the heaviest of its subtests. */
export const verdicts = ['failed', 'inconclusive', 'passed', 'not-applicable'] as const;
export type Verdict = (typeof verdicts)[number];

/** The heaviest of several verdicts; `not-applicable` when there is none. */
export function heaviest(all: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => all.includes(verdict)) ?? 'not-applicable';
}

/** Ends a subtest from inside its script; the door of the runner turns it into a verdict. */
export class Finding extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict, message: string) {
    super(message);
    this.name = 'Finding';
    this.verdict = verdict;
  }
}
