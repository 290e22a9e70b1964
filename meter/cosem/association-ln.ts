/** Association LN, class 15 (Blue Book 4.4.4): the association that asks sees its own rights. */
import { type AxdrWriter, type Mechanism, parseObis } from '@wattline/protocols/dlms';
import type { ClientName, MeterClient } from './clients.ts';
import type { CosemObject } from './cosem-object.ts';
import { type AttributeAccess, hidden, type InterfaceClass, readable } from './interface-class.ts';

/** What the association shows. */
export interface AssociationSource {
  objects(): readonly CosemObject[];
  readonly clients: readonly MeterClient[];
  readonly serverSap: number;
  readonly securitySetup: string;
}

/** Object identifiers of DLMS UA, 2.16.756.5.8, up to the context and mechanism names (Green Book 9.4.2.2). */
const contextPrefix = [0x60, 0x85, 0x74, 0x05, 0x08, 0x01];
const mechanismPrefix = [0x60, 0x85, 0x74, 0x05, 0x08, 0x02];
const context = { plain: 1, ciphering: 3 } as const;
const mechanismId = {
  none: 0,
  lls: 1,
  hls2: 2,
  md5: 3,
  sha1: 4,
  gmac: 5,
  sha256: 6,
  ecdsa: 7,
} as const satisfies Record<Mechanism, number>;
/** association_status: associated. */
const associated = 2;
const accessMode = { none: 0, read: 1, 'read-write': 3 } as const;
/** Access that needs an authenticated request. */
const authenticatedAccessMode = { none: 0, read: 4, 'read-write': 6 } as const;
const everybody: AttributeAccess = { ...readable, public: 'read' };

export const associationLn: InterfaceClass<AssociationSource> = {
  classId: 15,
  version: 1,
  name: 'Association LN',
  section: '4.4.4',
  attributes: {
    2: {
      name: 'object_list',
      access: everybody,
      read({ objects }, { writer, client }) {
        const visible = objects().filter((object) => isVisible(object, client));
        writer.array(visible.length);
        for (const object of visible) writeObject(writer, object, client);
      },
    },
    3: {
      name: 'associated_partners_id',
      access: everybody,
      read: ({ serverSap, ...source }, { writer, client }) =>
        void writer.structure(2).integer(policyOf(source, client).clientSap).longUnsigned(serverSap),
    },
    4: {
      name: 'application_context_name',
      access: everybody,
      read: (source, { writer, client }) => {
        const isCiphered = policyOf(source, client).protection !== 'none';
        const id = isCiphered ? context.ciphering : context.plain;
        writer.octetString(Uint8Array.of(...contextPrefix, id));
      },
    },
    5: { name: 'xDLMS_context_info', access: hidden, read: () => 'read-write-denied' },
    6: {
      name: 'authentication_mechanism_name',
      access: everybody,
      read: (source, { writer, client }) => {
        const id = mechanismId[policyOf(source, client).mechanism];
        writer.octetString(Uint8Array.of(...mechanismPrefix, id));
      },
    },
    7: { name: 'secret', access: hidden, read: () => 'read-write-denied' },
    8: {
      name: 'association_status',
      access: everybody,
      read: (_, { writer }) => void writer.enumerate(associated),
    },
    9: {
      name: 'security_setup_reference',
      access: readable,
      read: ({ securitySetup }, { writer }) => void writer.octetString(parseObis(securitySetup)),
    },
  },
  methods: {
    // The protocol's server handles it before it comes here (Green Book 9.2.7.4).
    1: { name: 'reply_to_HLS_authentication', clients: [] },
    2: { name: 'change_HLS_secret', clients: [] },
    3: { name: 'add_object', clients: [] },
    4: { name: 'remove_object', clients: [] },
  },
};

function policyOf({ clients }: Pick<AssociationSource, 'clients'>, name: ClientName): MeterClient {
  return clients.find((client) => client.name === name) as MeterClient;
}

function isVisible(object: CosemObject, client: ClientName): boolean {
  return object.attributes.some((attribute) => object.attributeAccess(attribute, client) !== 'none');
}

/** object_list_element: class, version, name, rights of attributes and methods. */
function writeObject(writer: AxdrWriter, object: CosemObject, client: ClientName): void {
  const modes = client === 'public' ? accessMode : authenticatedAccessMode;
  writer.structure(4).longUnsigned(object.classId).unsigned(object.version).obis(object.obis);
  writer.structure(2).array(object.attributes.length);
  for (const attribute of object.attributes) {
    const selectors = object.selectors(attribute);
    writer.structure(3).integer(attribute).enumerate(modes[object.attributeAccess(attribute, client)]);
    if (selectors.length === 0) writer.nullData();
    else {
      writer.array(selectors.length);
      for (const selector of selectors) writer.integer(selector);
    }
  }
  writer.array(object.methods.length);
  // method_access_mode: 2 needs an authenticated request, 0 is no access.
  for (const method of object.methods) {
    writer
      .structure(2)
      .integer(method)
      .enumerate(object.isCallable(method, client) ? 2 : 0);
  }
}
