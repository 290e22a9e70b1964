/** Looking up codes of a file in a table: a code such as `constructor` must not find what every object has. */

/** What a table says of a code, or undefined. */
export function lookUp<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
