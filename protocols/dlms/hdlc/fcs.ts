/**
 * The frame check sequence of HDLC (ISO/IEC 13239): CRC-16, reflected 0x1021, as header check and frame check.
 *
 * Short runs go eight octets at a time through eight tables (slicing, after Kounavis and Berry). Longer ones are folded first,
 * without tables: P(x) = x^16 + x^12 + x^5 + 1, and squaring over GF(2) squares each term, so that x^512 = x^384 + x^160 + 1
 * modulo P (P to the 32nd power), x^256 = x^192 + x^80 + 1 (16th) and x^128 = x^96 + x^40 + 1 (8th). A 32-bit word may then be
 * struck out by adding it to three later places, 4, 11 and 16 words on for the first; what is left is the last 16 to 19 octets.
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

/** Where a frame is folded; the length field of HDLC has 11 bits (IEC 62056-46, 6.4.1). */
const folding = new Uint8Array(2048);
const words = new Int32Array(folding.buffer);
/** The frame's first octet is the lowest of its word, as this host must store it for the places above to hold. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** Shorter runs are done before they are copied. */
const shortest = 80;

/** The check sequence of octets, as a number; on the wire its low octet comes first. */
export function frameCheck(octets: Uint8Array): number {
  const { length } = octets;
  if (length < shortest || length > folding.length || !isLittleEndian) {
    return slice(octets, 0, length, 0xffff) ^ 0xffff;
  }
  folding.set(octets);
  (words[0] as number) ^= 0xffff;
  const end = length >> 2;
  let at = 0;
  for (; at < end - 16; at++) {
    const word = words[at] as number;
    (words[at + 4] as number) ^= word;
    (words[at + 11] as number) ^= word;
    (words[at + 16] as number) ^= word;
  }
  for (; at < end - 8; at++) {
    const word = words[at] as number;
    (words[at + 2] as number) ^= word;
    (words[at + 5] as number) ^= word << 16;
    (words[at + 6] as number) ^= word >>> 16;
    (words[at + 8] as number) ^= word;
  }
  for (; at < end - 4; at++) {
    const word = words[at] as number;
    (words[at + 1] as number) ^= word;
    (words[at + 2] as number) ^= word << 24;
    (words[at + 3] as number) ^= word >>> 8;
    (words[at + 4] as number) ^= word;
  }
  return slice(folding, 4 * at, length, 0) ^ 0xffff;
}

/** The register after the octets from `from` up to `end`. */
function slice(octets: Uint8Array, from: number, end: number, register: number): number {
  const whole = end - ((end - from) % slices);
  let word = register;
  let at = from;
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
  for (; at < end; at++) word = (word >> 8) ^ (table[(word ^ (octets[at] as number)) & 0xff] as number);
  return word;
}
