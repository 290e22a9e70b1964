/** WRAPPER_*: the TCP wrapper (IEC 62056-47). Our own names: the public test plans know none for it. */
import { concatBytes } from '@wattline/base';
import { buildAarq } from '../acse-octets.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import { type Dialogue, describeAnswer, isWholeWrapper, wrap } from '../dialogue.ts';
import { isRefusal } from '../reading.ts';
import type { Recorder } from '../recorder.ts';
import type { Arrival, Script } from '../script.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';

const usual = { group: 'WRAPPER', origin: 'own', needs: [needs.wrapper], clause: 'IEC 62056-47 4' } as const;

/** A wrapped AARQ with something wrong in its header; the meter must not associate, and must serve the next link. */
function notServed(title: string, header: { readonly version?: number; readonly length?: number }): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      yield* dialogue.open();
      const { clientSap, serverSap } = dialogue.target;
      const aarq = buildAarq(new Tester(dialogue).fields());
      const octets = wrap(aarq, { source: clientSap, destination: serverSap, ...header });
      const expected = 'no association: silence or a closed link';
      const { octets: received } = yield* exchange(dialogue, title, expected, octets, 'silence');
      dialogue.recorder.check(received.length === 0, expected, `${received.length} octets`);
      yield* dialogue.open();
      const tester: Tester = new Tester(dialogue);
      yield* tester.associate();
      yield* tester.checkAssociated();
    },
  };
}

function exchange(
  dialogue: Dialogue,
  what: string,
  expected: string,
  octets: Uint8Array,
  patience: 'answer' | 'silence',
  isWhole = isWholeWrapper,
): Script<Arrival> {
  return dialogue.recorder.exchange(what, expected, { kind: 'exchange', octets, patience, isWhole });
}

export const wrapperTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'WRAPPER_P1',
    title: 'APDUs are found whatever the cuts of the stream',
    subtests: [
      {
        title: 'an AARQ in two pieces is answered once it is whole',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const recorder: Recorder = dialogue.recorder;
          const { clientSap, serverSap } = dialogue.target;
          const octets = wrap(buildAarq(new Tester(dialogue).fields()), {
            source: clientSap,
            destination: serverSap,
          });
          const first = yield* exchange(
            dialogue,
            'the first 11 octets',
            'silence',
            octets.subarray(0, 11),
            'silence',
          );
          recorder.check(
            first.octets.length === 0 && !first.isClosed,
            'silence on an open link',
            'something else',
          );
          const { octets: received } = yield* exchange(
            dialogue,
            'the rest',
            'an AARE',
            octets.subarray(11),
            'answer',
          );
          recorder.check(received[8] === 0x61, 'an AARE', `${received.length} octets`);
        },
      },
      {
        title: 'two requests in one piece are answered in order',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          yield* tester.associate();
          const { clientSap, serverSap } = dialogue.target;
          const both = [1, 2].map(() =>
            wrap(tester.protect(tester.getRequest()), { source: clientSap, destination: serverSap }),
          );
          const { octets } = yield* exchange(
            dialogue,
            'GET twice',
            'two answers',
            concatBytes(...both),
            'answer',
            isTwice,
          );
          tester.recorder.check(isTwice(octets), 'two answers', `${octets.length} octets`);
        },
      },
    ],
  },
  {
    ...usual,
    name: 'WRAPPER_N1',
    title: 'wrong version and lengths',
    subtests: [
      notServed('version 2', { version: 2 }),
      notServed('version 0', { version: 0 }),
      notServed('a length of 65535 octets that never come', { length: 0xffff }),
    ],
  },
  {
    ...usual,
    name: 'WRAPPER_N2',
    title: 'a logical device that is not there',
    subtests: [
      {
        title: 'an AARQ to an unknown server wPort: rejected, or silence',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const { clientSap, serverSap } = dialogue.target;
          const other = serverSap === 0x7e ? 0x7d : 0x7e;
          const octets = wrap(buildAarq(new Tester(dialogue).fields()), {
            source: clientSap,
            destination: other,
          });
          const expected = 'an AARE that rejects, an exception or silence';
          const { octets: received } = yield* exchange(dialogue, 'AARQ', expected, octets, 'silence');
          const apdu = received.subarray(8);
          // Result is the second field of an AARE, behind a context of nine octets.
          const isRejected = apdu[0] === 0x61 && apdu[17] !== 0;
          dialogue.recorder.check(
            apdu.length === 0 || isRejected || isRefusal({ kind: 'apdu', apdu }),
            expected,
            describeAnswer({ kind: 'apdu', apdu }),
          );
        },
      },
    ],
  },
];

/** Whether octets are two wrapped APDUs. */
function isTwice(octets: Uint8Array): boolean {
  if (!isWholeWrapper(octets)) return false;
  const length = 8 + (((octets[6] as number) << 8) | (octets[7] as number));
  return isWholeWrapper(octets.subarray(length));
}
