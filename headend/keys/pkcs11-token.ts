/**
 * A key file whose key is wrapped under a key that never leaves a PKCS#11 token (HSM, smart card, SoftHSM): RSA-OAEP with SHA-1, which
 * every token speaks. The token is reached by OpenSC's `pkcs11-tool`, so that nothing native is installed where none is wanted.
 */
import { spawnSync } from 'node:child_process';
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { headendError } from '../errors.ts';

/** Where the wrapping key is. */
export interface TokenKey {
  /** Path of the PKCS#11 module of the token. */
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  /** CKA_ID of the RSA key pair, hexadecimal. */
  readonly key: string;
  /** Name of the environment variable that holds the PIN; the PIN stands in no file and no argument. */
  readonly pin: string;
}

/** What a key file of this provider holds, as JSON. */
export interface TokenKeyFile extends TokenKey {
  readonly provider: 'pkcs11';
  /** The key, wrapped; base64. */
  readonly wrapped: string;
}

/** The contents of a key file of this provider; undefined when the octets are none. */
export function readTokenKeyFile(octets: Uint8Array): TokenKeyFile | undefined {
  // 32 octets are a key as it is, whatever they spell.
  if (octets.length === 32 || octets[0] !== 0x7b) return undefined;
  try {
    const value = JSON.parse(Buffer.from(octets).toString()) as Record<string, unknown>;
    const names = ['module', 'token', 'key', 'pin', 'wrapped'];
    const isWhole = value.provider === 'pkcs11' && names.every((name) => typeof value[name] === 'string');
    return isWhole ? (value as unknown as TokenKeyFile) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Wraps a key under the token's public key and has the token unwrap it again, so that no key is trusted to a token that will not give it back.
 * @throws CodedError `headend/key-token-failed`
 */
export function wrapWithToken(key: Uint8Array, at: TokenKey): TokenKeyFile {
  const der = askToken(at, ['--read-object', '--type', 'pubkey', '--id', at.key]);
  const wrapped = publicEncrypt(
    {
      key: createPublicKey({ key: der, format: 'der', type: 'spki' }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha1',
    },
    key,
  ).toString('base64');
  const { module, token, key: id, pin } = at;
  const file: TokenKeyFile = { provider: 'pkcs11', module, token, key: id, pin, wrapped };
  if (!unwrapWithToken(file).equals(key)) throw failed(at, 'what it unwraps is not what was wrapped');
  return file;
}

/** The key in such a file. @throws CodedError `headend/key-token-failed` */
export function unwrapWithToken(file: TokenKeyFile): Buffer {
  const how = ['--mechanism', 'RSA-PKCS-OAEP', '--hash-algorithm', 'SHA-1', '--id', file.key];
  const login = ['--login', '--pin', `env:${file.pin}`];
  return askToken(file, [...login, '--decrypt', ...how], Buffer.from(file.wrapped, 'base64'));
}

/** A token on a card takes seconds; one that waits for a button is given up. */
const tokenTimeoutMs = 30_000;

function askToken(at: TokenKey, task: readonly string[], input?: Uint8Array): Buffer {
  const args = ['--module', at.module, '--token-label', at.token, ...task];
  const { status, stdout, stderr, error } = spawnSync('pkcs11-tool', args, {
    ...(input && { input }),
    timeout: tokenTimeoutMs,
    maxBuffer: 65_536,
  });
  if (error) throw failed(at, `pkcs11-tool (OpenSC) cannot be run: ${error.message}`);
  if (status !== 0 || stdout.length === 0) throw failed(at, lastLine(stderr.toString()));
  return stdout;
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 200);
}

function failed({ module, token, key }: TokenKey, why: string) {
  return headendError('headend/key-token-failed', `key ${key} of token '${token}': ${why}`, {
    ...{ module, token, key },
  });
}
