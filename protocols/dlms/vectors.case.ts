/** Vectors made by others (shared/vectors/dlms.json) and the tongue of the Gurux translator that judged them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '@wattline/base';
import { isAcseTag } from './acse.ts';
import { decodeApdu } from './apdu/apdu.ts';
import { createBlockAssembly } from './block-assembly.ts';
import type { FrameNode } from './frame-node.ts';
import { decodeFrame, type FrameKeys } from './frame-tree.ts';
import { groupHdlcFrames } from './hdlc/capture.ts';
import type { HdlcFrame } from './hdlc/frame.ts';
import { withoutLlc } from './hdlc/llc.ts';
import { createHdlcCutter } from './hdlc/stream.ts';
import { isWrapped, wrapperHeaderLength } from './wrapper.ts';

const path = join(process.env.WATTLINE_SHARED ?? '../shared', 'vectors/dlms.json');

/** One vector; what `expected` holds depends on its kind. */
export interface Vector {
  readonly id: string;
  readonly layer: string;
  readonly hex: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Why the vectors cannot be read, or false. */
export const skipVectors = existsSync(path) ? false : `no vectors at ${path}`;

/** All vectors; none when the file is absent. */
export const vectors: readonly Vector[] = skipVectors ? [] : JSON.parse(readFileSync(path, 'utf8')).vectors;

/** Keys of a vector as the frame tree takes them. */
export function keysOf(vector: Vector): FrameKeys {
  const {
    block_cipher_key: ek,
    authentication_key: ak,
    dedicated_key: dk,
    system_title: title,
  } = vector.keys ?? {};
  return {
    ...(ek ? { ek: fromHex(ek) } : {}),
    ...(ak ? { ak: fromHex(ak) } : {}),
    ...(dk ? { dk: fromHex(dk) } : {}),
    ...(title ? { systemTitle: fromHex(title) } : {}),
  };
}

/** Frames and APDUs in a vector: HDLC, wrapper and LLC taken off, segments and blocks put together. */
export function unframe(octets: Uint8Array): {
  readonly apdus: Uint8Array[];
  readonly frames: readonly HdlcFrame[];
} {
  if (octets[0] !== 0x7e) {
    const apdu = isWrapped(octets) ? octets.subarray(wrapperHeaderLength) : withoutLlc(octets);
    return { apdus: [apdu], frames: [] };
  }
  const { frames } = createHdlcCutter().push(octets);
  const assembly = createBlockAssembly(1 << 16);
  const apdus: Uint8Array[] = [];
  for (const information of groupHdlcFrames(frames)) {
    if (!information.isWhole || information.octets.length === 0) continue;
    const apdu = withoutLlc(information.octets);
    const decoded = decodeApdu(apdu);
    const block =
      decoded.ok && decoded.value.apdu === 'general-block-transfer' ? decoded.value.value : undefined;
    if (!block) apdus.push(apdu);
    else {
      const whole = assembly.take(block);
      if (whole.ok && whole.value && whole.value.length > 0) apdus.push(whole.value);
    }
  }
  return { apdus, frames };
}

/** The first node of a name, depth first. */
export function findNode(node: FrameNode, name: string): FrameNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children) {
    const found = findNode(child, name);
    if (found) return found;
  }
  return undefined;
}

/** A token of the translator's XML: element and value. */
export type Token = `${string}=${string}`;

/** Elements with a value in the order they stand in the translator's XML. */
export function tokensOfXml(xml: string): Token[] {
  return [...xml.matchAll(/<(\w+) (?:Value|Qty|Name)="([^"]*)"/g)].map(
    ([, element, value]): Token => `${element}=${(value ?? '').replace(/&amp;/g, '&')}`,
  );
}

type Render = (node: FrameNode, octets: Uint8Array) => Token[];

const octetsOf = (node: FrameNode, octets: Uint8Array) =>
  octets.subarray(node.offset, node.offset + node.length);

/** The octets of a node as hexadecimal, without the `skip` first. */
function hex(element: string, skip = 0): Render {
  return (node, octets) => [`${element}=${toHex(octetsOf(node, octets).subarray(skip))}`];
}

/** Contents after a tag and a length of one to three octets. */
function contents(element: string, hasTag: boolean, asText = false): Render {
  return (node, octets) => {
    const whole = octetsOf(node, octets).subarray(hasTag ? 1 : 0);
    const skip = (whole[0] ?? 0) < 0x80 ? 1 : 1 + ((whole[0] ?? 0) & 0x7f);
    const inner = whole.subarray(skip);
    return [`${element}=${asText ? Buffer.from(inner).toString('latin1') : toHex(inner)}`];
  };
}

/** Signed numbers: the translator shows negative ones as a minus and the magnitude in hexadecimal. */
function signed(element: string): Render {
  return (node, octets) => {
    const value = Number(node.value);
    if (value >= 0) return hex(element, 1)(node, octets);
    return [`${element}=-${(-value).toString(16).toUpperCase()}`];
  };
}

function count(element: string): Render {
  return (node) => [`${element}=${toHex(Uint8Array.of(node.children.length))}`];
}

/** `block-transfer-with-action` as `BlockTransferWithAction`. */
const pascal = (name: string) => name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

/** The words of the standard for an enumerated value, without their number. */
function word(element: string): Render {
  return (node) => [`${element}=${pascal((node.value ?? '').replace(/ \(.*$/, ''))}`];
}

const contexts: Readonly<Record<string, string>> = {
  ln: 'LN',
  sn: 'SN',
  'ln-ciphering': 'LN_WITH_CIPHERING',
  'sn-ciphering': 'SN_WITH_CIPHERING',
};
const mechanisms: Readonly<Record<string, string>> = {
  lls: 'Low',
  hls2: 'High',
  md5: 'HighMd5',
  sha1: 'HighSha1',
  gmac: 'HighGMac',
  sha256: 'HighSha256',
  ecdsa: 'HighECDSA',
};

