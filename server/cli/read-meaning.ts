/** A second look at what was read, in the same association: scaler and unit of a value, names and units of the columns of a profile. */
import { codeOf } from '@wattline/base';
import type { MeterReader, ReadValue } from '@wattline/headend';
import { type Data, formatObis } from '@wattline/protocols/dlms';
import { type ScalerUnit, scalerUnitOf } from './read-text.ts';

/** What the octets of a value stand for, as far as the meter tells. */
export interface Meaning {
  readonly scale: ScalerUnit | undefined;
  /** Columns of a profile buffer, in order. */
  readonly columns: readonly ColumnMeaning[] | undefined;
}

/** One capture object of a profile. */
export interface ColumnMeaning {
  /** Its OBIS code, and the attribute when it is not the second. */
  readonly name: string;
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  readonly scale: ScalerUnit | undefined;
}

const registerClasses = [3, 4];
const demandClass = 5;
const profileClass = 7;

/** Whether a value is the buffer of a profile. */
export function isBuffer({ classId, attribute }: Pick<ReadValue, 'classId' | 'attribute'>): boolean {
  return classId === profileClass && attribute === 2;
}

/** Reads what a value means; whoever may read the value may be refused its meaning, which then is unknown. */
export async function readMeaning(reader: MeterReader, value: ReadValue): Promise<Meaning> {
  if (isBuffer(value)) {
    const captured = await readQuietly(reader, { ...value, attribute: 3 });
    return { scale: undefined, columns: await readColumns(reader, captured) };
  }
  return { scale: await readScale(reader, value), columns: undefined };
}

/** The attribute that tells scaler and unit of Register, Extended register and Demand register. */
function scaleAttribute({
  classId,
  attribute,
}: Pick<ReadValue, 'classId' | 'attribute'>): number | undefined {
  if (registerClasses.includes(classId) && attribute === 2) return 3;
  return classId === demandClass && (attribute === 2 || attribute === 3) ? 4 : undefined;
}

async function readScale(
  reader: MeterReader,
  of: Pick<ReadValue, 'classId' | 'obis' | 'attribute'>,
): Promise<ScalerUnit | undefined> {
  const attribute = scaleAttribute(of);
  if (attribute === undefined) return undefined;
  return scalerUnitOf(await readQuietly(reader, { classId: of.classId, obis: of.obis, attribute }));
}

async function readQuietly(
  reader: MeterReader,
  { classId, obis, attribute }: Pick<ReadValue, 'classId' | 'obis' | 'attribute'>,
): Promise<Data | undefined> {
  try {
    return (await reader.read({ classId, obis, attribute })).data;
  } catch (error) {
    if (['headend/attribute-refused', 'headend/object-not-found'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function readColumns(reader: MeterReader, captured: Data | undefined): Promise<ColumnMeaning[]> {
  const columns: ColumnMeaning[] = [];
  for (const object of captured?.type === 'array' ? captured.value : []) {
    const [classOf, name, index] = object.type === 'structure' ? object.value : [];
    const obis = name?.type === 'octet-string' ? formatObis(name.value) : '?';
    const attribute = numberOf(index) ?? 2;
    const classId = numberOf(classOf) ?? 0;
    const scale = obis === '?' ? undefined : await readScale(reader, { classId, obis, attribute });
    columns.push({ name: attribute === 2 ? obis : `${obis}/${attribute}`, classId, obis, attribute, scale });
  }
  return columns;
}

function numberOf(data: Data | undefined): number | undefined {
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}
