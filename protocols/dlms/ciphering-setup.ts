/** What an association holds for General-Ciphering, turned into keys that open and into one request to seal. */
import { CodedError, type Random } from '@wattline/base';
import type { CipheringScheme, CipheringSetup, PeerKeys, SecurityKeys } from './association.ts';
import { generateKeyPair, isKeyPair, isPublicKey } from './elliptic.ts';
import {
  type CipheringKey,
  type CipheringKeys,
  type CipheringRequest,
  sealGeneralCiphering,
} from './general-ciphering.ts';

/** One side of an association: its keys, its title and the peer's. */
export interface CipheringSide {
  readonly setup: Omit<CipheringSetup, 'scheme'>;
  readonly keys: SecurityKeys;
  readonly signing: PeerKeys | undefined;
  readonly ownTitle: Uint8Array;
  readonly peerTitle: Uint8Array;
  readonly random: Random;
}

/** Whether a side holds what a scheme needs. */
export function canCipher(
  scheme: CipheringScheme,
  { setup, keys, signing }: Pick<CipheringSide, 'setup' | 'keys' | 'signing'>,
): boolean {
  const { kek, agreement } = setup;
  const isAgreed =
    keys.suite !== 0 &&
    agreement !== undefined &&
    isKeyPair(agreement.own) &&
    isPublicKey(agreement.peerPublicKey) &&
    agreement.own.publicKey.length === (keys.suite === 1 ? 64 : 96);
  switch (scheme) {
    case 'identified':
      return true;
    case 'wrapped':
      return kek?.length === keys.ek.length;
    case 'static-unified':
      return isAgreed;
    case 'one-pass':
      return isAgreed && signing !== undefined && isKeyPair(signing.own);
  }
}

/** What opens the envelopes of the peer. */
export function openingKeys(side: Omit<CipheringSide, 'random' | 'peerTitle'>): CipheringKeys {
  const { setup, keys, signing, ownTitle } = side;
  const { kek, agreement } = setup;
  return {
    suite: keys.suite,
    ak: keys.ak,
    ek: keys.ek,
    title: ownTitle,
    ...(kek ? { kek } : {}),
    ...(agreement ? { agreement: agreement.own, originatorAgreementKey: agreement.peerPublicKey } : {}),
    ...(signing ? { originatorSigningKey: signing.peerPublicKey } : {}),
  };
}

/**
 * The envelope of one APDU.
 * @throws CodedError `dlms/keys-missing` or `dlms/key-agreement` when the side does not hold what the scheme needs.
 */
export function cipherApdu(
  plain: Uint8Array,
  side: CipheringSide,
  how: Pick<CipheringRequest, 'protection' | 'invocationCounter' | 'transactionId'> & {
    readonly scheme: CipheringScheme;
  },
): Uint8Array {
  const { keys, ownTitle, peerTitle } = side;
  const { scheme, ...request } = how;
  if (!canCipher(scheme, side)) {
    throw new CodedError('dlms/keys-missing', `General-Ciphering by ${scheme} lacks keys on this side`);
  }
  const sealed = sealGeneralCiphering(plain, {
    ...request,
    suite: keys.suite,
    ak: keys.ak,
    originatorTitle: ownTitle,
    recipientTitle: peerTitle,
    key: keyFor(scheme, side),
  });
  if (!sealed.ok) throw new CodedError(sealed.error.code, sealed.error.message, sealed.error.where);
  return sealed.value;
}

function keyFor(scheme: CipheringScheme, side: CipheringSide): CipheringKey {
  const { setup, keys, signing, random } = side;
  const { kek, agreement } = setup;
  if (scheme === 'wrapped' && kek) return { scheme, kek, key: random.bytes(keys.ek.length) };
  if (scheme === 'static-unified' && agreement) {
    return { scheme, own: agreement.own, recipientPublicKey: agreement.peerPublicKey };
  }
  if (scheme === 'one-pass' && agreement && signing && keys.suite !== 0) {
    return {
      scheme,
      ephemeral: generateKeyPair(keys.suite),
      signing: signing.own,
      recipientPublicKey: agreement.peerPublicKey,
    };
  }
  return { scheme: 'identified', key: keys.ek };
}

/** A transaction id that never comes twice: the invocation counter in eight octets. */
export function transactionIdOf(invocationCounter: number): Uint8Array {
  const id = new Uint8Array(8);
  new DataView(id.buffer).setUint32(4, invocationCounter);
  return id;
}
