/** Signing keys of mechanism ECDSA in files: PEM or DER, keys or certificates. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, messageOf } from '@wattline/base';
import type { KeyPair } from '@wattline/protocols/dlms';
import type { SingleMeterClient } from '@wattline/sim';
import { serverError } from '../errors.ts';

/** A private key (PKCS#8 or SEC 1) with its public point. @throws CodedError `server/no-file`, `server/bad-usage` */
export function readKeyPair(path: string): KeyPair {
  const octets = readKeyFile(path);
  const isPem = octets.toString('latin1').includes('-----BEGIN');
  const forms = isPem
    ? [() => createPrivateKey(octets)]
    : (['pkcs8', 'sec1'] as const).map(
        (type) => () => createPrivateKey({ key: octets, format: 'der', type }),
      );
  const key = firstOf(forms, path, 'a private key in PEM or DER');
  const { d = '' } = key.export({ format: 'jwk' });
  return {
    privateKey: new Uint8Array(Buffer.from(d, 'base64url')),
    publicKey: pointOf(createPublicKey(key), path),
  };
}

/** The public point of a key or certificate. @throws CodedError `server/no-file`, `server/bad-usage` */
export function readPublicKey(path: string): Uint8Array {
  const octets = readKeyFile(path);
  const isPem = octets.toString('latin1').includes('-----BEGIN');
  const forms = [
    () => new X509Certificate(octets).publicKey,
    () => (isPem ? createPublicKey(octets) : createPublicKey({ key: octets, format: 'der', type: 'spki' })),
  ];
  return pointOf(firstOf(forms, path, 'a public key or a certificate in PEM or DER'), path);
}

function readKeyFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be read: ${messageOf(error)}`, { path }, error);
  }
}

function firstOf(forms: readonly (() => KeyObject)[], path: string, expected: string): KeyObject {
  for (const form of forms) {
    try {
      return form();
    } catch {
      // Another form may fit.
    }
  }
  throw serverError('server/bad-usage', `${path}: expected ${expected}`, { path });
}

/** x || y of a point on P-256 or P-384. */
function pointOf(key: KeyObject, path: string): Uint8Array {
  const { crv, x = '', y = '' } = key.export({ format: 'jwk' });
  if (crv === 'P-256' || crv === 'P-384') {
    return new Uint8Array(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
  }
  throw serverError('server/bad-usage', `${path}: expected a key on P-256 or P-384`, { path });
}

/** Where the keys of one client lie. */
export interface KeyFiles {
  readonly clientKey: string;
  readonly meterKey: string;
}

/**
 * Writes the private key of each ecdsa client and the public key of its meter as PEM, by SAP of the client.
 * @throws CodedError `server/no-file`
 */
export function writeSigningKeys(
  directory: string,
  clients: readonly SingleMeterClient[],
): ReadonlyMap<number, KeyFiles> {
  const files = new Map<number, KeyFiles>();
  try {
    mkdirSync(directory, { recursive: true });
    for (const { sap, signing } of clients) {
      if (!signing) continue;
      const [clientKey, meterKey] = ['client-key', 'meter-key'].map((name) =>
        join(directory, `${sap}-${name}.pem`),
      ) as [string, string];
      const own = jwkOf(fromHex(signing.clientPublicKey));
      const d = Buffer.from(fromHex(signing.clientPrivateKey)).toString('base64url');
      const privateKey = createPrivateKey({ key: { ...own, d }, format: 'jwk' });
      const publicKey = createPublicKey({ key: jwkOf(fromHex(signing.meterPublicKey)), format: 'jwk' });
      writeFileSync(clientKey, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      writeFileSync(meterKey, publicKey.export({ format: 'pem', type: 'spki' }));
      files.set(sap, { clientKey, meterKey });
    }
  } catch (error) {
    const what = `--key-files ${directory} cannot be written: ${messageOf(error)}`;
    throw serverError('server/no-file', what, { path: directory }, error);
  }
  return files;
}

function jwkOf(point: Uint8Array) {
  const size = point.length / 2;
  const [x, y] = [point.subarray(0, size), point.subarray(size)].map((part) =>
    Buffer.from(part).toString('base64url'),
  ) as [string, string];
  return { kty: 'EC', crv: size === 32 ? 'P-256' : 'P-384', x, y };
}
