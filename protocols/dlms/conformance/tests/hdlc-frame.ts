/** HDLC_FRAME_*: connection, timeouts and frames that must be dropped (IEC 62056-46 clauses 6.4.2 and 6.4.4). */

import { concatBytes } from '@wattline/base';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { buildFrameBody, control, type FrameParts, finalBit, flag, flagged } from '../hdlc-octets.ts';
import type { Recorder } from '../recorder.ts';
import type { Script } from '../script.ts';
import { needs } from '../target.ts';

/** An information field that an SNRM may carry: 128 octets, window 1. */
export const usualParameters = Uint8Array.of(
  ...[0x81, 0x80, 0x12, 0x05, 1, 0x80, 0x06, 1, 0x80],
  ...[0x07, 4, 0, 0, 0, 1, 0x08, 4, 0, 0, 0, 1],
);
const usual = { group: 'HDLC', origin: 'public', needs: [needs.hdlc] } as const;

/** A link on which the meter is in normal disconnected mode. */
export function* openDisconnected(dialogue: Dialogue): Script<void> {
  yield* dialogue.recorder.dial();
  yield* dialogue.link.disconnect();
}

/**
 * Sends octets that must be dropped, after a pause in which the flag that closed the last frame is forgotten, then looks whether the meter is still disconnected and still speaks: an SNRM that was taken
 * would make the DISC be answered by UA.
 */
export function* mustDrop(dialogue: Dialogue, what: string, octets: Uint8Array): Script<void> {
  const recorder: Recorder = dialogue.recorder;
  const { link } = dialogue;
  yield* openDisconnected(dialogue);
  if (octets[0] !== flag) yield* link.ask('a pause', 'silence', new Uint8Array(0), 'silence');
  const answer = yield* link.ask(what, 'silence: the frame is dropped', octets, 'silence');
  recorder.check(
    answer === undefined,
    'silence: the frame is dropped',
    answer === 'closed' ? 'the link closed' : 'an answer',
  );
  yield* link.disconnect('DM');
  yield* link.connect();
  yield* link.disconnect('UA');
}

/** A subtest with a spoiled SNRM. */
function spoiled(title: string, parts: Partial<FrameParts>): Subtest {
  return {
    title,
    script: (dialogue) => mustDrop(dialogue, title, dialogue.link.frame({ control: control.snrm, ...parts })),
  };
}

/** A subtest with the octets of an SNRM, changed. */
function changed(title: string, change: (body: Uint8Array) => Uint8Array): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const body = buildFrameBody({ ...dialogue.link.addresses, control: control.snrm });
      yield* mustDrop(dialogue, title, change(body));
    },
  };
}

