/** What both ends must agree on before an application association opens: mechanism, security suite, keys, counters. */

/** COSEM authentication mechanisms (Green Book 9.2.7), mechanism_id 0 to 7. */
export type Mechanism = 'none' | 'lls' | 'hls2' | 'md5' | 'sha1' | 'gmac' | 'sha256' | 'ecdsa';

/** Message protection of the xDLMS APDUs: none, authenticated, encrypted, both (security control byte bits 4 and 5). */
export type Protection = 'none' | 'a' | 'e' | 'ae';

/** Symmetric keys of one association, suite 0: 16 octets each. */
export interface SecurityKeys {
  readonly suite: 0 | 1 | 2;
  /** Global unicast encryption key, EK (GUEK). */
  readonly ek: Uint8Array;
  /** Authentication key, AK (GAK). */
  readonly ak: Uint8Array;
  /** Global broadcast encryption key (GBEK), as long as the EK; with a counter and a guard of its own. */
  readonly broadcastEk?: Uint8Array;
}

/** A key pair on P-256 (suite 1) or P-384 (suite 2): private scalar of 32 or 48 octets, public point x || y of 64 or 96. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Our key pair for a purpose and the public key of the peer, as `publicKeyOfCertificate` reads it out of a certificate. */
export interface PeerKeys {
  readonly own: KeyPair;
  readonly peerPublicKey: Uint8Array;
}

/** How the key of a General-Ciphering APDU comes about (Green Book 9.2.3.4.6). */
export type CipheringScheme = 'identified' | 'wrapped' | 'one-pass' | 'static-unified';

/**
 * One side of General-Ciphering in an association: the scheme it seals by, and what the schemes need. `identified` is the global
 * unicast key; `wrapped` sends a fresh key under the master key `kek`; `one-pass` and `static-unified` agree on one by ECDH
 * (suites 1 and 2), the first under the signature of `signing` keys.
 */
export interface CipheringSetup {
  readonly scheme: CipheringScheme;
  /** Master key of the meter, as long as the EK. */
  readonly kek?: Uint8Array;
  /** Our static key agreement pair and the peer's key. */
  readonly agreement?: PeerKeys;
}

/**
 * Invocation counters live outside the codec. `next` must hand out a number never handed out before for its key, also
 * after kill -9: the implementation reserves blocks on disk ahead of use.
 */
export interface InvocationCounter {
  next(): number;
}

/** The received side: the last counter accepted from the peer. `accept` returns false when `counter` is not above it. */
export interface ReplayGuard {
  accept(counter: number): boolean;
}
