/** Checks of values out of JSON: fields by name, nothing else beside them, every list bounded. */

/** Whether a value is what a field may hold. */
export type Check = (value: unknown) => boolean;

/** Fields of an object; one that may be left out has a check that takes undefined. */
export type Shape = Readonly<Record<string, Check>>;

const textMax = 200;

/** Whether a value is a plain object of fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a short text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= textMax;
}

/** Whether a value is a count or an instant. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value is a count up to `most`. */
export function isCountTo(value: unknown, most: number): value is number {
  return isCount(value) && value <= most;
}

/** A check for lists of at most `most` elements. */
export function isListOf(is: Check, most: number): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every(is);
}

/** A check for objects with these fields and no others. */
export function hasShape(shape: Shape): Check {
  return (value) =>
    isRecord(value) &&
    Object.keys(value).every((name) => Object.hasOwn(shape, name)) &&
    Object.entries(shape).every(([name, is]) => is(value[name]));
}
