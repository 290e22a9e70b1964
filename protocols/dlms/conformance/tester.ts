/** The tester as a COSEM client of an open association: requests, and the judging of what answers them. */
import { concatBytes, equalBytes, toHex } from '@wattline/base';
import { AssociationTester, currentAssociation } from './association-tester.ts';
import { type Answer, describeAnswer } from './dialogue.ts';
import {
  type Attribute,
  describeReading,
  descriptor,
  isException,
  isRefusal,
  nameOf,
  type Reading,
} from './reading.ts';
import type { Recorder } from './recorder.ts';
import type { Script } from './script.ts';

const associationSn = 0xfa00;
const associationName = Uint8Array.of(0x09, 0x06, 0, 0, 40, 0, 0, 255);

const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/** One association of the tester and what is asked in it. */
export class Tester extends AssociationTester {
  /** A GET, or a Read of the current association with short names. */
  getRequest(attribute: Attribute = currentAssociation): Uint8Array {
    if (this.target.referencing === 'sn')
      return Uint8Array.of(0x05, 1, 2, associationSn >> 8, associationSn & 0xff);
    return concatBytes(this.head(0xc0, 1), descriptor(attribute), Uint8Array.of(0));
  }

  /** Sends a GET under the protection of the association and reads what comes. */
  *get(
    attribute: Attribute = currentAssociation,
    what = `GET ${nameOf(attribute)}`,
    expected = 'data',
  ): Script<Reading> {
    const answer = yield* this.dialogue.send(this.protect(this.getRequest(attribute)), what, { expected });
    return yield* this.readingOf(answer);
  }

  /** What an answer to a GET says; blocks are fetched; an exception is `none`. */
  *readingOf(answer: Answer): Script<Reading> {
    if (answer.kind !== 'apdu' || isException(answer.apdu))
      return { kind: 'none', answer: describeAnswer(answer) };
    let plain = this.unprotect(answer.apdu);
    const blocks: Uint8Array[] = [];
    for (let number = 1; plain[0] === 0xc4 && plain[1] === 2; number++) {
      const block = this.blockOf(plain, number);
      blocks.push(block.data);
      if (block.isLast) return { kind: 'data', data: concatBytes(...blocks) };
      const next = concatBytes(Uint8Array.of(0xc0, 2, this.invokeOctet()), u32(number));
      const more = yield* this.dialogue.send(this.protect(next), `GET next block ${number + 1}`, {
        expected: 'the next block',
      });
      if (more.kind !== 'apdu') return this.recorder.fail('the next block', describeAnswer(more));
      plain = this.unprotect(more.apdu);
    }
    return this.judgeReading(plain);
  }

  private blockOf(
    plain: Uint8Array,
    number: number,
  ): { readonly isLast: boolean; readonly data: Uint8Array } {
    this.judgeInvokeId(plain);
    const found =
      (plain[4] ?? 0) * 2 ** 24 + (((plain[5] ?? 0) << 16) | ((plain[6] ?? 0) << 8) | (plain[7] ?? 0));
    this.recorder.check(found === number, `block ${number}`, `block ${found}`);
    this.recorder.check(plain[8] === 0, 'raw data in the block', `choice ${plain[8]}`);
    const long = (plain[9] ?? 0) > 0x80 ? (plain[9] as number) - 0x80 : 0;
    return { isLast: plain[3] === 1, data: plain.subarray(10 + long) };
  }

  private judgeReading(plain: Uint8Array): Reading {
    const recorder: Recorder = this.recorder;
    const isShort = this.target.referencing === 'sn';
    const head = isShort ? [0x0c, 1] : [0xc4, 1];
    recorder.check(
      head.every((octet, i) => plain[i] === octet),
      isShort ? 'a ReadResponse' : 'a Get-Response-Normal',
      toHex(plain).slice(0, 40),
    );
    if (!isShort) this.judgeInvokeId(plain);
    const at = isShort ? 2 : 3;
    if (plain[at] === 0) {
      recorder.found(`data ${toHex(plain.subarray(at + 1)).slice(0, 60)}`);
      return { kind: 'data', data: plain.subarray(at + 1) };
    }
    recorder.check(
      plain[at] === 1 && plain.length === at + 2,
      'data or a data-access-result',
      toHex(plain).slice(0, 40),
    );
    recorder.found(`data-access-result ${plain[at + 1]}`);
    return { kind: 'refused', result: plain[at + 1] as number };
  }

  /** The invoke id of an answer is that of its request. */
  judgeInvokeId(plain: Uint8Array): void {
    const found = (plain[2] ?? 0) & 0x0f;
    this.recorder.check(found === this.invokeId, `invoke id ${this.invokeId}`, `invoke id ${found}`);
  }

  /** The association answers: its own logical name comes. */
  *checkAssociated(): Script<void> {
    const reading = yield* this.get(
      currentAssociation,
      'is the association there? GET of its name',
      'its logical name',
    );
    const isRight = reading.kind === 'data' && equalBytes(reading.data, associationName);
    this.recorder.check(
      isRight,
      'the logical name 0-0:40.0.0.255 of the association',
      describeReading(reading),
    );
  }

  /** No association: a request is answered without data, or not at all. */
  *checkNotAssociated(): Script<void> {
    const octets = this.protect(this.getRequest());
    const expected = 'no data: an exception, a refusal or silence';
    const answer = yield* this.dialogue.send(octets, 'is there no association? GET', {
      expected,
      patience: 'silence',
    });
    this.recorder.check(isRefusal(answer), expected, describeAnswer(answer));
  }
}
