/** ACSE APDUs in BER (IEC 62056-5-3 clause 9.4, Green Book 9.4.2): AARQ, AARE, RLRQ, RLRE, each a table of tagged fields. */
import assert from 'node:assert/strict';
import { type Result, toHex } from '@wattline/base';
import { apduTags } from './apdu/tags.ts';
import type { Mechanism } from './association.ts';
import { AxdrWriter } from './axdr-writer.ts';
import { type Codec, enumerated, kebab, type ValueOf } from './codec.ts';
import { attempt, OctetReader } from './octet-reader.ts';

/** Application contexts (Green Book 9.4.2.2.2): last arc of 2.16.756.5.8.1. */
export const applicationContext = {
  ln: 1,
  sn: 2,
  'ln-ciphering': 3,
  'sn-ciphering': 4,
} as const;
export type ApplicationContext = keyof typeof applicationContext;

/** Authentication mechanisms (Green Book 9.4.2.2.3): last arc of 2.16.756.5.8.2. */
export const mechanismId = {
  none: 0,
  lls: 1,
  hls2: 2,
  md5: 3,
  sha1: 4,
  gmac: 5,
  sha256: 6,
  ecdsa: 7,
} as const satisfies Record<Mechanism, number>;

/** Association-result. */
export const associationResult = { accepted: 0, 'rejected-permanent': 1, 'rejected-transient': 2 } as const;

/** Diagnostics of the ACSE service user. */
export const userDiagnostic = {
  null: 0,
  'no-reason-given': 1,
  'application-context-name-not-supported': 2,
  'calling-ap-title-not-recognized': 3,
  'calling-ap-invocation-identifier-not-recognized': 4,
  'calling-ae-qualifier-not-recognized': 5,
  'calling-ae-invocation-identifier-not-recognized': 6,
  'called-ap-title-not-recognized': 7,
  'called-ap-invocation-identifier-not-recognized': 8,
  'called-ae-qualifier-not-recognized': 9,
  'called-ae-invocation-identifier-not-recognized': 10,
  'authentication-mechanism-name-not-recognised': 11,
  'authentication-mechanism-name-required': 12,
  'authentication-failure': 13,
  'authentication-required': 14,
} as const;
export type UserDiagnostic = keyof typeof userDiagnostic;

/** Diagnostics of the ACSE service provider. */
export const providerDiagnostic = { null: 0, 'no-reason-given': 1, 'no-common-acse-version': 2 } as const;

const releaseRequestReason = { normal: 0, urgent: 1, 'user-defined': 30 } as const;
const releaseResponseReason = { normal: 0, 'not-finished': 1, 'user-defined': 30 } as const;

/** An object identifier whose last arc says which: octets before it are fixed. Another one reads as `unknown`. */
function named<K extends string>(
  arcs: readonly number[],
  table: Readonly<Record<K, number>>,
): Codec<K | 'unknown'> {
  const names = new Map(Object.entries(table).map(([name, code]) => [code as number, name as K]));
  return {
    read(reader: OctetReader) {
      const octets = reader.bytes(reader.remaining);
      const isOfDlms = octets.length === arcs.length + 1 && arcs.every((arc, i) => octets[i] === arc);
      return (isOfDlms && names.get(octets.at(-1) ?? -1)) || 'unknown';
    },
    write(writer, name) {
      assert(name !== 'unknown', 'a name that is written is known');
      writer.raw(Uint8Array.from(arcs)).u8(table[name]);
    },
    print: (name) => (name === 'unknown' ? name : `${name} (${table[name]})`),
  };
}

const contextName = named([0x60, 0x85, 0x74, 5, 8, 1], applicationContext);
const mechanismName = named([0x60, 0x85, 0x74, 5, 8, 2], mechanismId);

/** The rest of the field as it came. */
const octets: Codec<Uint8Array> = {
  read: (reader) => reader.bytes(reader.remaining),
  write: (writer, value) => writer.raw(value),
  print: toHex,
};

/** INTEGER of up to four octets. */
const integer: Codec<number> = {
  read(reader: OctetReader) {
    const count = reader.remaining;
    if (count < 1 || count > 4) reader.fail('dlms/bad-length', `expected 1 to 4 octets, found ${count}`);
    let value = reader.i8();
    for (let i = 1; i < count; i++) value = value * 256 + reader.u8();
    return value;
  },
  write(writer, value) {
    const count = [1, 2, 3].find((n) => value >= -(2 ** (8 * n - 1)) && value < 2 ** (8 * n - 1)) ?? 4;
    for (let shift = count - 1; shift >= 0; shift--) writer.u8(Math.floor(value / 256 ** shift) & 0xff);
  },
  print: String,
};

