/** Association LN, class 15 (Blue Book 4.4.4): the association that asks sees its own rights. */
import {
  type ActionOutcome,
  type AxdrWriter,
  type Data,
  encodeData,
  type Mechanism,
  ownConformance,
  parseObis,
} from '@wattline/protocols/dlms';
import { hasSecret, type MeterClient } from './clients.ts';
import type { CosemObject } from './cosem-object.ts';
import {
  anyData,
  arrayOf,
  bits,
  enumeration,
  integer,
  logicalName,
  longUnsigned,
  octets,
  structure,
  unsigned,
  visibleText,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn } from './fields.ts';
import {
  type AccessMode,
  type AttributeAccess,
  hidden,
  type InterfaceClass,
  type Method,
  managed,
  readable,
  writable,
} from './interface-class.ts';
import { settingOf, type WithSettings } from './settings.ts';

/** What the association shows. */
export interface AssociationSource extends WithSettings {
  /** The client whose association it is; undefined for the one that asks. */
  readonly of: MeterClient | undefined;
  readonly serverSap: number;
  readonly securitySetup: string;
  /** Largest APDU of the meter, octets. */
  readonly maxPduSize: number;
  /** Objects that a client has any right to. */
  objectsOf(client: MeterClient): readonly CosemObject[];
  /** Takes an object out of a client's list or puts it back; false when the meter has no such object. */
  list(
    client: MeterClient,
    object: { readonly classId: number; readonly obis: string },
    isListed: boolean,
  ): boolean;
  takeSecret(client: MeterClient, secret: Uint8Array): void;
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
const dlmsVersion = 6;
const accessMode = { none: 0, read: 1, write: 2, 'read-write': 3 } as const satisfies Record<
  AccessMode,
  number
>;
/** Access that needs an authenticated request. */
const authenticatedAccessMode = { none: 0, read: 4, write: 5, 'read-write': 6 } as const satisfies Record<
  AccessMode,
  number
>;

const everybody: AttributeAccess = { ...readable, public: 'read' };
const longestSecret = 64;
const userList = 10;
const user = structure({ user_id: unsigned(), user_name: visibleText(32) });
/** object_list_element as far as it names the object; its access rights are the meter's to give. */
const objectElement = structure({
  class_id: longUnsigned(),
  version: unsigned(),
  logical_name: logicalName,
  access_rights: anyData,
});

const clientOf = (source: Pick<AssociationSource, 'of'>, asking: MeterClient | undefined) =>
  source.of ?? (asking as MeterClient);

export const associationLn: InterfaceClass<AssociationSource> = {
  classId: 15,
  version: 2,
  name: 'Association LN',
  section: '4.4.4',
  attributes: {
    2: {
      name: 'object_list',
      type: arrayOf(objectElement, Number.POSITIVE_INFINITY),
      access: everybody,
      read(source, { writer, client: asking }) {
        const client = clientOf(source, asking);
        const visible = source.objectsOf(client);
        writer.array(visible.length);
        for (const object of visible) writeObject(writer, object, client);
      },
    },
    3: {
      name: 'associated_partners_id',
      type: structure({ client_SAP: integer(), server_SAP: longUnsigned() }),
      access: everybody,
      read: (source, { writer, client }) =>
        void writer.structure(2).integer(clientOf(source, client).clientSap).longUnsigned(source.serverSap),
    },
    4: {
      name: 'application_context_name',
      type: octets(7),
      access: everybody,
      read: (source, { writer, client }) => {
        const isCiphered = clientOf(source, client).protection !== 'none';
        const id = isCiphered ? context.ciphering : context.plain;
        writer.octetString(Uint8Array.of(...contextPrefix, id));
      },
    },
    5: {
      name: 'xDLMS_context_info',
      type: structure({
        conformance: bits(24),
        max_receive_pdu_size: longUnsigned(),
        max_send_pdu_size: longUnsigned(),
        dlms_version_number: unsigned(),
        quality_of_service: integer(),
        cyphering_info: octets(),
      }),
      access: everybody,
      // What the meter offers: the connection that negotiated less knows that itself.
      read: ({ maxPduSize }, { writer }) =>
        void writer
          .structure(6)
          .bitString(Uint8Array.of(ownConformance >> 16, ownConformance >> 8, ownConformance), 24)
          .longUnsigned(maxPduSize)
          .longUnsigned(maxPduSize)
          .unsigned(dlmsVersion)
          .integer(0)
          .octetString(new Uint8Array(0)),
    },
    6: {
      name: 'authentication_mechanism_name',
      type: octets(7),
      access: everybody,
      read: (source, { writer, client }) => {
        const id = mechanismId[clientOf(source, client).mechanism];
        writer.octetString(Uint8Array.of(...mechanismPrefix, id));
      },
    },
    7: {
      name: 'secret',
      type: octets(1, longestSecret),
      access: writable,
      read: () => 'read-write-denied',
      write(source, value, { client }) {
        const outcome = associationSecret(source, value, client);
        return outcome.result === 'success' ? 'success' : 'other-reason';
      },
    },
    8: {
      name: 'association_status',
      type: enumeration(0, 1, 2),
      access: everybody,
      read: (_, { writer }) => void writer.enumerate(associated),
    },
    9: {
      name: 'security_setup_reference',
      type: logicalName,
      access: readable,
      read: ({ securitySetup }, { writer }) => void writer.octetString(parseObis(securitySetup)),
    },
    10: {
      name: 'user_list',
      type: arrayOf(user),
      access: readable,
      read: ({ settings }, { writer }) =>
        void writer.raw(encodeData(settingOf(settings, userList, arrayOf(user)))),
    },
    11: {
      name: 'current_user',
      type: user,
      access: hidden,
      // Clients of this meter name no user when they associate (Green Book 9.4.2, calling-AE-invocation-id).
      read: () => 'object-unavailable',
    },
  },
  methods: {
    // The protocol's server handles it before it comes here (Green Book 9.2.7.4).
    1: { name: 'reply_to_HLS_authentication', clients: [], parameter: octets() },
    2: {
      name: 'change_HLS_secret',
      clients: managed,
      parameter: octets(1, longestSecret),
      invoke: (source, parameter, { client }) => associationSecret(source, parameter, client),
    },
    3: listing('add_object', true),
    4: listing('remove_object', false),
    5: {
      name: 'add_user',
      clients: managed,
      parameter: user,
      invoke: (source, parameter) => changeUsers(source, parameter, true),
    },
    6: {
      name: 'remove_user',
      clients: managed,
      parameter: user,
      invoke: (source, parameter) => changeUsers(source, parameter, false),
    },
  },
};

/** Keys are changed by key transfer; only mechanisms with a secret of their own have one here. */
export function associationSecret(
  source: Pick<AssociationSource, 'of' | 'takeSecret'>,
  value: Data | undefined,
  asking: MeterClient | undefined,
): ActionOutcome {
  const client = clientOf(source, asking);
  if (!hasSecret(client.mechanism)) return { result: 'other-reason' };
  source.takeSecret(client, octetsIn(value));
  return { result: 'success' };
}

function listing(name: string, isListed: boolean): Method<AssociationSource> {
  return {
    name,
    clients: managed,
    parameter: objectElement,
    invoke(source, parameter, { client }) {
      const [classId, , obis] = elementsIn(parameter);
      const object = { classId: numberIn(classId), obis: obisIn(obis) };
      const isFound = source.list(clientOf(source, client), object, isListed);
      return { result: isFound ? 'success' : 'object-undefined' };
    },
  };
}

const mostUsers = 64;

function changeUsers(
  { settings }: AssociationSource,
  parameter: Data | undefined,
  isAdded: boolean,
): ActionOutcome {
  const users = elementsIn(settingOf(settings, userList, arrayOf(user)));
  const [id] = elementsIn(parameter);
  const others = users.filter((one) => numberIn(elementsIn(one)[0]) !== numberIn(id));
  if (!isAdded && others.length === users.length) return { result: 'object-undefined' };
  if (isAdded && others.length >= mostUsers) return { result: 'other-reason' };
  settings.write(userList, { type: 'array', value: isAdded && parameter ? [...others, parameter] : others });
  return { result: 'success' };
}

/** object_list_element: class, version, name, rights of attributes and methods. */
function writeObject(writer: AxdrWriter, object: CosemObject, client: MeterClient): void {
  const modes =
    client.role === 'public' || client.protection === 'none' ? accessMode : authenticatedAccessMode;
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
