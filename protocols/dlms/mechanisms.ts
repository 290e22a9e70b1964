/** The HLS mechanisms (Green Book 9.2.7.4): what each side sends in pass 3 and 4, and how the other checks it. */
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { concatBytes, equalBytes } from '@wattline/base';
import type { Mechanism, PeerKeys, Protection, SecurityKeys } from './association.ts';
import { isKeyPair, isPublicKey, signEcdsa, verifyEcdsa } from './elliptic.ts';
import { canSeal, gmac, verifyGmac } from './security.ts';

/** All that the proofs of both sides are made of. */
export interface Handshake {
  readonly clientTitle: Uint8Array | undefined;
  readonly serverTitle: Uint8Array | undefined;
  /** CtoS. */
  readonly clientChallenge: Uint8Array;
  /** StoC. */
  readonly serverChallenge: Uint8Array;
  readonly secret: Uint8Array | undefined;
  readonly keys: SecurityKeys | undefined;
  readonly signing?: PeerKeys | undefined;
}

/** The side that proves itself. */
export type Side = 'client' | 'server';

/** Whether a proof is right; GMAC proofs also tell the counter they used. */
export type Verdict = { readonly isRight: boolean; readonly invocationCounter?: number };

/** One mechanism with challenges. */
export interface HlsMechanism {
  /** Both system titles enter the proof. */
  readonly needsTitles: boolean;
  /** The proof is made with the ciphering keys rather than a secret. */
  readonly needsKeys: boolean;
  /** The proof is made with signing keys rather than a secret. */
  readonly needsSigning?: boolean;
  /** Octets of the challenge we send. Default 16. */
  readonly challengeLength?: number;
  prove(handshake: Handshake, side: Side, nextCounter: () => number): Uint8Array;
  verify(handshake: Handshake, side: Side, proof: Uint8Array): Verdict;
}

const noOctets = new Uint8Array(0);

/** The four ingredients seen from the side that proves: its challenge is the one the other side sent. */
function seenFrom(handshake: Handshake, side: Side) {
  const { clientTitle = noOctets, serverTitle = noOctets, clientChallenge, serverChallenge } = handshake;
  return side === 'client'
    ? { ownTitle: clientTitle, peerTitle: serverTitle, asked: serverChallenge, ownChallenge: clientChallenge }
    : {
        ownTitle: serverTitle,
        peerTitle: clientTitle,
        asked: clientChallenge,
        ownChallenge: serverChallenge,
      };
}

/** A mechanism that both sides compute alike and compare. */
function computed(
  needsTitles: boolean,
  compute: (handshake: Handshake, side: Side) => Uint8Array,
): HlsMechanism {
  return {
    needsTitles,
    needsKeys: false,
    prove: compute,
    verify: (handshake, side, proof) => ({ isRight: equalBytes(compute(handshake, side), proof) }),
  };
}

function digest(algorithm: 'md5' | 'sha1' | 'sha256', ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash(algorithm)
      .update(concatBytes(...parts))
      .digest(),
  );
}

/** Mechanism 3 and 4: H(challenge || secret). */
function hashOf(algorithm: 'md5' | 'sha1'): HlsMechanism {
  return computed(false, (handshake, side) =>
    digest(algorithm, seenFrom(handshake, side).asked, handshake.secret ?? noOctets),
  );
}

/** Mechanism 6: SHA-256(secret || own title || peer title || challenge asked || own challenge). */
const sha256 = computed(true, (handshake, side) => {
  const { ownTitle, peerTitle, asked, ownChallenge } = seenFrom(handshake, side);
  return digest('sha256', handshake.secret ?? noOctets, ownTitle, peerTitle, asked, ownChallenge);
});

/**
 * Mechanism 2 is the manufacturer's own; the form in common use is AES-128-ECB of the challenge under the secret, both
 * filled up with zeros to whole blocks.
 */
const hls2 = computed(false, (handshake, side) => {
  const { asked } = seenFrom(handshake, side);
  const cipher = createCipheriv('aes-128-ecb', filled(handshake.secret ?? noOctets, 16), null);
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(filled(asked, Math.ceil(asked.length / 16) * 16)));
});

function filled(octets: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(octets.subarray(0, length));
  return whole;
}

