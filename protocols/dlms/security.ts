/** Message security of suites 0 to 2 (Green Book 9.2.7): AES-GCM sealing and opening of APDUs, and what a counter may be. */
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { concatBytes, equalBytes, failure, type Result, success } from '@wattline/base';
import { type ApduName, type ApduTags, apduOfTag, apduTags, type Dress } from './apdu/tags.ts';
import type { InvocationCounter, Protection, ReplayGuard, SecurityKeys } from './association.ts';
import { AxdrWriter } from './axdr-writer.ts';
import { dlmsError } from './errors.ts';
import { attempt, OctetReader } from './octet-reader.ts';

/** Bits of the security control octet; bits 0 to 3 are the suite. */
const authenticationBit = 0x10;
const encryptionBit = 0x20;
/** Key set: the broadcast key in place of the unicast key. */
const broadcastBit = 0x40;
const suiteMask = 0x0f;
/** Octets of the authentication tag. */
const tagLength = 12;
/** Octets of security control and invocation counter. */
const headerLength = 5;
/** The most octets sealing adds to an APDU: its new tag, a length of up to three octets, header and authentication tag. */
export const sealingOverhead = 1 + 3 + headerLength + tagLength;
/** The most octets a general-glo envelope adds: also length and system title. */
export const generalSealingOverhead = sealingOverhead + 9;

const noOctets = new Uint8Array(0);

const protectionBits: Readonly<Record<Protection, number>> = {
  none: 0,
  a: authenticationBit,
  e: encryptionBit,
  ae: authenticationBit | encryptionBit,
};

/** Protection by bits 4 and 5. */
const protectionOf: readonly (Protection | undefined)[] = ['none', 'a', 'e', 'ae'];

/** Keys as node:crypto takes them fastest, made once for each set of keys. */
interface Readied {
  readonly ek: KeyObject;
  readonly broadcastEk: KeyObject | undefined;
}

const readied = new WeakMap<SecurityKeys, Readied>();

function readiedOf(keys: SecurityKeys): Readied {
  let found = readied.get(keys);
  if (!found) {
    const { ek, broadcastEk } = keys;
    found = { ek: createSecretKey(ek), broadcastEk: broadcastEk && createSecretKey(broadcastEk) };
    readied.set(keys, found);
  }
  return found;
}

/** Whether `actual` protects in every way `required` does. */
export function meetsProtection(actual: Protection, required: Protection): boolean {
  return (protectionBits[actual] & protectionBits[required]) === protectionBits[required];
}

/** The protection that protects in the ways of both. */
export function strongerProtection(a: Protection, b: Protection): Protection {
  const bits = protectionBits[a] | protectionBits[b];
  return (Object.keys(protectionBits) as Protection[]).find((name) => protectionBits[name] === bits) ?? 'ae';
}

/** Who seals, with what. */
export interface Sealer {
  readonly keys: SecurityKeys;
  /** System title of the side that seals, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** Octets that the tag protects besides: the header of General-Ciphering. */
  readonly header?: Uint8Array;
}

/** What an opened envelope held. */
export interface Opened {
  readonly plain: Uint8Array;
  readonly invocationCounter: number;
  readonly protection: Protection;
  /** Sealed under the broadcast key. */
  readonly isBroadcast: boolean;
}

/** What is sealed how. */
export interface Sealing {
  readonly protection: Exclude<Protection, 'none'>;
  readonly invocationCounter: number;
  /** Under the broadcast key of the keys, which must have one. */
  readonly isBroadcast?: boolean;
}

/** Security control, invocation counter, contents and tag of a sealed APDU. */
export function seal(plain: Uint8Array, sealer: Sealer, how: Sealing): Uint8Array {
  const { keys, systemTitle } = sealer;
  const control = protectionBits[how.protection] | keys.suite | (how.isBroadcast ? broadcastBit : 0);
  const ek = how.isBroadcast ? readiedOf(keys).broadcastEk : readiedOf(keys).ek;
  assert(ek, 'sealing under a broadcast key needs one');
  const out = new Uint8Array(headerLength + plain.length + (how.protection === 'e' ? 0 : tagLength));
  out[0] = control;
  for (let i = 1; i < headerLength; i++) out[i] = how.invocationCounter >>> (8 * (headerLength - 1 - i));
  const iv = nonceOf(systemTitle, out);
  const cipher = createCipheriv(cipherName(keys), ek, iv, { authTagLength: tagLength });
  if (how.protection !== 'e')
    cipher.setAAD(additionalData(control, sealer, how.protection === 'a' ? plain : undefined));
  out.set(how.protection === 'a' ? plain : cipher.update(plain), headerLength);
  cipher.final();
  if (how.protection !== 'e') out.set(cipher.getAuthTag(), headerLength + plain.length);
  return out;
}

