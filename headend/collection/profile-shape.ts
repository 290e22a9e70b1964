/** How one meter captures a profile: how often, which column means what and by which factor, read from the meter itself (Blue Book 4.3.6, 4.3.2). */

import { CodedError, codeOf } from '@wattline/base';
import { type ReadingTypeId, readingTypeOf, type Unit } from '@wattline/model';
import { type Data, decodeData, formatObis } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { Session } from '../session/session.ts';
import { capturePeriodAttribute, periodOf } from './capture-period.ts';
import type { ColumnMapping, ProfileMapping } from './mapping.ts';

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
  /** Columns of an entry, known and unknown. */
  readonly width: number;
  /** Seconds between entries; undefined when the meter does not say. */
  readonly periodSeconds: number | undefined;
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
 * Reads what profiles capture, how often, and the scaler of each value in them: two round trips where the meter takes lists.
 * @throws CodedError `headend/profile-columns`, `headend/scaler-unsupported` and what {@link Session.getMany} throws.
 */
export async function readProfileShapes(
  session: Session,
  profiles: readonly ProfileMapping[],
): Promise<ProfileShape[]> {
  const askedOf = (attribute: number) => profiles.map(({ obis }) => ({ classId: 7, obis, attribute }));
  const answers = await readAll(session, [
    ...askedOf(captureObjectsAttribute),
    ...askedOf(capturePeriodAttribute),
  ]);
  const periods = answers.splice(profiles.length).map(periodOf);
  const names = answers.map((data) => {
    const objects = expectData(data);
    return objects.type === 'array' ? objects.value.map(nameOfCaptureObject) : [];
  });
  const found = profiles.map((profile, i) => columnsFound(profile, names[i] ?? []));
  const values = found.flat().filter(isValue);
  const scalers = await readAll(
    session,
    values.map(({ column: { classId, obis } }) => ({ classId, obis, attribute: scalerUnitAttribute })),
  );
  const factors = new Map(values.map((value, i) => [value, factorOf(value, scalers[i])]));
  return profiles.map((profile, i) => ({
    ...shapeOf(profile, found[i] ?? [], factors, names[i] ?? []),
    periodSeconds: periods[i],
  }));
}

/** A column of the mapping and where the meter captures it. */
interface FoundColumn {
  readonly column: ColumnMapping;
  readonly index: number;
}

function columnsFound(profile: ProfileMapping, names: readonly string[]): FoundColumn[] {
  return profile.columns.flatMap((column) => {
    const index = names.indexOf(`${column.classId}/${column.obis}/${column.attribute}`);
    return index < 0 ? [] : [{ column, index }];
  });
}

function isValue({ column }: FoundColumn): boolean {
  return column.meaning !== 'clock' && column.meaning !== 'status';
}

function shapeOf(
  { obis, label }: ProfileMapping,
  found: readonly FoundColumn[],
  factors: ReadonlyMap<FoundColumn, number>,
  names: readonly string[],
): Omit<ProfileShape, 'periodSeconds'> {
  const indexOf = (meaning: ColumnMapping['meaning']) =>
    found.find(({ column }) => column.meaning === meaning)?.index;
  const clock = indexOf('clock');
  const values = found.filter(isValue).map((value) => ({
    readingType: value.column.meaning as ReadingTypeId,
    index: value.index,
    factor: factors.get(value) ?? 1,
  }));
  if (clock === undefined || values.length === 0) {
    const what = `expected profile ${obis} to capture the clock and a known value, found ${names.join(', ') || 'nothing'}`;
    throw headendError('headend/profile-columns', what, { obis });
  }
  return { obis, label, clock, status: indexOf('status'), values, width: names.length };
}

/** A meter that keeps its scaler to itself counts in the unit of the reading type: the mapping says so. */
function factorOf({ column }: FoundColumn, answer: Data | CodedError | undefined): number {
  const { obis, meaning } = column;
  if (answer instanceof CodedError && codeOf(answer) === 'headend/attribute-refused') return 1;
  const scalerUnit = expectData(answer);
  const type = readingTypeOf(meaning);
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

/** Attributes as decoded Data; what was refused or cannot be decoded stands in its place. */
async function readAll(
  session: Session,
  references: readonly { readonly classId: number; readonly obis: string; readonly attribute: number }[],
): Promise<(Data | CodedError)[]> {
  if (references.length === 0) return [];
  const answers = await session.getMany(references);
  return answers.map((answer, i) => {
    if (answer instanceof CodedError) return answer;
    const decoded = decodeData(answer);
    if (decoded.ok) return decoded.value.value;
    const { obis, attribute } = references[i] ?? {};
    const what = `attribute ${attribute} of ${obis}: ${decoded.error.message}`;
    return headendError('headend/value-undecodable', what, { ...references[i] });
  });
}

function expectData(answer: Data | CodedError | undefined): Data {
  if (answer === undefined || answer instanceof CodedError) {
    throw answer ?? headendError('headend/unexpected', 'an attribute was not answered');
  }
  return answer;
}

function nameOfCaptureObject(data: Data): string {
  const [classId, name, attribute] = data.type === 'structure' ? data.value : [];
  if (classId?.type !== 'long-unsigned' || name?.type !== 'octet-string' || attribute?.type !== 'integer') {
    return '?';
  }
  return `${classId.value}/${formatObis(name.value)}/${attribute.value}`;
}
