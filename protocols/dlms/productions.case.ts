/**
 * Alternatives of the productions of the ASN.1 that have more than one, and which of them both our sides have been seen to use:
 * conversations held for this alone, whose octets are read by the codecs.
 */
import { decodeAcse } from './acse.ts';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { keyInfo } from './apdu/general.ts';
import { confirmedServiceError } from './apdu/initiate.ts';
import {
  accessResponseSpecification,
  accessSpecification,
  actionRequest,
  actionResponse,
  getDataResult,
  getRequest,
  getResponse,
  setRequest,
  setResponse,
} from './apdu/services.ts';
import { readResult, variable, writeResult } from './apdu/short-names.ts';
import type { CipheringScheme } from './association.ts';
import type { ClientOptions, ClientRequest } from './client.ts';
import type { ChoiceCodec } from './codec.ts';
import {
  clientFor,
  clientTitle,
  converse,
  countFrom,
  guardFrom,
  keys,
  pairs,
  signingOf,
  testDevice,
} from './conversation.case.ts';
import type { Data } from './data.ts';

/** Productions with alternatives, by the standard's name. */
export const productions: Readonly<Record<string, ChoiceCodec<unknown>>> = {
  'Get-Request': getRequest,
  'Get-Response': getResponse,
  'Set-Request': setRequest,
  'Set-Response': setResponse,
  'Action-Request': actionRequest,
  'Action-Response': actionResponse,
  'Get-Data-Result': getDataResult,
  'Access-Request-Specification': accessSpecification,
  'Access-Response-Specification': accessResponseSpecification,
  'Variable-Access-Specification': variable,
  'ReadResponse element': readResult,
  'WriteResponse element': writeResult,
  'Key-Info': keyInfo,
  ConfirmedServiceError: confirmedServiceError,
} as Readonly<Record<string, ChoiceCodec<unknown>>>;

const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
const profile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
const calendar = { classId: 20, obis: '0.0.13.0.0.255', attribute: 2 };
const relay = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };
const nobody = { classId: 1, obis: '9.9.9.9.9.9', attribute: 2 };
const five: Data = { type: 'unsigned', value: 5 };
const long: Data = { type: 'octet-string', value: new Uint8Array(400).fill(1) };
const access = { selector: 1, parameters: five };

const longNames: readonly ClientRequest[] = [
  { kind: 'get', reference: energy },
  { kind: 'get', reference: nobody },
  { kind: 'get', reference: profile },
  { kind: 'get-list', references: [energy, nobody] },
  { kind: 'set', reference: calendar, value: five },
  { kind: 'set', reference: calendar, value: long },
  { kind: 'set-list', items: [{ reference: calendar, value: five }] },
  { kind: 'set-list', items: [{ reference: calendar, value: long }] },
  { kind: 'action', reference: relay, parameter: five },
  { kind: 'action', reference: relay, parameter: long },
  { kind: 'action-list', items: [{ reference: relay, parameter: five }] },
  { kind: 'action-list', items: [{ reference: relay, parameter: long }] },
  {
    kind: 'access',
    items: [
      { kind: 'get', reference: energy },
      { kind: 'set', reference: calendar, value: five },
      { kind: 'action', reference: relay },
    ],
  },
  { kind: 'access', items: [{ kind: 'get', reference: { ...profile, access } }] },
  { kind: 'access', items: [{ kind: 'set', reference: { ...calendar, access }, value: five }] },
];

const shortNames: readonly ClientRequest[] = [
  { kind: 'read', variables: [{ name: 0x0208 }, { name: 0x7000 }] },
  { kind: 'read', variables: [{ name: 0x0308 }] },
  { kind: 'read', variables: [{ name: 0x0308, access }] },
  { kind: 'read', variables: new Array<{ name: number }>(60).fill({ name: 0x0208 }) },
  {
    kind: 'write',
    items: [
      { name: 0x0408, value: five },
      { name: 0x0208, value: five },
    ],
  },
  { kind: 'write', items: [{ name: 0x0408, value: long }] },
];

