/** The frame check sequence of HDLC (ISO/IEC 13239): CRC-16, reflected 0x1021, as header check and frame check. */

const table = Uint16Array.from({ length: 256 }, (_, i) => {
  let word = i;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >> 1) ^ 0x8408 : word >> 1;
  return word;
});

/** The check sequence of octets, as a number; on the wire its low octet comes first. */
export function frameCheck(octets: Uint8Array): number {
  let word = 0xffff;
  for (const octet of octets) word = (word >> 8) ^ (table[(word ^ octet) & 0xff] as number);
  return word ^ 0xffff;
}
