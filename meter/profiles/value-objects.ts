/** Objects of companion profiles that show one value of the meter: registers and data, a row of a table each. */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { type CosemObject, cosemObject, type ObjectOptions } from '../cosem/cosem-object.ts';
import { data } from '../cosem/data.ts';
import { register, type UnitName, writeCounter } from '../cosem/register.ts';
import type { MeterParts } from '../meter-parts.ts';

/** How a number goes on the wire; `counter` is double-long-unsigned until it outgrows that, and what outgrows 16 bits takes 32: kilovolts. */
const numberWriters = {
  integer: (writer: AxdrWriter, value: number) => writer.integer(within(value, -0x80, 0x7f)),
  long: (writer: AxdrWriter, value: number) =>
    Math.abs(value) < 0x8000 ? writer.long(value) : numberWriters['double-long'](writer, value),
  'double-long': (writer: AxdrWriter, value: number) =>
    writer.doubleLong(within(value, -0x80000000, 0x7fffffff)),
  unsigned: (writer: AxdrWriter, value: number) => writer.unsigned(within(value, 0, 0xff)),
  'long-unsigned': (writer: AxdrWriter, value: number) =>
    value <= 0xffff
      ? writer.longUnsigned(Math.max(0, value))
      : numberWriters['double-long-unsigned'](writer, value),
  'double-long-unsigned': (writer: AxdrWriter, value: number) =>
    writer.doubleLongUnsigned(within(value, 0, 0xffffffff)),
  counter: (writer: AxdrWriter, value: number) => writeCounter(writer, Math.max(0, value)),
} as const;
export type NumberForm = keyof typeof numberWriters;

/** A value outside its type stands at the end of the type: a display that is full. */
function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Writes a number in units as an integer of `10^scaler` units. */
export function writeScaled(
  writer: AxdrWriter,
  value: number,
  { as, scaler }: { readonly as: NumberForm; readonly scaler: number },
): AxdrWriter {
  return numberWriters[as](writer, Math.round(value * 10 ** -scaler));
}

/** A register of a profile. */
export interface RegisterRow extends ObjectOptions {
  readonly obis: string;
  readonly unit: UnitName;
  readonly scaler: number;
  readonly as: NumberForm;
  /** In units. */
  readonly value: (parts: MeterParts) => number;
}

/** The registers of rows. */
export function registers(rows: readonly RegisterRow[]): CosemObject[] {
  return rows.map((row) => {
    const { obis, unit, scaler, value } = row;
    return cosemObject(
      register,
      obis,
      ({ parts }) => ({ scaler, unit, write: (writer) => writeScaled(writer, value(parts), row) }),
      row,
    );
  });
}

/** A Data object: whatever the meter writes. */
export function dataObject(
  obis: string,
  write: (writer: AxdrWriter, parts: MeterParts) => unknown,
  options: ObjectOptions = {},
): CosemObject {
  return cosemObject(
    data,
    obis,
    ({ parts }) =>
      (writer) =>
        write(writer, parts),
    options,
  );
}

/** A Data object with a text of ASCII characters, as octet-string. */
export function textObject(
  obis: string,
  text: (parts: MeterParts) => string,
  options: ObjectOptions = {},
): CosemObject {
  return dataObject(obis, (writer, parts) => writer.octetString(Buffer.from(text(parts), 'latin1')), options);
}
