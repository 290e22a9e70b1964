/** The customer port P1 (DSMR 5.0.2, IEC 62056-21 mode D): telegrams of text cut out of a stream, checked, and read. */
import { type Failure, failure, type Result, success } from '@wattline/base';
import type { PushValue } from './push-values.ts';

const slash = 0x2f;
const exclamation = 0x21;
/** Four hexadecimal digits after the exclamation mark. */
const checkLength = 4;

/** One telegram. */
export interface P1Telegram {
  /** What follows the slash: maker, baud rate and model. */
  readonly identification: string;
  /** Every value of every line in order; lines with a time stamp give it as text before the value. */
  readonly values: readonly PushValue[];
  /** False for telegrams before DSMR 4, which carry none. */
  readonly isChecked: boolean;
}

/** Cuts a serial stream into telegrams. */
export interface P1Receiver {
  receive(octets: Uint8Array): {
    readonly telegrams: readonly P1Telegram[];
    readonly failures: readonly Failure[];
  };
}

const table = Uint16Array.from({ length: 256 }, (_, i) => {
  let word = i;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >> 1) ^ 0xa001 : word >> 1;
  return word;
});

/** CRC-16/ARC: reflected 0x8005, from zero. */
function crc16(octets: Uint8Array): number {
  let word = 0;
  for (const octet of octets) word = (word >> 8) ^ (table[(word ^ octet) & 0xff] as number);
  return word;
}

/** Whether octets begin like a telegram. */
export function isP1(octets: Uint8Array): boolean {
  return octets[0] === slash;
}

/** The telegram from its slash to its exclamation mark and check sum. Fails with `dlms/bad-telegram`. */
export function decodeP1(octets: Uint8Array): Result<P1Telegram> {
  const end = octets.indexOf(exclamation);
  if (!isP1(octets) || end < 0) {
    return failure('dlms/bad-telegram', 'expected a telegram from / to !', { offset: 0 });
  }
  const tail = Buffer.from(octets.subarray(end + 1)).toString('latin1');
  const [stated = ''] = /^[0-9A-Fa-f]{4}/.exec(tail) ?? [];
  const found = crc16(octets.subarray(0, end + 1));
  if (stated !== '' && Number.parseInt(stated, 16) !== found) {
    const hex = found.toString(16).toUpperCase().padStart(4, '0');
    return failure('dlms/bad-telegram', `expected check sum ${hex}, found ${stated}`, { offset: end + 1 });
  }
  if (stated === '' && tail.trim() !== '') {
    return failure('dlms/bad-telegram', 'expected four digits of check sum', { offset: end + 1 });
  }
  const text = Buffer.from(octets.subarray(1, end)).toString('latin1');
  const [identification = '', ...lines] = text.split(/\r?\n/);
  const values: PushValue[] = [];
  // A value of a gas meter may stand on a line of its own after its codes.
  for (const line of lines.join('\n').replace(/\n\(/g, '(').split('\n')) {
    const read = readLine(line);
    if (!read.ok) return read;
    values.push(...read.value);
  }
  return success({ identification, values, isChecked: stated !== '' });
}

/** `1-0:1.8.1(001581.123*kWh)`: a code and its values. */
function readLine(line: string): Result<PushValue[]> {
  if (line.trim() === '') return success([]);
  const match = /^(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)(?:[.*](\d+))?((?:\([^()]*\))+)\s*$/.exec(line);
  if (!match) return failure('dlms/bad-telegram', `expected a code and its values, found '${line}'`);
  const [, a, b, c, d, e, f = '255', groups = ''] = match;
  const obis = [a, b, c, d, e, f].join('.');
  const parts = [...groups.matchAll(/\(([^()]*)\)/g)].map(([, part = '']) => part);
  return success(parts.map((part) => readValue(obis, part)));
}

/** A decimal with a unit is an integer with a scale; all else stays text as it came. */
function readValue(obis: string, part: string): PushValue {
  const match = /^(-?\d+)(?:\.(\d+))?\*(\w+)$/.exec(part);
  if (!match) return { obis, value: part, scale: 0, unit: undefined };
  const [, whole = '', fraction = '', unit] = match;
  return { obis, value: Number(whole + fraction), scale: fraction === '' ? 0 : -fraction.length, unit };
}

/** A receiver that holds at most one telegram of `maxLength` octets; what is longer is a failure and passed over. */
export function createP1Receiver(maxLength = 16_384): P1Receiver {
  let held: Uint8Array = new Uint8Array(0);
  return {
    receive(octets) {
      const telegrams: P1Telegram[] = [];
      const failures: Failure[] = [];
      held = new Uint8Array(Buffer.concat([held, octets]));
      for (;;) {
        const start = held.indexOf(slash);
        held = start < 0 ? new Uint8Array(0) : held.subarray(start);
        const end = held.indexOf(exclamation);
        // The line end after the check sum says that it is all there; before DSMR 4 it stands there at once.
        const stop = end < 0 ? -1 : held.indexOf(0x0a, end);
        if (stop < 0) {
          if (held.length > maxLength) {
            const message = `expected a telegram of at most ${maxLength} octets`;
            failures.push({ code: 'dlms/bad-telegram', message, where: {} });
            held = new Uint8Array(0);
          }
          return { telegrams, failures };
        }
        const decoded = decodeP1(held.subarray(0, Math.min(stop + 1, end + 1 + checkLength + 2)));
        if (decoded.ok) telegrams.push(decoded.value);
        else failures.push(decoded.error);
        held = held.subarray(stop + 1);
      }
    },
  };
}
