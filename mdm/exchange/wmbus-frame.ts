/** Telegrams of wireless M-Bus (EN 13757-4 link layer without its CRCs, EN 13757-3 application layer): who sends, and the data records. */
import { failure, type Result, success } from '@wattline/base';
import { digits, type KeyOfMeter, openTelegram } from './wmbus-layers.ts';

/** A data record: what it measures, by its value information, and its value as decimal text of `10^exponent` unit. */
export interface MbusRecord {
  readonly unit: 'Wh' | 'J' | 'm3' | 'other';
  readonly exponent: number;
  readonly text: string;
  /** Instantaneous values alone are readings; maxima, minima and errors are not. */
  readonly isInstantaneous: boolean;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  /** Counts what flows back (VIFE 3Ch). */
  readonly isBackward: boolean;
}

/** A telegram. */
export interface MbusTelegram {
  /** Three letters of the maker. */
  readonly manufacturer: string;
  /** Eight digits. */
  readonly id: string;
  /** Device type: 02h electricity, 04h heat, 06h and 07h water, ... */
  readonly deviceType: number;
  readonly records: readonly MbusRecord[];
}

/** Reads a telegram; what is sealed opens with the keys given. Fails as {@link openTelegram} does, and when its records are cut off. */
export function readTelegram(octets: Uint8Array, keyOf: KeyOfMeter = () => undefined): Result<MbusTelegram> {
  const opened = openTelegram(octets, keyOf);
  if (!opened.ok) return opened;
  const { address } = opened.value;
  const records = readRecords(opened.value.records);
  if (!records.ok) return records;
  return success({
    manufacturer: letters((address[0] as number) | ((address[1] as number) << 8)),
    id: digits(address.subarray(2, 6)),
    deviceType: address[7] as number,
    records: records.value,
  });
}

function letters(code: number): string {
  return [10, 5, 0].map((shift) => String.fromCharCode(64 + ((code >> shift) & 0x1f))).join('');
}

/** Octets of a value by the low four bits of its DIF; -1 is a length of its own. */
const lengths = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, 0] as const;

function readRecords(octets: Uint8Array): Result<MbusRecord[]> {
  const records: MbusRecord[] = [];
  for (let at = 0; at < octets.length; ) {
    const dif = octets[at++] as number;
    if (dif === 0x2f) continue;
    // What follows is the maker's own.
    if (dif === 0x0f || dif === 0x1f) break;
    let storage = (dif >> 6) & 1;
    let tariff = 0;
    let subunit = 0;
    for (let more = dif, k = 0; (more & 0x80) !== 0; k++) {
      if (k > 9) return failure('mdm/exchange-bad-record', 'more than ten DIFE');
      more = octets[at++] ?? 0;
      storage |= (more & 0x0f) << (1 + 4 * k);
      tariff |= ((more >> 4) & 3) << (2 * k);
      subunit |= ((more >> 6) & 1) << k;
    }
    const vif = octets[at++] ?? 0;
    const vifes: number[] = [];
    for (let more = vif; (more & 0x80) !== 0; ) {
      if (vifes.length > 9) return failure('mdm/exchange-bad-record', 'more than ten VIFE');
      more = octets[at++] ?? 0;
      vifes.push(more & 0x7f);
    }
    if ((vif & 0x7f) === 0x7c) {
      // A unit in plain text.
      at += 1 + (octets[at] ?? 0);
    }
    const length = lengths[dif & 0x0f] as number;
    const octetsOfValue = length === -1 ? variableLength(octets[at++] ?? 0) : length;
    if (at + octetsOfValue > octets.length) {
      return failure('mdm/exchange-half-written', 'the last record is cut off');
    }
    const text = valueText(dif & 0x0f, octets.subarray(at, at + octetsOfValue));
    at += octetsOfValue;
    if (text === null) continue;
    const isInstantaneous = (dif & 0x30) === 0;
    records.push({ ...meaningOf(vif, vifes), text, isInstantaneous, storage, tariff, subunit });
  }
  return success(records);
}

function variableLength(lvar: number): number {
  if (lvar < 0xc0) return lvar;
  return lvar < 0xe0 ? lvar & 0x0f : 0;
}

/** Integers and BCD numbers as text; null for what is none, or is said to be invalid. */
function valueText(kind: number, octets: Uint8Array): string | null {
  if (octets.length === 0 || kind === 5 || kind === 13) return null;
  if (kind >= 9) {
    const text = digits(octets);
    const isNegative = text.startsWith('f');
    const rest = isNegative ? text.slice(1) : text;
    return /^\d+$/.test(rest) ? `${isNegative ? '-' : ''}${BigInt(rest)}` : null;
  }
  let value = 0n;
  [...octets].reverse().forEach((octet) => {
    value = (value << 8n) | BigInt(octet);
  });
  return BigInt.asIntN(octets.length * 8, value).toString();
}

/** Energy, heat and volume by the primary value information; the extension 3Ch counts backwards. */
function meaningOf(
  vif: number,
  vifes: readonly number[],
): Pick<MbusRecord, 'unit' | 'exponent' | 'isBackward'> {
  const code = vif & 0x7f;
  const isBackward = vifes.includes(0x3c);
  // Other extensions (per time, averages, corrections) make another quantity of it.
  const isPlain = vifes.every((vife) => vife === 0x3c);
  if (!isPlain) return { unit: 'other', exponent: 0, isBackward };
  if (code < 0x08) return { unit: 'Wh', exponent: code - 3, isBackward };
  if (code < 0x10) return { unit: 'J', exponent: code - 8, isBackward };
  if (code >= 0x10 && code < 0x18) return { unit: 'm3', exponent: code - 0x10 - 6, isBackward };
  return { unit: 'other', exponent: 0, isBackward };
}
