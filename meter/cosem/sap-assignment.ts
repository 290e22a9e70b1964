/** SAP assignment, class 17 (Blue Book 4.4.5): the logical devices of the physical one and their SAPs. */
import { arrayOf, longUnsigned, octets, structure } from './data-type.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';

/** A logical device. */
export interface SapEntry {
  readonly sap: number;
  readonly logicalDeviceName: Uint8Array;
}

const sapElement = structure({ SAP: longUnsigned(), logical_device_name: octets(0, 16) });

export const sapAssignment: InterfaceClass<readonly SapEntry[]> = {
  classId: 17,
  version: 0,
  name: 'SAP assignment',
  section: '4.4.5',
  attributes: {
    2: {
      name: 'SAP_assignment_list',
      type: arrayOf(sapElement),
      access: readable,
      read(entries, { writer }) {
        writer.array(entries.length);
        for (const { sap, logicalDeviceName } of entries) {
          writer.structure(2).longUnsigned(sap).octetString(logicalDeviceName);
        }
      },
    },
  },
  methods: {
    1: {
      name: 'connect_logical_device',
      clients: managed,
      parameter: sapElement,
      // One logical device lives in the meter: it can be named again where it is, no other can be connected.
      invoke(entries, parameter) {
        const [sap, name] = parameter?.type === 'structure' ? parameter.value : [];
        const isThere =
          sap?.type === 'long-unsigned' &&
          name?.type === 'octet-string' &&
          entries.some(
            (one) => one.sap === sap.value && Buffer.from(one.logicalDeviceName).equals(name.value),
          );
        return { result: isThere ? 'success' : 'object-unavailable' };
      },
    },
  },
};
