/** Association SN, class 12 (Blue Book 4.4.3): the association of clients that name objects by short names. */
import { parseObis, type ShortNameObject } from '@wattline/protocols/dlms';
import { type AssociationSource, associationSecret } from './association-ln.ts';
import type { MeterClient } from './clients.ts';
import type { CosemObject } from './cosem-object.ts';
import {
  anyData,
  arrayOf,
  integer,
  logicalName,
  long,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from './data-type.ts';
import { type AttributeAccess, type InterfaceClass, managed, readable } from './interface-class.ts';

/** What the association shows. */
export interface AssociationSnSource
  extends Pick<AssociationSource, 'of' | 'securitySetup' | 'takeSecret' | 'settings'> {
  /** Objects of a client with the names they have. */
  namedFor(client: MeterClient): readonly { readonly named: ShortNameObject; readonly object: CosemObject }[];
}

const everybody: AttributeAccess = { ...readable, public: 'read' };
const listElement = structure({
  base_name: long(),
  class_id: longUnsigned(),
  version: unsigned(),
  logical_name: logicalName,
});
const accessMode = { none: 0, read: 1, write: 2, 'read-write': 3 } as const;
/** A base name as the standard carries it: a long, though its values run to 0xFFF8. */
const baseNameOf = ({ baseName }: ShortNameObject) => (baseName << 16) >> 16;
const longestSecret = 64;

export const associationSn: InterfaceClass<AssociationSnSource> = {
  classId: 12,
  version: 2,
  name: 'Association SN',
  section: '4.4.3',
  attributes: {
    2: {
      name: 'object_list',
      type: arrayOf(listElement, Number.POSITIVE_INFINITY),
      access: everybody,
      read(source, { writer, client }) {
        const listed = source.namedFor(source.of ?? (client as MeterClient));
        writer.array(listed.length);
        for (const { named } of listed) {
          writer
            .structure(4)
            .long(baseNameOf(named))
            .longUnsigned(named.classId)
            .unsigned(named.version)
            .obis(named.obis);
        }
      },
    },
    3: {
      name: 'access_rights_list',
      type: arrayOf(
        structure({
          base_name: long(),
          attribute_access: arrayOf(
            structure({ attribute_id: integer(), access_mode: anyData, access_selectors: anyData }),
          ),
          method_access: arrayOf(structure({ method_id: integer(), access_mode: anyData })),
        }),
        Number.POSITIVE_INFINITY,
      ),
      access: everybody,
      read(source, { writer, client: asking }) {
        const client = source.of ?? (asking as MeterClient);
        const listed = source.namedFor(client);
        writer.array(listed.length);
        for (const { named, object } of listed) {
          writer.structure(3).long(baseNameOf(named)).array(object.attributes.length);
          for (const attribute of object.attributes) {
            const mode = accessMode[object.attributeAccess(attribute, client)];
            writer.structure(3).integer(attribute).enumerate(mode).nullData();
          }
          writer.array(object.methods.length);
          for (const method of object.methods) {
            writer.structure(2).integer(method).boolean(object.isCallable(method, client));
          }
        }
      },
    },
    4: {
      name: 'security_setup_reference',
      type: logicalName,
      access: readable,
      read: ({ securitySetup }, { writer }) => void writer.octetString(parseObis(securitySetup)),
    },
  },
  // Numbers by their short names: those between were withdrawn or are of other versions.
  methods: {
    5: {
      name: 'change_secret',
      clients: managed,
      parameter: octets(1, longestSecret),
      invoke: (source, value, { client }) => associationSecret(source, value, client),
    },
    // The protocol's server handles it before it comes here.
    8: { name: 'reply_to_HLS_authentication', clients: [], parameter: octets() },
  },
  declaredOnly: 'read_by_logical_name, users',
};
