/**
 * A firmware image: what it is, what it carries, who signed it. Signatures are Ed25519 (RFC 8032) or ECDSA with P-256 and SHA-256, over
 * everything before them.
 *
 *   magic 'WFW1' | length of manifest 2 | manifest (JSON, UTF-8) | payload | algorithm 1 | length of signature 2 | signature
 */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { failure, type Result, success } from '@wattline/base';

/** Which half of the software: the legally relevant one is apart, with a checksum and keys of its own (WELMEC 7.2). */
export type FirmwarePart = 'application' | 'legal';

/** What an image says of itself. */
export interface FirmwareManifest {
  readonly part: FirmwarePart;
  /** Meters that it is for. */
  readonly model: string;
  /** For people. */
  readonly version: string;
  /** Never goes down: an image below that of the running one is refused. */
  readonly rollbackNumber: number;
  /** SHA-256 of the payload, hexadecimal. */
  readonly payloadSha256: string;
}

/** An image as it was read; whether to trust it is another question. */
export interface FirmwareImage {
  readonly manifest: FirmwareManifest;
  readonly payload: Uint8Array;
  readonly signed: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

const algorithms = { ed25519: 1, 'ecdsa-p256': 2 } as const;
export type SignatureAlgorithm = keyof typeof algorithms;

const magic = Buffer.from('WFW1', 'latin1');
const prefixLength = 6;
const longestText = 64;

/** Signs an image with the key of its maker. */
export function signFirmware(
  of: Omit<FirmwareManifest, 'payloadSha256'> & { readonly payload: Uint8Array },
  privateKey: KeyObject,
): Uint8Array {
  const { payload, ...rest } = of;
  const manifest: FirmwareManifest = { ...rest, payloadSha256: sha256(payload) };
  const text = Buffer.from(JSON.stringify(manifest), 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  const signed = Buffer.concat([magic, length, text, payload]);
  const algorithm: SignatureAlgorithm = privateKey.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'ecdsa-p256';
  const signature = sign(digestOf(algorithm), signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const tail = Buffer.from([algorithms[algorithm], 0, 0]);
  tail.writeUInt16BE(signature.length, 1);
  return new Uint8Array(Buffer.concat([signed, tail, signature]));
}

/** Reads an image; fails with `meter/firmware-malformed` and the place. */
export function readFirmware(octets: Uint8Array): Result<FirmwareImage> {
  const image = Buffer.from(octets);
  const malformed = (what: string, offset: number) => failure('meter/firmware-malformed', what, { offset });
  if (image.length < prefixLength || !image.subarray(0, 4).equals(magic))
    return malformed('expected an image of firmware', 0);
  const bodyStart = prefixLength + image.readUInt16BE(4);
  const manifest = parseManifest(image.subarray(prefixLength, bodyStart).toString('utf8'));
  if (!manifest || bodyStart > image.length) return malformed('expected a manifest', prefixLength);
  // The signature is last and of a length that the algorithm gives: 64 octets for both.
  const tailStart = image.length - signatureLength - 3;
  if (tailStart < bodyStart || image.readUInt16BE(tailStart + 1) !== signatureLength)
    return malformed('expected a signature at the end', Math.max(0, tailStart));
  const algorithm = (Object.keys(algorithms) as SignatureAlgorithm[]).find(
    (name) => algorithms[name] === image[tailStart],
  );
  if (!algorithm) return malformed(`expected an algorithm, found ${image[tailStart]}`, tailStart);
  return success({
    manifest,
    payload: new Uint8Array(image.subarray(bodyStart, tailStart)),
    signed: new Uint8Array(image.subarray(0, tailStart)),
    algorithm,
    signature: new Uint8Array(image.subarray(tailStart + 3)),
  });
}

const signatureLength = 64;

/** Whether one of the keys signed the image and its payload is the one of the manifest. */
export function isSignedBy(image: FirmwareImage, keys: readonly KeyObject[]): boolean {
  const { algorithm, signed, signature, payload, manifest } = image;
  const type = algorithm === 'ed25519' ? 'ed25519' : 'ec';
  const isSigned = keys
    .filter((key) => key.asymmetricKeyType === type)
    .some((key) => verify(digestOf(algorithm), signed, { key, dsaEncoding: 'ieee-p1363' }, signature));
  return isSigned && sha256(payload) === manifest.payloadSha256;
}

/** SHA-256 as hexadecimal digits: the checksum that a meter shows of a part. */
export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

function digestOf(algorithm: SignatureAlgorithm): string | null {
  return algorithm === 'ed25519' ? null : 'sha256';
}

function parseManifest(text: string): FirmwareManifest | undefined {
  let value: Partial<Record<keyof FirmwareManifest, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const isText = (field: unknown) =>
    typeof field === 'string' && field.length > 0 && field.length <= longestText;
  const isPart = value.part === 'application' || value.part === 'legal';
  const isNumber = Number.isSafeInteger(value.rollbackNumber) && (value.rollbackNumber as number) >= 0;
  const isWhole =
    isPart && isNumber && isText(value.model) && isText(value.version) && isText(value.payloadSha256);
  return isWhole ? (value as FirmwareManifest) : undefined;
}
