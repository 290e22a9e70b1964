/** protocols/dlms/conformance: the tests of the Yellow Book by their public names, as scripts without I/O. */
import type { ConformanceTest } from './conformance-test.ts';
import { applDataTests } from './tests/appl-data.ts';
import { applOpenTests } from './tests/appl-open.ts';
import { applOpenFieldTests } from './tests/appl-open-fields.ts';
import { cosemObjectTests } from './tests/cosem-objects.ts';
import { hdlcAddressTests } from './tests/hdlc-address.ts';
import { hdlcFrameTests } from './tests/hdlc-frame.ts';
import { hdlcTransferTests } from './tests/hdlc-transfer.ts';
import { symsecTests } from './tests/symsec.ts';
import { symsecKeyTests } from './tests/symsec-keys.ts';
import { symsecPolicyTests } from './tests/symsec-policy.ts';
import { wrapperTests } from './tests/wrapper.ts';

export { type ConformanceTest, type Group, groups, type Subtest } from './conformance-test.ts';
export { type Greeting, greet } from './greet.ts';
export type { StepRecord } from './recorder.ts';
export { runTests, type SubtestResult, type TestResult } from './run-tests.ts';
export type { Arrival, Script, Step } from './script.ts';
export type { Declarations, HdlcTarget, Target } from './target.ts';
export { heaviest, type Verdict, verdicts } from './verdict.ts';

/** Every test, in the order of the test plans. */
export const conformanceTests: readonly ConformanceTest[] = [
  ...hdlcFrameTests,
  ...hdlcAddressTests,
  ...hdlcTransferTests,
  ...applOpenTests,
  ...applOpenFieldTests,
  ...applDataTests,
  ...cosemObjectTests,
  ...symsecTests,
  ...symsecKeyTests,
  ...symsecPolicyTests,
  ...wrapperTests,
];
