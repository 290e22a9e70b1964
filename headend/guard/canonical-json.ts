/** One text for one value (after RFC 8785): what is hashed and signed must not depend on the order of fields. */
import { createHash } from 'node:crypto';

/** JSON with fields in order, no white space; numbers must be safe integers, so that every program writes them the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`expected a safe integer, found ${value}`);
  }
  return JSON.stringify(value);
}

/** SHA-256 of a value under the name of what it is and the installation it is meant for, hexadecimal. */
export function hashOf(kind: string, installation: string, value: unknown): string {
  const text = `wattline ${kind} v1\n${installation}\n${canonicalJson(value)}`;
  return createHash('sha256').update(text).digest('hex');
}