function lookup(element: string, names: Readonly<Record<string, string>>): Render {
  return (node) => [`${element}=${names[(node.value ?? '').replace(/ \(.*$/, '')] ?? node.value}`];
}

/** Services from the last bit to the first, as the translator lists them. */
const conformance: Render = (node) =>
  (node.value ?? '')
    .split(', ')
    .reverse()
    .map((name): Token => `ConformanceBit=${pascal(name)}`);

/** Present and given: the octet of presence is not part of the value. */
function present(element: string): Render {
  return (node, octets) => (node.value === 'absent' ? [] : contents(element, true)(node, octets));
}

/** How each node of our tree reads in the translator's XML; nodes not named here only hold others. */
const renders: Readonly<Record<string, Render>> = {
  'invoke-id-and-priority': hex('InvokeIdAndPriority'),
  'long-invoke-id-and-priority': hex('LongInvokeIdAndPriority'),
  'class-id': hex('ClassId'),
  obis: hex('InstanceId'),
  attribute: hex('AttributeId'),
  method: hex('MethodId'),
  selector: hex('AccessSelector'),
  'last-block': hex('LastBlock'),
  'block-number': hex('BlockNumber'),
  'raw-data': contents('RawData', false),
  'date-time': contents('DateTime', false),
  time: contents('Time', true),
  'variable-name': hex('VariableName'),
  'dedicated-key': present('DedicatedKey'),
  'proposed-dlms-version-number': hex('ProposedDlmsVersionNumber'),
  'proposed-conformance': conformance,
  'client-max-receive-pdu-size': hex('ProposedMaxPduSize'),
  'negotiated-dlms-version-number': hex('NegotiatedDlmsVersionNumber'),
  'negotiated-conformance': conformance,
  'server-max-receive-pdu-size': hex('NegotiatedMaxPduSize'),
  'vaa-name': hex('VaaName'),
  'application-context-name': lookup('ApplicationContextName', contexts),
  'mechanism-name': lookup('MechanismName', mechanisms),
  // The translator says it twice.
  'protocol-version': () => ['ProtocolVersion=1', 'ProtocolVersion=1'],
  'read-request': count('ReadRequest'),
  'sender-acse-requirements': () => ['SenderACSERequirements=1'],
  'responder-acse-requirements': () => ['ResponderACSERequirement=1'],
  'calling-authentication-value': contents('CallingAuthentication', true),
  'responding-authentication-value': contents('RespondingAuthentication', true),
  'calling-ap-title': contents('CallingAPTitle', true),
  'responding-ap-title': contents('RespondingAPTitle', true),
  'responding-ae-invocation-id': hex('RespondingAEInvocationId', 2),
  'result-source-diagnostic': hex('ACSEServiceUser', 4),
  reason: word('Reason'),
  initiate: word('Initiate'),
  'initiate-error': () => ['Service=01'],
  'system-title': contents('SystemTitle', false),
  'ciphered-service': contents('CipheredService', false),
  'glo-initiate-request': contents('glo_InitiateRequest', true),
  'glo-initiate-response': contents('glo_InitiateResponse', true),
  'access-request-specification': count('AccessRequestSpecification'),
  'access-request-list-of-data': count('AccessRequestListOfData'),
  'attribute-descriptor-list': count('AttributeDescriptorList'),
  array: count('Array'),
  structure: count('Structure'),
  'octet-string': contents('OctetString', true),
  'visible-string': contents('String', true, true),
  integer: signed('Int8'),
  long: signed('Int16'),
  'double-long': signed('Int32'),
  unsigned: hex('UInt8', 1),
  'long-unsigned': hex('UInt16', 1),
  'double-long-unsigned': hex('UInt32', 1),
  enum: hex('Enum', 1),
};

/** Nodes whose children the translator does not show. */
const leaves = new Set([
  'glo-initiate-request',
  'glo-initiate-response',
  'ciphered-service',
  'result-source-diagnostic',
]);

/** Our tree of an APDU in the translator's tongue; what is deciphered stands in place of its envelope. */
export function tokensOfApdu(apdu: Uint8Array, keys: FrameKeys): Token[] {
  const decoded = decodeFrame(apdu, keys);
  if (!decoded.ok) throw new Error(`${decoded.error.code}: ${decoded.error.message}`);
  const plaintext = isAcseTag(apdu[0]) ? undefined : findNode(decoded.value, 'plaintext');
  const inner = plaintext?.children[0];
  if (plaintext && inner) return render(inner, fromHex(plaintext.value ?? ''));
  return render(decoded.value, apdu);
}

function render(node: FrameNode, octets: Uint8Array): Token[] {
  const own = resultToken(node, octets) ?? renders[node.name]?.(node, octets) ?? [];
  if (leaves.has(node.name)) return own;
  return [...own, ...node.children.flatMap((child) => render(child, octets))];
}

/** `result` and `data-access-result` mean different things in different APDUs. */
function resultToken(node: FrameNode, octets: Uint8Array): Token[] | undefined {
  if (node.name === 'result' && /^(accepted|rejected)/.test(node.value ?? '')) {
    return hex('AssociationResult', 2)(node, octets);
  }
  if (node.name === 'result' && node.children[0]?.name === 'get-data-result') {
    return count('Result')(node, octets);
  }
  if (node.name === 'result' && node.value) return word('Result')(node, octets);
  if (node.name !== 'data-access-result') return undefined;
  return word(octets[0] === 0xc7 ? 'DataAccessError' : 'DataAccessResult')(node, octets);
}