/** Contents that carry a tag and length of their own. */
function explicit<T>(tag: number, codec: Codec<T>): Codec<T> {
  return {
    read(reader: OctetReader) {
      const found = reader.u8();
      if (found !== tag) reader.fail('dlms/bad-tag', `expected tag ${tag}, found ${found}`, -1);
      return reader.within(reader.size(), () => codec.read(reader));
    },
    write: (writer, value) => writeTagged(writer, tag, codec, value),
    ...(codec.print ? { print: codec.print } : {}),
  };
}

const invocationId = explicit(0x02, integer);
const octetsInside = explicit(0x04, octets);

/** Authentication-value: [0] GraphicString, [1] BIT STRING, [2] EXTERNAL; DLMS uses the first. */
const authenticationValue: Codec<Uint8Array> = {
  ...explicit(0x80, octets),
  read(reader: OctetReader) {
    const tag = reader.u8();
    if (tag !== 0x80 && tag !== 0x81 && tag !== 0xa2) {
      reader.fail('dlms/bad-tag', `expected an authentication value, found tag ${tag}`, -1);
    }
    return reader.sized();
  },
};

/** Result-source-diagnostic: whose diagnostic it is, and which. */
export interface Diagnostic {
  readonly source: 'acse-service-user' | 'acse-service-provider';
  readonly reason: UserDiagnostic | keyof typeof providerDiagnostic;
}

const userReason = explicit(0x02, enumerated(userDiagnostic, 'no-reason-given'));
const providerReason = explicit(0x02, enumerated(providerDiagnostic, 'no-reason-given'));

const diagnostic: Codec<Diagnostic> = {
  read(reader: OctetReader) {
    const isUser = reader.peek() === 0xa1;
    const reason: Codec<Diagnostic['reason']> = isUser
      ? (userReason as Codec<Diagnostic['reason']>)
      : (providerReason as Codec<Diagnostic['reason']>);
    return {
      source: isUser ? 'acse-service-user' : 'acse-service-provider',
      reason: explicit(isUser ? 0xa1 : 0xa2, reason).read(reader),
    };
  },
  write(writer, { source, reason }) {
    if (source === 'acse-service-user') {
      explicit(0xa1, userReason).write(writer, reason as UserDiagnostic);
    } else {
      explicit(0xa2, providerReason).write(writer, reason as keyof typeof providerDiagnostic);
    }
  },
  print: ({ source, reason }) => `${source}: ${reason}`,
};

type Field<T> = readonly [tag: number, codec: Codec<T>, alternativeTag?: number];

/** Titles, qualifiers and invocation identifiers of called and calling (or responding) side share one shape. */
const aarqFields = {
  protocolVersion: [0x80, octets],
  applicationContextName: [0xa1, explicit(0x06, contextName)],
  calledApTitle: [0xa2, octetsInside],
  calledAeQualifier: [0xa3, octetsInside],
  calledApInvocationId: [0xa4, invocationId],
  calledAeInvocationId: [0xa5, invocationId],
  callingApTitle: [0xa6, octetsInside],
  callingAeQualifier: [0xa7, octetsInside],
  callingApInvocationId: [0xa8, invocationId],
  callingAeInvocationId: [0xa9, invocationId],
  senderAcseRequirements: [0x8a, octets],
  mechanismName: [0x8b, mechanismName],
  callingAuthenticationValue: [0xac, authenticationValue],
  implementationInformation: [0x9d, octets, 0xbd],
  userInformation: [0xbe, octetsInside],
} as const;

const aareFields = {
  protocolVersion: [0x80, octets],
  applicationContextName: [0xa1, explicit(0x06, contextName)],
  result: [0xa2, explicit(0x02, enumerated(associationResult))],
  resultSourceDiagnostic: [0xa3, diagnostic],
  respondingApTitle: [0xa4, octetsInside],
  respondingAeQualifier: [0xa5, octetsInside],
  respondingApInvocationId: [0xa6, invocationId],
  respondingAeInvocationId: [0xa7, invocationId],
  responderAcseRequirements: [0x88, octets],
  mechanismName: [0x89, mechanismName],
  respondingAuthenticationValue: [0xaa, authenticationValue],
  implementationInformation: [0x9d, octets, 0xbd],
  userInformation: [0xbe, octetsInside],
} as const;

const rlrqFields = {
  reason: [0x80, enumerated(releaseRequestReason)],
  userInformation: [0xbe, octetsInside],
} as const;

const rlreFields = {
  reason: [0x80, enumerated(releaseResponseReason)],
  userInformation: [0xbe, octetsInside],
} as const;

const acseFields = { aarq: aarqFields, aare: aareFields, rlrq: rlrqFields, rlre: rlreFields } as const;

