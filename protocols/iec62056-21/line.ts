/** Lines of characters as they come over a serial line of seven bits and even parity (IEC 62056-21 clause 5.1), bounded. */

/** How the serial line is set. */
export interface LineSetting {
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'even' | 'none';
}

/** The line as an opening finds it: 300 Bd, seven bits, even parity. */
export const openingLine: LineSetting = { baud: 300, dataBits: 7, parity: 'even' };

/** The longest line of an opening: a request with an address of 32 characters. */
const maxLine = 64;

/** Cuts characters into lines; the parity bit is dropped, for ports that show it. */
export interface LineCutter {
  /** `rest` is what follows the first whole line; `isTooLong` says that the line was given up. */
  push(octets: Uint8Array): {
    readonly line?: string;
    readonly rest: Uint8Array;
    readonly isTooLong: boolean;
  };
  clear(): void;
}

/** A cutter that begins a line at one of `starts` and passes over what is before it: noise and wake-up characters. */
export function createLineCutter(starts: string): LineCutter {
  let text = '';
  return {
    clear() {
      text = '';
    },
    push(octets) {
      for (const [i, octet] of octets.entries()) {
        const character = String.fromCharCode(octet & 0x7f);
        if (starts.includes(character)) text = '';
        else if (text === '') continue;
        text += character;
        if (text.endsWith('\r\n')) {
          const line = text.slice(0, -2);
          text = '';
          return { line, rest: octets.subarray(i + 1), isTooLong: false };
        }
        if (text.length > maxLine) {
          text = '';
          return { rest: octets.subarray(i + 1), isTooLong: true };
        }
      }
      return { rest: octets.subarray(octets.length), isTooLong: false };
    },
  };
}

/** Octets with even parity in bit 7, for ports that only know eight bits. */
export function withEvenParity(octets: Uint8Array): Uint8Array {
  return octets.map((octet) => {
    let bits = octet & 0x7f;
    bits ^= bits >> 4;
    bits ^= bits >> 2;
    bits ^= bits >> 1;
    return (octet & 0x7f) | ((bits & 1) << 7);
  });
}
