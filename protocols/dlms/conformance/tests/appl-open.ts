/** APPL_IDLE_N1 and APPL_OPEN_1 to 5: opening an association with what is declared, and with what is not (Green Book 9.3.2, 9.4.2). */
import { equalBytes } from '@wattline/base';
import {
  buildAarq,
  contextName,
  protocolVersion,
  type SeenAare,
  tlv,
  userInformation,
} from '../acse-octets.ts';
import type { Opening } from '../association-tester.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { describeAnswer } from '../dialogue.ts';
import { describeAare, isRefusal } from '../reading.ts';
import type { Script } from '../script.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';

const usual = { group: 'APPL', origin: 'public', needs: [] } as const;

/** What an AARE must say. */
export interface Refused {
  /** Result-source-diagnostics of which one must come; empty: any that rejects. */
  readonly diagnostics: readonly (readonly ['user' | 'provider', number])[];
}

/** An AARQ with something changed must be rejected, and leave no association. */
export function rejected(
  title: string,
  opening: (tester: Tester) => Opening,
  { diagnostics }: Refused,
  extra: Pick<Subtest, 'needs'> = {},
): Subtest {
  return {
    title,
    ...extra,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      const list = diagnostics.map(([source, reason]) => `${source} ${reason}`).join(' or ');
      const expected = `an AARE that rejects${list ? `, diagnostic ${list}` : ''}`;
      const aare = yield* tester.aarq(opening(tester), `AARQ: ${title}`, expected);
      const isRejected = aare.result === 1 || aare.result === 2;
      const isSaid = diagnostics.some(([source, reason]) => aare.source === source && aare.reason === reason);
      tester.recorder.check(isRejected && (isSaid || diagnostics.length === 0), expected, describeAare(aare));
      yield* tester.checkNotAssociated();
    },
  };
}

/** An AARQ with something added must be accepted as if it were not there. */
export function accepted(
  title: string,
  opening: (tester: Tester) => Opening,
  extra: Pick<Subtest, 'needs'> = {},
): Subtest {
  return {
    title,
    ...extra,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      yield* tester.associate(opening(tester));
      yield* tester.checkAssociated();
      yield* tester.release();
      yield* dialogue.close();
    },
  };
}

/** An AARQ in any octets must be answered by a rejecting AARE, an exception or silence, never by an association. */
export function notTaken(title: string, octets: (tester: Tester) => Uint8Array): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      const expected = 'a rejecting AARE, an exception or silence';
      const answer = yield* tester.sendAarq(octets(tester), title, expected, 'silence');
      const isAare = typeof answer === 'object' && 'result' in answer;
      const isRight = isAare ? answer.result === 1 || answer.result === 2 : isRefusal(answer);
      tester.recorder.check(isRight, expected, isAare ? describeAare(answer) : describeAnswer(answer));
      if (!isAare && answer.kind === 'closed') yield* dialogue.open();
      yield* tester.checkNotAssociated();
    },
  };
}

/** Diagnostic of an application context that is not taken. */
const context = { diagnostics: [['user', 2]] } as const satisfies Refused;

/** HLS associations up to pass 3. */
function* openPending(dialogue: Dialogue): Script<Tester> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  const aare: SeenAare = yield* tester.aarq({}, 'AARQ', 'an AARE that asks for authentication');
  tester.judgeAccepted(aare, 0xffffff);
  return tester;
}

/** A wrong pass 3 must be refused, without f(CtoS), and leave no association. */
function wrongProof(title: string, spoil: (right: Uint8Array, tester: Tester) => Uint8Array): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* openPending(dialogue);
      const expected = 'a refusal without f(CtoS)';
      const answer = yield* tester.sendProof(spoil(tester.proofOf(), tester), expected, 'silence');
      const proof =
        isRefusal(answer) || answer.kind !== 'apdu'
          ? undefined
          : tester.proofIn(tester.unprotect(answer.apdu));
      tester.recorder.check(proof === undefined, expected, 'success with f(CtoS)');
      if (answer.kind !== 'closed') yield* tester.checkNotAssociated();
    },
  };
}

