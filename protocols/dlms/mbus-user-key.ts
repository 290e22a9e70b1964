/**
 * The user key of an M-Bus meter as its E-meter passes it on (DSMR / SMR 5, M-Bus client): AES-128-GCM under the master key
 * of the M-Bus meter with a tag of eight octets, key id, size and key inside. Checked against octets of an open head-end.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes, failure, type Result, success } from '@wattline/base';

/** Octets of the authentication tag. */
const tagLength = 8;
const keyLength = 16;
const algorithm = 'aes-128-gcm';

/** Whose key is set, and how often one was set before. */
export interface MbusKeyAddress {
  /** The default key of the M-Bus meter, 16 octets. */
  readonly masterKey: Uint8Array;
  /** Identification, manufacturer, version and medium of the M-Bus meter in the order of its long header, 8 octets. */
  readonly meterId: Uint8Array;
  /** Counts key changes, 32 bits: with the meter id it is the nonce, so it must never come twice. */
  readonly keyCounter: number;
}

/** A key under its number. */
export interface MbusUserKey {
  /** 0 to 255; SMR 5 calls the user key of the P0 port 2. */
  readonly keyId: number;
  /** 16 octets. */
  readonly key: Uint8Array;
}

/** The octets of a key change; fails with `dlms/key-wrap` when a key, an id or the counter is of another size. */
export function sealMbusUserKey({ keyId, key }: MbusUserKey, to: MbusKeyAddress): Result<Uint8Array> {
  const nonce = nonceOf(to);
  if (!nonce || key.length !== keyLength || keyId < 0 || keyId > 255) return wrongSize();
  const cipher = createCipheriv(algorithm, to.masterKey, nonce, { authTagLength: tagLength });
  const sealed = cipher.update(concatBytes(Uint8Array.of(keyId, keyLength), key));
  cipher.final();
  return success(concatBytes(sealed, cipher.getAuthTag()));
}

/** The key of a key change; fails with `dlms/key-wrap` when it was made for another meter, key or counter, or altered. */
export function openMbusUserKey(octets: Uint8Array, of: MbusKeyAddress): Result<MbusUserKey> {
  const nonce = nonceOf(of);
  if (!nonce || octets.length !== 2 + keyLength + tagLength) return wrongSize();
  const decipher = createDecipheriv(algorithm, of.masterKey, nonce, { authTagLength: tagLength });
  decipher.setAuthTag(octets.subarray(octets.length - tagLength));
  try {
    const plain = new Uint8Array(decipher.update(octets.subarray(0, octets.length - tagLength)));
    decipher.final();
    if (plain[1] !== keyLength) return wrongSize();
    return success({ keyId: plain[0] as number, key: plain.subarray(2) });
  } catch {
    return failure('dlms/key-wrap', 'the key change was sealed for another meter or altered');
  }
}

function nonceOf({ masterKey, meterId, keyCounter }: MbusKeyAddress): Uint8Array | undefined {
  const isCounter = Number.isInteger(keyCounter) && keyCounter >= 0 && keyCounter < 2 ** 32;
  if (masterKey.length !== keyLength || meterId.length !== 8 || !isCounter) return undefined;
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, keyCounter);
  return concatBytes(meterId, counter);
}

function wrongSize(): ReturnType<typeof failure> {
  return failure('dlms/key-wrap', 'expected keys of 16 octets, a meter id of 8 and a counter of 32 bits');
}
