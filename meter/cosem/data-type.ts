/** Types of attributes and parameters as data (Blue Book 4.1.5): what may stand there, checked before a SET, shown in the tables. */
import { type Data, parseObis } from '@wattline/protocols/dlms';

/** Alternatives of `Data` whose value is a number. */
export type NumberKind =
  | 'integer'
  | 'long'
  | 'double-long'
  | 'unsigned'
  | 'long-unsigned'
  | 'double-long-unsigned'
  | 'enum'
  | 'float32'
  | 'float64';
/** Alternatives whose value has a length: octets, characters or bits. */
export type LengthKind = 'octet-string' | 'visible-string' | 'utf8-string' | 'bit-string';
/** Octet-strings of the standard's own form; also taken under their own tag. */
export type TimeKind = 'date-time' | 'date' | 'time';

/** A type; `least` and `most` bound the number, the length, or the elements of an array. */
export type DataType =
  | { readonly kind: 'null-data' | 'boolean' | 'any' | 'long64' | 'long64-unsigned' }
  | {
      readonly kind: NumberKind;
      readonly least?: number;
      readonly most?: number;
      readonly values?: readonly number[];
    }
  | { readonly kind: LengthKind; readonly least: number; readonly most: number }
  | { readonly kind: TimeKind }
  | { readonly kind: 'array'; readonly of: DataType; readonly most: number }
  | { readonly kind: 'structure'; readonly of: Readonly<Record<string, DataType>> }
  | { readonly kind: 'choice'; readonly of: readonly DataType[] };

/** An array. */
export type ArrayType = DataType & { readonly kind: 'array' };

/** Octets of each time: Blue Book 4.1.6.1. */
export const timeOctets = { 'date-time': 12, date: 5, time: 4 } as const satisfies Record<TimeKind, number>;

const numberOf =
  (kind: NumberKind) =>
  (least?: number, most?: number): DataType => ({
    kind,
    ...(least === undefined ? {} : { least }),
    ...(most === undefined ? {} : { most }),
  });
export const integer = numberOf('integer');
export const long = numberOf('long');
export const doubleLong = numberOf('double-long');
export const unsigned = numberOf('unsigned');
export const longUnsigned = numberOf('long-unsigned');
export const doubleLongUnsigned = numberOf('double-long-unsigned');
export const boolean: DataType = { kind: 'boolean' };
export const nullData: DataType = { kind: 'null-data' };
/** Any alternative: what the object is for decides. */
export const anyData: DataType = { kind: 'any' };
export const dateTime: DataType = { kind: 'date-time' };
export const date: DataType = { kind: 'date' };
export const time: DataType = { kind: 'time' };
/** One of the numbers given; any number when none is. */
export const enumeration = (...values: readonly number[]): DataType =>
  values.length === 0 ? { kind: 'enum' } : { kind: 'enum', values };
/** Numbers of an enumeration that runs from 0 without gap. */
export const enumerationTo = (last: number): DataType => ({ kind: 'enum', least: 0, most: last });
const longestText = 128;
export const octets = (least = 0, most = least > 0 ? least : longestText): DataType => ({
  kind: 'octet-string',
  least,
  most,
});
export const visibleText = (most = longestText): DataType => ({ kind: 'visible-string', least: 0, most });
export const utf8Text = (most = longestText): DataType => ({ kind: 'utf8-string', least: 0, most });
export const bits = (count: number): DataType => ({ kind: 'bit-string', least: count, most: count });
const mostElements = 64;
export const arrayOf = (of: DataType, most = mostElements): ArrayType => ({ kind: 'array', of, most });
export const structure = (of: Readonly<Record<string, DataType>>): DataType => ({ kind: 'structure', of });
export const choice = (...of: readonly DataType[]): DataType => ({ kind: 'choice', of });
/** A logical name. */
export const logicalName = octets(6);
/** A whole number of any width. */
export const wholeNumber = choice(
  doubleLongUnsigned(),
  doubleLong(),
  longUnsigned(),
  long(),
  unsigned(),
  integer(),
  { kind: 'long64-unsigned' },
  { kind: 'long64' },
);
/** Value definition of monitors: an attribute of an object. */
export const attributeReference = structure({
  class_id: longUnsigned(),
  logical_name: logicalName,
  attribute_index: integer(),
});
/** An action of monitors and schedules: a script of a script table. */
export const scriptReference = structure({
  script_logical_name: logicalName,
  script_selector: longUnsigned(),
});
/** Parameter of methods that only trigger: integer 0 by the standard, which clients also leave out. */
export const trigger = choice(integer(), nullData, unsigned(), long());

/** Why a value may not stand where a type is declared. */
export type Mismatch = 'type-unmatched' | 'other-reason';

