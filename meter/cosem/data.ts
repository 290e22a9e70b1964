/** Data, class 1 (Blue Book 4.3.1): one value of any type. */
import type { AxdrWriter, Data, DataAccessResult } from '@wattline/protocols/dlms';
import { anyData, type DataType } from './data-type.ts';
import { type InterfaceClass, readable, settable } from './interface-class.ts';
import { type SettingOptions, setting, type WithSettings } from './settings.ts';

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
      type: anyData,
      access: readable,
      read: (write, { writer }) => void write(writer),
    },
  },
  methods: {},
};

/** The same class for a value that clients set: its type is the profile's choice. */
export function dataSetting(type: DataType, options: SettingOptions = {}): InterfaceClass<WithSettings> {
  const { classId, version, name, section } = data;
  return {
    classId,
    version,
    name,
    section,
    attributes: { 2: setting('value', type, options) },
    methods: {},
  };
}

/** A parameter of the meter as a value that clients set. */
export interface DataParameter {
  write(writer: AxdrWriter): unknown;
  set(value: Data): DataAccessResult;
}

/** The same class for a parameter that the meter checks, journals and audits itself. */
export function dataParameter(type: DataType): InterfaceClass<DataParameter> {
  const { classId, version, name, section } = data;
  return {
    classId,
    version,
    name,
    section,
    attributes: {
      2: {
        name: 'value',
        type,
        access: settable,
        read: (source, { writer }) => void source.write(writer),
        write: (source, value) => source.set(value),
      },
    },
    methods: {},
  };
}
