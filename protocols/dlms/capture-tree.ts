/** Octets of any capture as trees for people: frames of several framings in a row, each as far as it can be read. */
import { type Failure, toHex } from '@wattline/base';
import type { FrameNode } from './frame-node.ts';
import { decodeFrame, type FrameKeys } from './frame-tree.ts';
import { createMbusReceiver, decodeMbusFrame, isMbus } from './mbus.ts';
import { decodeP1, isP1 } from './p1.ts';

/** What a capture held. */
export interface CaptureTree {
  /** Frames in the order of the octets; offsets count from the first octet of the capture. */
  readonly frames: readonly FrameNode[];
  /** The first thing that could not be read; `where.offset` counts from the first octet of the capture. */
  readonly problem: Failure | undefined;
}

/** One frame cut off a capture. */
interface Cut {
  readonly nodes: readonly FrameNode[];
  readonly length: number;
  readonly problem?: Failure | undefined;
}

const hdlcFlag = 0x7e;
const wrapperHeader = 8;
/** Frames of a capture at most: what follows is not looked at. */
const maxFrames = 1000;
/** Octets that segments of M-Bus may make together. */
const maxApduSize = 1 << 16;

/** Trees of all frames. Nothing is refused: what cannot be read is the `problem`, beside what could be read before it. */
export function describeCapture(octets: Uint8Array, keys: Omit<FrameKeys, 'problems'> = {}): CaptureTree {
  const frames: FrameNode[] = [];
  let at = 0;
  while (at < octets.length && frames.length < maxFrames) {
    const cut = cutOne(octets.subarray(at), keys);
    const start = at;
    frames.push(...cut.nodes.map((node) => shifted(node, start)));
    at += cut.length;
    if (cut.problem) return { frames, problem: movedBy(cut.problem, start) };
  }
  if (frames.length > 0) return { frames, problem: undefined };
  const message = 'expected octets, found none';
  return { frames, problem: { code: 'dlms/truncated', message, where: { offset: 0 } } };
}

function cutOne(octets: Uint8Array, keys: FrameKeys): Cut {
  if (isP1(octets)) return cutTelegram(octets);
  if (isMbus(octets)) return cutMbus(octets, keys);
  if (octets[0] === hdlcFlag) return describe(octets.subarray(0, hdlcEnd(octets)), keys);
  const isWrapper = octets[0] === 0 && octets[1] === 1 && octets.length >= wrapperHeader;
  if (!isWrapper) return cutApdu(octets, keys);
  const length = wrapperHeader + (((octets[6] ?? 0) << 8) | (octets[7] ?? 0));
  if (length <= octets.length) return describe(octets.subarray(0, length), keys);
  return cutShortWrapper(octets, length, keys);
}

function describe(octets: Uint8Array, keys: FrameKeys): Cut {
  const problems: Failure[] = [];
  const decoded = decodeFrame(octets, { ...keys, problems });
  if (!decoded.ok) return { nodes: [], length: octets.length, problem: decoded.error };
  return { nodes: [decoded.value], length: octets.length, problem: problems[0] };
}

/** A wrapper whose APDU is not all there: the header, the APDU as far as it goes, and what is missing. */
function cutShortWrapper(octets: Uint8Array, length: number, keys: FrameKeys): Cut {
  // With a length that fits, the same tree comes out of the octets that are there.
  const fitted = octets.slice();
  const held = octets.length - wrapperHeader;
  fitted[6] = held >> 8;
  fitted[7] = held & 0xff;
  const { nodes } = describe(fitted, keys);
  const stated = String(length - wrapperHeader);
  const asStated = (node: FrameNode) => (node.name === 'length' ? { ...node, value: stated } : node);
  const message = `expected ${length - wrapperHeader} octets after the wrapper, found ${held}`;
  return {
    nodes: nodes.map((node) => ({ ...node, children: node.children.map(asStated) })),
    length: octets.length,
    problem: { code: 'dlms/truncated', message, where: { offset: octets.length } },
  };
}

/** One APDU takes all octets; when more follow it and they are a frame, that is the next. */
function cutApdu(octets: Uint8Array, keys: FrameKeys): Cut {
  const cut = describe(octets, keys);
  const [root] = cut.nodes;
  const trailing = root?.children.find(({ name }) => name === 'trailing-octets');
  if (!root || !trailing || cut.problem) return cut;
  const isNext = describe(octets.subarray(trailing.offset), keys).problem === undefined;
  if (!isNext) return cut;
  const children = root.children.filter((child) => child !== trailing);
  return { nodes: [{ ...root, children }], length: trailing.offset };
}

