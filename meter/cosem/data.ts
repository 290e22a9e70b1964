/** Data, class 1 (Blue Book 4.3.1): one value of any type. */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { type InterfaceClass, readable } from './interface-class.ts';

/** Writes the value. */
export type DataSource = (writer: AxdrWriter) => unknown;

export const data: InterfaceClass<DataSource> = {
  classId: 1,
  version: 0,
  name: 'Data',
  section: '4.3.1',
  attributes: {
    2: {
      name: 'value',
      access: readable,
      read: (write, { writer }) => void write(writer),
    },
  },
  methods: {},
};