/**
 * Opens what {@link seal} made. Nothing is said of the counter: that is {@link acceptCounter}'s.
 * Fails with `dlms/truncated`, `dlms/security-suite` or `dlms/decryption-failed`.
 */
export function open(sealed: Uint8Array, sealer: Sealer): Result<Opened> {
  const { keys, systemTitle } = sealer;
  const control = sealed[0] ?? 0;
  const bits = control & (authenticationBit | encryptionBit);
  const protection = protectionOf[bits >> 4];
  const overhead = headerLength + (bits & authenticationBit ? tagLength : 0);
  if (sealed.length < overhead) {
    return failure(
      'dlms/truncated',
      `expected at least ${overhead} octets of sealed APDU, found ${sealed.length}`,
    );
  }
  const isBroadcast = (control & broadcastBit) !== 0;
  const ek = isBroadcast ? readiedOf(keys).broadcastEk : readiedOf(keys).ek;
  if (
    (control & suiteMask) !== keys.suite ||
    (control & 0x80) !== 0 ||
    !ek ||
    !protection ||
    protection === 'none'
  ) {
    return failure(
      'dlms/security-suite',
      `expected a protection with a known key of suite ${keys.suite}, found security control ${control}`,
      { offset: 0 },
    );
  }
  const contents = sealed.subarray(headerLength, sealed.length - overhead + headerLength);
  const invocationCounter = readCounter(sealed);
  const iv = nonceOf(systemTitle, sealed);
  const decipher = createDecipheriv(cipherName(keys), ek, iv, { authTagLength: tagLength });
  if (protection === 'e') {
    // Without a tag there is nothing to verify: `final` would demand one.
    return success({
      plain: octetsOf(decipher.update(contents)),
      invocationCounter,
      protection,
      isBroadcast,
    });
  }
  decipher.setAAD(additionalData(control, sealer, protection === 'a' ? contents : undefined));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  try {
    const plain = protection === 'a' ? contents : octetsOf(decipher.update(contents));
    decipher.final();
    return success({ plain, invocationCounter, protection, isBroadcast });
  } catch {
    return failure('dlms/decryption-failed', 'the authentication tag does not match', { invocationCounter });
  }
}

/** What stands before the contents of a sealed APDU, readable without a key; undefined when it is too short. */
export function readSecurityHeader(
  sealed: Uint8Array,
):
  | { readonly protection: Protection; readonly invocationCounter: number; readonly contents: Uint8Array }
  | undefined {
  if (sealed.length < headerLength) return undefined;
  const bits = (sealed[0] as number) & (authenticationBit | encryptionBit);
  const protection = protectionOf[bits >> 4] ?? 'none';
  return { protection, invocationCounter: readCounter(sealed), contents: sealed.subarray(headerLength) };
}

/** The nonce: system title and the invocation counter that follows the security control. */
function nonceOf(systemTitle: Uint8Array, sealed: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(systemTitle.length + headerLength - 1);
  nonce.set(systemTitle);
  for (let i = 1; i < headerLength; i++) nonce[systemTitle.length + i - 1] = sealed[i] as number;
  return nonce;
}

/** The invocation counter of a sealed APDU of at least five octets. */
function readCounter(sealed: Uint8Array): number {
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
}

/** Wraps an APDU in its service's ciphered envelope (glo- or ded-). */
export function sealApdu(
  plain: Uint8Array,
  sealer: Sealer,
  how: Sealing & { readonly dress: Exclude<Dress, 'plain'> },
): Uint8Array {
  const info = apduOfTag[plain[0] as number];
  const tags: ApduTags | undefined = info && apduTags[info.name];
  const tag = tags?.[how.dress];
  assert(tag !== undefined, `an APDU with tag ${plain[0]} has no ${how.dress} envelope`);
  const sealed = seal(plain, sealer, how);
  return new AxdrWriter(sealed.length + 4).u8(tag).size(sealed.length).raw(sealed).finish();
}

/**
 * Opens a service-specific envelope whose tag announced `name`; the APDU inside must be that one.
 * Fails as {@link open}, or with `dlms/bad-tag` when another APDU came out.
 */