/** What is wrong with a value: another type, or a value outside its range; undefined when it fits. */
export function mismatchOf(type: DataType, value: Data): Mismatch | undefined {
  switch (type.kind) {
    case 'any':
      return undefined;
    case 'choice': {
      const found = type.of.map((one) => mismatchOf(one, value));
      if (found.includes(undefined)) return undefined;
      return found.includes('other-reason') ? 'other-reason' : 'type-unmatched';
    }
    case 'array': {
      if (value.type !== 'array') return 'type-unmatched';
      if (value.value.length > type.most) return 'other-reason';
      return worst(value.value.map((element) => mismatchOf(type.of, element)));
    }
    case 'structure': {
      const fields = Object.values(type.of);
      if (value.type !== 'structure' || value.value.length !== fields.length) return 'type-unmatched';
      return worst(fields.map((field, index) => mismatchOf(field, value.value[index] as Data)));
    }
    case 'date-time':
    case 'date':
    case 'time':
      if (value.type !== 'octet-string' && value.type !== type.kind) return 'type-unmatched';
      return value.value.length === timeOctets[type.kind] ? undefined : 'other-reason';
    default:
      return value.type === type.kind ? rangeMismatch(type, value) : 'type-unmatched';
  }
}

function worst(found: readonly (Mismatch | undefined)[]): Mismatch | undefined {
  return found.includes('type-unmatched') ? 'type-unmatched' : found.find((one) => one !== undefined);
}

function rangeMismatch(type: DataType, value: Data): Mismatch | undefined {
  if ('values' in type && type.values) {
    return type.values.includes((value as { value: number }).value) ? undefined : 'other-reason';
  }
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = type as {
    least?: number;
    most?: number;
  };
  const size = sizeOf(value);
  return size === undefined || (size >= least && size <= most) ? undefined : 'other-reason';
}

/** What a range bounds. */
function sizeOf(value: Data): number | undefined {
  if (value.type === 'bit-string') return value.bits;
  if (!('value' in value)) return undefined;
  const held = value.value;
  if (typeof held === 'number') return held;
  return typeof held === 'string' || held instanceof Uint8Array ? held.length : undefined;
}

/** What stands there before anybody wrote: zero, or the least that fits. */
export function initialOf(type: DataType): Data {
  switch (type.kind) {
    case 'any':
    case 'null-data':
      return { type: 'null-data' };
    case 'boolean':
      return { type: 'boolean', value: false };
    case 'choice':
      return initialOf(type.of[0] as DataType);
    case 'array':
      return { type: 'array', value: [] };
    case 'structure':
      return { type: 'structure', value: Object.values(type.of).map(initialOf) };
    case 'date-time':
    case 'date':
    case 'time':
      return { type: 'octet-string', value: notSpecified[type.kind] };
    case 'octet-string':
      return { type: type.kind, value: new Uint8Array(type.least) };
    case 'visible-string':
    case 'utf8-string':
      return { type: type.kind, value: ' '.repeat(type.least) };
    case 'bit-string':
      return { type: type.kind, bits: type.least, value: new Uint8Array((type.least + 7) >> 3) };
    case 'long64':
    case 'long64-unsigned':
      return { type: type.kind, value: 0n };
    default: {
      const { least = Number.NEGATIVE_INFINITY, values } = type;
      return { type: type.kind, value: values?.[0] ?? Math.max(0, least) };
    }
  }
}

/** Date and time with every field not specified. */
export const notSpecified: Readonly<Record<TimeKind, Uint8Array>> = {
  'date-time': Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0xff),
  date: Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff),
  time: Uint8Array.of(0xff, 0xff, 0xff, 0xff),
};

/** A type in the words of the standard, for tables. */
export function describeType(type: DataType): string {
  switch (type.kind) {
    case 'any':
      return 'any';
    case 'choice':
      return type === wholeNumber ? 'whole number' : type.of.map(describeType).join(' or ');
    case 'array':
      return `array of ${describeType(type.of)}`;
    case 'structure':
      return `structure {${Object.keys(type.of).join(', ')}}`;
    case 'octet-string':
    case 'bit-string':
    case 'visible-string':
    case 'utf8-string':
      return type.least === type.most ? `${type.kind}[${type.least}]` : type.kind;
    default:
      return type.kind;
  }
}

/** Values of `Data` for those who write them down: initial values of settings, parameters of scripts. */
export const dataOf = {
  octets: (value: Uint8Array | string): Data => ({
    type: 'octet-string',
    value: typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'utf8')) : value,
  }),
  obis: (text: string): Data => ({ type: 'octet-string', value: parseObis(text) }),
  number: (type: NumberKind, value: number): Data => ({ type, value }),
  boolean: (value: boolean): Data => ({ type: 'boolean', value }),
  array: (...value: Data[]): Data => ({ type: 'array', value }),
  structure: (...value: Data[]): Data => ({ type: 'structure', value }),
};
