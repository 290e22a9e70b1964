/** Runs tests against one target: a script of all of them, each subtest on a fresh link, with its steps and verdict. */
import { CodedError } from '@wattline/base';
import type { ConformanceTest, Subtest } from './conformance-test.ts';
import { Dialogue } from './dialogue.ts';
import type { StepRecord } from './recorder.ts';
import type { Script } from './script.ts';
import type { Need, Target } from './target.ts';
import { Finding, heaviest, type Verdict } from './verdict.ts';

/** How a subtest ended. */
export interface SubtestResult {
  readonly title: string;
  readonly verdict: Verdict;
  /** Why it did not pass. */
  readonly why: string | undefined;
  readonly steps: readonly StepRecord[];
}

/** How a test ended. */
export interface TestResult {
  readonly test: ConformanceTest;
  readonly verdict: Verdict;
  /** The reason of the first subtest with that verdict. */
  readonly why: string | undefined;
  readonly subtests: readonly SubtestResult[];
}

/** All tests in order; `onResult` hears of each as it ends. */
export function* runTests(
  tests: readonly ConformanceTest[],
  target: Target,
  onResult: (result: TestResult) => void = () => {},
): Script<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const test of tests) {
    const result = yield* runTest(test, target);
    onResult(result);
    results.push(result);
  }
  return results;
}

function* runTest(test: ConformanceTest, target: Target): Script<TestResult> {
  const missing = missingOf(test.needs, target);
  if (missing) return { test, verdict: 'not-applicable', why: missing, subtests: [] };
  const subtests: SubtestResult[] = [];
  for (const subtest of test.subtests) subtests.push(yield* runSubtest(subtest, target));
  const verdict = heaviest(subtests.map((result) => result.verdict));
  const why = subtests.find((result) => result.verdict === verdict && result.why !== undefined)?.why;
  return { test, verdict, why, subtests };
}

function* runSubtest(subtest: Subtest, target: Target): Script<SubtestResult> {
  const { title } = subtest;
  const missing = missingOf(subtest.needs ?? [], target);
  if (missing) return { title, verdict: 'not-applicable', why: missing, steps: [] };
  const dialogue = new Dialogue(target);
  const { steps } = dialogue.recorder;
  try {
    yield* subtest.script(dialogue);
    return { title, verdict: 'passed', why: undefined, steps };
  } catch (error) {
    if (error instanceof Finding) return { title, verdict: error.verdict, why: error.message, steps };
    // A meter that takes no link any more after what the tests sent has failed.
    if (error instanceof CodedError) return { title, verdict: 'failed', why: error.message, steps };
    throw error;
  }
}

function missingOf(needs: readonly Need[], target: Target): string | undefined {
  return needs.find((need) => !need.holds(target))?.why;
}
