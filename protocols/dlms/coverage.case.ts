/** What of the standard is covered, declared by the tables of the codecs themselves, and the page made of it. */
import { mechanismId } from './acse.ts';
import { type ConformanceName, conformanceBit } from './apdu/conformance.ts';
import { type ApduName, apduTags } from './apdu/tags.ts';
import type { Mechanism } from './association.ts';
import type { Data } from './data.ts';
import { alternativesSeen, productions } from './productions.case.ts';
import { typeCode } from './type-codes.ts';

/** `codec only`: read, written and shown as a tree, but no side acts on it. */
export type Coverage = 'supported' | 'codec only' | 'not';

/** How far each side goes, and what a reader should know. */
export interface Row {
  readonly client: Coverage;
  readonly server: Coverage;
  readonly note?: string;
}

const codecOnly: Row = { client: 'codec only', server: 'codec only' };
const both: Row = { client: 'supported', server: 'supported' };
const notAtAll: Row = { client: 'not', server: 'not' };

/** Every APDU of the table of tags. */
export const apduCoverage: Readonly<Record<ApduName, Row>> = {
  'initiate-request': both,
  'read-request': both,
  'write-request': both,
  'initiate-response': both,
  'read-response': both,
  'write-response': both,
  'confirmed-service-error': both,
  'data-notification': { ...both, note: 'received by the push receiver' },
  'data-notification-confirm': { ...both, note: 'made and read by functions around pushes' },
  'unconfirmed-write-request': both,
  'information-report-request': { ...both, note: 'received by the push receiver' },
  aarq: both,
  aare: both,
  rlrq: both,
  rlre: both,
  'get-request': both,
  'set-request': both,
  'event-notification-request': { ...both, note: 'received by the push receiver' },
  'action-request': both,
  'get-response': both,
  'set-response': both,
  'action-response': both,
  'exception-response': both,
  'access-request': both,
  'access-response': both,
  'general-glo-ciphering': both,
  'general-ded-ciphering': both,
  'general-ciphering': {
    ...both,
    note: 'all four key infos, inside associations; the printed tag of Green Book table C.2 is reproduced by nobody',
  },
  'general-signing': {
    ...both,
    note: 'around sealed APDUs; no public octets exist to prove what is signed',
  },
  'general-block-transfer': both,
};

/** Every service of the conformance block. */
export const serviceCoverage: Readonly<Record<ConformanceName, Row>> = {
  'general-protection': both,
  'general-block-transfer': { ...both, note: 'windows 1 to 63, lost blocks sent again' },
  read: both,
  write: both,
  'unconfirmed-write': both,
  'delta-value-encoding': { ...both, note: 'the buffer of a Profile generic; proposed on demand' },
  'attribute0-supported-with-set': {
    ...both,
    note: 'offered by devices that list their attributes; proposed on demand',
  },
  'priority-mgmt-supported': { ...both, note: 'requests that came together; proposed on demand' },
  'attribute0-supported-with-get': {
    ...both,
    note: 'offered by devices that list their attributes; proposed on demand',
  },
  'block-transfer-with-get-or-read': both,
  'block-transfer-with-set-or-write': both,
  'block-transfer-with-action': both,
  'multiple-references': both,
  'information-report': both,
  'data-notification': { ...both, note: 'outside associations' },
  access: both,
  'parameterized-access': both,
  get: both,
  set: both,
  'selective-access': { ...both, note: 'the device judges the selection' },
  'event-notification': { ...both, note: 'outside associations' },
  action: both,
};

/** Every authentication mechanism. */
export const mechanismCoverage: Readonly<Record<Mechanism, Row>> = {
  none: both,
  lls: both,
  hls2: { ...both, note: 'AES-128-ECB under the secret, the form in common use' },
  md5: both,
  sha1: both,
  gmac: both,
  sha256: both,
  ecdsa: { ...both, note: 'P-256 and P-384' },
};

