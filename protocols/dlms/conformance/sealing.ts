/** Ciphered APDUs of the tester (Green Book 9.2.7), right ones and spoiled ones, and the judging of ciphered answers. */
import { concatBytes, toHex } from '@wattline/base';
import { type ApduTags, apduOfTag, apduTags } from '../apdu/tags.ts';
import type { Protection, SecurityKeys } from '../association.ts';
import { meetsProtection, open, seal } from '../security.ts';
import type { Recorder } from './recorder.ts';

/** How an APDU is sealed; what is left out is right. */
export interface Sealing {
  readonly protection?: Exclude<Protection, 'none'>;
  readonly invocationCounter?: number;
  readonly keys?: SecurityKeys;
  readonly systemTitle?: Uint8Array;
  readonly isDedicated?: boolean;
  /** Changes security header, contents and tag before they are sent. */
  spoil?(sealed: Uint8Array): Uint8Array;
}

/** A sealing with nothing left out. */
export type WholeSealing = Required<Omit<Sealing, 'spoil'>> & Pick<Sealing, 'spoil'>;

/** Length octets of BER and A-XDR. */
function lengthOf(count: number): Uint8Array {
  return count < 0x80
    ? Uint8Array.of(count)
    : count < 0x100
      ? Uint8Array.of(0x81, count)
      : Uint8Array.of(0x82, count >> 8, count & 0xff);
}

/** The glo- or ded- APDU around a plain one. */
export function sealService(plain: Uint8Array, how: WholeSealing): Uint8Array {
  const name = apduOfTag[plain[0] ?? 0]?.name;
  const tags: ApduTags | undefined = name && apduTags[name];
  const tag = (how.isDedicated ? tags?.ded : tags?.glo) ?? 0;
  const { keys, systemTitle, protection, invocationCounter } = how;
  const right = seal(plain, { keys, systemTitle }, { protection, invocationCounter });
  const sealed = how.spoil?.(right) ?? right;
  return concatBytes(Uint8Array.of(tag), lengthOf(sealed.length), sealed);
}

/** What an answer must be sealed with. */
export interface ExpectedSeal {
  readonly keys: SecurityKeys;
  readonly serverTitle: Uint8Array;
  readonly protection: Protection;
  readonly isDedicated: boolean;
}

/** A ciphered answer in the clear, with its invocation counter; whatever is wrong with it fails the subtest. */
export function openService(
  apdu: Uint8Array,
  recorder: Recorder,
  expected: ExpectedSeal,
): { readonly plain: Uint8Array; readonly invocationCounter: number } {
  const info = apduOfTag[apdu[0] ?? 0];
  const dress = expected.isDedicated ? 'ded' : 'glo';
  recorder.check(
    info?.dress === dress,
    `a ${dress}- APDU`,
    `tag ${apdu[0] ?? 'none'}${info ? ` (${info.name})` : ''}`,
  );
  const long = (apdu[1] ?? 0) > 0x80 ? (apdu[1] as number) - 0x80 : 0;
  const length =
    long === 0 ? (apdu[1] ?? 0) : apdu.subarray(2, 2 + long).reduce((sum, octet) => sum * 256 + octet, 0);
  const sealed = apdu.subarray(2 + long);
  recorder.check(sealed.length === length, `${length} octets, as the length says`, `${sealed.length}`);
  const opened = open(sealed, { keys: expected.keys, systemTitle: expected.serverTitle });
  recorder.check(
    opened.ok,
    'an APDU that opens with the keys and the system title of the meter',
    opened.ok ? '' : opened.error.message,
  );
  const { plain, protection, invocationCounter } = opened.value;
  recorder.check(
    meetsProtection(protection, expected.protection),
    `protection ${expected.protection}`,
    `protection ${protection}`,
  );
  const plainTag = apduOfTag[plain[0] ?? 0];
  recorder.check(
    plainTag?.name === info.name && plainTag.dress === 'plain',
    `${info.name} inside`,
    toHex(plain).slice(0, 40),
  );
  return { plain, invocationCounter };
}
