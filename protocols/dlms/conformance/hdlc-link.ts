/** The tester's end of an HDLC link (IEC 62056-46 clause 6.4.4), with a window of one; every frame that comes is judged. */
import { concatBytes, equalBytes, toHex } from '@wattline/base';
import { encodeAddress } from '../hdlc/address.ts';
import {
  buildFrame,
  control,
  type FrameParts,
  finalBit,
  nameControl,
  type SeenFrame,
  seeFrames,
} from './hdlc-octets.ts';
import type { Recorder } from './recorder.ts';
import type { Script } from './script.ts';
import type { Target } from './target.ts';

/** What came back for information sent. */
export type LinkAnswer =
  | { readonly kind: 'information'; readonly octets: Uint8Array }
  | { readonly kind: 'silence' }
  | { readonly kind: 'closed' }
  /** A frame without information: RR, DM, FRMR. */
  | { readonly kind: 'link'; readonly control: number };

/** Both addresses as octets. */
export interface LinkAddresses {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
}

const llcOut = Uint8Array.of(0xe6, 0xe6, 0x00);
const llcIn = Uint8Array.of(0xe6, 0xe7, 0x00);
/** Information field when nothing else is agreed. */
const defaultInformation = 128;
/** Frames one answer may take. */
const maxFrames = 4096;

/** Addresses of a target, the server's in as many octets as asked for. */
export function addressesOf(target: Target, length: 1 | 2 | 4 = target.hdlc.addressLength): LinkAddresses {
  const lower = target.hdlc.serverLower;
  return {
    destination: encodeAddress({
      upper: target.serverSap,
      lower: length === 1 ? undefined : (lower ?? 0),
      length,
    }),
    source: encodeAddress({ upper: target.clientSap, lower: undefined, length: 1 }),
  };
}

/** One link: its sequence numbers and the size of what may be sent. */
export class HdlcLink {
  readonly recorder: Recorder;
  addresses: LinkAddresses;
  private sent = 0;
  private received = 0;
  private maxSend = defaultInformation;

  constructor(recorder: Recorder, addresses: LinkAddresses) {
    this.recorder = recorder;
    this.addresses = addresses;
  }

  /** A frame of this link. */
  frame(parts: Partial<FrameParts> & Pick<FrameParts, 'control'>): Uint8Array {
    return buildFrame({ ...this.addresses, ...parts });
  }

  /** The control of the next I-frame; shifts make it wrong. */
  informationControl({ sentShift = 0, receivedShift = 0 } = {}): number {
    return (((this.received + receivedShift) & 7) << 5) | finalBit | (((this.sent + sentShift) & 7) << 1);
  }

  /** N(S) that the meter expects next, and N(R) that it must say. */
  get expectedReceived(): number {
    return this.sent;
  }

  /** Sends octets as they are; the last frame that came, each judged. */
  *ask(
    what: string,
    expected: string,
    octets: Uint8Array,
    patience: 'answer' | 'silence' = 'answer',
  ): Script<SeenFrame | 'closed' | undefined> {
    const recorder: Recorder = this.recorder;
    const arrival = yield* recorder.exchange(what, expected, { kind: 'exchange', octets, patience, isWhole });
    if (arrival.octets.length === 0) return arrival.isClosed ? 'closed' : undefined;
    const { frames, rest } = seeFrames(arrival.octets);
    const last = frames.at(-1);
    if (!last || rest.length > 0)
      recorder.fail('whole HDLC frames between flags', `octets that are none: ${toHex(rest).slice(0, 80)}`);
    for (const frame of frames) this.judge(frame);
    recorder.found(nameControl(last.control));
    return last;
  }

  /** SNRM, with parameters when given; the information of the UA. */
  *connect(parameters: Uint8Array = new Uint8Array(0)): Script<Uint8Array> {
    const snrm = this.frame({ control: control.snrm, information: parameters });
    const answer = yield* this.ask('SNRM', 'UA', snrm);
    this.recorder.check(isFrame(answer, control.ua), 'UA', describe(answer));
    this.sent = 0;
    this.received = 0;
    this.maxSend = Math.min(defaultInformation, parameterOf(answer.information, 6) ?? defaultInformation);
    return answer.information;
  }

  /** DISC; whether the meter was connected (UA) or not (DM). */
  *disconnect(expected: 'UA' | 'DM' | 'UA or DM' = 'UA or DM'): Script<void> {
    const answer = yield* this.ask('DISC', expected, this.frame({ control: control.disc }));
    const isRight =
      (expected !== 'DM' && isFrame(answer, control.ua)) ||
      (expected !== 'UA' && isFrame(answer, control.dm));
    this.recorder.check(isRight, expected, describe(answer));
  }

