/** Fields of values whose type was checked against the declaration already: no second check, no failure. */
import { type Data, formatObis } from '@wattline/protocols/dlms';

/** Octets of a string or a time; empty for anything else. */
export function octetsIn(value: Data | undefined): Uint8Array {
  return value && 'value' in value && value.value instanceof Uint8Array ? value.value : new Uint8Array(0);
}

/** A number of any width; 0 for anything else. */
export function numberIn(value: Data | undefined): number {
  if (!value || !('value' in value)) return 0;
  return typeof value.value === 'number' || typeof value.value === 'bigint' ? Number(value.value) : 0;
}

/** A number where the value is one. */
export function numericIn(value: Data | undefined): number | undefined {
  if (!value || !('value' in value)) return undefined;
  return typeof value.value === 'number' || typeof value.value === 'bigint' ? Number(value.value) : undefined;
}

/** A logical name as text. */
export function obisIn(value: Data | undefined): string {
  const octets = octetsIn(value);
  return octets.length === 6 ? formatObis(octets) : '0.0.0.0.0.0';
}

/** Elements of an array or fields of a structure. */
export function elementsIn(value: Data | undefined): readonly Data[] {
  return value?.type === 'array' || value?.type === 'structure' ? value.value : [];
}

/** Rows of an array of structures. */
export function rowsIn(value: Data | undefined): (readonly Data[])[] {
  return elementsIn(value).map(elementsIn);
}