export function openApdu(octets: Uint8Array, name: ApduName, sealer: Sealer): Result<Opened> {
  const sealed = attempt(() => {
    const reader = new OctetReader(octets, 1);
    const contents = readSealed(reader);
    reader.expectEnd();
    return contents;
  });
  if (!sealed.ok) return sealed;
  const opened = open(sealed.value, sealer);
  if (!opened.ok) return opened;
  if (opened.value.plain[0] !== apduTags[name].tag) {
    return failure('dlms/decryption-failed', `expected ${name} inside its envelope, found another APDU`, {
      invocationCounter: opened.value.invocationCounter,
    });
  }
  return opened;
}

/**
 * The contents of a service-specific envelope after its tag. A client met in the field counts the authentication tag in
 * the length although encryption alone has none: the octets that are there are taken.
 */
export function readSealed(reader: OctetReader): Uint8Array {
  const length = reader.size();
  const isOvercounted = length === reader.remaining + tagLength && length > tagLength;
  const isUntagged = isOvercounted && (reader.peek() & (authenticationBit | encryptionBit)) === encryptionBit;
  return reader.bytes(isUntagged ? reader.remaining : length);
}

/** Asks the guard, which remembers across connections, whether a counter is new. */
export function acceptCounter(guard: ReplayGuard | undefined, invocationCounter: number): Result<null> {
  if (guard && !guard.accept(invocationCounter)) {
    return failure('dlms/counter-replayed', `the invocation counter ${invocationCounter} was used before`, {
      invocationCounter,
    });
  }
  return success(null);
}

/**
 * The next number of a counter.
 * @throws CodedError `dlms/counter-exhausted` when it passes 2^32 - 1: sealing twice under one number breaks AES-GCM.
 */
export function nextCounter(counter: InvocationCounter): number {
  const next = counter.next();
  if (!Number.isInteger(next) || next < 0 || next > 0xffffffff) {
    throw dlmsError('dlms/counter-exhausted', `expected an invocation counter of 32 bits, found ${next}`);
  }
  return next;
}

/** A guard for one connection alone, for keys that live no longer than it (dedicated keys) or where none is given. */
export function connectionGuard(): ReplayGuard {
  let last = -1;
  return {
    accept(counter) {
      if (counter <= last) return false;
      last = counter;
      return true;
    },
  };
}

/** GMAC over a challenge as HLS mechanism 5 sends it: security control, counter and tag (Green Book 9.2.7.4). */
export function gmac(challenge: Uint8Array, sealer: Sealer, invocationCounter: number): Uint8Array {
  const control = authenticationBit | sealer.keys.suite;
  const header = new Uint8Array(headerLength);
  header[0] = control;
  new DataView(header.buffer).setUint32(1, invocationCounter);
  const iv = nonceOf(sealer.systemTitle, header);
  const cipher = createCipheriv(cipherName(sealer.keys), readiedOf(sealer.keys).ek, iv, {
    authTagLength: tagLength,
  });
  cipher.setAAD(additionalData(control, sealer, challenge));
  cipher.final();
  return concatBytes(header, cipher.getAuthTag());
}

/** The counter of a right answer to `challenge`, undefined when it is wrong. */
export function verifyGmac(answer: Uint8Array, challenge: Uint8Array, sealer: Sealer): number | undefined {
  if (answer.length !== headerLength + tagLength) return undefined;
  const invocationCounter = readCounter(answer);
  return equalBytes(gmac(challenge, sealer, invocationCounter), answer) ? invocationCounter : undefined;
}

/** Whether a key set and a title can be used at all. */
export function canSeal(keys: SecurityKeys | undefined, systemTitle: Uint8Array | undefined): boolean {
  if (!keys || systemTitle?.length !== 8) return false;
  const length = keys.suite === 2 ? 32 : 16;
  const isBroadcastRight = (keys.broadcastEk?.length ?? length) === length;
  return keys.ek.length === length && keys.ak.length === length && isBroadcastRight;
}

function additionalData(control: number, sealer: Sealer, contents: Uint8Array | undefined): Uint8Array {
  const { header = noOctets, keys } = sealer;
  return concatBytes(Uint8Array.of(control), keys.ak, header, contents ?? noOctets);
}

function cipherName(keys: SecurityKeys): 'aes-128-gcm' | 'aes-256-gcm' {
  return keys.ek.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
}

/** Plain octets of a Buffer, so that nothing depends on Buffer's own methods. */
function octetsOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
