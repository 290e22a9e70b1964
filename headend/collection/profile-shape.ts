/** How one meter captures a profile: which column means what and by which factor, read from the meter itself (Blue Book 4.3.6, 4.3.2). */

import { codeOf } from '@wattline/base';
import { type ReadingType, type ReadingTypeId, readingTypeOf, type Unit } from '@wattline/model';
import { type Data, decodeData, formatObis } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { Session } from '../session/session.ts';
import type { ProfileMapping } from './mapping.ts';

/** A value column: value x factor is an integer of the reading type's scale. */
export interface ValueColumn {
  readonly readingType: ReadingTypeId;
  readonly index: number;
  readonly factor: number;
}

/** Where the columns of a profile stand. */
export interface ProfileShape {
  readonly obis: string;
  readonly label: ProfileMapping['label'];
  readonly clock: number;
  /** Undefined when the meter captures no status word. */
  readonly status: number | undefined;
  readonly values: readonly ValueColumn[];
}

/** Codes of physical units (Blue Book 4.3.2, table 4). */
const unitCodes: Readonly<Record<Unit, number>> = {
  W: 27,
  VA: 28,
  var: 29,
  Wh: 30,
  VAh: 31,
  varh: 32,
  A: 33,
  V: 35,
  Hz: 44,
};

const captureObjectsAttribute = 3;
const scalerUnitAttribute = 3;

/**
 * Reads capture_objects of a profile and the scaler of each value in it.
 * @throws CodedError `headend/profile-columns`, `headend/scaler-unsupported` and what {@link Session.get} throws.
 */
export async function readProfileShape(session: Session, profile: ProfileMapping): Promise<ProfileShape> {
  const { obis, label } = profile;
  const captured = await readData(session, { classId: 7, obis, attribute: captureObjectsAttribute });
  const names = captured.type === 'array' ? captured.value.map(nameOfCaptureObject) : [];
  const values: ValueColumn[] = [];
  let clock = -1;
  let status: number | undefined;
  for (const column of profile.columns) {
    const index = names.indexOf(`${column.classId}/${column.obis}/${column.attribute}`);
    if (index < 0) continue;
    if (column.meaning === 'clock') clock = index;
    else if (column.meaning === 'status') status = index;
    else {
      const type = readingTypeOf(column.meaning);
      values.push({ readingType: column.meaning, index, factor: await readFactor(session, column, type) });
    }
  }
  if (clock < 0 || values.length === 0) {
    const what = `expected profile ${obis} to capture the clock and a known value, found ${names.join(', ') || 'nothing'}`;
    throw headendError('headend/profile-columns', what, { obis });
  }
  return { obis, label, clock, status, values };
}

/** A meter that keeps its scaler to itself counts in the unit of the reading type: the mapping says so. */
async function readFactor(
  session: Session,
  column: { readonly classId: number; readonly obis: string },
  type: ReadingType,
): Promise<number> {
  const { classId, obis } = column;
  let scalerUnit: Data;
  try {
    scalerUnit = await readData(session, { classId, obis, attribute: scalerUnitAttribute });
  } catch (error) {
    if (codeOf(error) === 'headend/attribute-refused') return 1;
    throw error;
  }
  const [scaler, unit] = scalerUnit.type === 'structure' ? scalerUnit.value : [];
  const exponent = scaler?.type === 'integer' ? scaler.value - type.scale : Number.NaN;
  const isUnit = unit?.type === 'enum' && unit.value === unitCodes[type.unit];
  if (!isUnit || !(exponent >= 0 && exponent <= 9)) {
    const found = `scaler ${scaler?.type === 'integer' ? scaler.value : '?'}, unit ${unit?.type === 'enum' ? unit.value : '?'}`;
    const what = `expected ${obis} in ${type.unit} with a scaler of ${type.scale} to ${type.scale + 9}, found ${found}`;
    throw headendError('headend/scaler-unsupported', what, { obis });
  }
  return 10 ** exponent;
}

/**
 * An attribute as decoded Data.
 * @throws CodedError `headend/value-undecodable` and what {@link Session.get} throws.
 */
export async function readData(
  session: Session,
  reference: { readonly classId: number; readonly obis: string; readonly attribute: number },
): Promise<Data> {
  const decoded = decodeData(await session.get(reference));
  if (decoded.ok) return decoded.value.value;
  const what = `attribute ${reference.attribute} of ${reference.obis}: ${decoded.error.message}`;
  throw headendError('headend/value-undecodable', what, { ...reference });
}

function nameOfCaptureObject(data: Data): string {
  const [classId, name, attribute] = data.type === 'structure' ? data.value : [];
  if (classId?.type !== 'long-unsigned' || name?.type !== 'octet-string' || attribute?.type !== 'integer') {
    return '?';
  }
  return `${classId.value}/${formatObis(name.value)}/${attribute.value}`;
}
