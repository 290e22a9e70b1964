/** What was read from a meter, as a person reads it and as JSON. */
import { formatDecimal, formatInstant, toHex } from '@wattline/base';
import {
  type Data,
  decodeDateTime,
  decodeProfileColumns,
  formatObis,
  type ProfileColumn,
  unitSymbol,
} from '@wattline/protocols/dlms';
import { renderTable } from './text-table.ts';

/** Scaler and unit of a register. */
export interface ScalerUnit {
  readonly scaler: number;
  readonly unit: string;
}

/** Scaler and unit out of a scaler_unit_type, undefined when it is none. */
export function scalerUnitOf(data: Data | undefined): ScalerUnit | undefined {
  if (data?.type !== 'structure') return undefined;
  const [scaler, unit] = data.value;
  if (scaler?.type !== 'integer' || unit?.type !== 'enum') return undefined;
  return { scaler: scaler.value, unit: unitSymbol(unit.value) };
}

/** A number with scaler and unit: `5223.2 kWh` is never shown for 5223200 Wh, the meter's own unit stays. */
export function renderScaled(data: Data, { scaler, unit }: ScalerUnit): string {
  if (!('value' in data) || (typeof data.value !== 'number' && typeof data.value !== 'bigint'))
    return renderData(data);
  const isFloat = typeof data.value === 'number' && !Number.isInteger(data.value);
  const text = isFloat ? String(Number(data.value) * 10 ** scaler) : scaledText(BigInt(data.value), scaler);
  return `${text} ${unit}`.trimEnd();
}

function scaledText(value: bigint, scaler: number): string {
  return scaler < 0 ? formatDecimal(value, -scaler) : String(value * 10n ** BigInt(scaler));
}

/** Data as a tree, two blanks a level. */
export function renderData(data: Data, depth = 0): string {
  const indent = '  '.repeat(depth);
  if (data.type === 'null-data') return `${indent}${data.type}`;
  if (isBranch(data)) {
    const inner = data.value.map((element) => `\n${renderData(element, depth + 1)}`);
    return `${indent}${data.type} of ${data.value.length}${inner.join('')}`;
  }
  return `${indent}${data.type} ${valueText(data)}`;
}

/** Data with a value of its own. */
type Leaf = Exclude<Data, Branch | { readonly type: 'null-data' }>;
type Branch = Extract<Data, { readonly value: readonly Data[] }>;

function isBranch(data: Data): data is Branch {
  return data.type === 'array' || data.type === 'structure' || data.type === 'compact-array';
}

function valueText(data: Leaf): string {
  if (data.type === 'date-time') return instantText(data.value) ?? toHex(data.value);
  if (!(data.value instanceof Uint8Array)) return String(data.value);
  const hex = toHex(data.value);
  if (data.type === 'bit-string') return `${hex} (${data.bits} bits)`;
  const note = data.value.length === 12 ? instantText(data.value) : undefined;
  const plain = note ?? printable(data.value);
  return plain === undefined ? hex : `${hex} (${plain})`;
}

function instantText(octets: Uint8Array): string | undefined {
  const decoded = decodeDateTime(octets);
  if (!decoded.ok) return undefined;
  const { instantMs, offsetMinutes } = decoded.value;
  if (offsetMinutes === undefined) return `${formatInstant(instantMs).replace('Z', '')} local time`;
  const shift = `${offsetMinutes < 0 ? '-' : '+'}${clockText(Math.abs(offsetMinutes))}`;
  const at = Temporal.Instant.fromEpochMilliseconds(instantMs);
  return at.toString({ timeZone: shift });
}

function clockText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Text of octets that are all printable ASCII; six octets of a logical name are an OBIS code. */
function printable(octets: Uint8Array): string | undefined {
  if (octets.length > 0 && octets.every((octet) => octet >= 0x20 && octet < 0x7f)) {
    return `"${new TextDecoder().decode(octets)}"`;
  }
  return octets.length === 6 && octets[5] === 255 ? formatObis(octets) : undefined;
}

/** A profile buffer as a table; as a tree when it is none. */
export function renderProfile(encoded: Uint8Array, data: Data, meanings: readonly ColumnHeading[]): string {
  const decoded = decodeProfileColumns(encoded);
  if (!decoded.ok) return renderData(data);
  const { rows, columns } = decoded.value;
  if (rows === 0) return 'no entries';
  const headings = columns.map((_, index) => headingOf(meanings[index], index));
  const cells = Array.from({ length: rows }, (_, row) =>
    columns.map((column, index) => cellText(column, row, meanings[index]?.scale)),
  );
  return `${renderTable(headings, cells)}\n${rows} entries`;
}

/** What stands above a column. */
export interface ColumnHeading {
  readonly name: string;
  readonly scale: ScalerUnit | undefined;
}

function headingOf(meaning: ColumnHeading | undefined, index: number): string {
  if (!meaning) return `column ${index + 1}`;
  return meaning.scale?.unit ? `${meaning.name} ${meaning.scale.unit}` : meaning.name;
}

function cellText(column: ProfileColumn, row: number, scale: ScalerUnit | undefined): string {
  if (column.kind === 'instant') {
    const shift = column.offsetMinutes[row] ?? 0;
    const zone = `${shift < 0 ? '-' : '+'}${clockText(Math.abs(shift))}`;
    const at = Temporal.Instant.fromEpochMilliseconds(column.instantMs[row] as number);
    return at.toString({ timeZone: zone, smallestUnit: 'second' });
  }
  if (column.kind === 'integer') {
    if (column.isNull[row]) return '';
    const value = BigInt(column.value[row] ?? 0);
    return scale ? scaledText(value, scale.scaler) : String(value);
  }
  const data = column.value[row];
  return data ? renderData(data).replace(/\n\s*/g, '; ') : '';
}

/** Data as JSON: octets as hexadecimal digits, 64-bit integers as decimal text. */
export function jsonOfData(data: Data): unknown {
  if (data.type === 'null-data') return { type: data.type };
  if (isBranch(data)) {
    return { type: data.type, value: data.value.map(jsonOfData) };
  }
  if (data.value instanceof Uint8Array) return { type: data.type, value: toHex(data.value) };
  return { type: data.type, value: typeof data.value === 'bigint' ? String(data.value) : data.value };
}
