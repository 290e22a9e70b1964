/** HDLC_NDM2NRM_*, HDLC_INFO_* and HDLC_NDMOP_*: negotiation and information transfer (IEC 62056-46 clause 6.4.4.4). */

import { buildAarq } from '../acse-octets.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { describe, isFrame, parameterOf } from '../hdlc-link.ts';
import { control, nameControl } from '../hdlc-octets.ts';
import type { Recorder } from '../recorder.ts';
import type { Script } from '../script.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';
import { openDisconnected, usualParameters } from './hdlc-frame.ts';

const usual = { group: 'HDLC', origin: 'public', needs: [needs.hdlc] } as const;
const maxInformation = 2030;
const defaultInformation = 128;

/** The parameter field of an SNRM out of sizes and windows. */
function parameters(
  list: readonly (readonly [identifier: number, value: number, octets: number])[],
): Uint8Array {
  const items = list.flatMap(([identifier, value, count]) => [
    identifier,
    count,
    ...Array.from({ length: count }, (_, i) => (value >>> (8 * (count - 1 - i))) & 0xff),
  ]);
  return Uint8Array.of(0x81, 0x80, items.length, ...items);
}

/** What the UA says must keep to what the SNRM proposed. */
function negotiated(
  title: string,
  sent: Uint8Array,
  most: { readonly size?: number; readonly window?: number },
): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const recorder: Recorder = dialogue.recorder;
      const { link } = dialogue;
      yield* openDisconnected(dialogue);
      const information = yield* link.connect(sent);
      const bound = (identifier: number, name: string, limit: number, fallback: number) => {
        const value = parameterOf(information, identifier) ?? fallback;
        recorder.check(value >= 1 && value <= limit, `${name} from 1 to ${limit}`, `${value}`);
      };
      // The meter sends at most what we take, and takes what it says, which has no bound of ours but the frame's.
      bound(5, 'a size of transmission', most.size ?? maxInformation, defaultInformation);
      bound(6, 'a size of reception', maxInformation, defaultInformation);
      bound(7, 'a window of transmission', most.window ?? 7, 1);
      bound(8, 'a window of reception', 7, 1);
      recorder.found(
        `sizes ${parameterOf(information, 5) ?? 'default'} and ${parameterOf(information, 6) ?? 'default'}`,
      );
      yield* link.disconnect('UA');
    },
  };
}

/** Connects, and has one AARQ answered, so that sequence numbers have moved. */
function* connectAndTalk(dialogue: Dialogue): Script<Tester> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  yield* tester.aarq();
  return tester;
}

/**
 * An I-frame that breaks a rule must not be taken: nothing, RR or REJ with an unmoved N(R), FRMR or DM may come, an I-frame may not.
 * A meter that sends its last answer again, N(R) unmoved, keeps to the rule too.
 */
function* mustNotTake(dialogue: Dialogue, what: string, octets: Uint8Array, unmoved: number): Script<void> {
  const recorder: Recorder = dialogue.recorder;
  const { link } = dialogue;
  const expected = `no answer to its contents: silence, FRMR, DM, or N(R) ${unmoved} as before`;
  const answer = yield* link.ask(what, expected, octets, 'silence');
  const isRight = answer === undefined || answer === 'closed' || keepsTo(answer.control, unmoved);
  recorder.check(isRight, expected, describe(answer));
  // Whatever it did, a new SNRM must bring the link back.
  if (answer === 'closed') yield* recorder.dial();
  yield* link.connect();
  yield* link.disconnect('UA');
}

/** FRMR, DM, or any frame that acknowledges no more than before. */
function keepsTo(octet: number, unmoved: number): boolean {
  const isRefusal = octet === control.frmr || octet === control.dm;
  return isRefusal || ((octet & 3) !== 3 && octet >> 5 === unmoved);
}

