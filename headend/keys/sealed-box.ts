/** Octets sealed for one recipient in the manner of age: X25519, HKDF-SHA256, ChaCha20-Poly1305 with a nonce of zeros, as each key seals once. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { concatBytes } from '@wattline/base';
import { headendError } from '../errors.ts';

/** Octets of a key, private, public or symmetric. */
export const boxKeyLength = 32;
const tagLength = 16;
const nonce = new Uint8Array(12);
/** The octets that stand before a key itself in a SubjectPublicKeyInfo and a PKCS #8 of X25519 (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b656e032100', 'hex');
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** What a seal is for: `purpose` stands in the derivation of its key, `bound` is authenticated with it. */
export interface BoxUse {
  readonly purpose: string;
  readonly bound: Uint8Array;
}

/** The ephemeral public key and what is sealed for `recipient`, 32 octets of X25519 in base64url. @throws CodedError `headend/shipment-recipient` */
export function sealFor(recipient: string, plain: Uint8Array, { purpose, bound }: BoxUse): Uint8Array {
  const { privateKey } = generateKeyPairSync('x25519');
  const ephemeral = rawPublic(privateKey);
  const shared = diffieHellman({ privateKey, publicKey: publicOf(octetsOf(recipient)) });
  const key = deriveKey(shared, concatBytes(ephemeral, octetsOf(recipient)), purpose);
  return concatBytes(ephemeral, sealWith(key, plain, bound));
}

/** Opens what {@link sealFor} made. @throws CodedError `headend/shipment-unreadable`, `headend/shipment-altered` */
export function openAs(privateKey: KeyObject, sealed: Uint8Array, { purpose, bound }: BoxUse): Uint8Array {
  const ephemeral = sealed.subarray(0, boxKeyLength);
  const shared = diffieHellman({ privateKey, publicKey: publicOf(ephemeral) });
  const key = deriveKey(shared, concatBytes(ephemeral, rawPublic(privateKey)), purpose);
  return openWith(key, sealed.subarray(boxKeyLength), bound);
}

/** A symmetric key out of a secret. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, purpose, boxKeyLength));
}

/** Contents and tag under a key that seals nothing else. */
export function sealWith(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(bound, { plaintextLength: plain.length });
  return concatBytes(cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

/** Opens what {@link sealWith} made. @throws CodedError `headend/shipment-unreadable`, `headend/shipment-altered` */
export function openWith(key: Uint8Array, sealed: Uint8Array, bound: Uint8Array): Uint8Array {
  if (sealed.length < tagLength) {
    const what = `expected at least ${tagLength} sealed octets, found ${sealed.length}`;
    throw headendError('headend/shipment-unreadable', what);
  }
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(bound, { plaintextLength: sealed.length - tagLength });
  decipher.setAuthTag(sealed.subarray(-tagLength));
  try {
    return concatBytes(decipher.update(sealed.subarray(0, -tagLength)), decipher.final());
  } catch {
    throw headendError('headend/shipment-altered', 'the tag does not match');
  }
}

/** The private key of X25519 with these 32 octets. */
export function privateKeyOf(octets: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, octets]), format: 'der', type: 'pkcs8' });
}

/** The public key of a private one, as recipients are named: base64url. */
export function recipientOf(privateKey: KeyObject): string {
  return Buffer.from(rawPublic(privateKey)).toString('base64url');
}

function publicOf(octets: Uint8Array): KeyObject {
  if (octets.length !== boxKeyLength) {
    const what = `expected ${boxKeyLength} octets of X25519 in base64url, found ${octets.length}`;
    throw headendError('headend/shipment-recipient', what);
  }
  return createPublicKey({ key: Buffer.concat([spkiHead, octets]), format: 'der', type: 'spki' });
}

function rawPublic(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-boxKeyLength));
}

function octetsOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