/** Where HDLC frames in a row end: at the last flag whose octet after it begins no frame. */
function hdlcEnd(octets: Uint8Array): number {
  let at = 0;
  for (;;) {
    while (octets[at] === hdlcFlag) at += 1;
    const first = octets[at];
    if (first === undefined || first >> 4 !== 0xa) return first === undefined || at > 1 ? at : octets.length;
    const length = ((first << 8) | (octets[at + 1] ?? 0)) & 0x7ff;
    if (octets[at + length] !== hdlcFlag) return octets.length;
    at += length;
  }
}

/** M-Bus frames in a row, and the APDUs that their segments make. */
function cutMbus(octets: Uint8Array, keys: FrameKeys): Cut {
  const nodes: FrameNode[] = [];
  const receiver = createMbusReceiver(maxApduSize);
  let at = 0;
  while (isMbus(octets.subarray(at))) {
    const frame = octets.subarray(at, at + (octets[at + 1] as number) + 6);
    const start = at;
    const decoded = decodeMbusFrame(frame);
    if (!decoded.ok) return { nodes, length: octets.length, problem: movedBy(decoded.error, start) };
    nodes.push(shifted(mbusNode(frame, decoded.value.payload.length), start));
    at += frame.length;
    for (const apdu of receiver.receive(frame).apdus) {
      const { nodes: inner, problem } = describe(apdu, keys);
      nodes.push({
        name: 'reassembled',
        offset: 0,
        length: apdu.length,
        octets: toHex(apdu),
        children: inner,
      });
      if (problem) return { nodes, length: octets.length, problem: { ...problem, where: { offset: start } } };
    }
  }
  return { nodes, length: at };
}

function mbusNode(frame: Uint8Array, payloadLength: number): FrameNode {
  const field = (name: string, offset: number, length = 1): FrameNode => ({
    name,
    offset,
    length,
    value: toHex(frame.subarray(offset, offset + length)),
    children: [],
  });
  const payload = 9;
  return {
    name: 'mbus-frame',
    offset: 0,
    length: frame.length,
    children: [
      field('start', 0, 4),
      field('control', 4),
      field('address', 5),
      field('control-information', 6),
      field('source-sap', 7),
      field('destination-sap', 8),
      field('payload', payload, payloadLength),
      field('check-sum', payload + payloadLength),
      field('stop', payload + payloadLength + 1),
    ],
  };
}

/** A telegram of P1: its lines, each where it stands. */
function cutTelegram(octets: Uint8Array): Cut {
  const mark = octets.indexOf(0x21);
  const end = mark < 0 ? octets.length : endOfTelegram(octets, mark + 1);
  const telegram = octets.subarray(0, end);
  const decoded = decodeP1(telegram);
  const lines: FrameNode[] = [];
  let at = 0;
  for (const line of Buffer.from(telegram).toString('latin1').split('\n')) {
    const text = line.replace(/\r$/, '');
    if (text !== '')
      lines.push({ name: lineName(text), offset: at, length: text.length, value: text, children: [] });
    at += line.length + 1;
  }
  const root = { name: 'p1-telegram', offset: 0, length: end, children: lines };
  return { nodes: [root], length: end, problem: decoded.ok ? undefined : decoded.error };
}

function lineName(line: string): string {
  if (line.startsWith('/')) return 'identification';
  return line.startsWith('!') ? 'check-sum' : 'line';
}

/** Past four digits of check sum and the end of the line. */
function endOfTelegram(octets: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 4 && /[0-9A-Fa-f]/.test(String.fromCharCode(octets[at] ?? 0))) at += 1;
  while (octets[at] === 0x0d || octets[at] === 0x0a) at += 1;
  return at;
}

/** A node further on; what has octets of its own stays where it is. */
function shifted(node: FrameNode, by: number): FrameNode {
  if (by === 0 || node.octets !== undefined || node.name === 'plaintext') return node;
  return { ...node, offset: node.offset + by, children: node.children.map((child) => shifted(child, by)) };
}

function movedBy(problem: Failure, by: number): Failure {
  const { offset } = problem.where;
  return typeof offset === 'number'
    ? { ...problem, where: { ...problem.where, offset: offset + by } }
    : problem;
}
