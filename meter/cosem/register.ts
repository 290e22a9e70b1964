/** Register, class 3 (Blue Book 4.3.2): a value with scaler and unit. */
import type { ActionOutcome, AxdrWriter } from '@wattline/protocols/dlms';
import { anyData, enumeration, integer, structure, trigger } from './data-type.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';

/** Codes of physical units (Blue Book 4.3.2, table 4). */
export const unitCode = {
  min: 6,
  s: 7,
  '°': 8,
  '°C': 9,
  m3: 13,
  kg: 20,
  J: 25,
  W: 27,
  VA: 28,
  var: 29,
  Wh: 30,
  VAh: 31,
  varh: 32,
  A: 33,
  V: 35,
  Hz: 44,
  '%': 56,
  none: 255,
} as const;
export type UnitName = keyof typeof unitCode;

/** A register: its value is an integer of `10^scaler` units. */
export interface RegisterSource {
  readonly scaler: number;
  readonly unit: UnitName;
  write(writer: AxdrWriter): unknown;
  /** Sets the value to zero; energy registers of a meter have no such thing. */
  reset?(): ActionOutcome['result'];
}

/** scaler_unit. */
export const scalerUnit = structure({ scaler: integer(), unit: enumeration() });

export function writeScalerUnit(
  writer: AxdrWriter,
  source: Pick<RegisterSource, 'scaler' | 'unit'>,
): AxdrWriter {
  return writer.structure(2).integer(source.scaler).enumerate(unitCode[source.unit]);
}

export const register: InterfaceClass<RegisterSource> = {
  classId: 3,
  version: 0,
  name: 'Register',
  section: '4.3.2',
  attributes: {
    2: {
      name: 'value',
      type: anyData,
      access: readable,
      read: (source, { writer }) => void source.write(writer),
    },
    3: {
      name: 'scaler_unit',
      type: scalerUnit,
      access: readable,
      read: (source, { writer }) => void writeScalerUnit(writer, source),
    },
  },
  methods: {
    1: {
      name: 'reset',
      clients: managed,
      parameter: trigger,
      // What counts energy is not reset from afar.
      invoke: (source) => ({ result: source.reset?.() ?? 'read-write-denied' }),
    },
  },
};

const longest32 = 2 ** 32 - 1;

/** A counter as double-long-unsigned, and as long64-unsigned when it has outgrown that. */
export function writeCounter(writer: AxdrWriter, value: number): AxdrWriter {
  return value <= longest32 ? writer.doubleLongUnsigned(value) : writer.long64Unsigned(BigInt(value));
}
