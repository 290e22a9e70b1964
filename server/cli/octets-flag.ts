/** Octets as the value of a flag: keys, titles, passwords. */
import { fromHex, messageOf } from '@wattline/base';
import { InvalidArgumentError } from 'commander';

/** Hexadecimal text of one of `lengths` octets, as an option's parser. */
export function parseOctets(lengths: readonly number[]): (text: string) => Uint8Array {
  return (text) => {
    let octets: Uint8Array;
    try {
      octets = fromHex(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
    if (lengths.includes(octets.length)) return octets;
    const expected = lengths.map((length) => length * 2).join(' or ');
    throw new InvalidArgumentError(`expected ${expected} hexadecimal digits, found ${octets.length * 2}`);
  };
}

/** A password: octets after `0x`, otherwise text. */
export function parsePassword(text: string): Uint8Array {
  if (!/^0x/i.test(text)) return new TextEncoder().encode(text);
  try {
    return fromHex(text.slice(2));
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

/** A dedicated key: octets, or `random` for one of this association alone. */
export function parseDedicatedKey(text: string): Uint8Array | 'random' {
  return text === 'random' ? text : parseOctets([16, 32])(text);
}

/** A security suite. */
export function parseSuite(text: string): 0 | 1 | 2 {
  const suite = ([0, 1, 2] as const).find((one) => String(one) === text);
  if (suite !== undefined) return suite;
  throw new InvalidArgumentError('expected 0, 1 or 2');
}
