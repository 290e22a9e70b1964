/** Meter keys at rest: sealed with AES-256-GCM (NIST SP 800-38D) under the key file, bound to the row they stand in. */
import assert from 'node:assert/strict';
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { concatBytes } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import { readKeyFile } from './key-file.ts';
import { privateKeyOf } from './sealed-box.ts';

/** Keys of one client of one meter; `master` wraps new ones on their way to it. */
export type ClientName = 'reader' | 'management' | 'master';

/** Whose keys they are; the seal is worth nothing in another row. */
export interface KeyOwner {
  readonly serial: string;
  readonly client: ClientName;
}

/** Keys with their security suite, 0 when left out: 16 octets each, 32 in suite 2. */
export interface SuiteKeys {
  readonly suite?: SecurityKeys['suite'];
  readonly ek: Uint8Array;
  readonly ak: Uint8Array;
}

/** Seals and opens keys. */
export interface KeyVault {
  /** Text for the registry. The same keys of the same owner seal to the same text, so that a change is seen without opening. */
  seal(owner: KeyOwner, keys: SuiteKeys): string;
  /** @throws CodedError `headend/key-unsealable` */
  open(owner: KeyOwner, sealed: string): SecurityKeys;
  /** The same for a key that stands alone. */
  sealKey(owner: KeyOwner, key: Uint8Array): string;
  /** @throws CodedError `headend/key-unsealable` */
  openKey(owner: KeyOwner, sealed: string): Uint8Array;
  /** A name of a key that tells nothing of it: equal keys have equal prints. */
  printOf(key: Uint8Array): string;
  /** Opens what others seal for the holder of this key file (X25519). */
  readonly channelKey: KeyObject;
  /** The system title of this installation, 8 octets: two installations never share an initialisation vector. */
  readonly systemTitle: Uint8Array;
}

const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 5;
const overhead = headLength + nonceLength + tagLength;
/** A pair of suite 0, 1 and 2, the last two behind an octet that names the suite. */
const pairLengths = [32, 33, 65];

/** Octets of a key of a security suite: encryption, authentication and master key alike. */
export function keyLengthOf(suite: SecurityKeys['suite']): 16 | 32 {
  return suite === 2 ? 32 : 16;
}

/**
 * Opens the vault of a key file; a missing file is made, 32 random octets readable by its owner alone.
 * @throws CodedError `headend/key-file-invalid`, `headend/key-token-failed`
 */
export function openKeyVault(keyFile: string): KeyVault {
  const master = readKeyFile(keyFile);
  const derive = (label: string) => new Uint8Array(hkdfSync('sha256', master, '', `wattline ${label}`, 32));
  const sealKey = derive('seal');
  const nonceKey = derive('nonce');
  const printKey = derive('print');
  // The head names the key file, so that a wrong one is told from an altered row.
  const head = concatBytes(
    Uint8Array.of(version),
    createHash('sha256')
      .update(sealKey)
      .digest()
      .subarray(0, headLength - 1),
  );
  const identity = createHmac('sha256', printKey).update('system title').digest().subarray(0, 5);
  const seal = (owner: KeyOwner, plain: Uint8Array): string => {
    const bound = boundTo(owner);
    // The nonce is a keyed digest of what is sealed: it repeats only with the same contents in the same row.
    const nonce = createHmac('sha256', nonceKey)
      .update(bound)
      .update('\0')
      .update(plain)
      .digest()
      .subarray(0, nonceLength);
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(concatBytes(head, bound));
    const sealed = concatBytes(head, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
    return Buffer.from(sealed).toString('base64');
  };
  const open = (owner: KeyOwner, sealed: string, lengths: readonly number[]): Uint8Array => {
    const octets = Buffer.from(sealed, 'base64');
    const refuse = (why: string) =>
      headendError('headend/key-unsealable', `the ${owner.client} keys of meter ${owner.serial}: ${why}`, {
        ...owner,
      });
    if (!lengths.includes(octets.length - overhead)) {
      throw refuse('the sealed text is cut or of another format');
    }
    if (!octets.subarray(0, headLength).equals(head)) {
      throw refuse('they were sealed with another key file');
    }
    const nonce = octets.subarray(headLength, headLength + nonceLength);
    const body = octets.subarray(headLength + nonceLength, -tagLength);
    const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce)
      .setAAD(concatBytes(head, boundTo(owner)))
      .setAuthTag(octets.subarray(-tagLength));
    try {
      return concatBytes(decipher.update(body), decipher.final());
    } catch {
      throw refuse('the sealed text was altered or belongs to another row');
    }
  };
  return {
    systemTitle: concatBytes(Buffer.from('WTL'), identity),
    printOf: (key) => createHmac('sha256', printKey).update(key).digest('base64'),
    seal(owner, { suite = 0, ek, ak }) {
      assert(ek.length === keyLengthOf(suite) && ak.length === ek.length, `keys of suite ${suite}`);
      // What was sealed before there were suites says none, and is of suite 0.
      return seal(owner, suite === 0 ? concatBytes(ek, ak) : concatBytes(Uint8Array.of(suite), ek, ak));
    },
    open(owner, sealed) {
      const plain = open(owner, sealed, pairLengths);
      const suite = plain.length % 2 === 0 ? 0 : plain[0] === 2 ? 2 : 1;
      const keys = suite === 0 ? plain : plain.subarray(1);
      return { suite, ek: keys.subarray(0, keys.length / 2), ak: keys.subarray(keys.length / 2) };
    },
    sealKey: seal,
    openKey: (owner, sealed) => open(owner, sealed, [16, 32]),
    channelKey: privateKeyOf(derive('channel')),
  };
}

function boundTo({ serial, client }: KeyOwner): Uint8Array {
  return Buffer.from(`${serial}/${client}`);
}
