/** The Security setup of the association (class 64, Blue Book 4.4.7) as the tester uses it: its policy, and the transfer of keys. */
import { concatBytes, toHex } from '@wattline/base';
import { encodeData } from '../axdr.ts';
import type { Data } from '../data.ts';
import { formatObis } from '../obis.ts';
import { describeAnswer } from './dialogue.ts';
import { type Attribute, descriptor, isRefusal } from './reading.ts';
import type { Script } from './script.ts';
import type { Tester } from './tester.ts';
import { Finding } from './verdict.ts';

/** Method numbers. */
export const setupMethod = { activate: 1, transfer: 2 } as const;
const setupReference: Attribute = { classId: 15, obis: '0.0.40.0.0.255', attribute: 9 };
const usualSetup = '0.0.43.0.0.255';
const readWriteDenied = 3;

/** Logical name of the security setup that the association refers to; the usual one where it refers to none. */
export function* setupOf(tester: Tester): Script<string> {
  const reading = yield* tester.get(setupReference, 'GET of security_setup_reference', 'a logical name');
  const isName = reading.kind === 'data' && reading.data.length === 8 && reading.data[0] === 0x09;
  return isName ? formatObis(reading.data.subarray(2)) : usualSetup;
}

/** How an ACTION ended: its action-result, or what came in its place. */
export interface ActionEnd {
  /** Undefined when nothing was answered under the association's protection. */
  readonly result: number | undefined;
  readonly text: string;
}

/** ACTION of a method of the setup. */
export function* actOn(
  tester: Tester,
  setup: string,
  act: {
    readonly method: number;
    readonly parameter: Data;
    readonly what: string;
    readonly expected: string;
  },
): Script<ActionEnd> {
  const method = descriptor({ classId: 64, obis: setup, attribute: act.method });
  const request = concatBytes(tester.head(0xc3, 1), method, Uint8Array.of(1), encodeData(act.parameter));
  const { expected } = act;
  const answer = yield* tester.dialogue.send(tester.protect(request), act.what, { expected });
  if (isRefusal(answer) || answer.kind !== 'apdu') return { result: undefined, text: describeAnswer(answer) };
  const plain = tester.unprotect(answer.apdu);
  const isResponse = plain[0] === 0xc7 && plain[1] === 1;
  if (!isResponse) return tester.recorder.fail('an Action-Response-Normal', toHex(plain).slice(0, 40));
  tester.judgeInvokeId(plain);
  return { result: plain[3], text: `action-result ${plain[3] ?? 'none'}` };
}

/** An ACTION that must be done; a client without the right to it tests nothing. */
export function judgeDone(tester: Tester, end: ActionEnd): void {
  if (end.result === readWriteDenied)
    throw new Finding('inconclusive', 'the client has no right to the method (read-write-denied)');
  tester.recorder.check(end.result === 0, 'success (0)', end.text);
}

/** An ACTION that must not be done. */
export function judgeRefused(tester: Tester, end: ActionEnd): void {
  tester.recorder.check(end.result !== 0, 'a refusal', end.text);
}
