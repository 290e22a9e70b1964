/** Register, class 3 (Blue Book 4.3.2): a value with scaler and unit. */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { type InterfaceClass, readable } from './interface-class.ts';

/** Codes of physical units (Blue Book 4.3.2, table 4). */
export const unitCode = {
  s: 7,
  W: 27,
  VA: 28,
  var: 29,
  Wh: 30,
  varh: 32,
  A: 33,
  V: 35,
  Hz: 44,
  none: 255,
} as const;

/** A register: its value is an integer of `10^scaler` units. */
export interface RegisterSource {
  readonly scaler: number;
  readonly unit: keyof typeof unitCode;
  write(writer: AxdrWriter): unknown;
}

export const register: InterfaceClass<RegisterSource> = {
  classId: 3,
  version: 0,
  name: 'Register',
  section: '4.3.2',
  attributes: {
    2: { name: 'value', access: readable, read: (source, { writer }) => void source.write(writer) },
    3: {
      name: 'scaler_unit',
      access: readable,
      read: ({ scaler, unit }, { writer }) =>
        void writer.structure(2).integer(scaler).enumerate(unitCode[unit]),
    },
  },
  methods: { 1: { name: 'reset', clients: [] } },
};

const longest32 = 2 ** 32 - 1;

/** A counter as double-long-unsigned, and as long64-unsigned when it has outgrown that. */
export function writeCounter(writer: AxdrWriter, value: number): AxdrWriter {
  return value <= longest32 ? writer.doubleLongUnsigned(value) : writer.long64Unsigned(BigInt(value));
}
