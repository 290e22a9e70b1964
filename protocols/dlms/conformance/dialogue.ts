/** APDUs to the meter and back, over the wrapper or HDLC: what the tests of the application layer stand on. */
import { concatBytes, toHex } from '@wattline/base';
import { addressesOf, HdlcLink } from './hdlc-link.ts';
import { nameControl } from './hdlc-octets.ts';
import { Recorder } from './recorder.ts';
import type { Script } from './script.ts';
import type { Target } from './target.ts';

/** What came for an APDU. */
export type Answer =
  | { readonly kind: 'apdu'; readonly apdu: Uint8Array }
  | { readonly kind: 'silence' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'link'; readonly control: number };

/** How an APDU is sent. */
export interface Sending {
  readonly expected?: string;
  /** Default `answer`. */
  readonly patience?: 'answer' | 'silence';
}

const headerLength = 8;

/** One subtest's conversation with the meter. */
export class Dialogue {
  readonly target: Target;
  readonly recorder: Recorder;
  readonly link: HdlcLink;

  /** Steps go to `recorder`: one record where a subtest speaks as several clients. */
  constructor(target: Target, recorder: Recorder = new Recorder()) {
    this.target = target;
    this.recorder = recorder;
    this.link = new HdlcLink(this.recorder, addressesOf(target));
  }

  /** A fresh link, ready for an AARQ. */
  *open(): Script<void> {
    yield* this.recorder.dial();
    if (this.target.framing === 'hdlc') yield* this.link.connect();
  }

  /** Ends the link the way its layer ends. */
  *close(): Script<void> {
    if (this.target.framing === 'hdlc') yield* this.link.disconnect();
  }

  /** Sends one APDU and judges the framing of what comes. */
  *send(
    apdu: Uint8Array,
    what: string,
    { expected = 'an answer', patience = 'answer' }: Sending = {},
  ): Script<Answer> {
    if (this.target.framing === 'wrapper') return yield* this.sendWrapped(apdu, { what, expected, patience });
    const answer = yield* this.link.send(apdu, what, expected, patience);
    return answer.kind === 'information' ? { kind: 'apdu', apdu: answer.octets } : answer;
  }

  private *sendWrapped(
    apdu: Uint8Array,
    how: { readonly what: string; readonly expected: string; readonly patience: 'answer' | 'silence' },
  ): Script<Answer> {
    const recorder: Recorder = this.recorder;
    const { target } = this;
    const { clientSap, serverSap } = target;
    const octets = wrap(apdu, { source: clientSap, destination: serverSap });
    const arrival = yield* recorder.exchange(how.what, how.expected, {
      kind: 'exchange',
      octets,
      patience: how.patience,
      isWhole: isWholeWrapper,
    });
    const { octets: received } = arrival;
    if (received.length === 0) return { kind: arrival.isClosed ? 'closed' : 'silence' };
    const header = toHex(received.subarray(0, headerLength));
    const word = (at: number) => ((received[at] ?? 0) << 8) | (received[at + 1] ?? 0);
    recorder.check(received.length >= headerLength && word(0) === 1, 'a wrapper of version 1', header);
    const ports = `wPorts ${serverSap} to ${clientSap}`;
    recorder.check(word(2) === serverSap && word(4) === clientSap, ports, `${word(2)} to ${word(4)}`);
    const length = received.length - headerLength;
    recorder.check(
      word(6) === length,
      `${word(6)} octets after the wrapper, as its length says`,
      `${length}`,
    );
    return { kind: 'apdu', apdu: received.subarray(headerLength) };
  }
}

/** An APDU behind a wrapper header; `length` and `version` make it wrong. */
export function wrap(
  apdu: Uint8Array,
  how: {
    readonly source: number;
    readonly destination: number;
    readonly length?: number;
    readonly version?: number;
  },
): Uint8Array {
  const words = [how.version ?? 1, how.source, how.destination, how.length ?? apdu.length];
  return concatBytes(Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff])), apdu);
}

/** Whether octets are a whole wrapped APDU (or more). */
export function isWholeWrapper(received: Uint8Array): boolean {
  if (received.length < headerLength) return false;
  return received.length >= headerLength + (((received[6] as number) << 8) | (received[7] as number));
}

/** An answer for people. */
export function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'apdu':
      return `APDU ${toHex(answer.apdu).slice(0, 60)}`;
    case 'link':
      return nameControl(answer.control);
    case 'closed':
      return 'the link closed';
    default:
      return 'silence';
  }
}
