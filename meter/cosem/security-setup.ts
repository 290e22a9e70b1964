/** Security setup, class 64 (Blue Book 4.4.7): policy, suite, system titles; new keys, key pairs and certificates. */
import {
  type ActionOutcome,
  AxdrWriter,
  answerAgreement,
  type Data,
  decodeKeyTransfer,
  encodeData,
  type KeyUpdate,
} from '@wattline/protocols/dlms';
import type { Certificate, CertificateId, CertificateStore, KeyPurpose } from './certificate-store.ts';
import { anyData, arrayOf, enumeration, enumerationTo, octets, structure } from './data-type.ts';
import { elementsIn, numberIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';

/** A security setup. */
export interface SecuritySetupSource {
  readonly suite: 0 | 1 | 2;
  /** Bits of {@link securityPolicy} that messages must carry. */
  readonly policy: number;
  /** Policies only grow: false when bits would be taken away. */
  strengthen(policy: number): boolean;
  readonly serverSystemTitle: Uint8Array;
  /** Key under which new keys come wrapped; undefined when there is none. */
  readonly masterKey: Uint8Array | undefined;
  takeKeys(updates: readonly KeyUpdate[]): void;
  readonly certificates: CertificateStore;
  /** Meter time, by which certificates are judged. */
  nowMs(): number;
}

/** Bits of security_policy, version 1. */
export const securityPolicy = {
  authenticatedRequest: 0x04,
  encryptedRequest: 0x08,
  signedRequest: 0x10,
  authenticatedResponse: 0x20,
  encryptedResponse: 0x40,
  signedResponse: 0x80,
} as const;
const signing = securityPolicy.signedRequest | securityPolicy.signedResponse;

const longestCertificate = 4096;
/** digital signature, key agreement, TLS. */
const keyPurposes = ['digital-signature', 'key-agreement', 'tls'] as const satisfies readonly KeyPurpose[];
const purposeType = enumeration(0, 1, 2);
/** By entity and system title (0), or by serial number and issuer (1). */
const certificateIdentification = structure({
  certificate_identification_type: enumeration(0, 1),
  certification_identification_options: anyData,
});
const keyList = arrayOf(structure({ key_id: enumerationTo(3), key_wrapped: octets(24, 40) }), 4);

export const securitySetup: InterfaceClass<SecuritySetupSource> = {
  classId: 64,
  version: 1,
  name: 'Security setup',
  section: '4.4.7',
  attributes: {
    2: {
      name: 'security_policy',
      type: enumerationTo(255),
      access: readable,
      read: ({ policy }, { writer }) => void writer.enumerate(policy),
    },
    3: {
      name: 'security_suite',
      type: enumerationTo(2),
      access: readable,
      read: ({ suite }, { writer }) => void writer.enumerate(suite),
    },
    4: {
      name: 'client_system_title',
      type: octets(0, 8),
      access: readable,
      // Not pre-established: each client says its own in the AARQ.
      read: (_, { writer }) => void writer.octetString(new Uint8Array(0)),
    },
    5: {
      name: 'server_system_title',
      type: octets(8),
      access: readable,
      read: ({ serverSystemTitle }, { writer }) => void writer.octetString(serverSystemTitle),
    },
    6: {
      name: 'certificates',
      type: arrayOf(
        structure({
          certificate_entity: enumerationTo(3),
          certificate_type: enumerationTo(3),
          serial_number: octets(),
          issuer: octets(0, 512),
          subject: octets(0, 512),
          subject_alt_name: octets(0, 512),
        }),
      ),
      access: readable,
      read({ certificates }, { writer }) {
        const held = certificates.list();
        writer.array(held.length);
        for (const certificate of held) writeInfo(writer, certificate);
      },
    },
  },
  methods: {
    1: {
      name: 'security_activate',
      clients: managed,
      parameter: enumerationTo(255),
      invoke(source, value) {
        const policy = numberIn(value);
        // Messages are not signed here.
        if ((policy & signing) !== 0 || !source.strengthen(policy)) return { result: 'other-reason' };
        return { result: 'success' };
      },
    },
    2: {
      name: 'key_transfer',
      clients: managed,
      parameter: keyList,
      invoke({ masterKey, takeKeys }, parameter) {
        const updates = masterKey && parameter ? decodeKeyTransfer(masterKey, parameter) : undefined;
        if (!updates?.ok || updates.value.length === 0) return { result: 'other-reason' };
        takeKeys(updates.value);
        return { result: 'success' };
      },
    },
    3: {
      name: 'key_agreement',
      clients: managed,
      parameter: arrayOf(structure({ key_id: enumerationTo(3), key_data: octets(0, 256) }), 4),
      invoke: agree,
    },
    4: {
      name: 'generate_key_pair',
      clients: managed,
      parameter: purposeType,
      invoke: ({ certificates }, purpose) => ({
        result: certificates.generateKeyPair(purposeOf(purpose)) ? 'success' : 'object-unavailable',
      }),
    },
    5: {
      name: 'generate_certificate_request',
      clients: managed,
      parameter: purposeType,
      invoke: ({ certificates }, purpose) => returned(certificates.request(purposeOf(purpose))),
    },
    6: {
      name: 'import_certificate',
      clients: managed,
      parameter: octets(1, longestCertificate),
      invoke: ({ certificates }, der) => ({
        result: certificates.import(octetsIn(der)) ? 'success' : 'other-reason',
      }),
    },
    7: {
      name: 'export_certificate',
      clients: managed,
      parameter: certificateIdentification,
      invoke({ certificates }, parameter) {
        const id = identificationOf(parameter);
        return returned(id && certificates.find(id)?.der);
      },
    },
    8: {
      name: 'remove_certificate',
      clients: managed,
      parameter: certificateIdentification,
      invoke({ certificates }, parameter) {
        const id = identificationOf(parameter);
        return { result: id && certificates.remove(id) ? 'success' : 'object-undefined' };
      },
    },
  },
};

/** Fresh keys on both sides, signed by the pair of the meter and the one in the client's certificate (Green Book 9.2.3.4.6.3). */
function agree(source: SecuritySetupSource, parameter: Data | undefined): ActionOutcome {
  const { suite, certificates, serverSystemTitle } = source;
  const own = certificates.keyPair('digital-signature');
  const client = certificates.clientSigner(source.nowMs());
  if (suite === 0 || !own || !client) return { result: 'object-unavailable' };
  const agreed = answerAgreement(parameter ?? { type: 'null-data' }, {
    suite,
    clientTitle: client.systemTitle,
    serverTitle: serverSystemTitle,
    signing: { own, peerPublicKey: client.publicKey },
  });
  if (!agreed.ok) return { result: 'other-reason' };
  source.takeKeys(agreed.value.keys);
  return { result: 'success', encoded: encodeData(agreed.value.answer) };
}

const purposeOf = (value: Data | undefined) => keyPurposes[numberIn(value)] ?? 'digital-signature';

function returned(octetsReturned: Uint8Array | undefined): ActionOutcome {
  if (!octetsReturned) return { result: 'object-unavailable' };
  return { result: 'success', encoded: new AxdrWriter().octetString(octetsReturned).finish() };
}

function identificationOf(parameter: Data | undefined): CertificateId | undefined {
  const [kind, options] = elementsIn(parameter);
  const fields = elementsIn(options);
  if (numberIn(kind) === 0) {
    const [entity, type, title] = fields;
    if (fields.length !== 3) return undefined;
    return { kind: 'entity', entity: numberIn(entity), type: numberIn(type), systemTitle: octetsIn(title) };
  }
  const [serialNumber, issuer] = fields;
  if (fields.length !== 2) return undefined;
  return { kind: 'serial', serialNumber: octetsIn(serialNumber), issuer: octetsIn(issuer) };
}

function writeInfo(writer: AxdrWriter, certificate: Certificate): void {
  const { entity, type, serialNumber, issuer, subject } = certificate;
  writer.structure(6).enumerate(entity).enumerate(type);
  for (const text of [serialNumber, issuer, subject, new Uint8Array(0)]) writer.octetString(text);
}
