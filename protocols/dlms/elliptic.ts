/** ECDSA and ECDH on P-256 and P-384 (suites 1 and 2, Green Book 9.2.3.4) over keys as the standard carries them: bare octets. */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { failure, type Result, success } from '@wattline/base';
import type { KeyPair } from './association.ts';

/** A curve with the octets of a coordinate and the digest that goes with it. */
interface Curve {
  readonly name: 'P-256' | 'P-384';
  readonly size: 32 | 48;
  readonly digest: 'sha256' | 'sha384';
}

const curves: readonly Curve[] = [
  { name: 'P-256', size: 32, digest: 'sha256' },
  { name: 'P-384', size: 48, digest: 'sha384' },
];

/** The curve of suite 1 or 2; undefined for suite 0, which has none. */
export function curveOfSuite(suite: 0 | 1 | 2): Curve | undefined {
  return curves[suite - 1];
}

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');

const curveOf = (publicKey: Uint8Array) => curves.find(({ size }) => publicKey.length === 2 * size);

/** The key object of a public point x || y; undefined when the octets are no point of a curve. */
function publicObject(publicKey: Uint8Array): KeyObject | undefined {
  const curve = curveOf(publicKey);
  if (!curve) return undefined;
  const [x, y] = [base64(publicKey.subarray(0, curve.size)), base64(publicKey.subarray(curve.size))];
  try {
    return createPublicKey({ key: { kty: 'EC', crv: curve.name, x, y }, format: 'jwk' });
  } catch {
    // OpenSSL refuses a point that does not lie on the curve.
    return undefined;
  }
}

function privateObject({ privateKey, publicKey }: KeyPair): KeyObject | undefined {
  const curve = curveOf(publicKey);
  if (!curve || privateKey.length !== curve.size) return undefined;
  const [x, y] = [base64(publicKey.subarray(0, curve.size)), base64(publicKey.subarray(curve.size))];
  try {
    const key = { kty: 'EC', crv: curve.name, x, y, d: base64(privateKey) };
    return createPrivateKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** Whether a pair can sign and agree: both halves on one curve. */
export function isKeyPair(pair: KeyPair): boolean {
  return privateObject(pair) !== undefined;
}

/** Whether octets are a point of P-256 or P-384. */
export function isPublicKey(publicKey: Uint8Array): boolean {
  return publicObject(publicKey) !== undefined;
}

/** A fresh pair on the curve of a suite, from the platform's own source of randomness. */
export function generateKeyPair(suite: 1 | 2): KeyPair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: suite === 1 ? 'P-256' : 'P-384' });
  const { d = '', x = '', y = '' } = privateKey.export({ format: 'jwk' });
  return { privateKey: new Uint8Array(Buffer.from(d, 'base64url')), publicKey: pointOf(x, y) };
}

/** The signature r || s of a message, with the digest of the curve; undefined when the pair is none. */
export function signEcdsa(message: Uint8Array, pair: KeyPair): Uint8Array | undefined {
  const key = privateObject(pair);
  const curve = curveOf(pair.publicKey);
  if (!key || !curve) return undefined;
  return new Uint8Array(sign(curve.digest, message, { key, dsaEncoding: 'ieee-p1363' }));
}

/** Whether `signature` (r || s) is the signer's over the message. */
export function verifyEcdsa(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const key = publicObject(publicKey);
  const curve = curveOf(publicKey);
  if (!key || !curve || signature.length !== 2 * curve.size) return false;
  return verify(curve.digest, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The shared secret Z of ECDH: the x coordinate. Undefined when keys are malformed or of different curves. */
export function agreeEcdh(own: KeyPair, peerPublicKey: Uint8Array): Uint8Array | undefined {
  const privateKey = privateObject(own);
  const publicKey = publicObject(peerPublicKey);
  if (!privateKey || !publicKey || own.publicKey.length !== peerPublicKey.length) return undefined;
  return new Uint8Array(diffieHellman({ privateKey, publicKey }));
}

/**
 * The public key x || y in an X.509 certificate (DER or PEM) that `issuer` signed and that is valid at `instantMs`.
 * Without `issuer` nothing is said of who signed it.
 * Fails with `dlms/bad-certificate`.
 */
export function publicKeyOfCertificate(
  certificate: Uint8Array | string,
  trust: { readonly instantMs: number; readonly issuer?: Uint8Array | string },
): Result<Uint8Array> {
  const read = readCertificate(certificate);
  const issuer = trust.issuer === undefined ? undefined : readCertificate(trust.issuer);
  if (!read || (trust.issuer !== undefined && !issuer)) {
    return failure('dlms/bad-certificate', 'expected an X.509 certificate in DER or PEM');
  }
  if (issuer && !(read.checkIssued(issuer) && issuer.ca && read.verify(issuer.publicKey))) {
    return failure('dlms/bad-certificate', 'the certificate is not signed by the issuer');
  }
  for (const { validFromDate: from, validToDate: to } of issuer ? [read, issuer] : [read]) {
    if (trust.instantMs < from.getTime() || trust.instantMs > to.getTime()) {
      return failure('dlms/bad-certificate', 'the certificate is not valid at this time');
    }
  }
  const { kty, crv, x = '', y = '' } = read.publicKey.export({ format: 'jwk' });
  if (kty !== 'EC' || (crv !== 'P-256' && crv !== 'P-384')) {
    return failure('dlms/bad-certificate', 'expected a public key on P-256 or P-384');
  }
  return success(pointOf(x, y));
}

/** Certificates between the end entity and the trust anchor at most: an end entity, a sub-CA, a root, and one more. */
const longestChain = 4;

/**
 * The public key of the first certificate of a chain: each is signed by the next, the last by one of the `anchors`, and all are
 * valid at `instantMs`. Fails with `dlms/bad-certificate`, also for chains of more than four.
 */
export function publicKeyOfChain(
  chain: readonly (Uint8Array | string)[],
  trust: { readonly instantMs: number; readonly anchors: readonly (Uint8Array | string)[] },
): Result<Uint8Array> {
  const [end] = chain;
  const last = chain.at(-1);
  if (end === undefined || last === undefined || chain.length > longestChain) {
    return failure(
      'dlms/bad-certificate',
      `expected 1 to ${longestChain} certificates, found ${chain.length}`,
    );
  }
  const { instantMs } = trust;
  for (const [i, certificate] of chain.slice(0, -1).entries()) {
    const linked = publicKeyOfCertificate(certificate, {
      instantMs,
      issuer: chain[i + 1] as Uint8Array | string,
    });
    if (!linked.ok) return linked;
  }
  const isAnchored = trust.anchors.some((issuer) => publicKeyOfCertificate(last, { instantMs, issuer }).ok);
  if (!isAnchored) return failure('dlms/bad-certificate', 'the chain ends at nobody who is trusted');
  return publicKeyOfCertificate(end, { instantMs });
}

function pointOf(x: string, y: string): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
}

function readCertificate(certificate: Uint8Array | string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}