/** Production and alternative of everything that stands in the octets of both sides, each as `production: alternative`. */
export function alternativesSeen(): ReadonlySet<string> {
  const seen = new Set<string>();
  const hold = (options: ClientOptions, requests: readonly ClientRequest[], device = testDevice()) => {
    const conversation = converse(options, { device, serverMaxPduSize: 160 });
    for (const request of [{ kind: 'associate' } as const, ...requests]) {
      const { kind } = conversation.ask(request);
      if (kind === 'failure') break;
    }
    for (const { octets } of conversation.wire) note(octets.subarray(8), seen);
  };
  hold(clientFor(16, { maxPduSize: 160 }), longNames);
  hold(clientFor(16, { maxPduSize: 160, referencing: 'sn' }), shortNames);
  // Too short to be answered in: the server tells why inside its AARE.
  hold(clientFor(16, { maxPduSize: 20 }), []);
  for (const scheme of ['identified', 'wrapped', 'static-unified'] as const) hold(...ciphered(scheme));
  return seen;
}

/** A client that ciphers by a scheme, what it asks, and the meter that knows it. */
function ciphered(scheme: CipheringScheme) {
  const { client, meter } = pairs.p256;
  const kek = keys.ak.toReversed();
  const common = {
    clientSap: 20,
    mechanism: 'gmac',
    protection: 'ae',
    keys: { ...keys, suite: 1 },
  } as const;
  const policy = {
    ...common,
    name: 'ciphering',
    replay: guardFrom(),
    ciphering: { kek, agreement: { own: meter, peerPublicKey: client.publicKey } },
    signing: signingOf('p256', 'meter'),
  };
  const options: ClientOptions = {
    ...common,
    serverSap: 1,
    envelope: 'ciphering',
    ciphering: { scheme, kek, agreement: { own: client, peerPublicKey: meter.publicKey } },
    systemTitle: clientTitle,
    counter: countFrom(1),
    random: clientFor(16).random,
    maxPduSize: 1024,
  };
  return [options, [{ kind: 'get', reference: energy }] as const, testDevice([policy])] as const;
}

function note(octets: Uint8Array, seen: Set<string>): void {
  const acse = decodeAcse(octets);
  const inside = acse.ok ? acse.value.value.userInformation : octets;
  const decoded = inside && decodeApdu(inside);
  if (!decoded?.ok) return;
  for (const [production, found] of chosenIn(decoded.value)) {
    for (const one of found) seen.add(`${production}: ${one.choice}`);
  }
}

type Chosen = readonly [production: string, found: readonly { readonly choice: string }[]];

/** `get-request` as `Get-Request`. */
const titled = (name: string) => name.replace(/(^|-)(\w)/g, (letters) => letters.toUpperCase());

/** What an APDU chose of each production in it. */
function chosenIn(apdu: Apdu): readonly Chosen[] {
  switch (apdu.apdu) {
    case 'get-response':
      return [
        ['Get-Response', [apdu.value]],
        ['Get-Data-Result', resultsOf(apdu.value)],
      ];
    case 'get-request':
    case 'set-request':
    case 'set-response':
    case 'action-request':
    case 'action-response':
      return [[titled(apdu.apdu), [apdu.value]]];
    case 'access-request':
      return [['Access-Request-Specification', apdu.value.accessRequestSpecification]];
    case 'access-response':
      return [['Access-Response-Specification', apdu.value.accessResponseSpecification]];
    case 'read-request':
      return [['Variable-Access-Specification', apdu.value]];
    case 'write-request':
      return [['Variable-Access-Specification', apdu.value.variableAccessSpecification]];
    case 'read-response':
      return [['ReadResponse element', apdu.value]];
    case 'write-response':
      return [['WriteResponse element', apdu.value]];
    case 'general-ciphering':
      return [['Key-Info', apdu.value.keyInfo ? [apdu.value.keyInfo] : []]];
    case 'confirmed-service-error':
      return [['ConfirmedServiceError', [apdu.value]]];
    default:
      return [];
  }
}

function resultsOf(response: Extract<Apdu, { apdu: 'get-response' }>['value']) {
  if (response.choice === 'get-response-with-list') return response.value.result;
  return response.choice === 'get-response-normal' ? [response.value.result] : [];
}
