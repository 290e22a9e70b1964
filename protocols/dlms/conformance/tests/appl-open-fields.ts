/** APPL_OPEN_6 to 14: titles and qualifiers, authentication, and each field of the InitiateRequest (Green Book 9.4.2, 9.4.4). */
import { concatBytes } from '@wattline/base';
import { mechanismId } from '../../acse.ts';
import { conformanceOf } from '../../apdu/conformance.ts';
import { authenticationValue, mechanismName, senderRequirements, tlv } from '../acse-octets.ts';
import { proposed } from '../association-tester.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { describeAare } from '../reading.ts';
import { openService } from '../sealing.ts';
import { isCiphered, needs } from '../target.ts';
import { Tester } from '../tester.ts';
import { accepted, rejected } from './appl-open.ts';

const usual = { group: 'APPL', origin: 'public', needs: [] } as const;

/** Reasons of initiateError in a confirmedServiceError. */
const initiateError = { version: 1, conformance: 2, pduSize: 3 } as const;

/** An InitiateRequest that must be rejected with an initiateError inside the AARE. */
function badInitiate(title: string, initiate: (tester: Tester) => object, reason: number): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      const expected = `an AARE that rejects, with confirmedServiceError initiateError ${reason}`;
      const aare = yield* tester.aarq({ initiate: initiate(tester) }, `AARQ: ${title}`, expected);
      const error = errorOf(tester, aare.userInformation, aare.title);
      const isRight =
        aare.result !== 0 && error[0] === 0x0e && error[1] === 1 && error[2] === 6 && error[3] === reason;
      tester.recorder.check(
        isRight,
        expected,
        `${describeAare(aare)}, ${error.length > 0 ? `user information ${[...error.subarray(0, 4)].join(' ')}` : 'no user information'}`,
      );
      yield* tester.checkNotAssociated();
    },
  };
}

/** The confirmedServiceError of an AARE: in the clear, or ciphered as the context is. */
function errorOf(tester: Tester, octets: Uint8Array | undefined, title: Uint8Array | undefined): Uint8Array {
  if (!octets) return new Uint8Array(0);
  const { keys } = tester.target;
  const isSealed = isCiphered(tester.target) && octets[0] !== 0x0e;
  if (!isSealed || !keys || !title) return octets;
  return openService(octets, tester.recorder, {
    keys,
    serverTitle: title,
    protection: 'none',
    isDedicated: false,
  }).plain;
}

/** What the meter agrees to out of one proposal. */
function agreesTo(title: string, conformance: number): Subtest {
  return accepted(title, () => ({ initiate: { conformance } }));
}

const invocation = (tag: number, value: number) => tlv(tag, tlv(0x02, Uint8Array.of(value)));
const octetsIn = (tag: number, ...values: readonly number[]) => tlv(tag, tlv(0x04, Uint8Array.from(values)));

/** A field that only informs must be passed over, or rejected with its own diagnostic. */
function informs(title: string, fields: Parameters<Tester['fields']>[0], own: number): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      const expected = `an AARE that accepts, or rejects with user diagnostic ${own}`;
      const aare = yield* tester.aarq(fields, `AARQ: ${title}`, expected);
      const isRight = aare.result === 0 || (aare.source === 'user' && aare.reason === own);
      tester.recorder.check(isRight, expected, describeAare(aare));
    },
  };
}

const wrongSecret = (secret: Uint8Array) =>
  secret.map((octet, i) => (i === secret.length - 1 ? octet ^ 1 : octet));
const failure = { diagnostics: [['user', 13]] } as const;
const mechanismWrong = {
  diagnostics: [
    ['user', 11],
    ['user', 12],
    ['user', 13],
    ['user', 1],
  ],
} as const;

