/** How wireless M-Bus telegrams are opened: security modes 5 and 7 of EN 13757-7, AES-CTR of the extended link layer (EN 13757-4). */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const blockOctets = 16;

/** Octets from first to second, both of one length. */
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, i) => octet ^ (b[i] as number));
}

function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}

/** Twice a number of 128 bits in the field of RFC 4493. */
function doubled(block: Uint8Array): Uint8Array {
  const shifted = block.map((octet, i) => ((octet << 1) | ((block[i + 1] ?? 0) >> 7)) & 0xff);
  if (((block[0] as number) & 0x80) !== 0) shifted[15] = (shifted[15] as number) ^ 0x87;
  return shifted;
}

/** AES-CMAC-128 (RFC 4493). */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const whole = Math.max(0, Math.ceil(message.length / blockOctets) - 1) * blockOctets;
  const rest = message.subarray(whole);
  const once = doubled(encryptBlock(key, new Uint8Array(blockOctets)));
  const last = new Uint8Array(blockOctets);
  last.set(rest);
  if (rest.length < blockOctets) last[rest.length] = 0x80;
  let mac: Uint8Array = new Uint8Array(blockOctets);
  for (let at = 0; at < whole; at += blockOctets) {
    mac = encryptBlock(key, xor(mac, message.subarray(at, at + blockOctets)));
  }
  return encryptBlock(key, xor(mac, xor(last, rest.length < blockOctets ? doubled(once) : once)));
}

/** Whole blocks by AES-CBC without padding. */
export function openCbc(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([decipher.update(blocks), decipher.final()]));
}

/** What stands behind the session number of an extended link layer, by AES-CTR. */
export function openCtr(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-128-ctr', key, iv);
  return new Uint8Array(Buffer.concat([decipher.update(octets), decipher.final()]));
}

/**
 * The key of one message, derived from the meter's own by its message counter (EN 13757-7, key derivation function A).
 * `counter` and `id` are the octets as sent, least significant first.
 */
export function messageKey(
  key: Uint8Array,
  { purpose, counter, id }: { purpose: 'encryption' | 'mac'; counter: Uint8Array; id: Uint8Array },
): Uint8Array {
  const constant = purpose === 'encryption' ? 0 : 1;
  return aesCmac(key, Uint8Array.of(constant, ...counter, ...id, ...new Uint8Array(7).fill(7)));
}
