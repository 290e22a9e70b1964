/** A frame as a tree for people: framing, APDU and data, deciphered when keys are given; read by the codecs themselves. */
import { type Failure, failure, type Result, toHex } from '@wattline/base';
import { isAcseTag, readAcse, withRightLengths } from './acse.ts';
import { type Apdu, decodeApdu, readApdu } from './apdu/apdu.ts';
import { apduOfTag, apduTags } from './apdu/tags.ts';
import type { SecurityKeys } from './association.ts';
import { createBlockAssembly } from './block-assembly.ts';
import { messageBudget } from './budget.ts';
import { type FrameNode, type GrowingNode, Growth, grown, node, ownSpace } from './frame-node.ts';
import { hasGateway, readGateway } from './gateway.ts';
import { groupHdlcFrames, type HdlcInformation, readHdlcFrames } from './hdlc/capture.ts';
import { hasLlc } from './hdlc/llc.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import { open, readSealed } from './security.ts';
import { isWrapped, wrapperHeaderLength } from './wrapper.ts';

/** What deciphering needs; without it ciphered contents stay closed. */
export interface FrameKeys {
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  /** Dedicated key of the association: opens ded- APDUs in place of `ek`. */
  readonly dk?: Uint8Array;
  /** System title of the sender, 8 octets; a title in the frame itself goes before. */
  readonly systemTitle?: Uint8Array;
  /** Takes what cannot be read: the tree then holds what was read before it, and a node `error`. */
  readonly problems?: Failure[];
}

/** Octets a capture may put together from frames and blocks. */
const maxReassembled = 1 << 16;

/**
 * The tree of a wrapper frame, of HDLC frames, of an LLC header with APDU, or of a bare APDU.
 * A wrong check sequence and a seal that does not open are shown in the tree; octets that cannot be read at all fail with
 * `dlms/unknown-framing` or the code of what is malformed, `where.offset` the octet.
 */
export function decodeFrame(octets: Uint8Array, keys: FrameKeys = {}): Result<FrameNode> {
  if (octets.length > messageBudget.treeOctets) {
    const message = `expected at most ${messageBudget.treeOctets} octets, found ${octets.length}`;
    return failure('dlms/frame-too-long', message);
  }
  return attempt(() => {
    if (octets[0] === 0x7e) return describeHdlc(octets, keys);
    if (isWrapped(octets)) return describeWrapper(octets, keys);
    if (hasLlc(octets)) {
      const apdu = describeApdu(octets, 3, keys);
      return node('llc', 0, octets.length, [
        node('llc-header', 0, 3, [], toHex(octets.subarray(0, 3))),
        apdu,
      ]);
    }
    if (apduOfTag[octets[0] ?? 0] || hasGateway(octets)) return describeApdu(octets, 0, keys);
    return new OctetReader(octets).fail(
      'dlms/unknown-framing',
      'expected an HDLC flag 7E, a wrapper 0001, an LLC header E6 or the tag of an APDU',
    );
  });
}

function describeWrapper(octets: Uint8Array, keys: FrameKeys): FrameNode {
  const growth = new Growth('wrapper', 0);
  const reader = new OctetReader(octets, 0, growth);
  for (const name of ['version', 'source-wport', 'destination-wport', 'length']) {
    reader.node(name, () => reader.u16(), String);
  }
  const apdu = describeApdu(octets, wrapperHeaderLength, keys);
  return node('wrapper', 0, octets.length, [...growth.root.children, apdu]);
}

/** Frames one by one, then what their information makes together. */
function describeHdlc(octets: Uint8Array, keys: FrameKeys): FrameNode {
  const children: FrameNode[] = [];
  let last: Growth | undefined;
  const observe = (start: number) => {
    const growth = new Growth('hdlc-frame', start);
    last = growth;
    children.push(growth.root);
    return {
      reader: new OctetReader(octets, start, growth),
      done: (end: number) => {
        growth.root.length = end - start;
      },
    };
  };
  let frames: ReturnType<typeof readHdlcFrames> = [];
  try {
    frames = readHdlcFrames(octets, observe);
  } catch (error) {
    if (!last) throw error;
    last.cutShort(error, octets, keys.problems);
  }
  const assembly = createBlockAssembly(maxReassembled);
  for (const information of groupHdlcFrames(frames)) {
    const described = describeInformation(information, assembly, keys);
    if (described) children.push(described);
  }
  return node('hdlc', 0, octets.length, children);
}

