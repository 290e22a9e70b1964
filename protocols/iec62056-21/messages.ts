/** The messages of the opening (IEC 62056-21 clause 5 and 6.3): request, identification, acknowledgement with option select. */
import { failure, type Result, success } from '@wattline/base';
import type { OpeningErrorCode } from './errors.ts';

const ack = 0x06;
const end = '\r\n';
/** Characters of a device address at most (clause 6.3.1). */
const maxAddress = 32;
/** Characters of the identification proper at most (clause 6.3.2). */
const maxIdentification = 16;

/** Rates by their character in modes C and E (clause 6.3.14, item 13c). */
export const baudOfCharacter = {
  '0': 300,
  '1': 600,
  '2': 1200,
  '3': 2400,
  '4': 4800,
  '5': 9600,
  '6': 19_200,
} as const;
export type BaudCharacter = keyof typeof baudOfCharacter;
/** A rate that both sides can be told, Bd. */
export type Baud = (typeof baudOfCharacter)[BaudCharacter];

/** The character of a rate. */
export function characterOfBaud(baud: Baud): BaudCharacter {
  return (Object.keys(baudOfCharacter) as BaudCharacter[]).find(
    (character) => baudOfCharacter[character] === baud,
  ) as BaudCharacter;
}

/** What a meter says of itself. */
export interface Identification {
  /** Three letters (FLAG); the third is written small by a meter that answers within 20 ms. */
  readonly manufacturer: string;
  readonly isFast: boolean;
  /** The highest rate it offers, Bd; undefined for a character of another mode than C or E. */
  readonly baud: Baud | undefined;
  /** The characters after each backslash: `2` offers binary mode. */
  readonly enhanced: readonly string[];
  /** At most 16 printable characters, without `/` and `!`. */
  readonly identification: string;
}

/** Option select (clause 6.3.3): what the client chose. */
export interface OptionSelect {
  /** V: 0 normal, 1 secondary, 2 HDLC. */
  readonly protocol: string;
  readonly baud: Baud;
  /** Y: 0 data readout, 1 programming, 2 binary mode. */
  readonly mode: string;
}

/** The option that leads to HDLC. */
export const binaryMode = { protocol: '2', mode: '2' } as const;

/** `/?<address>!`: any meter without an address. Fails with `iec62056-21/bad-address`. */
export function encodeRequest(address = ''): Result<Uint8Array> {
  if (address.length > maxAddress || !/^[0-9A-Za-z ]*$/.test(address)) {
    return fail('iec62056-21/bad-address', `expected up to ${maxAddress} digits, letters and spaces`);
  }
  return success(octetsOf(`/?${address}!${end}`));
}

/** The address of a request line, without leading zeros; undefined when the line is no request. */
export function decodeRequest(line: string): string | undefined {
  const [, address] = /^\/\?([0-9A-Za-z ]{0,32})!$/.exec(line) ?? [];
  return address === undefined ? undefined : withoutZeros(address);
}

/** Leading zeros of an address say nothing (clause 6.3.1, item 22). */
export function withoutZeros(address: string): string {
  return address.replace(/^0+/, '');
}

/** The identification message. */
export function encodeIdentification(meter: {
  readonly manufacturer: string;
  readonly isFast: boolean;
  readonly baud: Baud;
  readonly enhanced: readonly string[];
  readonly identification: string;
}): Uint8Array {
  const third = meter.manufacturer[2] ?? '';
  const name = `${meter.manufacturer.slice(0, 2)}${meter.isFast ? third.toLowerCase() : third}`;
  const enhanced = meter.enhanced.map((character) => `\\${character}`).join('');
  return octetsOf(`/${name}${characterOfBaud(meter.baud)}${enhanced}${meter.identification}${end}`);
}

/** The identification of a line. Fails with `iec62056-21/bad-identification`; `where.offset` is the character. */
export function decodeIdentification(line: string): Result<Identification> {
  const [head, name, character] = /^\/([A-Z]{2}[A-Za-z])([\x20-\x7e])/.exec(line) ?? [];
  if (head === undefined || name === undefined || character === undefined) {
    return fail('iec62056-21/bad-identification', 'expected a slash, three letters and a rate');
  }
  let at = head.length;
  const enhanced: string[] = [];
  // A backslash and one character, each time (item 23).
  while (line[at] === '\\' && line[at + 1] !== undefined) {
    enhanced.push(line[at + 1] as string);
    at += 2;
  }
  const identification = line.slice(at);
  if (identification.length > maxIdentification || /[^\x20-\x7e]|[/!]/.test(identification)) {
    const message = `expected up to ${maxIdentification} printable characters, found '${identification}'`;
    return failure('iec62056-21/bad-identification', message, { offset: at });
  }
  return success({
    manufacturer: name.toUpperCase(),
    isFast: name !== name.toUpperCase(),
    baud: character in baudOfCharacter ? baudOfCharacter[character as BaudCharacter] : undefined,
    enhanced,
    identification,
  });
}

/** ACK V Z Y CR LF. */
export function encodeOption({ protocol, baud, mode }: OptionSelect): Uint8Array {
  return octetsOf(`${String.fromCharCode(ack)}${protocol}${characterOfBaud(baud)}${mode}${end}`);
}

/** The option of a line that begins with ACK; undefined when it is none. */
export function decodeOption(line: string): OptionSelect | undefined {
  if (line.charCodeAt(0) !== ack) return undefined;
  const [, protocol, character, mode] = /^([0-9])([0-6])([0-9A-Z])$/.exec(line.slice(1)) ?? [];
  if (protocol === undefined || character === undefined || mode === undefined) return undefined;
  return { protocol, baud: baudOfCharacter[character as BaudCharacter], mode };
}

function octetsOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function fail(code: OpeningErrorCode, message: string): ReturnType<typeof failure> {
  return failure(code, message, { offset: 0 });
}
