/** Telegrams of wireless M-Bus (EN 13757-4 link layer without its CRCs, EN 13757-3 application layer): who sends, and the data records. */
import { failure, type Result, success } from '@wattline/base';

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

const deviceAt = { manufacturer: 2, id: 4, type: 9 } as const;
const headerOctets = 10;

/** Octets of the fixed part after a CI field up to the records; -1 for the long header, which names the device anew. */
const afterCi: Readonly<Record<number, number>> = { 122: 4, 114: 12, 120: 0 };

/**
 * Reads a telegram. Fails with `mdm/exchange-bad-record` when it is none, `mdm/exchange-half-written` when it is shorter than its
 * length says, `mdm/exchange-encrypted` when its records are not in clear.
 */
export function readTelegram(octets: Uint8Array): Result<MbusTelegram> {
  const at = (index: number) => octets[index] ?? 0;
  if (octets.length < headerOctets + 1)
    return failure('mdm/exchange-half-written', `${octets.length} octets`);
  if (at(0) + 1 > octets.length) {
    return failure(
      'mdm/exchange-half-written',
      `the length says ${at(0) + 1} octets, found ${octets.length}`,
    );
  }
  if (at(0) + 1 !== octets.length || (at(1) & 0x0f) !== 4) {
    return failure('mdm/exchange-bad-record', `length ${at(0)} of ${octets.length} octets, control ${at(1)}`);
  }
  const body = bodyOf(octets);
  if (!body.ok) return body;
  const { from, device } = body.value;
  const records = readRecords(octets.subarray(from));
  if (!records.ok) return records;
  return success({
    manufacturer: letters(at(device) | (at(device + 1) << 8)),
    id: digits(octets.subarray(deviceAt.id, deviceAt.id + 4)),
    deviceType: at(deviceAt.type),
    ...longDevice(octets, body.value.isLong, from),
    records: records.value,
  });
}

/** The long header carries the address of the meter itself; the link layer's is that of the radio. */
function longDevice(octets: Uint8Array, isLong: boolean, from: number): Partial<MbusTelegram> {
  if (!isLong) return {};
  const start = from - 12;
  return {
    id: digits(octets.subarray(start, start + 4)),
    manufacturer: letters((octets[start + 4] ?? 0) | ((octets[start + 5] ?? 0) << 8)),
    deviceType: octets[start + 7] ?? 0,
  };
}

/** Where the records begin, past an extended link layer whose check sum shows that they are in clear. */
function bodyOf(octets: Uint8Array): Result<{ from: number; device: number; isLong: boolean }> {
  let ci = headerOctets;
  const extended = octets[ci] ?? 0;
  if (extended === 0x8c) ci += 3;
  else if (extended === 0x8d) {
    const checked = octets.subarray(ci + 9);
    const said = (octets[ci + 7] ?? 0) | ((octets[ci + 8] ?? 0) << 8);
    if (crc16(checked) !== said)
      return failure('mdm/exchange-encrypted', 'the check sum of the payload does not fit');
    ci += 9;
  }
  const kind = octets[ci] ?? 0;
  const skipped = afterCi[kind];
  if (skipped === undefined) return failure('mdm/exchange-bad-record', `CI field ${hex(kind)}`);
  const from = ci + 1 + skipped;
  if (kind !== 0x78) {
    const mode = ((octets[from - 1] ?? 0) & 0x1f) % 32;
    const isClear = mode === 0 || (octets[from] === 0x2f && octets[from + 1] === 0x2f);
    if (!isClear) return failure('mdm/exchange-encrypted', `security mode ${mode}`);
  }
  return success({ from, device: deviceAt.manufacturer, isLong: kind === 0x72 });
}

/** CRC-16 of EN 13757 (polynomial 3D65h, inverted). */
function crc16(octets: Uint8Array): number {
  let crc = 0;
  for (const octet of octets) {
    crc ^= octet << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) !== 0 ? 0x3d65 : 0)) & 0xffff;
  }
  return ~crc & 0xffff;
}

function letters(code: number): string {
  return [10, 5, 0].map((shift) => String.fromCharCode(64 + ((code >> shift) & 0x1f))).join('');
}

function digits(octets: Uint8Array): string {
  return [...octets]
    .reverse()
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join('');
}

function hex(octet: number): string {
  return `${octet.toString(16).toUpperCase().padStart(2, '0')}h`;
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
