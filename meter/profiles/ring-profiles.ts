/** Profiles that show what the meter captured: a ring, the columns a companion profile names, and how each is written. */

import type { AxdrWriter } from '@wattline/protocols/dlms';
import { writeTime } from '../cosem/clock.ts';
import { type CosemObject, cosemObject, type ObjectOptions } from '../cosem/cosem-object.ts';
import { type ProfileColumnSource, profileGeneric } from '../cosem/profile-generic.ts';
import { writeCounter } from '../cosem/register.ts';
import type { MeterParts } from '../meter-parts.ts';
import type { ColumnRing } from '../registers/column-ring.ts';

/** A captured attribute and how it comes out of the ring. */
export interface ColumnRow {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  write(writer: AxdrWriter, ring: ColumnRing, entry: number, parts: MeterParts): unknown;
}

/** A profile of a companion profile. */
export interface RingProfileRow extends ObjectOptions {
  readonly obis: string;
  ringOf(parts: MeterParts): ColumnRing;
  /** Seconds; 0 when captured by event. */
  capturePeriodSeconds(parts: MeterParts): number;
  readonly columns: readonly ColumnRow[];
}

const labelColumn = 0;

/** The label of a row: the clock. */
export const clockColumn: ColumnRow = {
  classId: 8,
  obis: '0.0.1.0.0.255',
  attribute: 2,
  write: (writer, ring, entry, { clock }) => writeTime(writer, clock, ring.at(labelColumn, entry)),
};

/** A column of counts, double-long-unsigned. */
export function counterColumn(obis: string, column: number, classId = 3): ColumnRow {
  return {
    classId,
    obis,
    attribute: 2,
    write: (writer, ring, entry) => writeCounter(writer, ring.at(column, entry)),
  };
}

/** A column of small numbers in Data objects. */
export function codeColumn(
  obis: string,
  column: number,
  form: 'unsigned' | 'longUnsigned' = 'unsigned',
): ColumnRow {
  return {
    classId: 1,
    obis,
    attribute: 2,
    write: (writer, ring, entry) => writer[form](ring.at(column, entry)),
  };
}

/** The object of a profile. */
export function ringProfile(row: RingProfileRow): CosemObject {
  const { obis, columns, ringOf, capturePeriodSeconds } = row;
  return cosemObject(
    profileGeneric,
    obis,
    ({ parts }) => {
      const ring = ringOf(parts);
      return {
        ring,
        clock: parts.clock,
        capturePeriodSeconds: capturePeriodSeconds(parts),
        columns: columns.map(
          (column): ProfileColumnSource => ({
            classId: column.classId,
            obis: column.obis,
            attribute: column.attribute,
            write: (writer, entry) => column.write(writer, ring, entry, parts),
          }),
        ),
      };
    },
    row,
  );
}
