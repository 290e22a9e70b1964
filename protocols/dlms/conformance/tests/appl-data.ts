/** APPL_DATA_* and APPL_REL_P1: services with errors, unknown services, release (Green Book 9.3.3, 9.3.6 to 9.3.14). */
import { concatBytes, toHex } from '@wattline/base';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import { type Answer, type Dialogue, describeAnswer } from '../dialogue.ts';
import { type Attribute, describeReading, descriptor, isException, isRefusal } from '../reading.ts';
import type { Script } from '../script.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';

const usual = { group: 'APPL', origin: 'public' } as const;

/** Data-access-results that may answer an object or attribute that is not there, whichever a meter prefers. */
const absent = [3, 4, 9, 11, 13] as const;
const unknownObject: Attribute = { classId: 1, obis: '9.9.99.99.99.254', attribute: 2 };
const unknownAttribute: Attribute = { classId: 15, obis: '0.0.40.0.0.255', attribute: 99 };
const wrongClass: Attribute = { classId: 3, obis: '0.0.40.0.0.255', attribute: 2 };
const unknownClass: Attribute = { classId: 60_000, obis: '0.0.40.0.0.255', attribute: 1 };

export function* associated(dialogue: Dialogue): Script<Tester> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  yield* tester.associate();
  return tester;
}

function refusesGet(title: string, attribute: Attribute): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue);
      const expected = `data-access-result ${absent.join(', ')}`;
      const reading = yield* tester.get(attribute, `GET: ${title}`, expected);
      const isRight = reading.kind === 'refused' && (absent as readonly number[]).includes(reading.result);
      tester.recorder.check(isRight, expected, describeReading(reading));
      yield* tester.checkAssociated();
    },
  };
}

/** A request that makes no sense: an exception, or its own service's answer with an error; the association stays. */
export function refusesRequest(
  title: string,
  request: (tester: Tester) => Uint8Array,
  isAnswerRight: (plain: Uint8Array) => boolean = () => false,
): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const tester: Tester = yield* associated(dialogue);
      const expected = 'an exception, an error of the service, or silence';
      const octets = tester.protect(request(tester));
      const answer = yield* dialogue.send(octets, title, { expected, patience: 'silence' });
      const plain = plainOf(tester, answer);
      const isRight =
        isRefusal(answer) || (plain !== undefined && (isException(plain) || isAnswerRight(plain)));
      tester.recorder.check(isRight, expected, plain ? toHex(plain).slice(0, 60) : describeAnswer(answer));
      if (answer.kind !== 'closed') yield* tester.checkAssociated();
    },
  };
}

function plainOf(tester: Tester, answer: Answer): Uint8Array | undefined {
  if (answer.kind !== 'apdu') return undefined;
  return isException(answer.apdu) ? answer.apdu : tester.unprotect(answer.apdu);
}

/** A Set-Response or Action-Response-Normal with an error. */
const isSetError = (plain: Uint8Array) => plain[0] === 0xc5 && plain[1] === 1 && plain[3] !== 0;
const isGetError = (plain: Uint8Array) =>
  plain[0] === 0xc4 && ((plain[1] === 1 && plain[3] === 1) || (plain[1] === 2 && plain[8] === 1));
const isReadError = (plain: Uint8Array) => plain[0] === 0x0c && plain[1] === 1 && plain[2] === 1;
const isWriteError = (plain: Uint8Array) => plain[0] === 0x0d && plain[1] === 1 && plain[2] === 1;

const none = Uint8Array.of(0);
const aNull = Uint8Array.of(0x00);

function setRequest(tester: Tester, attribute: Attribute, value: Uint8Array = aNull): Uint8Array {
  return concatBytes(tester.head(0xc1, 1), descriptor(attribute), none, value);
}

/** A service that no meter has, by its tag. */
const unknownService = (tag: number): Subtest =>
  refusesRequest(`an APDU of tag ${tag.toString(16).toUpperCase()}`, (tester) =>
    concatBytes(tester.head(tag, 1), descriptor(unknownObject), none),
  );

/** Unknown services go in the clear when the association does not cipher; ciphered ones are of SYMSEC. */
const inTheClear = { needs: [needs.plain] };

