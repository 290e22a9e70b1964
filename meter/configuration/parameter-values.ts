/** Values of parameters as they come from outside: shapes checked field by field, with what was expected and what came. */
import type { Json } from './configuration.ts';

/** A field that must be there: whether a value fits, and in words what would. */
export interface FieldRule {
  readonly fits: (value: Json | undefined) => boolean;
  readonly expected: string;
}

/** A whole number within bounds, both included. */
export function whole(least: number, most: number): FieldRule {
  return {
    fits: (value) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    expected: `a whole number from ${least} to ${most}`,
  };
}

/** A number within bounds, both included. */
export function between(least: number, most: number): FieldRule {
  return {
    fits: (value) => typeof value === 'number' && value >= least && value <= most,
    expected: `a number from ${least} to ${most}`,
  };
}

export const yesOrNo: FieldRule = { fits: (value) => typeof value === 'boolean', expected: 'true or false' };
export const text: FieldRule = { fits: (value) => typeof value === 'string', expected: 'a text' };
export const list: FieldRule = { fits: (value) => Array.isArray(value), expected: 'a list' };

/** The rule for a field that may be left out. */
export function optional({ fits, expected }: FieldRule): FieldRule {
  return { fits: (value) => value === undefined || fits(value), expected };
}

/** Which field of a record is wrong, as one line; undefined when all fit and none is unknown. */
export function wrongField(value: Json, rules: Readonly<Record<string, FieldRule>>): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'expected a record of fields';
  const fields = value as { readonly [name: string]: Json | undefined };
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) return `'${unknown}' is no field`;
  for (const [name, { fits, expected }] of Object.entries(rules)) {
    if (!fits(fields[name])) return `${name}: expected ${expected}, found ${JSON.stringify(fields[name])}`;
  }
  return undefined;
}
