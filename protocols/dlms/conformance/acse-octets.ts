/** AARQ, AARE, RLRQ and RLRE built and read octet by octet (BER, Green Book 9.4.2), so that any field can be left out or spoiled. */
import { concatBytes } from '@wattline/base';

/** A tag, a length and contents. */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...size), body);
}

const octets = (...values: readonly number[]) => Uint8Array.of(...values);

/** Application contexts by number: 1 LN, 2 SN, 3 LN ciphered, 4 SN ciphered. */
export const contextName = (id: number) => tlv(0xa1, tlv(0x06, octets(0x60, 0x85, 0x74, 5, 8, 1, id)));
/** Mechanism names by number. */
export const mechanismName = (id: number) => tlv(0x8b, octets(0x60, 0x85, 0x74, 5, 8, 2, id));
/** Sender-ACSE-requirements: the authentication functional unit or none. */
export const senderRequirements = (isSet = true) => tlv(0x8a, octets(0x07, isSet ? 0x80 : 0x00));
export const callingTitle = (title: Uint8Array) => tlv(0xa6, tlv(0x04, title));
export const authenticationValue = (value: Uint8Array) => tlv(0xac, tlv(0x80, value));
export const userInformation = (apdu: Uint8Array) => tlv(0xbe, tlv(0x04, apdu));
/** Protocol-version: bit 0 is version 1. */
export const protocolVersion = (bits: number) => tlv(0x80, octets(0x02, bits));

/** Fields of an AARQ in the order of the standard. */
export const aarqFields = [
  'protocolVersion',
  'contextName',
  'calledApTitle',
  'calledAeQualifier',
  'calledApInvocationId',
  'calledAeInvocationId',
  'callingApTitle',
  'callingAeQualifier',
  'callingApInvocationId',
  'callingAeInvocationId',
  'senderRequirements',
  'mechanismName',
  'authenticationValue',
  'implementationInformation',
  'userInformation',
] as const;
/** Octets of each field, tag included; `undefined` leaves it out. */
export type AarqFields = Partial<Record<(typeof aarqFields)[number], Uint8Array | undefined>>;

/** An AARQ out of its fields. */
export function buildAarq(fields: AarqFields): Uint8Array {
  return tlv(0x60, ...aarqFields.flatMap((name) => fields[name] ?? []));
}

/** An RLRQ with its reason (0 normal) and user information. */
export function buildRlrq(userInfo?: Uint8Array): Uint8Array {
  return tlv(0x62, tlv(0x80, octets(0)), ...(userInfo ? [userInformation(userInfo)] : []));
}

/** A field: its tag and what it holds. */
interface Field {
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** Fields of a BER sequence; undefined when the lengths do not fit. */
export function fieldsOf(body: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < body.length) {
    const tag = body[at] as number;
    let length = body[at + 1] ?? Number.NaN;
    let start = at + 2;
    if (length > 0x80) {
      const count = length - 0x80;
      length = body.subarray(start, start + count).reduce((sum, octet) => sum * 256 + octet, 0);
      start += count;
    }
    if (!(start + length <= body.length)) return undefined;
    fields.push({ tag, contents: body.subarray(start, start + length) });
    at = start + length;
  }
  return fields;
}

/** The contents of the only field of a body, when it has this tag. */
function inner(contents: Uint8Array | undefined, tag: number): Uint8Array | undefined {
  const [field] = (contents && fieldsOf(contents)) ?? [];
  return field?.tag === tag ? field.contents : undefined;
}

/** An AARE as it came. */
export interface SeenAare {
  readonly context: number | undefined;
  /** 0 accepted, 1 rejected-permanent, 2 rejected-transient. */
  readonly result: number | undefined;
  /** `user` or `provider`, and the reason. */
  readonly source: 'user' | 'provider' | undefined;
  readonly reason: number | undefined;
  readonly title: Uint8Array | undefined;
  readonly mechanism: number | undefined;
  readonly challenge: Uint8Array | undefined;
  readonly userInformation: Uint8Array | undefined;
}

/** Reads an AARE; a text says why it is none. */
export function seeAare(apdu: Uint8Array): SeenAare | string {
  if (apdu[0] !== 0x61) return `an APDU of tag ${apdu[0] ?? 'none'}`;
  const [whole, ...more] = fieldsOf(apdu) ?? [];
  const fields = whole && more.length === 0 ? fieldsOf(whole.contents) : undefined;
  if (!fields) return 'lengths that do not fit';
  const order = fields.map(({ tag }) => aareOrder.indexOf(tag));
  if (order.includes(-1)) return `a field of tag ${fields[order.indexOf(-1)]?.tag}`;
  if (order.some((place, i) => i > 0 && place <= (order[i - 1] as number))) return 'fields out of order';
  const field = (tag: number) => fields.find((found) => found.tag === tag)?.contents;
  const diagnostic = field(0xa3);
  const user = inner(diagnostic, 0xa1);
  const provider = inner(diagnostic, 0xa2);
  return {
    context: inner(field(0xa1), 0x06)?.[6],
    result: inner(field(0xa2), 0x02)?.[0],
    source: user ? 'user' : provider ? 'provider' : undefined,
    reason: inner(user ?? provider, 0x02)?.[0],
    title: inner(field(0xa4), 0x04),
    mechanism: field(0x89)?.[6],
    challenge: inner(field(0xaa), 0x80),
    userInformation: inner(field(0xbe), 0x04),
  };
}

const aareOrder = [0x80, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0x88, 0x89, 0xaa, 0xbd, 0xbe];

/** What an InitiateRequest proposes; defaults are right. */
export interface InitiateFields {
  readonly dedicatedKey?: Uint8Array;
  readonly qualityOfService?: number;
  readonly version?: number;
  readonly conformance?: number;
  readonly maxPdu?: number;
}

/** An InitiateRequest; `conformance` is 24 bits, bit 0 most significant. */
export function buildInitiate(fields: InitiateFields & { readonly conformance: number }): Uint8Array {
  const { dedicatedKey, qualityOfService, version = 6, conformance, maxPdu = 1024 } = fields;
  return concatBytes(
    octets(0x01),
    dedicatedKey ? concatBytes(octets(1, dedicatedKey.length), dedicatedKey) : octets(0),
    octets(0),
    qualityOfService === undefined ? octets(0) : octets(1, qualityOfService),
    octets(version, 0x5f, 0x1f, 4, 0, conformance >> 16, (conformance >> 8) & 0xff, conformance & 0xff),
    octets(maxPdu >> 8, maxPdu & 0xff),
  );
}

/** An InitiateResponse as it came. */
export interface SeenInitiate {
  readonly version: number;
  readonly conformance: number;
  readonly maxPdu: number;
  readonly vaaName: number;
}

/** Reads an InitiateResponse; a text says why it is none. */
export function seeInitiate(apdu: Uint8Array): SeenInitiate | string {
  if (apdu[0] !== 0x08) return `an APDU of tag ${apdu[0] ?? 'none'}`;
  const start = apdu[1] === 0 ? 2 : 3;
  const body = apdu.subarray(start);
  if (body.length !== 12 || body[1] !== 0x5f || body[2] !== 0x1f || body[3] !== 4) {
    return `${apdu.length} octets that are no InitiateResponse`;
  }
  const word = (at: number) => ((body[at] as number) << 8) | (body[at + 1] as number);
  return {
    version: body[0] as number,
    conformance: ((body[5] as number) << 16) | word(6),
    maxPdu: word(8),
    vaaName: word(10),
  };
}