export const applOpenTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'APPL_IDLE_N1',
    title: 'data exchange without an association',
    clause: 'IEC 62056-5-3 7.2.1; Green Book 9.3.1',
    subtests: [
      {
        title: 'a GET on a fresh link gives no data',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          const expected = 'no data: an exception or silence';
          const answer = yield* dialogue.send(tester.getRequest(), 'GET without AARQ', {
            expected,
            patience: 'silence',
          });
          tester.recorder.check(isRefusal(answer), expected, describeAnswer(answer));
          if (answer.kind === 'closed') yield* dialogue.open();
          yield* tester.associate();
          yield* tester.checkAssociated();
        },
      },
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_1',
    title: 'an association with the declared parameters',
    clause: 'IEC 62056-5-3 6.2; Green Book 9.3.2',
    subtests: [
      accepted('AARQ, AARE, data, RLRQ, RLRE', () => ({})),
      {
        title: 'an AARQ within an association opens a new one',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          yield* tester.associate();
          yield* tester.associate();
          yield* tester.checkAssociated();
        },
      },
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_2',
    title: 'identification of the client user',
    clause: 'Green Book 9.4.2.2; Blue Book 4.4.4 (user_list)',
    needs: [needs.user],
    subtests: [
      accepted('a declared user is accepted', ({ target }) => ({
        fields: { callingAeInvocationId: tlv(0xa9, tlv(0x02, Uint8Array.of(target.declared.userId ?? 0))) },
      })),
      rejected(
        'an unknown user is rejected',
        ({ target }) => ({
          fields: {
            callingAeInvocationId: tlv(
              0xa9,
              tlv(0x02, Uint8Array.of(((target.declared.userId ?? 0) + 77) & 0x7f)),
            ),
          },
        }),
        { diagnostics: [] },
      ),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_3',
    title: 'HLS authentication, passes 3 and 4',
    clause: 'Green Book 9.2.7.4',
    needs: [needs.hls],
    subtests: [
      {
        title: 'the right f(StoC) is answered by the right f(CtoS)',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          yield* tester.associate();
          yield* tester.checkAssociated();
        },
      },
      wrongProof('f(StoC) with one bit wrong', (right) =>
        right.map((octet, i) => (i === right.length - 1 ? octet ^ 1 : octet)),
      ),
      wrongProof('f(StoC) of another challenge', (_, tester) => {
        tester.serverChallenge = tester.freshChallenge();
        return tester.proofOf();
      }),
      wrongProof('f(StoC) cut short', (right) => right.subarray(0, right.length - 1)),
      wrongProof(
        'the challenge itself in place of f(StoC)',
        (_, tester) => tester.serverChallenge ?? new Uint8Array(16),
      ),
      {
        title: 'data before pass 3 is refused',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* openPending(dialogue);
          yield* tester.checkNotAssociated();
        },
      },
      {
        title: 'challenges of the meter do not come again',
        *script(dialogue: Dialogue) {
          const seen: Uint8Array[] = [];
          for (let i = 0; i < 3; i++) {
            const tester: Tester = yield* openPending(dialogue);
            const challenge = tester.serverChallenge ?? new Uint8Array(0);
            const isNew = seen.every((old) => !equalBytes(old, challenge));
            tester.recorder.check(isNew, 'a challenge not seen before', 'one that came before');
            seen.push(challenge);
          }
        },
      },
      {
        title: 'the challenge of the meter, sent back as the client’s own, is refused',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* openPending(dialogue);
          const expected = 'an AARE that rejects';
          tester.clientChallenge = tester.serverChallenge ?? new Uint8Array(16);
          const answer = yield* tester.sendAarq(
            buildAarq(tester.fields()),
            'AARQ with the challenge of the meter',
            expected,
          );
          const isAare = 'result' in answer;
          tester.recorder.check(
            !isAare || answer.result !== 0,
            expected,
            isAare ? describeAare(answer) : describeAnswer(answer),
          );
        },
      },
      rejected(
        'a challenge of 7 octets is too short',
        (tester) => ({
          fields: { authenticationValue: tlv(0xac, tlv(0x80, tester.target.random.bytes(7))) },
        }),
        {
          diagnostics: [
            ['user', 13],
            ['user', 1],
          ],
        },
      ),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_4',
    title: 'protocol version of ACSE',
    clause: 'Green Book 9.4.2.2 (protocol-version)',
    subtests: [
      accepted('protocol-version with version 1', () => ({
        fields: { protocolVersion: protocolVersion(0x80) },
      })),
      rejected(
        'protocol-version without version 1',
        () => ({ fields: { protocolVersion: protocolVersion(0x40) } }),
        {
          diagnostics: [['provider', 2]],
        },
      ),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_5',
    title: 'application context name',
    clause: 'Green Book 9.4.2.2.2',
    subtests: [
      rejected(
        'a context of DLMS that nobody uses (12)',
        () => ({ fields: { contextName: contextName(12) } }),
        context,
      ),
      rejected(
        'a context that is not of DLMS',
        () => ({
          fields: { contextName: tlv(0xa1, tlv(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1))) },
        }),
        {
          diagnostics: [
            ['user', 2],
            ['user', 1],
          ],
        },
      ),
      notTaken('an AARQ without context name', (tester) =>
        buildAarq(tester.fields({ fields: { contextName: undefined } })),
      ),
      rejected(
        'no ciphering where the client must cipher',
        ({ target }) => ({
          fields: {
            contextName: contextName(target.referencing === 'ln' ? 1 : 2),
          },
        }),
        {
          diagnostics: [
            ['user', 2],
            ['user', 1],
            ['user', 13],
          ],
        },
        { needs: [needs.ciphered] },
      ),
      notTaken('an AARQ whose length passes its end', (tester) => {
        const whole = buildAarq(tester.fields());
        return whole.map((octet, i) => (i === 1 ? Math.min(0x7f, octet + 20) : octet));
      }),
      notTaken('an AARQ cut in half', (tester) => {
        const whole = buildAarq(tester.fields());
        return whole.subarray(0, whole.length >> 1);
      }),
      notTaken('an AARQ without user information', (tester) =>
        buildAarq(tester.fields({ fields: { userInformation: undefined } })),
      ),
      notTaken('user information that is no InitiateRequest', (tester) =>
        buildAarq(
          tester.fields({ fields: { userInformation: userInformation(Uint8Array.of(0xc0, 1, 0xc1)) } }),
        ),
      ),
    ],
  },
];
