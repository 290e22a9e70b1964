/** Keys of the makers of firmware for demonstrations: who knows the seed can sign. A real meter has public keys from its maker alone. */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { FirmwarePart } from './firmware-image.ts';

/** PKCS#8 before the 32 octets of an Ed25519 key (RFC 8410). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The pair of a part, out of a seed. */
export function firmwareKeysFromSeed(
  seed: string,
  part: FirmwarePart,
): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const secret = Buffer.from(hkdfSync('sha256', seed, 'wattline demonstration keys', `firmware/${part}`, 32));
  const der = Buffer.concat([ed25519Prefix, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
