/**
 * A shipment file on its way: sealed for those who may open it, in the manner of age (X25519, HKDF-SHA256, ChaCha20-Poly1305).
 *
 *     wattline-shipment 1 <csv|json>
 *     to <recipient> <ephemeral public key> <file key, sealed>        one line for each recipient, base64url
 *     ---
 *     <salt, 16 octets> <shipment, sealed> <tag, 16 octets>
 *
 * The file key (32 random octets) is sealed under HKDF(X25519(ephemeral, recipient), salt = ephemeral | recipient, info
 * `wattline shipment key`) with a nonce of zeros, as that key seals once. The shipment is sealed under HKDF(file key, salt, info
 * `wattline shipment body`), nonce of zeros, and everything above it, up to and with the line of dashes, is authenticated with it.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { concatBytes } from '@wattline/base';
import { headendError } from '../errors.ts';
import {
  boxKeyLength,
  deriveKey,
  openAs,
  openWith,
  recipientOf,
  sealFor,
  sealWith,
} from '../keys/sealed-box.ts';

/** Who may open shipments: what to give to shippers, and what to keep. */
export interface ShipmentIdentity {
  /** 32 octets of X25519, base64url. */
  readonly recipient: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
}

/** A shipment in the clear. */
export interface OpenedShipment {
  readonly text: string;
  readonly format: 'csv' | 'json';
}

const saltLength = 16;
const recipientsMax = 20;
const forKey = { purpose: 'wattline shipment key', bound: new Uint8Array(0) };
const magic = /^wattline-shipment 1 (csv|json)$/;
const end = '---';
/** A new identity. */
export function makeShipmentIdentity(): ShipmentIdentity {
  const { privateKey } = generateKeyPairSync('x25519');
  return {
    recipient: recipientOf(privateKey),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/**
 * Seals a shipment for 1 to 20 recipients.
 * @throws CodedError `headend/shipment-recipient`
 */
export function sealShipment({ text, format }: OpenedShipment, recipients: readonly string[]): Uint8Array {
  if (recipients.length < 1 || recipients.length > recipientsMax) {
    const what = `expected 1 to ${recipientsMax} recipients, found ${recipients.length}`;
    throw headendError('headend/shipment-recipient', what);
  }
  const fileKey = randomBytes(boxKeyLength);
  const lines = recipients.map((recipient) => {
    const sealed = sealFor(recipient, fileKey, forKey);
    return `to ${recipient} ${textOf(sealed.subarray(0, boxKeyLength))} ${textOf(sealed.subarray(boxKeyLength))}`;
  });
  const head = Buffer.from([`wattline-shipment 1 ${format}`, ...lines, end, ''].join('\n'));
  const salt = randomBytes(saltLength);
  return concatBytes(head, salt, sealWith(bodyKeyOf(fileKey, salt), Buffer.from(text), head));
}

/** Whether octets are a sealed shipment. */
export function isSealedShipment(octets: Uint8Array): boolean {
  const [first = ''] = Buffer.from(octets.subarray(0, 64)).toString('latin1').split('\n');
  return magic.test(first);
}

/**
 * Opens a shipment as one of its recipients.
 * @throws CodedError `headend/shipment-unreadable` when it is none, `headend/shipment-not-ours`, `headend/shipment-altered`
 */
export function openShipment(octets: Uint8Array, privateKey: string): OpenedShipment {
  const { head, lines, body } = cut(octets);
  const format = magic.exec(lines[0] ?? '')?.[1];
  if (format !== 'csv' && format !== 'json')
    throw unreadable('a first line `wattline-shipment 1 csv` or `json`');
  const key = privateOf(privateKey);
  const recipient = recipientOf(key);
  const ours = lines.slice(1).find((line) => line.startsWith(`to ${recipient} `));
  if (!ours) {
    throw headendError(
      'headend/shipment-not-ours',
      `expected a line for ${recipient}, found ${lines.length - 1} others`,
    );
  }
  const [, , ephemeralText = '', sealedKey = ''] = ours.split(' ');
  const fileKey = openAs(key, concatBytes(octetsOf(ephemeralText), octetsOf(sealedKey)), forKey);
  const salt = body.subarray(0, saltLength);
  const text = openWith(bodyKeyOf(fileKey, salt), body.subarray(saltLength), head);
  return { text: Buffer.from(text).toString('utf8'), format };
}

function cut(octets: Uint8Array) {
  const mark = Buffer.from(`\n${end}\n`);
  const at = Buffer.from(octets.buffer, octets.byteOffset, octets.length).indexOf(mark);
  // A head is a few lines: what has none this early is no sealed shipment.
  if (at < 0 || at > 64 + recipientsMax * 200)
    throw unreadable('a line of three dashes after the recipients');
  const head = octets.subarray(0, at + mark.length);
  const lines = Buffer.from(octets.subarray(0, at)).toString('latin1').split('\n');
  return { head, lines, body: octets.subarray(head.length) };
}

function unreadable(expected: string): Error {
  return headendError('headend/shipment-unreadable', `expected ${expected}`);
}

function bodyKeyOf(fileKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return deriveKey(fileKey, salt, 'wattline shipment body');
}

function privateOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'x25519') return key;
  } catch {
    // Said below, without a word of what was in the file.
  }
  throw headendError('headend/shipment-recipient', 'expected a private key of X25519, PKCS #8 in PEM');
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url');
}

function octetsOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
