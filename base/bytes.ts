/** Octet strings: hexadecimal text, concatenation, comparison in constant time. */
import { timingSafeEqual } from 'node:crypto';
import { CodedError } from './errors.ts';

/** Hexadecimal text of octets, upper case, no separators. */
export function toHex(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}

/**
 * Octets of hexadecimal text; white space, `:` and `-` between octets are ignored.
 * @throws CodedError `base/bad-hex` with the offset of the first character that is not hexadecimal.
 */
export function fromHex(text: string): Uint8Array {
  const clean = text.replace(/[\s:-]/g, '');
  const bad = clean.search(/[^0-9a-fA-F]/);
  if (bad >= 0) {
    throw new CodedError('base/bad-hex', `expected a hexadecimal digit, found '${clean[bad]}'`, {
      offset: bad,
    });
  }
  if (clean.length % 2 === 1) {
    throw new CodedError(
      'base/bad-hex',
      `expected an even number of hexadecimal digits, found ${clean.length}`,
      {
        offset: clean.length,
      },
    );
  }
  return new Uint8Array(Buffer.from(clean, 'hex'));
}

/** One octet string out of several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether two octet strings are equal; the time taken does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
