/** Who a meter is on the wire: system title, logical device name, and the keys of a demonstration. */
import { hkdfSync } from 'node:crypto';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { meterError } from './errors.ts';

/** FLAG id of the manufacturer; `WTL` is ours by use and not registered. */
const manufacturer = 'WTL';
const serialForm = /^WTL(\d{1,12})$/;
const serialMax = 2 ** 40 - 1;

/** Serial numbers are `WTL` and up to twelve digits, 8 when counted out here. */
export function serialOf(number: number): string {
  return `${manufacturer}${String(number).padStart(8, '0')}`;
}

/**
 * The system title: `WTL` and the serial number in five octets (Green Book 4.3.4).
 * @throws CodedError `meter/bad-spec`
 */
export function systemTitleOf(serial: string): Uint8Array {
  const title = Buffer.alloc(8);
  title.write(manufacturer, 'latin1');
  title.writeUIntBE(digitsOf(serial), 3, 5);
  return new Uint8Array(title);
}

/**
 * The COSEM logical device name: `WTL` and the serial number as 13 digits, 16 octets (Blue Book 4.1.8.2).
 * @throws CodedError `meter/bad-spec`
 */
export function logicalDeviceNameOf(serial: string): Uint8Array {
  return new Uint8Array(Buffer.from(manufacturer + String(digitsOf(serial)).padStart(13, '0'), 'latin1'));
}

/**
 * Keys of a client of a demonstration meter, suite 0 when nothing is said: HKDF-SHA-256 (RFC 5869) of the seed. Anyone who knows the seed knows the
 * keys: a real meter has its own from a key ceremony.
 */
export function keysFromSeed(
  seed: string,
  serial: string,
  client: string,
  suite: SecurityKeys['suite'] = 0,
): SecurityKeys {
  const length = suite === 2 ? 32 : 16;
  const derive = (name: 'ek' | 'ak') =>
    new Uint8Array(
      hkdfSync('sha256', seed, 'wattline demonstration keys', `${serial}/${client}/${name}`, length),
    );
  return { suite, ek: derive('ek'), ak: derive('ak') };
}

function digitsOf(serial: string): number {
  const digits = Number(serialForm.exec(serial)?.[1] ?? Number.NaN);
  if (digits <= serialMax) return digits;
  const what = `expected a serial number as WTL00000001 with a number below 2^40, found '${serial.slice(0, 40)}'`;
  throw meterError('meter/bad-spec', what, { serial: serial.slice(0, 40) });
}
