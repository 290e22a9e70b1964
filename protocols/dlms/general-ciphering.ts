/** General-Ciphering (Green Book 9.2.3.4.6, 9.5): an APDU sealed under a key agreed by ECDH, wrapped along, or named. */
import { createHash } from 'node:crypto';
import { concatBytes, failure, type Result, success } from '@wattline/base';
import { type ApduValue, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { generalHeaderOctets } from './apdu/general.ts';
import type { CipheringScheme, KeyPair, Protection } from './association.ts';
import { AxdrWriter } from './axdr-writer.ts';
import { agreeEcdh, curveOfSuite, signEcdsa, verifyEcdsa } from './elliptic.ts';
import { unwrapKey, wrapKey } from './key-transfer.ts';
import { type Opened, open, seal, sealingOverhead } from './security.ts';

/** Last octet of the algorithm identifiers 2.16.756.5.8.3 by suite: AES-GCM-128 and -256, key wrap with AES-128 and -256. */
const algorithmIds = { gcm: { 1: 0, 2: 1 }, wrap: { 1: 2, 2: 3 } } as const;
/** Key parameters of the schemes. */
const onePass = Uint8Array.of(1);
const staticUnified = Uint8Array.of(2);

/**
 * How the key of one APDU comes about: `one-pass` C(1e, 1s) with a fresh pair signed by the originator, `static-unified`
 * C(0e, 2s) from the static pairs of both and the transaction id, `wrapped` under the master key, or `identified`, the
 * global unicast key.
 */
export type CipheringKey =
  | {
      readonly scheme: 'one-pass';
      readonly ephemeral: KeyPair;
      readonly signing: KeyPair;
      readonly recipientPublicKey: Uint8Array;
    }
  | { readonly scheme: 'static-unified'; readonly own: KeyPair; readonly recipientPublicKey: Uint8Array }
  | { readonly scheme: 'wrapped'; readonly kek: Uint8Array; readonly key: Uint8Array }
  | { readonly scheme: 'identified'; readonly key: Uint8Array };

/** One APDU to seal. A transaction id must never come twice between two parties: it makes the key of `static-unified`. */
export interface CipheringRequest {
  readonly suite: 0 | 1 | 2;
  readonly key: CipheringKey;
  readonly ak: Uint8Array;
  readonly originatorTitle: Uint8Array;
  readonly recipientTitle: Uint8Array;
  readonly transactionId: Uint8Array;
  readonly protection: Exclude<Protection, 'none'>;
  readonly invocationCounter: number;
}

/** What the recipient holds; a scheme whose keys are missing is refused. */
export interface CipheringKeys {
  readonly suite: 0 | 1 | 2;
  readonly ak: Uint8Array;
  readonly title: Uint8Array;
  /** Our static key agreement pair. */
  readonly agreement?: KeyPair;
  /** The originator's static key agreement key and signing key. */
  readonly originatorAgreementKey?: Uint8Array;
  readonly originatorSigningKey?: Uint8Array;
  readonly kek?: Uint8Array;
  readonly ek?: Uint8Array;
}

/** What came out; whether the counter is new is the caller's to judge. */
export interface CipheringOpened extends Opened {
  readonly scheme: CipheringScheme;
  /** The key it was sealed under. */
  readonly key: Uint8Array;
  readonly originatorTitle: Uint8Array;
  readonly transactionId: Uint8Array;
}

type Envelope = ApduValue<'general-ciphering'>;
type KeyInfo = NonNullable<Envelope['keyInfo']>;
type Header = Omit<Envelope, 'keyInfo' | 'cipheredContent'>;

const noOctets = new Uint8Array(0);

/** The General-Ciphering APDU. Fails with `dlms/key-agreement` when the keys do not fit suite or scheme. */
export function sealGeneralCiphering(plain: Uint8Array, request: CipheringRequest): Result<Uint8Array> {
  const { suite, ak, originatorTitle, recipientTitle, transactionId } = request;
  const header: Header = {
    transactionId,
    originatorSystemTitle: originatorTitle,
    recipientSystemTitle: recipientTitle,
    dateTime: noOctets,
    otherInformation: noOctets,
  };
  const made = makeKey(request, header);
  if (!made.ok) return made;
  const { key: ek, keyInfo } = made.value;
  const sealer = {
    keys: { suite, ek, ak },
    systemTitle: originatorTitle,
    header: generalHeaderOctets(header),
  };
  return success(
    encodeApdu('general-ciphering', { ...header, keyInfo, cipheredContent: seal(plain, sealer, request) }),
  );
}

interface MadeKey {
  readonly key: Uint8Array;
  readonly keyInfo: KeyInfo;
}

function makeKey({ suite, key }: CipheringRequest, header: Header): Result<MadeKey> {
  switch (key.scheme) {
    case 'identified':
      return success({ key: key.key, keyInfo: { choice: 'identified-key', value: { keyId: 0 } } });
    case 'wrapped': {
      const keyCipheredData = wrapKey(key.kek, key.key);
      return success({
        key: key.key,
        keyInfo: { choice: 'wrapped-key', value: { kekId: 0, keyCipheredData } },
      });
    }
    case 'static-unified': {
      const derived = deriveKey(suite, key.own, key.recipientPublicKey, staticContext(header));
      if (!derived.ok) return derived;
      const value = { keyParameters: staticUnified, keyCipheredData: noOctets };
      return success({ key: derived.value, keyInfo: { choice: 'agreed-key', value } });
    }
    case 'one-pass': {
      const { ephemeral, signing, recipientPublicKey } = key;
      const derived = deriveKey(suite, ephemeral, recipientPublicKey, onePassContext(header));
      if (!derived.ok) return derived;
      const signature = signEcdsa(ephemeral.publicKey, signing);
      if (!signature) return failure('dlms/key-agreement', 'the signing pair is malformed');
      const keyCipheredData = concatBytes(ephemeral.publicKey, signature);
      const value = { keyParameters: onePass, keyCipheredData };
      return success({ key: derived.value, keyInfo: { choice: 'agreed-key', value } });
    }
  }
}

/**
 * Opens a General-Ciphering APDU.
 * Fails with `dlms/keys-missing`, `dlms/key-agreement`, `dlms/key-wrap`, `dlms/system-title-mismatch`, or as `open`.
 */
export function openGeneralCiphering(octets: Uint8Array, keys: CipheringKeys): Result<CipheringOpened> {
  const decoded = decodeApdu(octets);
  if (!decoded.ok) return decoded;
  if (decoded.value.apdu !== 'general-ciphering') {
    return failure('dlms/unknown-apdu', `expected general-ciphering, found ${decoded.value.apdu}`);
  }
  const { keyInfo, cipheredContent, ...header } = decoded.value.value;
  const { originatorSystemTitle: systemTitle, transactionId } = header;
  if (systemTitle.length !== 8 || Buffer.compare(header.recipientSystemTitle, keys.title) !== 0) {
    return failure('dlms/system-title-mismatch', 'the envelope is not from a system title to this one');
  }
  const ek = recoverKey(keyInfo, header, keys);
  if (!ek.ok) return ek;
  const sealer = {
    keys: { suite: keys.suite, ek: ek.value, ak: keys.ak },
    systemTitle,
    header: generalHeaderOctets(header),
  };
  const opened = open(cipheredContent, sealer);
  if (!opened.ok) return opened;
  const scheme = schemeOf(keyInfo);
  return success({ ...opened.value, originatorTitle: systemTitle, transactionId, scheme, key: ek.value });
}

function schemeOf(keyInfo: KeyInfo | undefined): CipheringScheme {
  if (keyInfo?.choice === 'wrapped-key') return 'wrapped';
  if (keyInfo?.choice !== 'agreed-key') return 'identified';
  return keyInfo.value.keyParameters[0] === onePass[0] ? 'one-pass' : 'static-unified';
}

/** The most octets that an envelope adds by each scheme, in suite 2: header, key info, lengths, security header and tag. */
export function cipheringOverhead(scheme: CipheringScheme): number {
  const keyInfo = { identified: 3, wrapped: 4 + 40, 'static-unified': 5, 'one-pass': 7 + 4 * 48 };
  return 1 + 3 * 9 + 2 + keyInfo[scheme] + sealingOverhead;
}

/** The key that an envelope names, carries or lets us agree on. */
export function recoverKey(
  keyInfo: KeyInfo | undefined,
  header: Header,
  keys: CipheringKeys,
): Result<Uint8Array> {
  if (keyInfo === undefined || keyInfo.choice === 'identified-key') {
    const isKnown = (keyInfo?.value.keyId ?? 0) === 0 && keys.ek;
    return isKnown ? success(isKnown) : missing('the global unicast key');
  }
  if (keyInfo.choice === 'wrapped-key') {
    return keys.kek && keyInfo.value.kekId === 0
      ? unwrapKey(keys.kek, keyInfo.value.keyCipheredData)
      : missing('the master key');
  }
  const { keyParameters, keyCipheredData } = keyInfo.value;
  const { suite, agreement, originatorAgreementKey, originatorSigningKey } = keys;
  if (!agreement) return missing('a key agreement pair');
  if (keyParameters.length === 1 && keyParameters[0] === staticUnified[0]) {
    return originatorAgreementKey
      ? deriveKey(suite, agreement, originatorAgreementKey, staticContext(header))
      : missing('the key agreement key of the originator');
  }
  if (keyParameters.length !== 1 || keyParameters[0] !== onePass[0]) {
    return failure('dlms/key-agreement', 'expected one-pass or static-unified key parameters');
  }
  if (!originatorSigningKey) return missing('the signing key of the originator');
  const half = keyCipheredData.length / 2;
  const [ephemeral, signature] = [keyCipheredData.subarray(0, half), keyCipheredData.subarray(half)];
  if (!verifyEcdsa(ephemeral, signature, originatorSigningKey)) {
    return failure('dlms/key-agreement', 'the ephemeral key is not signed by the originator');
  }
  return deriveKey(suite, agreement, ephemeral, onePassContext(header));
}

function missing(what: string): ReturnType<typeof failure> {
  return failure('dlms/keys-missing', `the key of the envelope needs ${what}`);
}

/** Party information of C(1e, 1s): both titles. */
function onePassContext({ originatorSystemTitle, recipientSystemTitle }: Header): Uint8Array {
  return concatBytes(originatorSystemTitle, recipientSystemTitle);
}

/** Party information of C(0e, 2s): the transaction id, with its length, makes each key another. */
function staticContext({ originatorSystemTitle, transactionId, recipientSystemTitle }: Header): Uint8Array {
  const id = new AxdrWriter().size(transactionId.length).raw(transactionId).finish();
  return concatBytes(originatorSystemTitle, id, recipientSystemTitle);
}

/** The concatenation KDF of NIST SP 800-56A over Z, one round: the first octets of the digest of the suite. */
export function deriveKey(
  suite: 0 | 1 | 2,
  own: KeyPair,
  peerPublicKey: Uint8Array,
  context: Uint8Array,
  use: keyof typeof algorithmIds = 'gcm',
): Result<Uint8Array> {
  const curve = curveOfSuite(suite);
  if (!curve || suite === 0 || own.publicKey.length !== 2 * curve.size) {
    return failure('dlms/key-agreement', `expected keys of the curve of suite ${suite}`);
  }
  const z = agreeEcdh(own, peerPublicKey);
  if (!z) return failure('dlms/key-agreement', 'the key of the peer is no point of the curve');
  const id = Uint8Array.of(0x60, 0x85, 0x74, 5, 8, 3, algorithmIds[use][suite]);
  const digest = createHash(curve.digest)
    .update(concatBytes(Uint8Array.of(0, 0, 0, 1), z, id, context))
    .digest();
  return success(new Uint8Array(digest).subarray(0, suite === 2 ? 32 : 16));
}
