/** Profiles with one entry that is read when asked for: nameplate, instantaneous values, and the scalers that go with a profile. */
import { type AxdrWriter, encodeData } from '@wattline/protocols/dlms';
import { type CosemObject, cosemObject, type MeterView, type ObjectOptions } from '../cosem/cosem-object.ts';
import { type ProfileColumnSource, profileGeneric } from '../cosem/profile-generic.ts';

/** An attribute of another object, value 2 of a register when only its name is given. */
export interface ColumnReference {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

const registerClass = 3;
const scalerUnitAttribute = 3;

/** The value of a register. */
export const registerValue = (obis: string): ColumnReference => ({ classId: 3, obis, attribute: 2 });
/** The value of a Data object. */
export const dataValue = (obis: string): ColumnReference => ({ classId: 1, obis, attribute: 2 });
/** Value and capture time of an extended register. */
export const maximumValue = (obis: string): ColumnReference[] => [
  { classId: 4, obis, attribute: 2 },
  { classId: 4, obis, attribute: 5 },
];
export const clockTime: ColumnReference = { classId: 8, obis: '0.0.1.0.0.255', attribute: 2 };

/** One entry, labelled with the time at which it is read. */
function momentOf(view: MeterView) {
  return { length: 1, capacity: 1, at: () => view.parts.nowMs() };
}

/** A profile whose one row is what the attributes hold now. */
export function snapshotProfile(
  obis: string,
  references: readonly ColumnReference[],
  options: ObjectOptions = {},
): CosemObject {
  return cosemObject(
    profileGeneric,
    obis,
    (view) => ({
      ring: momentOf(view),
      clock: view.parts.clock,
      capturePeriodSeconds: 0,
      columns: references.map(
        (reference): ProfileColumnSource => ({
          ...reference,
          write: (writer) => writeHeld(view, writer, reference),
        }),
      ),
    }),
    options,
  );
}

/** The scaler profile of a profile: scaler and unit of each register it captures (IS 15959-1, 9.3). */
export function scalerProfile(
  obis: string,
  references: readonly ColumnReference[],
  options: ObjectOptions = {},
): CosemObject {
  const scaled = references
    .filter(({ classId, attribute }) => classId >= registerClass && classId <= 5 && attribute === 2)
    .map((reference) => ({ ...reference, attribute: scalerUnitAttribute }));
  return snapshotProfile(obis, scaled, options);
}

/** An attribute that the meter does not have is null-data in the row. */
function writeHeld(view: MeterView, writer: AxdrWriter, reference: ColumnReference): AxdrWriter {
  const value = view.valueOf(reference);
  return value ? writer.raw(encodeData(value)) : writer.nullData();
}
