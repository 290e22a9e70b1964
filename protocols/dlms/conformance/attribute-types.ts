/** Types of attributes by class (Blue Book 4), as far as the class lays them down whatever the object: for judging values. */
import { typeCode } from '../type-codes.ts';

/** A type by its name in the standard. */
type TypeName = keyof typeof typeCode;

const text = ['octet-string'] as const;
const list = ['array'] as const;
const choice = ['enum'] as const;
const pair = ['structure'] as const;
const switched = ['boolean'] as const;
const u32 = ['double-long-unsigned'] as const;
const u16 = ['long-unsigned'] as const;
const u8 = ['unsigned'] as const;
/** A date and time, or nothing when it never was. */
const time = ['octet-string', 'date-time', 'null-data'] as const;

/** Class id, attribute, types. What depends on the object (`value` of a Data) is not here. */
export const attributeTypes: Readonly<Record<number, Readonly<Record<number, readonly TypeName[]>>>> = {
  3: { 3: pair },
  4: { 3: pair, 5: time },
  5: { 4: pair, 6: time, 7: time, 8: u32, 9: u16 },
  6: { 2: list, 3: list, 4: text },
  7: { 2: list, 3: list, 4: u32, 5: choice, 6: pair, 7: u32, 8: u32 },
  8: { 2: text, 3: ['long'], 4: u8, 5: text, 6: text, 7: ['integer'], 8: switched, 9: choice },
  9: { 2: list },
  10: { 2: list },
  11: { 2: list },
  15: {
    2: list,
    3: pair,
    4: ['octet-string', 'structure'],
    5: pair,
    6: ['octet-string', 'structure'],
    8: choice,
    9: text,
    10: list,
    11: pair,
  },
  17: { 2: list },
  18: { 2: u32, 3: ['bit-string'], 4: u32, 5: switched, 6: choice, 7: list },
  20: { 2: text, 3: list, 4: list, 5: list, 6: text, 7: list, 8: list, 9: list, 10: text },
  21: { 2: list, 3: pair, 4: list },
  22: { 2: pair, 3: choice, 4: list },
  23: { 2: choice, 3: u8, 4: u8, 5: u16, 6: u16, 7: u16, 8: u16, 9: u16 },
  40: { 2: list, 3: pair, 4: list, 5: u16, 6: u8, 7: u16 },
  41: { 2: u16, 3: text, 4: u16, 5: u8, 6: u16 },
  64: { 2: choice, 3: choice, 4: text, 5: text, 6: list },
  70: { 2: switched, 3: choice, 4: choice },
  71: { 2: pair, 6: u32, 7: u32, 8: pair, 9: list, 10: switched, 11: pair },
};

/** Tags of types. */
export function tagsOf(types: readonly TypeName[]): readonly number[] {
  return types.map((name) => typeCode[name]);
}
