/** What was sent, expected and found in a subtest, step by step; judgements end the subtest when they fail. */
import { concatBytes } from '@wattline/base';
import type { Arrival, Script, Step } from './script.ts';
import { Finding } from './verdict.ts';

/** One exchange with the meter and what was made of it. */
export interface StepRecord {
  /** What was done, in words. */
  readonly what: string;
  readonly sent: Uint8Array;
  received: Uint8Array;
  expected: string;
  found: string;
  isWrong: boolean;
}

/** Judges of one subtest share one. */
export class Recorder {
  readonly steps: StepRecord[] = [];

  /** Sends octets and takes what arrives into the record. */
  *exchange(what: string, expected: string, how: Extract<Step, { kind: 'exchange' }>): Script<Arrival> {
    const record = this.note(what, expected, how.octets);
    const arrival = yield how;
    record.received = arrival.octets;
    record.found = arrival.octets.length > 0 ? `${arrival.octets.length} octets` : silenceOf(arrival);
    return arrival;
  }

  *dial(): Script<void> {
    yield { kind: 'dial' };
  }

  /** Lets time pass; what came meanwhile stands in the record. */
  *wait(ms: number, what: string): Script<Arrival> {
    const record = this.note(`${what} (${ms} ms)`, '', new Uint8Array(0));
    const arrival = yield { kind: 'wait', ms };
    record.received = arrival.octets;
    record.found = silenceOf(arrival);
    return arrival;
  }

  /** Adds octets to the last step: an answer in several pieces. */
  append(octets: Uint8Array): void {
    const last = this.steps.at(-1);
    if (last) last.received = concatBytes(last.received, octets);
  }

  /** What the last exchange turned out to be. */
  found(text: string): void {
    const last = this.steps.at(-1);
    if (last) last.found = text;
  }

  /** What is right about the last exchange, or a failure that says what came in its place. */
  check(isRight: boolean, expected: string, found: string): asserts isRight {
    const last = this.steps.at(-1);
    if (last) {
      last.expected = expected;
      last.found = found;
      last.isWrong = !isRight;
    }
    if (!isRight) throw new Finding('failed', `expected ${expected}, found ${found}`);
  }

  /** Fails the subtest. */
  fail(expected: string, found: string): never {
    this.check(false, expected, found);
    throw new Finding('failed', found);
  }

  private note(what: string, expected: string, sent: Uint8Array): StepRecord {
    const record = { what, sent, received: new Uint8Array(0), expected, found: '', isWrong: false };
    this.steps.push(record);
    return record;
  }
}

function silenceOf({ isClosed, octets }: Arrival): string {
  if (octets.length > 0) return `${octets.length} octets`;
  return isClosed ? 'the link was closed' : 'silence';
}
