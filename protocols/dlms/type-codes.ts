/** The alternatives of the CHOICE `Data` with their tags (IEC 62056-5-3, Green Book 9.5), once for codec and printer. */
import type { Data } from './data.ts';

/** Tag of each alternative. */
export const typeCode = {
  'null-data': 0,
  array: 1,
  structure: 2,
  boolean: 3,
  'bit-string': 4,
  'double-long': 5,
  'double-long-unsigned': 6,
  'octet-string': 9,
  'visible-string': 10,
  'utf8-string': 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  'long-unsigned': 18,
  'compact-array': 19,
  long64: 20,
  'long64-unsigned': 21,
  enum: 22,
  float32: 23,
  float64: 24,
  'date-time': 25,
  date: 26,
  time: 27,
  'delta-integer': 28,
  'delta-long': 29,
  'delta-double-long': 30,
  'delta-unsigned': 31,
  'delta-long-unsigned': 32,
  'delta-double-long-unsigned': 33,
} as const satisfies Record<Data['type'], number>;

/** Name of each tag; holes are undefined. */
export const typeName: readonly (Data['type'] | undefined)[] = Object.entries(typeCode).reduce<
  (Data['type'] | undefined)[]
>((names, [name, code]) => {
  names[code] = name as Data['type'];
  return names;
}, []);

/** Octets of the contents where the type fixes them; -1 where the contents say their own length. */
export const fixedSize: readonly number[] = buildFixedSizes();

function buildFixedSizes(): number[] {
  const sizes = new Array<number>(256).fill(-1);
  const fixed: Partial<Record<Data['type'], number>> = {
    'null-data': 0,
    boolean: 1,
    'double-long': 4,
    'double-long-unsigned': 4,
    bcd: 1,
    integer: 1,
    long: 2,
    unsigned: 1,
    'long-unsigned': 2,
    long64: 8,
    'long64-unsigned': 8,
    enum: 1,
    float32: 4,
    float64: 8,
    'date-time': 12,
    date: 5,
    time: 4,
    'delta-integer': 1,
    'delta-long': 2,
    'delta-double-long': 4,
    'delta-unsigned': 1,
    'delta-long-unsigned': 2,
    'delta-double-long-unsigned': 4,
  };
  for (const [name, size] of Object.entries(fixed)) sizes[typeCode[name as Data['type']]] = size;
  return sizes;
}

/** Octets of the contents of integer types by tag; 0 for every other tag. */
export const integerSize = new Uint8Array(256);
for (const type of [
  'integer',
  'unsigned',
  'enum',
  'long',
  'long-unsigned',
  'double-long',
  'double-long-unsigned',
  'long64',
  'long64-unsigned',
] as const) {
  integerSize[typeCode[type]] = fixedSize[typeCode[type]] as number;
}