/** An APDU out of one or more frames; one block of a transfer shows only when the last has come. */
function describeInformation(
  { octets: information, isWhole }: HdlcInformation,
  assembly: ReturnType<typeof createBlockAssembly>,
  keys: FrameKeys,
): FrameNode | undefined {
  if (information.length === 0) return undefined;
  if (!isWhole) return ownSpace('incomplete', information, [], toHex(information));
  const start = hasLlc(information) ? 3 : 0;
  const isApdu = apduOfTag[information[start] ?? 0] !== undefined || hasGateway(information, start);
  if (!isApdu) return ownSpace('reassembled', information, [], toHex(information));
  const apdu = describeApdu(information, start, keys);
  const children: FrameNode[] = [apdu];
  const decoded = decodeApdu(information.subarray(start));
  if (
    decoded.ok &&
    decoded.value.apdu === 'general-block-transfer' &&
    decoded.value.value.blockData.length > 0
  ) {
    const whole = assembly.take(decoded.value.value);
    if (!whole.ok) children.push(node('error', 0, 0, [], `${whole.error.code}: ${whole.error.message}`));
    else if (whole.value && whole.value.length > 0) {
      children.push(ownSpace('reassembled', whole.value, [describeApdu(whole.value, 0, keys)]));
    }
  }
  return ownSpace('reassembled', information, children);
}

/** The APDU that starts at `start` and takes the rest of the octets. */
function describeApdu(received: Uint8Array, start: number, keys: FrameKeys): FrameNode {
  const octets = withRightLengths(received, start);
  if (hasGateway(octets, start)) return describeGateway(octets, start, keys);
  const info = apduOfTag[octets[start] ?? 0];
  if (info && info.dress !== 'plain') {
    const known = info.dress === 'ded' && keys.dk ? { ...keys, ek: keys.dk } : keys;
    return describeSealed(octets, start, { name: `${info.dress}-${info.name}`, keys: known });
  }
  const growth = new Growth(info?.name ?? 'apdu', start);
  const reader = new OctetReader(octets, start, growth);
  try {
    describePlain(octets, growth, reader, keys);
  } catch (error) {
    return growth.cutShort(error, octets, keys.problems);
  }
  closeWithTrailing(octets, growth.root, reader.at);
  return growth.root;
}

/** Fields of an APDU in the clear. */
function describePlain(octets: Uint8Array, { root }: Growth, reader: OctetReader, keys: FrameKeys): void {
  if (!isAcseTag(octets[root.offset])) {
    describeContents(octets, root, { apdu: readApdu(reader), keys });
    return;
  }
  const acse = readAcse(reader);
  const title =
    acse.apdu === 'aarq'
      ? acse.value.callingApTitle
      : acse.apdu === 'aare'
        ? acse.value.respondingApTitle
        : undefined;
  describeUserInformation(octets, root, title ? { ...keys, systemTitle: title } : keys);
}

/** The prefix of a gateway and the APDU behind it, which has none. */
function describeGateway(octets: Uint8Array, start: number, keys: FrameKeys): FrameNode {
  const growth = new Growth('gateway', start);
  const reader = new OctetReader(octets, start, growth);
  readGateway(reader);
  if (hasGateway(octets, reader.at)) reader.fail('dlms/bad-tag', 'expected an APDU behind a gateway prefix');
  growth.root.children.push(grown(describeApdu(octets, reader.at, keys)));
  growth.root.length = octets.length - start;
  return growth.root;
}

/** Octets after a whole APDU belong to nothing: they are shown as such. */
function closeWithTrailing(octets: Uint8Array, root: GrowingNode, end: number): void {
  root.length = end - root.offset;
  if (end === octets.length) return;
  root.children.push({
    name: 'trailing-octets',
    offset: end,
    length: octets.length - end,
    value: toHex(octets.subarray(end)),
    children: [],
  });
}

/** The xDLMS APDU inside the user-information of an ACSE APDU. */
function describeUserInformation(octets: Uint8Array, root: GrowingNode, keys: FrameKeys): void {
  const holder = root.children.find(({ name }) => name === 'user-information');
  if (!holder) return;
  const reader = new OctetReader(octets, holder.offset + 1);
  const length = reader.size();
  const end = reader.at + length;
  delete holder.value;
  holder.children.push(grown(describeApdu(octets.subarray(0, end), reader.at, keys)));
}