const security: Readonly<Record<string, Row>> = {
  'suite 0: AES-GCM-128': both,
  'suite 1: AES-GCM-128, ECDSA and ECDH on P-256': both,
  'suite 2: AES-GCM-256, ECDSA and ECDH on P-384': both,
  'protection a, e, ae': both,
  'glo- and ded- envelopes, dedicated keys': both,
  'broadcast key': both,
  'key wrap and the parameter of key_transfer': both,
  'key agreement one-pass and static-unified': { ...both, note: 'General-Ciphering' },
  'key agreement ephemeral-unified (method key_agreement)': {
    ...both,
    note: 'functions for the parameter and its answer; no public octets prove them',
  },
  'X.509 certificates': { ...both, note: 'chains of up to four to a trust anchor; no revocation' },
  'weak mechanisms only where both sides say so': both,
  'compression V.44': { ...notAtAll, note: 'no public octets exist to prove it' },
};

const transports: Readonly<Record<string, Row>> = {
  'wrapper over TCP': both,
  'wrapper over UDP': { ...both, note: 'one frame a datagram' },
  'HDLC: addresses of 1, 2 and 4 octets, segments, windows 1 to 7': both,
  'HDLC UI frames': { client: 'supported', server: 'not', note: 'read in captures of pushes' },
  'optical mode E': { ...both, note: 'the opening: protocols/iec62056-21' },
  'M-Bus segments': { client: 'supported', server: 'not', note: 'reception of pushes' },
  'DSMR P1': { client: 'supported', server: 'not', note: 'reception of telegrams' },
  'gateway prefix': { ...both, note: 'over the wrapper and over HDLC' },
  CoAP: { ...notAtAll, note: 'no public octets exist to prove it' },
};

/** Every type of `Data`: the codec serves both sides alike. */
export const typeCoverage = Object.fromEntries(
  (Object.keys(typeCode) as Data['type'][]).map((type) => [type, both]),
);

/** Every alternative: supported when both our sides use it with each other, else only read, written and shown. */
export function alternativeCoverage(): Readonly<Record<string, Row>> {
  const seen = alternativesSeen();
  return Object.fromEntries(
    Object.entries(productions).flatMap(([production, { alternatives }]) =>
      alternatives.map(({ name, tag }) => [
        `${production}: ${name} (${tag})`,
        seen.has(`${production}: ${name}`) ? both : codecOnly,
      ]),
    ),
  );
}

const mark: Readonly<Record<Coverage, string>> = {
  supported: 'supported',
  'codec only': 'codec only',
  not: '',
};

function table(
  head: string,
  rows: Readonly<Record<string, Row>>,
  nameOf: (name: string) => string,
): string[] {
  return [
    `## ${head}`,
    '',
    '| | client | server | note |',
    '|---|---|---|---|',
    ...Object.entries(rows).map(
      ([name, { client, server, note = '' }]) =>
        `| ${nameOf(name)} | ${mark[client]} | ${mark[server]} | ${note} |`,
    ),
    '',
  ];
}

/** The page docs/reference/dlms-coverage.md. */
export function renderCoverage(): string {
  const plain = (name: string) => name;
  return [
    '# DLMS/COSEM: what is covered',
    '',
    'Made from the tables of `protocols/dlms` by `protocols/dlms/coverage.test.ts`, which fails when this page differs. An empty',
    'field means that it is not there; `codec only` that it is read, written and shown, and that no side acts on it. An alternative is',
    'called supported when it stood in the octets of a conversation between both sides, held each time the page is made.',
    '',
    ...table('APDUs', apduCoverage, (name) => `${name} (${apduTags[name as ApduName].tag})`),
    ...table(
      'Services (conformance block)',
      serviceCoverage,
      (name) => `${name} (bit ${conformanceBit[name as ConformanceName]})`,
    ),
    ...table(
      'Authentication mechanisms',
      mechanismCoverage,
      (name) => `${name} (${mechanismId[name as Mechanism]})`,
    ),
    ...table('Security', security, plain),
    ...table('Transports', transports, plain),
    ...table('Alternatives of the productions of the ASN.1', alternativeCoverage(), plain),
    ...table('Data types', typeCoverage, (name) => `${name} (${typeCode[name as Data['type']]})`),
  ].join('\n');
}
