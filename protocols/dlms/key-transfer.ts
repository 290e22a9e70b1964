/** Key wrap (RFC 3394, Green Book 9.2.3.3.8) and the parameter of global_key_transfer, Security setup method 2. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { CodedError, failure, type Result, success } from '@wattline/base';
import type { Data } from './data.ts';

/** Which key a transfer replaces (Blue Book, class 64, method 2). */
export const transferredKey = { unicast: 0, broadcast: 1, authentication: 2, master: 3 } as const;
export type TransferredKey = keyof typeof transferredKey;

/** A key under its name. */
export interface KeyUpdate {
  readonly id: TransferredKey;
  /** 16 octets, or 32 in suite 2. */
  readonly key: Uint8Array;
}

/** The initial value of RFC 3394: what proves that a key was unwrapped right. */
const initialValue = new Uint8Array(8).fill(0xa6);

const cipherOf = (kek: Uint8Array) =>
  kek.length === 16 ? 'id-aes128-wrap' : kek.length === 32 ? 'id-aes256-wrap' : undefined;

/**
 * A key of 16 or 32 octets wrapped under a key encryption key of 16 or 32 octets; eight octets longer.
 * @throws CodedError `dlms/key-wrap` for other lengths.
 */
export function wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipherName = cipherOf(kek);
  if (!cipherName || (key.length !== 16 && key.length !== 32)) {
    throw new CodedError(
      'dlms/key-wrap',
      `expected keys of 16 or 32 octets, found ${kek.length} and ${key.length}`,
    );
  }
  const cipher = createCipheriv(cipherName, kek, initialValue);
  return new Uint8Array(Buffer.concat([cipher.update(key), cipher.final()]));
}

/** The key in a wrapped one. Fails with `dlms/key-wrap` when it was wrapped under another key or altered. */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Result<Uint8Array> {
  const cipherName = cipherOf(kek);
  if (!cipherName || (wrapped.length !== 24 && wrapped.length !== 40)) {
    return failure('dlms/key-wrap', `expected a wrapped key of 24 or 40 octets, found ${wrapped.length}`);
  }
  try {
    const decipher = createDecipheriv(cipherName, kek, initialValue);
    return success(new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()])));
  } catch {
    return failure('dlms/key-wrap', 'the key was wrapped under another key');
  }
}

/** The parameter of global_key_transfer: an array of key id and wrapped key. */
export function encodeKeyTransfer(kek: Uint8Array, updates: readonly KeyUpdate[]): Data {
  return {
    type: 'array',
    value: updates.map(({ id, key }) => ({
      type: 'structure',
      value: [
        { type: 'enum', value: transferredKey[id] },
        { type: 'octet-string', value: wrapKey(kek, key) },
      ],
    })),
  };
}

/** The keys of a transfer, all or none. Fails with `dlms/bad-value` for another shape, `dlms/key-wrap` for a wrong key. */
export function decodeKeyTransfer(kek: Uint8Array, parameter: Data): Result<readonly KeyUpdate[]> {
  const wrong = failure('dlms/bad-value', 'expected an array of key id and wrapped key');
  if (parameter.type !== 'array') return wrong;
  const updates: KeyUpdate[] = [];
  for (const element of parameter.value) {
    const [number, wrapped] = element.type === 'structure' ? element.value : [];
    if (number?.type !== 'enum' || wrapped?.type !== 'octet-string') return wrong;
    const names = Object.keys(transferredKey) as TransferredKey[];
    const id = names.find((name) => transferredKey[name] === number.value);
    if (!id) return failure('dlms/bad-value', `expected a key id from 0 to 3, found ${number.value}`);
    const key = unwrapKey(kek, wrapped.value);
    if (!key.ok) return key;
    updates.push({ id, key: key.value });
  }
  return success(updates);
}