export const hdlcFrameTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'HDLC_FRAME_P1',
    title: 'HDLC connection and disconnection',
    clause: 'IEC 62056-46 6.4.4.4.1, 6.4.4.4.2',
    subtests: [
      {
        title: 'SNRM connects, DISC disconnects, a second DISC is answered by DM',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          yield* dialogue.link.connect();
          const rr = dialogue.link.frame({ control: 0x01 | finalBit });
          const answer = yield* dialogue.link.ask('RR: is it in normal response mode?', 'RR N(R) 0', rr);
          const isReady = typeof answer === 'object' && answer.control === (0x01 | finalBit);
          dialogue.recorder.check(isReady, 'RR N(R) 0', isReady ? '' : 'another answer');
          yield* dialogue.link.disconnect('UA');
          yield* dialogue.link.disconnect('DM');
        },
      },
      {
        title: 'SNRM on a connected link connects anew',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          yield* dialogue.link.connect();
          yield* dialogue.link.connect();
          yield* dialogue.link.disconnect('UA');
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_P2',
    title: 'inter-octet timeout: half a frame is forgotten',
    clause: 'IEC 62056-46 6.4.4.3.3',
    subtests: [
      {
        title: 'the first half of an SNRM, a pause, then a whole SNRM',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          const snrm = dialogue.link.frame({ control: control.snrm, information: usualParameters });
          const half = snrm.subarray(0, snrm.length >> 1);
          const answer = yield* dialogue.link.ask('half a frame', 'silence', half, 'silence');
          dialogue.recorder.check(answer === undefined, 'silence', 'an answer');
          yield* dialogue.link.connect();
          yield* dialogue.link.disconnect('UA');
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_P3',
    title: 'inactivity timeout: a silent link is given up',
    clause: 'IEC 62056-46 6.4.4.4.2',
    needs: [needs.hdlc, needs.inactivity],
    subtests: [
      {
        title: 'SNRM, silence for longer than the timeout, then DISC is answered by DM, or the line is down',
        *script(dialogue: Dialogue) {
          yield* openDisconnected(dialogue);
          yield* dialogue.link.connect();
          const ms = (dialogue.target.hdlc.inactivityMs ?? 0) + 1000;
          const { isClosed } = yield* dialogue.recorder.wait(ms, 'the inactivity timeout passes');
          if (!isClosed) yield* dialogue.link.disconnect('DM');
        },
      },
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N1',
    title: 'frames without their flags',
    clause: 'IEC 62056-46 6.4.2.1',
    subtests: [
      changed('SNRM without its opening flag', (body) => flagged(body).subarray(1)),
      changed('SNRM without its closing flag', (body) => flagged(body).subarray(0, -1)),
      changed('SNRM without any flag', (body) => body),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N2',
    title: 'frames that are too short',
    clause: 'IEC 62056-46 6.4.2',
    subtests: [
      changed('a frame that ends after its addresses', (body) =>
        flagged(Uint8Array.of(0xa0, body.length - 3, ...body.subarray(2, -3))),
      ),
      changed('a frame of a format field alone', () => flagged(Uint8Array.of(0xa0, 0x02))),
      changed('SNRM cut before its frame check', (body) => flagged(body.subarray(0, -2))),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N3',
    title: 'wrong format type',
    clause: 'IEC 62056-46 6.4.2.2',
    subtests: [
      spoiled('format type 0', { formatType: 0x0 }),
      spoiled('format type 9', { formatType: 0x9 }),
      spoiled('format type F', { formatType: 0xf }),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N4',
    title: 'frame length that does not fit',
    clause: 'IEC 62056-46 6.4.2.2',
    subtests: [
      spoiled('a length one too small', { lengthError: -1 }),
      spoiled('a length one too large', { lengthError: 1 }),
      spoiled('a length of zero', { lengthError: -7 }),
      spoiled('a length of hundreds that never come', { lengthError: 500 }),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N5',
    title: 'control field that no command has',
    clause: 'IEC 62056-46 6.4.3',
    subtests: [
      spoiled('control FF', { control: 0xff }),
      spoiled('control 9F', { control: 0x9f }),
      spoiled('control 37', { control: 0x37 }),
      spoiled('a response in place of a command: UA', { control: control.ua }),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N7',
    title: 'wrong header check',
    clause: 'IEC 62056-46 6.4.2.6',
    subtests: [
      spoiled('header check with one bit wrong', { information: usualParameters, headerCheckError: 0x0001 }),
      spoiled('header check with all bits wrong', { information: usualParameters, headerCheckError: 0xffff }),
    ],
  },
  {
    ...usual,
    name: 'HDLC_FRAME_N8',
    title: 'wrong frame check',
    clause: 'IEC 62056-46 6.4.2.8',
    subtests: [
      spoiled('frame check with one bit wrong', { frameCheckError: 0x8000 }),
      spoiled('frame check with all bits wrong', { frameCheckError: 0xffff }),
      spoiled('frame check of a frame with information, one bit wrong', {
        information: usualParameters,
        frameCheckError: 0x0100,
      }),
      changed('noise before the frame, frame check wrong', (body) =>
        concatBytes(
          Uint8Array.of(0x55, 0xaa),
          flagged(body.map((octet, i) => (i === body.length - 1 ? octet ^ 1 : octet))),
        ),
      ),
    ],
  },
];
