/** HDLC addresses (IEC 62056-46 clause 6.4.2): one, two or four octets, seven bits in each, the last marked by its low bit. */
import type { OctetReader } from '../octet-reader.ts';

/** An address; clients have an upper part alone. */
export interface HdlcAddress {
  /** Upper HDLC address: the SAP of a client or of a logical device. */
  readonly upper: number;
  /** Lower HDLC address: the physical device; undefined in addresses of one octet. */
  readonly lower: number | undefined;
  /** Octets on the wire, 1, 2 or 4: an answer must use the length of the request. */
  readonly length: 1 | 2 | 4;
}

/** Octets of an address. Parts are 7 bits in addresses of one or two octets, 14 bits in four. */
export function encodeAddress(address: HdlcAddress): Uint8Array {
  const { upper, lower = 0, length } = address;
  if (length === 1) return Uint8Array.of((upper << 1) | 1);
  if (length === 2) return Uint8Array.of(upper << 1, (lower << 1) | 1);
  return Uint8Array.of((upper >> 6) & 0xfe, upper << 1, (lower >> 6) & 0xfe, (lower << 1) | 1);
}

/** Reads one address; three octets and more than four are refused. */
export function readAddress(reader: OctetReader): HdlcAddress {
  const parts: number[] = [];
  for (;;) {
    const octet = reader.u8();
    parts.push(octet >> 1);
    if (octet & 1) break;
    if (parts.length === 4) reader.fail('dlms/bad-hdlc-frame', 'expected an address of 1, 2 or 4 octets');
  }
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  if (parts.length === 1) return { upper: a, lower: undefined, length: 1 };
  if (parts.length === 2) return { upper: a, lower: b, length: 2 };
  if (parts.length === 4) return { upper: (a << 7) | b, lower: (c << 7) | d, length: 4 };
  reader.fail('dlms/bad-hdlc-frame', 'expected an address of 1, 2 or 4 octets, found 3');
}

/** `1/17` for upper 1 and lower 17. */
export function formatAddress(address: HdlcAddress): string {
  return address.lower === undefined ? String(address.upper) : `${address.upper}/${address.lower}`;
}
