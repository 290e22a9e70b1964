/** Profiles that show what the meter captured: a ring, the columns a companion profile names, and how each is written. */

import type { AxdrWriter } from '@wattline/protocols/dlms';
import { writeTime } from '../cosem/clock.ts';
import { type CosemObject, cosemObject, type ObjectOptions } from '../cosem/cosem-object.ts';
import { type ProfileColumnSource, periodicProfile, profileGeneric } from '../cosem/profile-generic.ts';
import { writeCounter } from '../cosem/register.ts';
import type { MeterParts } from '../meter-parts.ts';
import type { ColumnRing } from '../registers/column-ring.ts';
import { configure } from './common-objects.ts';

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
  return cosemObject(profileGeneric, row.obis, ({ parts }) => sourceOf(row, parts), row);
}

/** The object of load profile 1, whose period may be set. */
export function loadProfile(columns: readonly ColumnRow[], options: ObjectOptions = {}): CosemObject {
  const row: RingProfileRow = {
    obis: '1.0.99.1.0.255',
    ringOf: ({ metrology }) => metrology.loadProfile.ring,
    capturePeriodSeconds: ({ metrology }) => metrology.intervalSeconds,
    columns,
  };
  return cosemObject(
    periodicProfile,
    row.obis,
    ({ parts }) => ({
      ...sourceOf(row, parts),
      setPeriod: (periodSeconds) => configure(parts, 'load-profile', { periodSeconds }),
    }),
    options,
  );
}

function sourceOf({ columns, ringOf, capturePeriodSeconds }: RingProfileRow, parts: MeterParts) {
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
}