/** What an envelope holds, below the field that holds it. */
function describeContents(
  octets: Uint8Array,
  root: GrowingNode,
  read: { readonly apdu: Apdu; readonly keys: FrameKeys },
): void {
  const { apdu, keys } = read;
  if (apdu.apdu === 'general-signing') describeSigned(octets, root, apdu.value.content.length, keys);
  if (apdu.apdu !== 'general-glo-ciphering' && apdu.apdu !== 'general-ded-ciphering') return;
  const holder = root.children.find(({ name }) => name === 'ciphered-service');
  if (!holder) return;
  const sealed = apdu.value.cipheredService;
  const at = holder.offset + holder.length - sealed.length;
  delete holder.value;
  const title = apdu.value.systemTitle;
  const known = {
    ...keys,
    ...(title.length === 8 ? { systemTitle: title } : {}),
    ...(apdu.apdu === 'general-ded-ciphering' && keys.dk ? { ek: keys.dk } : {}),
  };
  holder.children.push(...sealedFields(octets.subarray(0, at + sealed.length), at, known));
}

/** The APDU under a signature, which holds no signed one and no gateway's prefix. */
function describeSigned(octets: Uint8Array, root: GrowingNode, length: number, keys: FrameKeys): void {
  const holder = root.children.find(({ name }) => name === 'content');
  if (!holder || length === 0) return;
  const at = holder.offset + holder.length - length;
  if (octets[at] === apduTags['general-signing'].tag || hasGateway(octets, at)) return;
  delete holder.value;
  holder.children.push(grown(describeApdu(octets.subarray(0, at + length), at, keys)));
}

function describeSealed(
  octets: Uint8Array,
  start: number,
  how: { readonly name: string; readonly keys: FrameKeys },
): FrameNode {
  const reader = new OctetReader(octets, start + 1);
  const growth = new Growth(how.name, start);
  try {
    const sealed = readSealed(reader);
    const at = reader.at - sealed.length;
    growth.root.children.push(...sealedFields(octets.subarray(0, reader.at), at, how.keys));
  } catch (error) {
    return growth.cutShort(error, octets, how.keys.problems);
  }
  closeWithTrailing(octets, growth.root, reader.at);
  return growth.root;
}

const protectionNames = ['none', 'authenticated', 'encrypted', 'authenticated and encrypted'] as const;

/** Security header, contents and tag of what is sealed from `at` to the end; the plaintext when it opens. */
function sealedFields(octets: Uint8Array, at: number, keys: FrameKeys): GrowingNode[] {
  const growth = new Growth('sealed', at);
  const reader = new OctetReader(octets, at, growth);
  const control = reader.node(
    'security-control',
    () => reader.u8(),
    (value) => {
      const protection = protectionNames[(value >> 4) & 3] ?? 'none';
      return `${toHex(Uint8Array.of(value))}: suite ${value & 15}, ${protection}`;
    },
  );
  reader.node('invocation-counter', () => reader.u32(), String);
  const tagLength = control & 0x10 ? 12 : 0;
  if (reader.remaining < tagLength)
    reader.fail('dlms/truncated', 'expected an authentication tag of 12 octets');
  const contents = reader.remaining - tagLength;
  reader.node(control & 0x20 ? 'ciphertext' : 'contents', () => reader.bytes(contents), toHex);
  if (tagLength > 0) reader.node('authentication-tag', () => reader.bytes(tagLength), toHex);
  const opened = openWith(octets.subarray(at), keys);
  if (opened) growth.root.children.push(grown(opened));
  return growth.root.children;
}

/** The plaintext as a node; undefined when there is no key to try. */
function openWith(sealed: Uint8Array, keys: FrameKeys): FrameNode | undefined {
  const { ek, ak, systemTitle } = keys;
  if (!ek || (ek.length !== 16 && ek.length !== 32) || systemTitle?.length !== 8) return undefined;
  const suite = ((sealed[0] ?? 0) & 0x0f) as SecurityKeys['suite'];
  // Without an AK only encryption alone can open; an empty one makes the tag fail, which is shown.
  const opened = open(sealed, { keys: { suite, ek, ak: ak ?? new Uint8Array(0) }, systemTitle });
  if (!opened.ok) return node('plaintext', 0, 0, [], `${opened.error.code}: ${opened.error.message}`);
  const { plain } = opened.value;
  const described = attempt(() => describeApdu(plain, 0, keys));
  return described.ok
    ? ownSpace('plaintext', plain, [described.value], toHex(plain))
    : node('plaintext', 0, plain.length, [], `${toHex(plain)} (${described.error.code})`);
}