/** Which fields an ACSE APDU of a name may carry; all are optional on the wire. */
export type AcseValue<N extends AcseName> = {
  readonly [K in keyof (typeof acseFields)[N]]?:
    | ((typeof acseFields)[N][K] extends readonly [number, infer C, ...unknown[]] ? ValueOf<C> : never)
    | undefined;
};
export type AcseName = keyof typeof acseFields;
export type Aarq = AcseValue<'aarq'>;
export type Aare = AcseValue<'aare'>;
/** An ACSE APDU by name. */
export type Acse = { [N in AcseName]: { readonly apdu: N; readonly value: AcseValue<N> } }[AcseName];

/** BIT STRING of one bit, set: the authentication functional unit. */
export const authenticationUnit = Uint8Array.of(0x07, 0x80);

/** Octets of an ACSE APDU; fields left undefined are left out. */
export function encodeAcse<N extends AcseName>(apdu: N, value: AcseValue<N>): Uint8Array {
  const body = new AxdrWriter();
  for (const [key, field] of Object.entries(acseFields[apdu]) as unknown as [string, Field<unknown>][]) {
    const contents = (value as Record<string, unknown>)[key];
    if (contents !== undefined) writeTagged(body, field[0], field[1], contents);
  }
  const octetsOfBody = body.finish();
  return new AxdrWriter().u8(apduTags[apdu].tag).size(octetsOfBody.length).raw(octetsOfBody).finish();
}

/**
 * The ACSE APDU of these octets.
 * Fails with `dlms/unknown-apdu`, `dlms/bad-tag` for a field unknown or given twice, or the code of a malformed field.
 */
export function decodeAcse(octetsIn: Uint8Array): Result<Acse> {
  return attempt(() => {
    const reader = new OctetReader(octetsIn);
    const acse = readAcse(reader);
    reader.expectEnd();
    return acse;
  });
}

/**
 * The octets of an AARE from `start` on with lengths that fit. A meter met in the field (SN, 1990s stack) counts the tag of the
 * conformance block, 5F 1F, as one octet: APDU, user-information and octet-string all say one less than they hold. Whatever
 * else it is comes back as it came.
 */
export function withRightLengths(octets: Uint8Array, start = 0): Uint8Array {
  const total = octets.length - start - 2;
  const isShort = octets[start] === apduTags.aare.tag && total < 0x80 && octets[start + 1] === total - 1;
  if (!isShort) return octets;
  // User-information is the last field: its tag, length, the tag and length of the octet-string, InitiateResponse.
  for (let at = start + 2; at + 8 < octets.length; at++) {
    const rest = octets.length - at - 2;
    const isLast = octets[at] === 0xbe && octets[at + 1] === rest - 1 && octets[at + 2] === 0x04;
    const isResponse = octets[at + 3] === rest - 3 && octets[at + 4] === apduTags['initiate-response'].tag;
    if (!isLast || !isResponse || octets[at + 7] !== 0x5f || octets[at + 8] !== 0x1f) continue;
    const righted = octets.slice();
    for (const length of [start + 1, at + 1, at + 3]) righted[length] = (righted[length] as number) + 1;
    return righted;
  }
  return octets;
}

/** Whether a first octet announces an ACSE APDU. */
export function isAcseTag(tag: number | undefined): boolean {
  return tag !== undefined && tag >= apduTags.aarq.tag && tag <= apduTags.rlre.tag;
}

/** Reads one ACSE APDU, tag first. */
export function readAcse(reader: OctetReader): Acse {
  const tag = reader.u8();
  const name = (Object.keys(acseFields) as AcseName[]).find((key) => apduTags[key].tag === tag);
  if (name === undefined) reader.fail('dlms/unknown-apdu', `expected an ACSE APDU, found tag ${tag}`, -1);
  const fields = Object.entries(acseFields[name]) as unknown as [string, Field<unknown>][];
  const value: Record<string, unknown> = {};
  reader.within(reader.size(), () => {
    while (reader.remaining > 0) readField(reader, fields, value);
  });
  return { apdu: name, value } as Acse;
}

function readField(
  reader: OctetReader,
  fields: readonly (readonly [string, Field<unknown>])[],
  value: Record<string, unknown>,
): void {
  const tag = reader.u8();
  const found = fields.find(([, field]) => field[0] === tag || field[2] === tag);
  if (!found) reader.fail('dlms/bad-tag', `expected a field of the APDU, found tag ${tag}`, -1);
  const [key, [, codec]] = found;
  if (key in value) reader.fail('dlms/bad-tag', `expected ${kebab(key)} once`, -1);
  const length = reader.size();
  const read = () => reader.within(length, () => codec.read(reader));
  value[key] = reader.node(kebab(key), read, codec.print);
}

function writeTagged<T>(writer: AxdrWriter, tag: number, codec: Codec<T>, value: T): void {
  const contents = new AxdrWriter(64);
  codec.write(contents, value);
  writer.u8(tag).size(contents.length).raw(contents.finish());
}