export const applOpenFieldTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'APPL_OPEN_6',
    title: 'titles, qualifiers and invocation identifiers',
    clause: 'Green Book 9.4.2.2',
    subtests: [
      informs(
        'called AP title',
        { fields: { calledApTitle: octetsIn(0xa2, 0x41, 0x42, 0x43, 1, 2, 3, 4, 5) } },
        7,
      ),
      informs('called AE qualifier', { fields: { calledAeQualifier: octetsIn(0xa3, 1) } }, 9),
      informs(
        'called AP invocation identifier',
        { fields: { calledApInvocationId: invocation(0xa4, 1) } },
        8,
      ),
      informs(
        'called AE invocation identifier',
        { fields: { calledAeInvocationId: invocation(0xa5, 1) } },
        10,
      ),
      informs(
        'calling AP invocation identifier',
        { fields: { callingApInvocationId: invocation(0xa8, 1) } },
        4,
      ),
      rejected(
        'a calling AP title of 7 octets where one of 8 is needed',
        ({ target }) => ({
          fields: {
            callingApTitle: tlv(0xa6, tlv(0x04, (target.systemTitle ?? new Uint8Array(8)).subarray(0, 7))),
          },
        }),
        {
          diagnostics: [
            ['user', 3],
            ['user', 1],
            ['user', 13],
          ],
        },
        { needs: [needs.ciphered] },
      ),
      rejected(
        'no calling AP title where one is needed',
        () => ({ fields: { callingApTitle: undefined } }),
        {
          diagnostics: [
            ['user', 3],
            ['user', 1],
            ['user', 13],
          ],
        },
        { needs: [needs.ciphered] },
      ),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_7',
    title: 'authentication functional unit',
    clause: 'Green Book 9.4.2.2.3, 9.2.7.3',
    needs: [needs.authentication],
    subtests: [
      rejected(
        'no mechanism name and no secret',
        () => ({
          fields: { senderRequirements: undefined, mechanismName: undefined, authenticationValue: undefined },
        }),
        {
          diagnostics: [
            ['user', 12],
            ['user', 14],
            ['user', 11],
            ['user', 13],
            ['user', 1],
          ],
        },
      ),
      rejected(
        'a mechanism that nobody uses (42)',
        () => ({ fields: { mechanismName: mechanismName(42) } }),
        mechanismWrong,
      ),
      rejected(
        'another mechanism than declared',
        ({ target }) => ({
          fields: {
            mechanismName: mechanismName(target.mechanism === 'lls' ? mechanismId.md5 : mechanismId.lls),
          },
        }),
        mechanismWrong,
      ),
      rejected(
        'a wrong password',
        ({ target }) => ({
          fields: {
            authenticationValue: authenticationValue(wrongSecret(target.secret ?? new Uint8Array(8))),
          },
        }),
        failure,
        { needs: [needs.lls] },
      ),
      rejected(
        'an empty password',
        () => ({ fields: { authenticationValue: authenticationValue(new Uint8Array(0)) } }),
        failure,
        { needs: [needs.lls] },
      ),
      rejected(
        'the right password and one octet more',
        ({ target }) => ({
          fields: {
            authenticationValue: authenticationValue(
              concatBytes(target.secret ?? new Uint8Array(0), Uint8Array.of(0)),
            ),
          },
        }),
        failure,
        { needs: [needs.lls] },
      ),
      rejected(
        'the first octets of the password',
        ({ target }) => ({
          fields: {
            authenticationValue: authenticationValue((target.secret ?? new Uint8Array(8)).subarray(0, -1)),
          },
        }),
        failure,
        { needs: [needs.lls] },
      ),
      rejected('no authentication value', () => ({ fields: { authenticationValue: undefined } }), {
        diagnostics: [
          ['user', 13],
          ['user', 14],
          ['user', 1],
        ],
      }),
      {
        title:
          'sender-ACSE-requirements without the authentication bit: rejected, or authenticated all the same',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          const fields = { senderRequirements: senderRequirements(false) };
          const aare = yield* tester.aarq({ fields }, 'AARQ', 'an AARE');
          const isOpen = aare.result === 0 && aare.reason === 0 && tester.target.mechanism !== 'lls';
          tester.recorder.check(!isOpen, 'no association without authentication', describeAare(aare));
        },
      },
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_9',
    title: 'InitiateRequest: dedicated-key in a context without ciphering',
    clause: 'Green Book 9.4.4 (dedicated-key)',
    needs: [needs.plain],
    subtests: [
      {
        title: 'accepted and not used, or rejected',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          const dedicatedKey = tester.target.random.bytes(16);
          const aare = yield* tester.aarq(
            { initiate: { dedicatedKey } },
            'AARQ with a dedicated key',
            'an AARE',
          );
          if (aare.result === 0) tester.judgeAccepted(aare, proposed[tester.target.referencing]);
          else
            tester.recorder.check(
              aare.result === 1 || aare.result === 2,
              'a result of 0, 1 or 2',
              describeAare(aare),
            );
        },
      },
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_11',
    title: 'InitiateRequest: quality of service',
    clause: 'Green Book 9.4.4 (proposed-quality-of-service)',
    subtests: [
      accepted('a quality of service of 0', () => ({ initiate: { qualityOfService: 0 } })),
      accepted('a quality of service of 5', () => ({ initiate: { qualityOfService: 5 } })),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_12',
    title: 'InitiateRequest: DLMS version number',
    clause: 'Green Book 9.4.4 (proposed-dlms-version-number)',
    subtests: [
      badInitiate('version 5 is too low', () => ({ version: 5 }), initiateError.version),
      badInitiate('version 0 is too low', () => ({ version: 0 }), initiateError.version),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_13',
    title: 'InitiateRequest: conformance block',
    clause: 'Green Book 9.4.6.1',
    subtests: [
      badInitiate('no service proposed', () => ({ conformance: 0 }), initiateError.conformance),
      badInitiate(
        'only services of the other referencing',
        ({ target }) => ({
          conformance:
            target.referencing === 'ln' ? conformanceOf('read', 'write') : conformanceOf('get', 'set'),
        }),
        initiateError.conformance,
      ),
      { ...agreesTo('GET alone', conformanceOf('get')), needs: [needs.ln] },
      { ...agreesTo('Read alone', conformanceOf('read')), needs: [needs.sn] },
      agreesTo('every bit set: only what exists is agreed to', 0x7fffff),
    ],
  },
  {
    ...usual,
    name: 'APPL_OPEN_14',
    title: 'InitiateRequest: client-max-receive-pdu-size',
    clause: 'Green Book 9.4.4 (client-max-receive-pdu-size)',
    subtests: [
      accepted('0: no limit', () => ({ initiate: { maxPdu: 0 } })),
      accepted('65535', () => ({ initiate: { maxPdu: 0xffff } })),
      badInitiate('11 octets are too few', () => ({ maxPdu: 11 }), initiateError.pduSize),
    ],
  },
];
