/** OBIS codes (IEC 62056-6-1): six numbers A.B.C.D.E.F that name what a value is. */
import { dlmsError } from './errors.ts';

/**
 * The six octets of an OBIS code: `1.0.1.8.0.255`, also as `1-0:1.8.0*255`; five numbers get F = 255.
 * @throws CodedError `dlms/bad-obis` when the text is not five or six numbers from 0 to 255.
 */
export function parseObis(text: string): Uint8Array {
  const parts = text.trim().split(/[.\-:*]/);
  if (parts.length === 5) parts.push('255');
  const octets = Uint8Array.from(parts, (part) => Number(part));
  const isValid = parts.length === 6 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  if (!isValid) {
    throw dlmsError(
      'dlms/bad-obis',
      `expected six numbers A.B.C.D.E.F from 0 to 255, found '${text.slice(0, 40)}'`,
    );
  }
  return octets;
}

/** The text of six octets: `1.0.1.8.0.255`. Octets beyond the sixth are not looked at. */
export function formatObis(octets: Uint8Array): string {
  return `${octets[0] ?? 0}.${octets[1] ?? 0}.${octets[2] ?? 0}.${octets[3] ?? 0}.${octets[4] ?? 0}.${octets[5] ?? 0}`;
}