export const applDataTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'APPL_DATA_LN_N1',
    title: 'GET with errors',
    clause: 'IEC 62056-5-3 7.3; Green Book 9.3.6',
    needs: [needs.ln],
    subtests: [
      refusesGet('an object that is not there', unknownObject),
      refusesGet('an attribute that is not there', unknownAttribute),
      refusesGet('an object under another class', wrongClass),
      refusesGet('a class that nobody has', unknownClass),
      refusesRequest('a kind of GET that does not exist', (tester) =>
        concatBytes(tester.head(0xc0, 9), descriptor(unknownObject), none),
      ),
      refusesRequest('a GET cut in its logical name', (tester) => tester.getRequest().subarray(0, 8)),
      refusesRequest(
        'a GET with octets after its end',
        (tester) => concatBytes(tester.getRequest(), Uint8Array.of(0xde, 0xad)),
        (plain) => plain[0] === 0xc4,
      ),
      refusesRequest(
        'the next block of no transfer',
        (tester) => concatBytes(tester.head(0xc0, 2), Uint8Array.of(0, 0, 0, 1)),
        isGetError,
      ),
      {
        title: 'a list of one right and one wrong attribute: answered one by one, in order',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const list = concatBytes(
            Uint8Array.of(2),
            descriptor({ classId: 15, obis: '0.0.40.0.0.255', attribute: 1 }),
            none,
            descriptor(unknownObject),
            none,
          );
          const request = concatBytes(tester.head(0xc0, 3), list);
          const expected = 'two results: data, then an error';
          const answer = yield* dialogue.send(tester.protect(request), 'GET with list', { expected });
          const plain = plainOf(tester, answer);
          const isSupported = (tester.negotiated & 0x000200) !== 0;
          const head = [0xc4, 3, tester.invokeOctet() & 0x0f, 2, 0, 0x09, 6];
          const isList =
            plain !== undefined &&
            head.every((octet, i) => (i === 2 ? ((plain[2] ?? 0) & 0x0f) === octet : plain[i] === octet)) &&
            plain[13] === 1;
          const isRight = isSupported ? isList : isList || (plain !== undefined && isException(plain));
          tester.recorder.check(
            isRight,
            isSupported ? expected : 'an exception: lists were not agreed to',
            plain ? toHex(plain) : describeAnswer(answer),
          );
        },
      },
      {
        title: 'answers carry the invoke id of their requests',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          for (let i = 0; i < 16; i++) yield* tester.checkAssociated();
        },
      },
    ],
  },
  {
    ...usual,
    name: 'APPL_DATA_LN_N3',
    title: 'SET with errors',
    clause: 'IEC 62056-5-3 7.4; Green Book 9.3.7',
    needs: [needs.ln],
    subtests: [
      refusesRequest(
        'SET of an object that is not there',
        (tester) => setRequest(tester, unknownObject),
        isSetError,
      ),
      refusesRequest(
        'SET of an attribute that is not there',
        (tester) => setRequest(tester, unknownAttribute),
        isSetError,
      ),
      refusesRequest(
        'SET of a logical name',
        (tester) =>
          setRequest(
            tester,
            { ...wrongClass, classId: 15, attribute: 1 },
            Uint8Array.of(0x09, 6, 1, 2, 3, 4, 5, 6),
          ),
        isSetError,
      ),
      refusesRequest('a kind of SET that does not exist', (tester) =>
        concatBytes(tester.head(0xc1, 9), descriptor(unknownObject), none, aNull),
      ),
      refusesRequest('SET without its value', (tester) =>
        concatBytes(tester.head(0xc1, 1), descriptor(unknownObject), none),
      ),
      refusesRequest(
        'SET with a value of an unknown type',
        (tester) => setRequest(tester, unknownObject, Uint8Array.of(0xee)),
        isSetError,
      ),
      refusesRequest(
        'SET with a value nested 200 deep',
        (tester) =>
          setRequest(
            tester,
            unknownObject,
            new Uint8Array(400).map((_, i) => (i % 2 === 0 ? 2 : 1)),
          ),
        isSetError,
      ),
    ],
  },
  {
    ...usual,
    name: 'APPL_DATA_LN_N4',
    title: 'services that are not supported',
    clause: 'Green Book 9.3.14 (EXCEPTION), 9.5',
    needs: [needs.ln],
    subtests: [
      { ...unknownService(0xff), ...inTheClear },
      { ...unknownService(0x55), ...inTheClear },
      refusesRequest('a Read, of short names', () => Uint8Array.of(0x05, 1, 2, 0xfa, 0x00)),
      refusesRequest('a response in place of a request', (tester) =>
        concatBytes(Uint8Array.of(0xc4, 1, tester.invokeOctet() | 1), Uint8Array.of(0, 0)),
      ),
      refusesRequest(
        'ACTION of a method that is not there',
        (tester) =>
          concatBytes(
            tester.head(0xc3, 1),
            descriptor({ classId: 15, obis: '0.0.40.0.0.255', attribute: 99 }),
            none,
          ),
        (plain) => plain[0] === 0xc7 && plain[3] !== 0,
      ),
      { ...refusesRequest('an empty APDU', () => new Uint8Array(0)), ...inTheClear },
    ],
  },
  {
    ...usual,
    name: 'APPL_DATA_SN_N1',
    title: 'Read with errors',
    clause: 'IEC 62056-5-3 7.7; Green Book 9.3.9',
    needs: [needs.sn],
    subtests: [
      refusesRequest(
        'Read of a name that is not there',
        () => Uint8Array.of(0x05, 1, 2, 0x77, 0x78),
        isReadError,
      ),
      refusesRequest(
        'Read of a name between two attributes',
        () => Uint8Array.of(0x05, 1, 2, 0xfa, 0x03),
        isReadError,
      ),
      refusesRequest('Read with an unknown kind of access', () => Uint8Array.of(0x05, 1, 0x33, 0xfa, 0x00)),
      refusesRequest('Read cut in its name', () => Uint8Array.of(0x05, 1, 2, 0xfa)),
    ],
  },
  {
    ...usual,
    name: 'APPL_DATA_SN_N2',
    title: 'Write with errors',
    clause: 'IEC 62056-5-3 7.8; Green Book 9.3.10',
    needs: [needs.sn],
    subtests: [
      refusesRequest(
        'Write of a name that is not there',
        () => Uint8Array.of(0x06, 1, 2, 0x77, 0x78, 1, 0),
        isWriteError,
      ),
      refusesRequest(
        'Write of a logical name',
        () => Uint8Array.of(0x06, 1, 2, 0xfa, 0x00, 1, 0x09, 1, 0),
        isWriteError,
      ),
      refusesRequest(
        'Write with more names than values',
        () => Uint8Array.of(0x06, 2, 2, 0x77, 0x78, 2, 0x77, 0x80, 1, 0),
        (plain) => plain[0] === 0x0d,
      ),
      refusesRequest('Write without its values', () => Uint8Array.of(0x06, 1, 2, 0x77, 0x78)),
    ],
  },
  {
    ...usual,
    name: 'APPL_DATA_SN_N3',
    title: 'services that are not supported with short names',
    clause: 'Green Book 9.3.14 (EXCEPTION), 9.5',
    needs: [needs.sn],
    subtests: [
      { ...refusesRequest('an APDU of tag FF', () => Uint8Array.of(0xff, 1, 2, 3)), ...inTheClear },
      refusesRequest('a GET, of logical names', (tester) =>
        concatBytes(tester.head(0xc0, 1), descriptor(unknownObject), none),
      ),
      refusesRequest('a response in place of a request', () => Uint8Array.of(0x0c, 1, 0, 0)),
    ],
  },
  {
    ...usual,
    name: 'APPL_REL_P1',
    title: 'release of an association',
    clause: 'IEC 62056-5-3 6.3; Green Book 9.3.3',
    needs: [],
    subtests: [
      {
        title: 'RLRQ is answered by RLRE; then nothing is served; then a new association opens',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          yield* tester.checkAssociated();
          yield* tester.release();
          yield* tester.checkNotAssociated();
          yield* tester.associate();
          yield* tester.checkAssociated();
        },
      },
      {
        title: 'the link goes down and comes back: the association is gone',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          yield* dialogue.close();
          yield* dialogue.open();
          yield* tester.checkNotAssociated();
        },
      },
      {
        title: 'DISC and SNRM without RLRQ: the association is gone',
        needs: [needs.hdlc],
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          yield* dialogue.link.disconnect('UA');
          yield* dialogue.link.connect();
          yield* tester.checkNotAssociated();
        },
      },
    ],
  },
];
