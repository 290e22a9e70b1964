/** HDLC frames built and read octet by octet (IEC 62056-46 clause 6.4), so that wrong ones can be sent and any may be judged. */
import { concatBytes } from '@wattline/base';
import { frameCheck } from '../hdlc/fcs.ts';

/** What opens and closes a frame. */
export const flag = 0x7e;
/** Poll/final bit of a control octet. */
export const finalBit = 0x10;

/** Control octets of unnumbered frames with the poll/final bit. */
export const control = { snrm: 0x93, disc: 0x53, ua: 0x73, dm: 0x1f, frmr: 0x97 } as const;

/** What a frame is made of; defaults make a right one. */
export interface FrameParts {
  /** Address octets, extension bits included. */
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly control: number;
  readonly information?: Uint8Array;
  readonly isSegmented?: boolean;
  /** Format type, default 0xA. */
  readonly formatType?: number;
  /** Added to the length the frame has. */
  readonly lengthError?: number;
  /** Bits turned over in the header check and in the frame check. */
  readonly headerCheckError?: number;
  readonly frameCheckError?: number;
}

/** Octets between the flags. */
export function buildFrameBody(parts: FrameParts): Uint8Array {
  const { destination, source, information = new Uint8Array(0) } = parts;
  const hasInformation = information.length > 0;
  const plainLength =
    2 + destination.length + source.length + 1 + 2 + (hasInformation ? information.length + 2 : 0);
  const length = plainLength + (parts.lengthError ?? 0);
  const format = ((parts.formatType ?? 0xa) << 12) | (parts.isSegmented ? 0x800 : 0) | (length & 0x7ff);
  const head = concatBytes(
    Uint8Array.of(format >> 8, format),
    destination,
    source,
    Uint8Array.of(parts.control),
  );
  const body = hasInformation ? concatBytes(head, checkOf(head, parts.headerCheckError), information) : head;
  return concatBytes(body, checkOf(body, parts.frameCheckError));
}

/** The frame with its flags. */
export function buildFrame(parts: FrameParts): Uint8Array {
  return flagged(buildFrameBody(parts));
}

/** Octets between two flags. */
export function flagged(body: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(flag), body, Uint8Array.of(flag));
}

function checkOf(octets: Uint8Array, error = 0): Uint8Array {
  const check = frameCheck(octets) ^ error;
  return Uint8Array.of(check, check >> 8);
}

/** A frame as it came; `problem` is the first thing wrong with it. */
export interface SeenFrame {
  readonly octets: Uint8Array;
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly control: number;
  readonly isSegmented: boolean;
  readonly information: Uint8Array;
  readonly problem: string | undefined;
}

/** Frames at the start of octets, and what could not be read as one. */
export function seeFrames(octets: Uint8Array): {
  readonly frames: readonly SeenFrame[];
  readonly rest: Uint8Array;
} {
  const frames: SeenFrame[] = [];
  let at = 0;
  for (;;) {
    let start = at;
    while (octets[start] === flag) start += 1;
    if (start === octets.length) return { frames, rest: octets.subarray(start) };
    const length = (((octets[start] ?? 0) << 8) | (octets[start + 1] ?? 0)) & 0x7ff;
    const end = start + length;
    const isFrame =
      start > at && (octets[start] as number) >> 4 === 0xa && octets[end] === flag && length >= 7;
    if (!isFrame) return { frames, rest: octets.subarray(at) };
    frames.push(seeFrame(octets.subarray(start, end)));
    at = end;
  }
}

function seeFrame(octets: Uint8Array): SeenFrame {
  const destinationEnd = addressEnd(octets, 2);
  const sourceEnd = addressEnd(octets, destinationEnd);
  const left = octets.length - sourceEnd - 1;
  const problem =
    left < 2 || left === 3 || left === 4
      ? 'a length that leaves no room for checks'
      : (wrongCheck(octets, octets.length - 2, 'frame check') ??
        (left > 2 ? wrongCheck(octets, sourceEnd + 1, 'header check') : undefined));
  return {
    octets,
    destination: octets.subarray(2, destinationEnd),
    source: octets.subarray(destinationEnd, sourceEnd),
    control: octets[sourceEnd] ?? 0,
    isSegmented: ((octets[0] ?? 0) & 0x08) !== 0,
    information: left > 4 ? octets.subarray(sourceEnd + 3, octets.length - 2) : new Uint8Array(0),
    problem,
  };
}

function addressEnd(octets: Uint8Array, start: number): number {
  let at = start;
  while (at < octets.length && at < start + 4 && ((octets[at] as number) & 1) === 0) at += 1;
  return Math.min(at + 1, octets.length);
}

function wrongCheck(octets: Uint8Array, at: number, name: string): string | undefined {
  const expected = frameCheck(octets.subarray(0, at));
  const found = (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
  return found === expected ? undefined : `a ${name} of ${hex(found)} where ${hex(expected)} is right`;
}

/** `I N(S) 2 N(R) 1`, `UA`, `RR N(R) 3`: a control octet for people. */
export function nameControl(octet: number): string {
  const received = octet >> 5;
  if ((octet & 1) === 0) return `I N(S) ${(octet >> 1) & 7} N(R) ${received}`;
  if ((octet & 0x0f) === 1) return `RR N(R) ${received}`;
  if ((octet & 0x0f) === 5) return `RNR N(R) ${received}`;
  if ((octet & 0x0f) === 9) return `REJ N(R) ${received}`;
  const names: Record<number, string> = { 131: 'SNRM', 99: 'UA', 67: 'DISC', 15: 'DM', 135: 'FRMR', 3: 'UI' };
  return names[octet & ~finalBit] ?? `an unknown control ${octet.toString(16).toUpperCase()}`;
}
