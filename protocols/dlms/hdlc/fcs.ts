/**
 * The frame check sequence of HDLC (ISO/IEC 13239): CRC-16, reflected 0x1021, as header check and frame check; eight octets
 * at a time by eight tables (slicing, after Kounavis and Berry).
 */

const slices = 8;

/** Table k holds the check of an octet followed by k zeros, one after another in one array. */
const table = buildTables();

function buildTables(): Uint16Array {
  const tables = new Uint16Array(256 * slices);
  for (let i = 0; i < 256; i++) {
    let word = i;
    for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >> 1) ^ 0x8408 : word >> 1;
    tables[i] = word;
  }
  for (let i = 256; i < tables.length; i++) {
    const word = tables[i - 256] as number;
    tables[i] = (word >> 8) ^ (tables[word & 0xff] as number);
  }
  return tables;
}

/** The check sequence of octets, as a number; on the wire its low octet comes first. */
export function frameCheck(octets: Uint8Array): number {
  const { length } = octets;
  const whole = length - (length % slices);
  let word = 0xffff;
  let at = 0;
  for (; at < whole; at += slices) {
    word =
      (table[1792 + ((word ^ (octets[at] as number)) & 0xff)] as number) ^
      (table[1536 + ((word >> 8) ^ (octets[at + 1] as number))] as number) ^
      (table[1280 + (octets[at + 2] as number)] as number) ^
      (table[1024 + (octets[at + 3] as number)] as number) ^
      (table[768 + (octets[at + 4] as number)] as number) ^
      (table[512 + (octets[at + 5] as number)] as number) ^
      (table[256 + (octets[at + 6] as number)] as number) ^
      (table[octets[at + 7] as number] as number);
  }
  for (; at < length; at++) {
    word = (word >> 8) ^ (table[(word ^ (octets[at] as number)) & 0xff] as number);
  }
  return word ^ 0xffff;
}