/** Mechanism 5: GMAC of the challenge under the title of the side that proves. */
const gmacMechanism: HlsMechanism = {
  needsTitles: true,
  needsKeys: true,
  prove(handshake, side, nextCounter) {
    const { ownTitle, asked } = seenFrom(handshake, side);
    return gmac(asked, { keys: keysOf(handshake), systemTitle: ownTitle }, nextCounter());
  },
  verify(handshake, side, proof) {
    const { ownTitle, asked } = seenFrom(handshake, side);
    const invocationCounter = verifyGmac(proof, asked, { keys: keysOf(handshake), systemTitle: ownTitle });
    return invocationCounter === undefined ? { isRight: false } : { isRight: true, invocationCounter };
  },
};

function keysOf(handshake: Handshake): SecurityKeys {
  assert(handshake.keys, 'a GMAC handshake is set up with keys');
  return handshake.keys;
}

/** Mechanism 7: ECDSA over own title || peer title || challenge asked || own challenge. */
const ecdsa: HlsMechanism = {
  needsTitles: true,
  needsKeys: false,
  needsSigning: true,
  challengeLength: 32,
  prove(handshake, side) {
    const signature = handshake.signing && signEcdsa(signedBy(handshake, side), handshake.signing.own);
    assert(signature, 'an ECDSA handshake is set up with signing keys');
    return signature;
  },
  verify(handshake, side, proof) {
    const publicKey = handshake.signing?.peerPublicKey;
    return {
      isRight: publicKey !== undefined && verifyEcdsa(signedBy(handshake, side), proof, publicKey),
    };
  },
};

function signedBy(handshake: Handshake, side: Side): Uint8Array {
  const { ownTitle, peerTitle, asked, ownChallenge } = seenFrom(handshake, side);
  return concatBytes(ownTitle, peerTitle, asked, ownChallenge);
}

/** The mechanisms with challenges that are supported, by name. */
export const hlsMechanisms: Readonly<Partial<Record<Mechanism, HlsMechanism>>> = {
  hls2,
  md5: hashOf('md5'),
  sha1: hashOf('sha1'),
  gmac: gmacMechanism,
  sha256,
  ecdsa,
};

/** The public client of every meter: it may read what everybody may (Green Book 9.2.2.2.2). */
const publicSap = 16;

/** Mechanisms whose secret goes in the clear, can be guessed from what goes by, or rests on a broken digest. */
const weak: ReadonlySet<Mechanism> = new Set(['lls', 'hls2', 'md5', 'sha1']);

/**
 * Whether an association proves too little to be opened without being told to: a weak mechanism, or none at all for any client but
 * the public one. Without a mechanism, authenticated APDUs prove who sent them.
 */
export function isWeak(association: {
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  readonly clientSap: number;
}): boolean {
  const { mechanism, protection, clientSap } = association;
  if (mechanism !== 'none') return weak.has(mechanism);
  return clientSap !== publicSap && protection !== 'a' && protection !== 'ae';
}

/** Octets of the challenge either side sends. */
export function challengeLength(mechanism: Mechanism): number {
  return hlsMechanisms[mechanism]?.challengeLength ?? 16;
}

/** Whether the mechanism has what it needs: a secret, or keys and titles. */
export function isEquipped(
  mechanism: Mechanism,
  having: {
    readonly secret?: Uint8Array | undefined;
    readonly keys?: SecurityKeys | undefined;
    readonly signing?: PeerKeys | undefined;
  },
): boolean {
  if (mechanism === 'none') return true;
  const hls = hlsMechanisms[mechanism];
  if (!hls && mechanism !== 'lls') return false;
  if (hls?.needsSigning) {
    const { signing } = having;
    return signing !== undefined && isKeyPair(signing.own) && isPublicKey(signing.peerPublicKey);
  }
  if (hls?.needsKeys) return canSeal(having.keys, new Uint8Array(8));
  return having.secret !== undefined && having.secret.length > 0;
}

/** Challenges are 8 to 64 octets (Green Book 9.2.7.4). */
export function isChallenge(octets: Uint8Array | undefined): octets is Uint8Array {
  return octets !== undefined && octets.length >= 8 && octets.length <= 64;
}