  /** An APDU in segments, and the APDU that answers it. */
  *send(
    apdu: Uint8Array,
    what: string,
    expected: string,
    patience: 'answer' | 'silence' = 'answer',
  ): Script<LinkAnswer> {
    const information = concatBytes(llcOut, apdu);
    const count = Math.max(1, Math.ceil(information.length / this.maxSend));
    for (let i = 0; i < count - 1; i++) {
      const piece = information.subarray(i * this.maxSend, (i + 1) * this.maxSend);
      const answer = yield* this.sendPiece(piece, {
        what: `${what}, segment ${i + 1} of ${count}`,
        expected: 'RR',
        isSegmented: true,
      });
      this.recorder.check(
        typeof answer === 'object' && (answer.control & 0x0f) === 1,
        'RR',
        describe(answer),
      );
    }
    const piece = information.subarray((count - 1) * this.maxSend);
    const answer = yield* this.sendPiece(piece, { what, expected, patience });
    return yield* this.gather(answer);
  }

  private *sendPiece(
    information: Uint8Array,
    how: {
      readonly what: string;
      readonly expected: string;
      readonly isSegmented?: boolean;
      readonly patience?: 'answer' | 'silence';
    },
  ): Script<SeenFrame | 'closed' | undefined> {
    const { what, expected, isSegmented = false, patience = 'answer' } = how;
    const octets = this.frame({ control: this.informationControl(), information, isSegmented });
    this.sent = (this.sent + 1) & 7;
    return yield* this.ask(what, expected, octets, patience);
  }

  /** Puts the segments of an answer together, asking for each with RR. */
  private *gather(first: SeenFrame | 'closed' | undefined): Script<LinkAnswer> {
    if (first === 'closed') return { kind: 'closed' };
    if (!first) return { kind: 'silence' };
    const pieces: Uint8Array[] = [];
    let frame = first;
    for (let count = 0; count < maxFrames; count++) {
      if (frame.control & 1) return { kind: 'link', control: frame.control };
      this.judgeNumbers(frame);
      pieces.push(frame.information);
      if (!frame.isSegmented) return { kind: 'information', octets: this.withoutLlc(concatBytes(...pieces)) };
      const rr = this.frame({ control: (this.received << 5) | finalBit | 1 });
      const next = yield* this.ask('RR for the next segment', 'the next segment', rr);
      this.recorder.check(typeof next === 'object', 'the next segment', describe(next));
      frame = next;
    }
    this.recorder.fail(`an answer of at most ${maxFrames} segments`, 'more');
  }

  private withoutLlc(octets: Uint8Array): Uint8Array {
    const header = octets.subarray(0, 3);
    this.recorder.check(equalBytes(header, llcIn), 'an LLC header E6 E7 00', toHex(header) || 'nothing');
    return octets.subarray(3);
  }

  private judgeNumbers({ control: octet }: SeenFrame): void {
    const [sent, received] = [(octet >> 1) & 7, octet >> 5];
    this.recorder.check(sent === this.received, `N(S) ${this.received}`, nameControl(octet));
    this.recorder.check(received === this.sent, `N(R) ${this.sent}`, nameControl(octet));
    this.received = (this.received + 1) & 7;
  }

  private judge(frame: SeenFrame): void {
    const recorder: Recorder = this.recorder;
    const { addresses } = this;
    recorder.check(frame.problem === undefined, 'a right frame', frame.problem ?? '');
    const isBack =
      equalBytes(frame.destination, addresses.source) && equalBytes(frame.source, addresses.destination);
    const expected = `addresses ${toHex(addresses.source)} from ${toHex(addresses.destination)}`;
    recorder.check(isBack, expected, `${toHex(frame.destination)} from ${toHex(frame.source)}`);
  }
}

/** Whole once the last frame hands the turn over. */
function isWhole(received: Uint8Array): boolean {
  const { frames, rest } = seeFrames(received);
  return rest.length === 0 && ((frames.at(-1)?.control ?? 0) & finalBit) !== 0;
}

/** Whether an answer is an unnumbered frame of a control. */
export function isFrame(answer: SeenFrame | 'closed' | undefined, octet: number): answer is SeenFrame {
  return typeof answer === 'object' && (answer.control | finalBit) === octet;
}

/** An answer for people. */
export function describe(answer: SeenFrame | 'closed' | undefined): string {
  if (answer === undefined) return 'silence';
  return answer === 'closed' ? 'the link closed' : nameControl(answer.control);
}

/** A parameter of an SNRM or UA by its identifier: 5 and 6 sizes, 7 and 8 windows, of transmission and reception. */
export function parameterOf(information: Uint8Array, identifier: number): number | undefined {
  if (information[0] !== 0x81 || information[1] !== 0x80) return undefined;
  let at = 3;
  while (at + 1 < information.length) {
    const length = information[at + 1] as number;
    if (information[at] === identifier) {
      return information.subarray(at + 2, at + 2 + length).reduce((sum, octet) => sum * 256 + octet, 0);
    }
    at += 2 + length;
  }
  return undefined;
}
