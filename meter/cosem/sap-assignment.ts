/** SAP assignment, class 17 (Blue Book 4.4.5): the logical devices of the physical one and their SAPs. */
import { type InterfaceClass, readable } from './interface-class.ts';

/** A logical device. */
export interface SapEntry {
  readonly sap: number;
  readonly logicalDeviceName: Uint8Array;
}

export const sapAssignment: InterfaceClass<readonly SapEntry[]> = {
  classId: 17,
  version: 0,
  name: 'SAP assignment',
  section: '4.4.5',
  attributes: {
    2: {
      name: 'SAP_assignment_list',
      access: readable,
      read(entries, { writer }) {
        writer.array(entries.length);
        for (const { sap, logicalDeviceName } of entries) {
          writer.structure(2).longUnsigned(sap).octetString(logicalDeviceName);
        }
      },
    },
  },
  methods: { 1: { name: 'connect_logical_device', clients: [] } },
};
