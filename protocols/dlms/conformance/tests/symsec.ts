/** SYMSEC_*: capabilities, frame counters, dedicated keys and ciphered data exchange in suite 0 (Green Book 9.2.7). */
import { concatBytes, toHex } from '@wattline/base';
import type { SecurityKeys } from '../../association.ts';
import { buildInitiate, buildRlrq } from '../acse-octets.ts';
import { proposed } from '../association-tester.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import { type Dialogue, describeAnswer } from '../dialogue.ts';
import { describeAare, describeReading, descriptor, isRefusal, nameOf } from '../reading.ts';
import type { Script } from '../script.ts';
import type { Sealing } from '../sealing.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';
import { accepted, rejected } from './appl-open.ts';

const usual = { group: 'SYMSEC_0', origin: 'public', needs: [needs.ciphered] } as const;
const refusal = { diagnostics: [] } as const;

export function* associated(dialogue: Dialogue, withDedicated = false): Script<Tester> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  const dedicatedKey = tester.target.random.bytes(tester.target.keys?.ek.length ?? 16);
  yield* tester.associate(withDedicated ? { initiate: { dedicatedKey } } : {});
  return tester;
}

/** A request whose sealing is wrong must give nothing, and leave the association to those who have the keys. */
export function notOpened(
  title: string,
  sealed: (tester: Tester, plain: Uint8Array) => Uint8Array,
  extra: Pick<Subtest, 'needs'> & { readonly isDedicated?: boolean } = {},
): Subtest {
  const { isDedicated = false, ...rest } = extra;
  return {
    title,
    ...rest,
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue, isDedicated);
      const expected = 'no data: an exception, a closed link or silence';
      const octets = sealed(tester, tester.getRequest());
      const answer = yield* dialogue.send(octets, `GET: ${title}`, { expected, patience: 'silence' });
      const isClosed = answer.kind === 'closed';
      tester.recorder.check(isRefusal(answer), expected, describeAnswer(answer));
      // Forged octets must not put the rightful client out, unless the meter gave the link up.
      if (!isClosed) yield* tester.checkAssociated();
    },
  };
}

const flipLast = (octets: Uint8Array) =>
  octets.map((octet, i) => (i === octets.length - 1 ? octet ^ 1 : octet));
const flipAt = (at: number, bits: number) => (octets: Uint8Array) =>
  octets.map((octet, i) => (i === at ? octet ^ bits : octet));
export const otherKey = (keys: SecurityKeys, name: 'ek' | 'ak'): SecurityKeys => ({
  ...keys,
  [name]: flipLast(keys[name]),
});

/** A GET sealed with something wrong. */
export function wrongly(
  title: string,
  how: (tester: Tester) => Sealing,
  extra: Pick<Subtest, 'needs'> = {},
): Subtest {
  return notOpened(title, (tester, plain) => tester.seal(plain, how(tester)), extra);
}

const withTag = { needs: [needs.authenticated] };

/** The same octets twice: the second time they must give nothing. */
function* replayed(dialogue: Dialogue, again: (tester: Tester, first: number) => number): Script<void> {
  const tester: Tester = yield* associated(dialogue);
  const first = tester.nextCounter();
  const plain = tester.getRequest();
  const right = yield* dialogue.send(
    tester.seal(plain, { invocationCounter: first }),
    `GET under counter ${first}`,
    { expected: 'data' },
  );
  const reading = yield* tester.readingOf(right);
  tester.recorder.check(reading.kind === 'data', 'data', describeReading(reading));
  const counter = again(tester, first);
  const expected = 'no data: the counter is not above the last';
  const answer = yield* dialogue.send(
    tester.seal(plain, { invocationCounter: counter }),
    `GET under counter ${counter}`,
    { expected, patience: 'silence' },
  );
  tester.recorder.check(isRefusal(answer), expected, describeAnswer(answer));
  if (answer.kind !== 'closed') yield* tester.checkAssociated();
}

