/** SYMSEC_0_SecPol_*: a security policy that is activated holds from then on (Blue Book 4.4.7 method 1); it cannot be taken back. */
import type { Protection } from '../../association.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { describeReading } from '../reading.ts';
import type { Script } from '../script.ts';
import { actOn, judgeDone, judgeRefused, setupMethod, setupOf } from '../security-setup.ts';
import { needs } from '../target.ts';
import type { Tester } from '../tester.ts';
import { associated, notOpened, wrongly } from './symsec.ts';

/** The policy of a protection: version 0 of the class counts to 3, version 1 has a bit for each direction. */
const policies = { a: [1, 0x24], e: [2, 0x48], ae: [3, 0x6c] } as const;
type Policy = keyof typeof policies;
const mostOfVersion0 = 3;

const usual = {
  group: 'SYMSEC_0',
  origin: 'public',
  clause: 'Blue Book 4.4.7 (security_policy, security_activate)',
} as const;

/** The policy in force. */
function* policyOf(tester: Tester, setup: string): Script<number> {
  const attribute = { classId: 64, obis: setup, attribute: 2 };
  const reading = yield* tester.get(attribute, 'GET of security_policy', 'an enum');
  const isEnum = reading.kind === 'data' && reading.data.length === 2 && reading.data[0] === 0x16;
  tester.recorder.check(isEnum, 'an enum', describeReading(reading));
  return reading.data[1] as number;
}

function activate(tester: Tester, setup: string, policy: number, expected: string) {
  const [method, parameter] = [setupMethod.activate, { type: 'enum', value: policy } as const];
  return actOn(tester, setup, { method, parameter, what: `ACTION security_activate(${policy})`, expected });
}

/** What is in force stays, and the policy comes to it. */
function activates(policy: Policy): Subtest {
  return {
    title: 'the policy is activated, and shown from then on',
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue);
      const setup = yield* setupOf(tester);
      const before = yield* policyOf(tester, setup);
      const [counted, bits] = policies[policy];
      const isKnown = before > 0;
      const first = before | (isKnown && before <= mostOfVersion0 ? counted : bits);
      let wanted = first;
      let end = yield* activate(tester, setup, wanted, 'success');
      // A policy of 0 does not tell the version of the class.
      if (!isKnown && end.result !== 0) {
        wanted = counted;
        end = yield* activate(tester, setup, wanted, 'success');
      }
      judgeDone(tester, end);
      const again: Tester = yield* associated(dialogue);
      const after = yield* policyOf(again, setup);
      again.recorder.check(after === wanted, `security_policy ${wanted}`, `${after}`);
    },
  };
}

/** A policy of nothing must not come back; a meter that takes it gets its old one again. */
const staysActivated: Subtest = {
  title: 'taking the policy back is refused',
  *script(dialogue: Dialogue) {
    const tester: Tester = yield* associated(dialogue);
    const setup = yield* setupOf(tester);
    const before = yield* policyOf(tester, setup);
    const end = yield* activate(tester, setup, 0, 'a refusal');
    if (end.result === 0) yield* activate(tester, setup, before, 'success');
    judgeRefused(tester, end);
  },
};

const weaker = (protection: Exclude<Protection, 'none'>, title: string): Subtest =>
  wrongly(`${title} alone is refused`, () => ({ protection }));

function policyTest(
  number: number,
  policy: Policy,
  { title, least }: { readonly title: string; readonly least: readonly Subtest[] },
): ConformanceTest {
  const isMet = (protection: Protection) => protection === policy || protection === 'ae';
  const why = `the declared protection does not meet the policy (--security ${policy})`;
  return {
    ...usual,
    name: `SYMSEC_0_SecPol_${number}`,
    title,
    needs: [needs.ln, needs.strengthen, { holds: ({ protection }) => isMet(protection), why }],
    subtests: [
      activates(policy),
      notOpened('an APDU in the clear is refused', (_, plain) => plain),
      ...least,
      staysActivated,
    ],
  };
}

const [authenticatedAlone, encryptedAlone] = [weaker('a', 'authentication'), weaker('e', 'encryption')];

export const symsecPolicyTests: readonly ConformanceTest[] = [
  policyTest(1, 'a', { title: 'security policy: authenticated', least: [encryptedAlone] }),
  policyTest(2, 'e', { title: 'security policy: encrypted', least: [authenticatedAlone] }),
  policyTest(3, 'ae', {
    title: 'security policy: authenticated and encrypted',
    least: [authenticatedAlone, encryptedAlone],
  }),
];
