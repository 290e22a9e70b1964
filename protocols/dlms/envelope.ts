/** How an APDU is dressed on the wire: in the clear, glo-, ded-, or in a general envelope; opened and made for both sides. */
import { equalBytes, failure, type Result, success } from '@wattline/base';
import { decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { apduOfTag, apduTags, type Dress } from './apdu/tags.ts';
import type { CipheringScheme, Protection, ReplayGuard, SecurityKeys } from './association.ts';
import { type CipheringKeys, cipheringOverhead, openGeneralCiphering } from './general-ciphering.ts';
import { openSigned, type SignatureCheck, signingOverhead } from './general-signing.ts';
import {
  acceptCounter,
  generalSealingOverhead,
  type Opened,
  open,
  openApdu,
  type Sealer,
  type Sealing,
  seal,
  sealApdu,
  sealingOverhead,
} from './security.ts';

/** A dress by service, or a general one around any APDU. */
export type Envelope = Dress | 'general-glo' | 'general-ded' | 'general-ciphering';

/** Keys with the guard that remembers the counters used under them. */
export interface Keyring {
  readonly keys: SecurityKeys;
  readonly guard: ReplayGuard;
}

/** What is known of the peer whose APDUs are opened. */
export interface Peer {
  readonly systemTitle: Uint8Array | undefined;
  readonly global: Keyring | undefined;
  readonly dedicated: Keyring | undefined;
  /** Counters under the broadcast key; without it what is sealed so is refused. */
  readonly broadcastGuard?: ReplayGuard | undefined;
  /** What opens General-Ciphering; its counters are those of `global`. */
  readonly ciphering?: CipheringKeys | undefined;
  /** What General-Signing is judged by. */
  readonly signature?: Omit<SignatureCheck, 'originatorTitle'> | undefined;
}

/** How the General-Ciphering of a request is answered. */
export interface CipheringReply {
  readonly scheme: CipheringScheme;
  readonly transactionId: Uint8Array;
}

/** An APDU out of its envelope. */
export interface Unwrapped {
  readonly plain: Uint8Array;
  readonly envelope: Envelope;
  readonly protection: Protection;
  /** The keys it was sealed under; undefined in the clear. */
  readonly keys: SecurityKeys | undefined;
  readonly invocationCounter: number | undefined;
  /** Set when it came in General-Ciphering. */
  readonly ciphering?: CipheringReply;
  /** It came under the signature of the peer. */
  readonly isSigned?: boolean;
}

const generalOf = {
  'general-glo-ciphering': 'general-glo',
  'general-ded-ciphering': 'general-ded',
  'general-ciphering': 'general-ciphering',
} as const;

/** Whether keys and envelope are of the association alone. */
const isDedicated = (envelope: Envelope) => envelope === 'ded' || envelope === 'general-ded';

/** Which envelope a first octet announces; undefined when it is no APDU's. */
export function envelopeOf(octets: Uint8Array): Envelope | undefined {
  const info = apduOfTag[octets[0] ?? 0];
  if (!info || octets.length === 0) return undefined;
  return info.name in generalOf ? generalOf[info.name as keyof typeof generalOf] : info.dress;
}

/** The most octets an envelope adds. */
export function envelopeOverhead(
  envelope: Envelope,
  how: { readonly scheme?: CipheringScheme | undefined; readonly isSigned?: boolean | undefined } = {},
): number {
  const signing = how.isSigned ? signingOverhead : 0;
  if (envelope === 'plain') return signing;
  if (envelope === 'general-ciphering') return signing + cipheringOverhead(how.scheme ?? 'one-pass');
  return signing + (envelope === 'glo' || envelope === 'ded' ? sealingOverhead : generalSealingOverhead);
}

/**
 * Takes an APDU out of its envelope and has its counter accepted; the counter counts only once the tag was right, else
 * anybody could use it up.
 * Fails with `dlms/unknown-apdu`, `dlms/keys-missing`, `dlms/system-title-mismatch`, `dlms/bad-signature`,
 * `dlms/counter-replayed` or as `open`.
 */
export function unwrapApdu(octets: Uint8Array, peer: Peer): Result<Unwrapped> {
  if (octets[0] !== apduTags['general-signing'].tag) return unwrapSealed(octets, peer);
  const { signature, systemTitle: originatorTitle } = peer;
  if (!signature || !originatorTitle) {
    return failure('dlms/keys-missing', 'the APDU is signed, and no signing key of the peer is known');
  }
  const content = openSigned(octets, { ...signature, originatorTitle });
  if (!content.ok) return content;
  const unwrapped = unwrapSealed(content.value, peer);
  return unwrapped.ok ? success({ ...unwrapped.value, isSigned: true }) : unwrapped;
}

function unwrapSealed(octets: Uint8Array, peer: Peer): Result<Unwrapped> {
  const envelope = envelopeOf(octets);
  if (!envelope) return failure('dlms/unknown-apdu', `no APDU has tag ${octets[0] ?? 'none'}`, { offset: 0 });
  if (envelope === 'plain') {
    return success({
      plain: octets,
      envelope,
      protection: 'none',
      keys: undefined,
      invocationCounter: undefined,
    });
  }
  if (envelope === 'general-ciphering') return unwrapCiphered(octets, peer);
  const keyring = isDedicated(envelope) ? peer.dedicated : peer.global;
  const { systemTitle } = peer;
  if (!keyring || systemTitle?.length !== 8) {
    return failure('dlms/keys-missing', `the APDU is in a ${envelope} envelope, and there is no such key`);
  }
  const sealer = { keys: keyring.keys, systemTitle };
  const opened =
    envelope === 'glo' || envelope === 'ded' ? openService(octets, sealer) : openGeneral(octets, sealer);
  if (!opened.ok) return opened;
  const { isBroadcast, invocationCounter } = opened.value;
  const guard = isBroadcast ? peer.broadcastGuard : keyring.guard;
  if (!guard) return failure('dlms/security-suite', 'no APDU under the broadcast key is taken here');
  const accepted = acceptCounter(guard, invocationCounter);
  return accepted.ok ? success({ ...opened.value, envelope, keys: keyring.keys }) : accepted;
}

/** General-Ciphering: whatever the scheme, its counter goes on in the one count that the sender keeps. */
function unwrapCiphered(octets: Uint8Array, peer: Peer): Result<Unwrapped> {
  const { ciphering, global, systemTitle } = peer;
  if (!ciphering || !global || !systemTitle) {
    return failure('dlms/keys-missing', 'the APDU is in General-Ciphering, and no keys are known for it');
  }
  const opened = openGeneralCiphering(octets, ciphering);
  if (!opened.ok) return opened;
  const { plain, protection, invocationCounter, originatorTitle, scheme, transactionId, key } = opened.value;
  if (!equalBytes(originatorTitle, systemTitle)) {
    return failure('dlms/system-title-mismatch', 'the envelope is from another system title');
  }
  const accepted = acceptCounter(global.guard, invocationCounter);
  if (!accepted.ok) return accepted;
  return success({
    plain,
    envelope: 'general-ciphering',
    protection,
    keys: { ...global.keys, ek: key },
    invocationCounter,
    ciphering: { scheme, transactionId },
  });
}

function openService(octets: Uint8Array, sealer: Sealer): Result<Opened> {
  const info = apduOfTag[octets[0] ?? 0];
  return info ? openApdu(octets, info.name, sealer) : failure('dlms/unknown-apdu', 'no APDU has this tag');
}

/** The title in a general envelope may be left out once the association knows it. */
function openGeneral(octets: Uint8Array, sealer: Sealer): Result<Opened> {
  const decoded = decodeApdu(octets);
  if (!decoded.ok) return decoded;
  const { value: apdu } = decoded;
  if (apdu.apdu !== 'general-glo-ciphering' && apdu.apdu !== 'general-ded-ciphering') {
    return failure('dlms/unknown-apdu', `expected a general envelope, found ${apdu.apdu}`);
  }
  const { systemTitle, cipheredService } = apdu.value;
  if (systemTitle.length > 0 && !equalBytes(systemTitle, sealer.systemTitle)) {
    return failure('dlms/system-title-mismatch', 'the envelope is from another system title');
  }
  return open(cipheredService, sealer);
}

/** Puts an APDU into an envelope. */
export function wrapApdu(
  plain: Uint8Array,
  sealer: Sealer,
  how: {
    readonly envelope: Exclude<Envelope, 'plain' | 'general-ciphering'>;
  } & Sealing,
): Uint8Array {
  const { envelope } = how;
  if (envelope === 'glo' || envelope === 'ded') return sealApdu(plain, sealer, { ...how, dress: envelope });
  const name = envelope === 'general-glo' ? 'general-glo-ciphering' : 'general-ded-ciphering';
  return encodeApdu(name, {
    systemTitle: sealer.systemTitle,
    cipheredService: seal(plain, sealer, how),
  });
}