export const hdlcTransferTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'HDLC_NDM2NRM_P1',
    title: 'negotiation of the size of information fields',
    clause: 'IEC 62056-46 6.4.4.4.3.2',
    subtests: [
      negotiated('SNRM without parameters: the default of 128 octets', new Uint8Array(0), {
        size: 128,
        window: 1,
      }),
      negotiated('128 octets both ways', usualParameters, { size: 128, window: 1 }),
      negotiated(
        '64 octets, in one octet',
        parameters([
          [5, 64, 1],
          [6, 64, 1],
        ]),
        { size: 64, window: 1 },
      ),
      negotiated(
        '2030 octets',
        parameters([
          [5, 2030, 2],
          [6, 2030, 2],
        ]),
        { size: 2030, window: 1 },
      ),
    ],
  },
  {
    ...usual,
    name: 'HDLC_NDM2NRM_P2',
    title: 'negotiation of window sizes',
    clause: 'IEC 62056-46 6.4.4.4.3.2',
    subtests: [
      negotiated(
        'window 1',
        parameters([
          [7, 1, 4],
          [8, 1, 4],
        ]),
        { size: 128, window: 1 },
      ),
      negotiated(
        'window 3',
        parameters([
          [7, 3, 4],
          [8, 3, 4],
        ]),
        { size: 128, window: 3 },
      ),
      negotiated(
        'window 7, in one octet',
        parameters([
          [7, 7, 1],
          [8, 7, 1],
        ]),
        { size: 128, window: 7 },
      ),
    ],
  },
  {
    ...usual,
    name: 'HDLC_INFO_P1',
    title: 'exchange of I-frames with right sequence numbers',
    clause: 'IEC 62056-46 6.4.4.4.5',
    subtests: [
      {
        title: 'twelve requests: sequence numbers pass 7 and begin again',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* connectAndTalk(dialogue);
          for (let i = 0; i < 12; i++) {
            const answer = yield* dialogue.send(tester.getRequest(), `GET ${i + 1}`, {
              expected: 'an I-frame',
            });
            dialogue.recorder.check(answer.kind === 'apdu', 'an I-frame', answer.kind);
          }
          yield* dialogue.link.disconnect('UA');
        },
      },
      {
        title: 'a request in segments is put together',
        *script(dialogue: Dialogue) {
          yield* dialogue.open();
          const tester: Tester = new Tester(dialogue);
          const long = new Uint8Array(150).fill(0x41);
          const padded = buildAarq(
            tester.fields({
              fields: { implementationInformation: Uint8Array.of(0xbd, 0x81, long.length, ...long) },
            }),
          );
          const answer = yield* dialogue.send(padded, 'AARQ in segments', { expected: 'an AARE' });
          dialogue.recorder.check(answer.kind === 'apdu' && answer.apdu[0] === 0x61, 'an AARE', answer.kind);
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_INFO_N1',
    title: 'information field longer than agreed',
    clause: 'IEC 62056-46 6.4.4.4.5.6',
    subtests: [
      {
        title: 'an I-frame of more octets than the meter said it takes',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          const { link } = dialogue;
          const information = yield* link.connect(
            parameters([
              [5, 64, 1],
              [6, 64, 1],
            ]),
          );
          const size = parameterOf(information, 6) ?? defaultInformation;
          const padding = new Uint8Array(Math.max(0, size - 3) + 16);
          const octets = link.frame({
            control: link.informationControl(),
            information: Uint8Array.of(0xe6, 0xe6, 0, ...padding),
          });
          yield* mustNotTake(dialogue, `I-frame of ${padding.length + 3} octets, ${size} agreed`, octets, 0);
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_INFO_N2',
    title: 'wrong N(R)',
    clause: 'IEC 62056-46 6.4.4.4.5.4',
    subtests: [
      {
        title: 'an I-frame that acknowledges what was never sent',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* connectAndTalk(dialogue);
          const { link } = dialogue;
          const information = Uint8Array.of(0xe6, 0xe6, 0, ...tester.getRequest());
          const octets = link.frame({ control: link.informationControl({ receivedShift: 3 }), information });
          yield* mustNotTake(
            dialogue,
            `I-frame, ${nameControl(link.informationControl({ receivedShift: 3 }))}`,
            octets,
            link.expectedReceived,
          );
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_INFO_N3',
    title: 'wrong N(S)',
    clause: 'IEC 62056-46 6.4.4.4.5.4',
    subtests: [
      {
        title: 'an I-frame that leaves one out',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* connectAndTalk(dialogue);
          const { link } = dialogue;
          const information = Uint8Array.of(0xe6, 0xe6, 0, ...tester.getRequest());
          const octets = link.frame({ control: link.informationControl({ sentShift: 1 }), information });
          yield* mustNotTake(
            dialogue,
            `I-frame, ${nameControl(link.informationControl({ sentShift: 1 }))}`,
            octets,
            link.expectedReceived,
          );
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_NDMOP_N1',
    title: 'I-frame in normal disconnected mode',
    clause: 'IEC 62056-46 6.4.4.4.2',
    subtests: [
      {
        title: 'an AARQ without SNRM: DM or silence',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          const recorder: Recorder = dialogue.recorder;
          const { link } = dialogue;
          const aarq = buildAarq(new Tester(dialogue).fields());
          const information = Uint8Array.of(0xe6, 0xe6, 0, ...aarq).subarray(0, defaultInformation);
          const octets = link.frame({ control: link.informationControl(), information });
          const answer = yield* link.ask('I-frame', 'DM or silence', octets, 'silence');
          recorder.check(
            answer === undefined || isFrame(answer, control.dm),
            'DM or silence',
            describe(answer),
          );
          yield* link.disconnect('DM');
        },
      },
    ],
  },
];
