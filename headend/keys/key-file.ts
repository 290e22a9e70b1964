/** The key file: 32 octets, as they are (the default) or wrapped under a key of a PKCS#11 token. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '@wattline/base';
import { headendError } from '../errors.ts';
import { readTokenKeyFile, type TokenKey, unwrapWithToken, wrapWithToken } from './pkcs11-token.ts';

/**
 * The 32 octets of a key file; a missing file is made, random and readable by its owner alone.
 * @throws CodedError `headend/key-file-invalid`, `headend/key-token-failed`
 */
export function readKeyFile(path: string): Uint8Array {
  if (!existsSync(path)) makeKeyFile(path);
  const octets = new Uint8Array(readFileSync(path));
  const wrapped = readTokenKeyFile(octets);
  const key = wrapped ? new Uint8Array(unwrapWithToken(wrapped)) : octets;
  if (key.length !== 32) {
    const what = `expected a key file of 32 octets, found ${key.length} in ${path}`;
    throw headendError('headend/key-file-invalid', what, { path, octets: key.length });
  }
  return key;
}

/**
 * Puts the key of a file under a key of a token. Everything sealed stays as it is; from now on opening the file takes the token and its PIN.
 * @throws CodedError as {@link readKeyFile}
 */
export function moveKeyFileToToken(path: string, at: TokenKey): void {
  const contents = Buffer.from(JSON.stringify(wrapWithToken(readKeyFile(path), at)));
  const fresh = `${path}.new`;
  writeSynced(openSync(fresh, 'w', 0o600), contents);
  renameSync(fresh, path);
}

/** Always from the platform's source: a key file made from a seed would be no secret. */
function makeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    // Another process was first: its file is the one.
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  writeSynced(file, randomBytes(32));
}

function writeSynced(file: number, octets: Uint8Array): void {
  writeSync(file, octets);
  fsyncSync(file);
  closeSync(file);
}
