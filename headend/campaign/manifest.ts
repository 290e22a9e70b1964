/** The manifest of an image: what it is, for which hardware, and who vouches for it; a campaign takes nothing without it. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Result, success } from '@wattline/base';
import { headendFailure } from '../errors.ts';
import { canonicalJson } from '../guard/canonical-json.ts';

/** What is signed. */
export interface Manifest {
  /** image_to_activate_identification of class 18. */
  readonly image: string;
  readonly version: string;
  /** Kinds of hardware it is made for. */
  readonly hardware: readonly string[];
  readonly octets: number;
  /** SHA-256 of the image, hexadecimal. */
  readonly digest: string;
}

/** A manifest with the maker's Ed25519 signature (RFC 8032), base64. */
export interface SignedManifest {
  readonly manifest: Manifest;
  readonly signature: string;
}

function textOf(manifest: Manifest): Buffer {
  return Buffer.from(`wattline firmware manifest v1\n${canonicalJson(manifest)}`);
}

/** Signs as the maker does. */
export function signManifest(manifest: Manifest, key: KeyObject): SignedManifest {
  return { manifest, signature: sign(null, textOf(manifest), key).toString('base64') };
}

/** Whether a maker's key signed the manifest. `publicKey`: SubjectPublicKeyInfo, base64. */
export function isManifestSigned({ manifest, signature }: SignedManifest, publicKey: string): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, textOf(manifest), key, Buffer.from(signature, 'base64'));
}

/** Checks signature, length and digest against the image itself. `publicKey`: SubjectPublicKeyInfo, base64. */
export function checkImage(signed: SignedManifest, image: Uint8Array, publicKey: string): Result<Manifest> {
  const { manifest } = signed;
  if (!isManifestSigned(signed, publicKey)) {
    return refuse('the signature is not the maker’s over this manifest');
  }
  if (image.length !== manifest.octets) {
    return refuse(`expected an image of ${manifest.octets} octets, found ${image.length}`);
  }
  const digest = createHash('sha256').update(image).digest('hex');
  return digest === manifest.digest ? success(manifest) : refuse('the digest of the image is another');
}

function refuse(why: string): Result<never> {
  return { ok: false, error: headendFailure('headend/image-refused', why) };
}
