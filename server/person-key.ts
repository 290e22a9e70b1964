/** The key a person signs commands with: Ed25519 (RFC 8032), PKCS#8 in PEM, readable by its owner alone. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories, messageOf } from '@wattline/base';
import { serverError } from './errors.ts';

/** Makes a key file that must not exist yet; returns the public key as the enrolment takes it (SubjectPublicKeyInfo, base64). */
export function makePersonKey(path: string): string {
  makeDirectories(dirname(path), { isPrivate: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  try {
    writeFileSync(path, pem, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw serverError('server/no-file', `the key file ${path} cannot be made: ${messageOf(error)}`, { path });
  }
  return publicKeyOf(pem);
}

/** The public key of a private one. */
export function publicKeyOf(pem: string): string {
  const key = createPublicKey(createPrivateKey(pem));
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

/** Reads a key file. @throws CodedError `server/no-file` */
export function readPersonKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path, 'utf8'));
  } catch (error) {
    throw serverError('server/no-file', `the key file ${path} cannot be read: ${messageOf(error)}`, { path });
  }
}