/** The declared attribute read, and written with the value that was read: nothing changes. */
function writesBack(title: string, withDedicated: boolean): Subtest {
  return {
    title,
    needs: [needs.ln, needs.writable],
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue, withDedicated);
      const { writable } = tester.target.declared;
      if (!writable) return;
      const reading = yield* tester.get(writable);
      tester.recorder.check(reading.kind === 'data', 'data', describeReading(reading));
      const head = concatBytes(tester.head(0xc1, 1), descriptor(writable), Uint8Array.of(0));
      const request = tester.protect(concatBytes(head, reading.data));
      const [what, expected] = [`SET ${nameOf(writable)} to the value read`, 'a Set-Response with success'];
      const answer = yield* dialogue.send(request, what, { expected });
      tester.recorder.check(!isRefusal(answer) && answer.kind === 'apdu', expected, describeAnswer(answer));
      const plain = tester.unprotect(answer.apdu);
      tester.recorder.check(plain[0] === 0xc5 && plain[3] === 0, expected, toHex(plain));
    },
  };
}

export const symsecTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'SYMSEC_0_BasicCap_1',
    title: 'ciphered association and data under the declared protection',
    clause: 'Green Book 9.2.7.2',
    subtests: [
      accepted('AARQ, AARE, data and release, all ciphered', () => ({})),
      rejected(
        'an InitiateRequest under a wrong encryption key',
        ({ target }) => ({
          sealing: target.keys ? { keys: otherKey(target.keys, 'ek') } : {},
        }),
        refusal,
      ),
      rejected(
        'an InitiateRequest under a wrong authentication key',
        ({ target }) => ({
          sealing: target.keys ? { keys: otherKey(target.keys, 'ak') } : {},
        }),
        refusal,
        withTag,
      ),
      rejected(
        'an InitiateRequest with a wrong authentication tag',
        () => ({ sealing: { spoil: flipLast } }),
        refusal,
        withTag,
      ),
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_FraCount_1',
    title: 'message replay: counters that do not grow are refused',
    clause: 'Green Book 9.2.3.5 (invocation counter)',
    needs: [needs.ciphered, needs.authenticated],
    subtests: [
      {
        title: 'the same counter again',
        script: (dialogue: Dialogue) => replayed(dialogue, (_, first) => first),
      },
      {
        title: 'a counter below the last',
        script: (dialogue: Dialogue) => replayed(dialogue, (_, first) => Math.max(0, first - 1)),
      },
      {
        title: 'a counter above the next is taken',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          tester.nextCounter();
          tester.nextCounter();
          yield* tester.checkAssociated();
        },
      },
      {
        title: 'an AARQ under a counter that was used is refused',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const used = tester.nextCounter();
          const plain = tester.seal(tester.getRequest(), { invocationCounter: used });
          yield* dialogue.send(plain, 'GET', { expected: 'data' });
          yield* dialogue.close();
          yield* dialogue.open();
          const expected = 'an AARE that rejects';
          const aare = yield* tester.aarq(
            { sealing: { invocationCounter: used } },
            `AARQ under counter ${used}`,
            expected,
          );
          tester.recorder.check(aare.result !== 0, expected, describeAare(aare));
        },
      },
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_FraCount_3',
    title: 'counters of the meter grow',
    clause: 'Green Book 9.2.3.5 (invocation counter)',
    subtests: [
      {
        title: 'within an association and over the next',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          for (let i = 0; i < 3; i++) yield* tester.checkAssociated();
          yield* dialogue.close();
          yield* dialogue.open();
          yield* tester.associate();
          yield* tester.checkAssociated();
          const { serverCounters: list } = tester;
          const isGrowing = list.every((counter, i) => i === 0 || counter > (list[i - 1] as number));
          tester.recorder.check(isGrowing, 'each counter above the one before', list.join(', '));
          const all = [...list, ...tester.proofCounters];
          const isOnce = new Set(all).size === all.length;
          tester.recorder.check(isOnce, 'no counter used twice, those of proofs included', all.join(', '));
        },
      },
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_DedKey_N1',
    title: 'dedicated key: wrong lengths and wrong uses',
    clause: 'Green Book 9.2.3.6 (dedicated key)',
    subtests: [
      rejected(
        'a dedicated key of 5 octets',
        ({ target }) => ({ initiate: { dedicatedKey: target.random.bytes(5) } }),
        refusal,
      ),
      notOpened('a ded- APDU where no dedicated key was given', (tester, plain) =>
        tester.seal(plain, { isDedicated: true }),
      ),
      notOpened(
        'a ded- APDU under the global key',
        (tester, plain) => {
          const { keys } = tester.target;
          return tester.seal(plain, { isDedicated: true, ...(keys ? { keys } : {}) });
        },
        { isDedicated: true },
      ),
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_SecDataX_P1',
    title: 'data under the global and the dedicated key',
    clause: 'Green Book 9.2.7.2.4',
    subtests: [
      {
        title: 'under the global key',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          yield* tester.checkAssociated();
        },
      },
      {
        title: 'under the dedicated key',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue, true);
          yield* tester.checkAssociated();
          yield* tester.checkAssociated();
        },
      },
      writesBack('the writable attribute, written back under the global key', false),
      writesBack('the writable attribute, written back under the dedicated key', true),
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_SecDataX_N1',
    title: 'data under wrong ciphering',
    clause: 'Green Book 9.2.7.2.4, 9.3.14',
    subtests: [
      notOpened('in the clear', (_, plain) => plain),
      wrongly(
        'under a wrong encryption key',
        ({ target }) => (target.keys ? { keys: otherKey(target.keys, 'ek') } : {}),
        withTag,
      ),
      wrongly(
        'under a wrong authentication key',
        ({ target }) => (target.keys ? { keys: otherKey(target.keys, 'ak') } : {}),
        withTag,
      ),
      wrongly(
        'under another system title',
        ({ target }) => ({ systemTitle: flipLast(target.systemTitle ?? new Uint8Array(8)) }),
        withTag,
      ),
      wrongly('authentication tag with one bit wrong', () => ({ spoil: flipLast }), withTag),
      wrongly('ciphertext with one bit wrong', () => ({ spoil: flipAt(6, 0x10) }), withTag),
      wrongly('counter changed after sealing', () => ({ spoil: flipAt(1, 0x01) }), withTag),
      wrongly('security control of another suite', () => ({ spoil: flipAt(0, 0x05) })),
      wrongly('security control without its authentication bit', () => ({ spoil: flipAt(0, 0x10) }), withTag),
      wrongly('encrypted alone where both are demanded', () => ({ protection: 'e' }), {
        needs: [{ holds: ({ protection }) => protection === 'ae', why: 'the declared protection is not ae' }],
      }),
      wrongly('authenticated alone where both are demanded', () => ({ protection: 'a' }), {
        needs: [{ holds: ({ protection }) => protection === 'ae', why: 'the declared protection is not ae' }],
      }),
      wrongly('cut before its authentication tag', () => ({ spoil: (sealed) => sealed.subarray(0, 5) })),
      notOpened(
        'a SET in the envelope of a GET',
        (tester) => {
          const plain = concatBytes(tester.head(0xc1, 1), new Uint8Array(10), Uint8Array.of(0));
          const sealed = tester.seal(plain);
          return sealed.map((octet, i) => (i === 0 ? 0xc8 : octet));
        },
        withTag,
      ),
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_REL_N1',
    title: 'release with an RLRQ that is not protected enough',
    clause: 'Green Book 9.3.3, 9.4.2 (user-information of the RLRQ)',
    subtests: [
      notReleased('user information in the clear', (tester) =>
        buildInitiate({ conformance: proposed[tester.target.referencing] }),
      ),
      notReleased(
        'user information under a wrong key',
        (tester) => {
          const { keys } = tester.target;
          const plain = buildInitiate({ conformance: proposed[tester.target.referencing] });
          return tester.seal(plain, keys ? { keys: otherKey(keys, 'ek') } : {});
        },
        withTag,
      ),
    ],
  },
];

/** An RLRQ that must not end the association: anybody could end it. */
function notReleased(
  title: string,
  information: (tester: Tester) => Uint8Array,
  extra: Pick<Subtest, 'needs'> = {},
): Subtest {
  return {
    title,
    ...extra,
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue);
      const expected = 'anything that leaves the association open';
      yield* dialogue.send(buildRlrq(information(tester)), `RLRQ: ${title}`, {
        expected,
        patience: 'silence',
      });
      yield* tester.checkAssociated();
    },
  };
}
