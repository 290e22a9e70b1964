/** Data as a person reads it: numbers, texts, clocks, logical names. */
import { formatInstant, toHex } from '@wattline/base';
import type { Data } from './data.ts';
import { decodeDateTime } from './date-time.ts';
import { formatObis } from './obis.ts';

/** The value of a scalar as a person reads it; undefined for containers, which show their elements. */
export function printScalar(data: Data): string | undefined {
  switch (data.type) {
    case 'null-data':
    case 'array':
    case 'structure':
    case 'compact-array':
      return undefined;
    case 'visible-string':
    case 'utf8-string':
      return data.value;
    case 'octet-string':
      return printOctets(data.value);
    case 'date-time':
      return printClock(data.value) ?? toHex(data.value);
    case 'bit-string':
    case 'date':
    case 'time':
      return toHex(data.value);
    default:
      return String(data.value);
  }
}

/** Octets with what they most likely are: a clock, a logical name, text. */
function printOctets(octets: Uint8Array): string {
  if (octets.length === 12) return printClock(octets) ?? toHex(octets);
  if (octets.length === 6 && octets[5] === 255) return `${toHex(octets)} (${formatObis(octets)})`;
  const isText = octets.length > 3 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  return isText ? `${toHex(octets)} (${textOf(octets, 'latin1')})` : toHex(octets);
}

function printClock(octets: Uint8Array): string | undefined {
  const decoded = decodeDateTime(octets);
  if (!decoded.ok) return undefined;
  const { instantMs, offsetMinutes, status } = decoded.value;
  const offset =
    offsetMinutes === undefined
      ? 'deviation not specified'
      : `UTC${offsetMinutes < 0 ? '' : '+'}${offsetMinutes} min`;
  return `${toHex(octets)} (${formatInstant(instantMs)}, ${offset}, status ${status})`;
}

/** Octets as text. */
export function textOf(octets: Uint8Array, encoding: 'latin1' | 'utf8'): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString(encoding);
}
