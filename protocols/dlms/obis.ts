/** OBIS codes (IEC 62056-6-1): six numbers A.B.C.D.E.F that name what a value is. */
import { dlmsError } from './errors.ts';

/**
 * The six octets of an OBIS code: `1.0.1.8.0.255`, also as `1-0:1.8.0*255`; five numbers get F = 255.
 * @throws CodedError `dlms/bad-obis` when the text is not five or six numbers from 0 to 255.
 */
export function parseObis(text: string): Uint8Array {
  const octets = new Uint8Array(6);
  const trimmed = text.trim();
  let at = 0;
  let number = 0;
  let digits = 0;
  // Read by hand: each request of a session names objects by their codes.
  for (let i = 0; i <= trimmed.length; i++) {
    const digit = trimmed.charCodeAt(i) - zero;
    if (digit >= 0 && digit <= 9 && digits < 3) {
      number = number * 10 + digit;
      digits++;
      continue;
    }
    const isEnd = i === trimmed.length || separators.includes(trimmed[i] as string);
    if (!isEnd || digits === 0 || number > 255 || at === 6) throw badObis(text);
    octets[at++] = number;
    number = 0;
    digits = 0;
  }
  if (at === 5) octets[5] = 255;
  else if (at !== 6) throw badObis(text);
  return octets;
}

const zero = '0'.charCodeAt(0);
const separators = '.-:*';

function badObis(text: string) {
  const what = `expected six numbers A.B.C.D.E.F from 0 to 255, found '${text.slice(0, 40)}'`;
  return dlmsError('dlms/bad-obis', what);
}

/** The text of six octets: `1.0.1.8.0.255`. Octets beyond the sixth are not looked at. */
export function formatObis(octets: Uint8Array): string {
  return `${octets[0] ?? 0}.${octets[1] ?? 0}.${octets[2] ?? 0}.${octets[3] ?? 0}.${octets[4] ?? 0}.${octets[5] ?? 0}`;
}
