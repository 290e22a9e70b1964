/** The meter under test as its tester declares it: addresses, security, and what may be done to it (the role of the CTI). */
import type { Random } from '@wattline/base';
import type { InvocationCounter, Mechanism, PeerKeys, Protection, SecurityKeys } from '../association.ts';

/** How the meter is reached and what is known of it. */
export interface Target {
  readonly framing: 'wrapper' | 'hdlc';
  readonly clientSap: number;
  readonly serverSap: number;
  readonly referencing: 'ln' | 'sn';
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  readonly secret?: Uint8Array;
  readonly keys?: SecurityKeys;
  readonly signing?: PeerKeys;
  /** System title of the tester, 8 octets. */
  readonly systemTitle?: Uint8Array;
  readonly counter?: InvocationCounter;
  readonly random: Random;
  readonly hdlc: HdlcTarget;
  readonly declared: Declarations;
}

/** HDLC as the meter is declared to speak it. */
export interface HdlcTarget {
  /** Lower address (physical device); undefined in addresses of one octet. */
  readonly serverLower?: number;
  readonly addressLength: 1 | 2 | 4;
  /** Lengths of server address the meter takes. */
  readonly addressLengths: readonly (1 | 2 | 4)[];
  /** Silence after which the link is given up, ms; undefined: not declared, so not tested. */
  readonly inactivityMs?: number;
}

/** What else the tester declares. */
export interface Declarations {
  /** A user of the client, for meters that identify users (calling-AE-invocation-id). */
  readonly userId?: number;
  /** An attribute that may be written with the value just read from it. */
  readonly writable?: { readonly classId: number; readonly obis: string; readonly attribute: number };
  /** Master key: lets tests transfer keys, which they put back. */
  readonly masterKey?: Uint8Array;
  /** Lets tests strengthen the security policy, which cannot be taken back. */
  readonly mayStrengthen?: true;
  /** Objects of the object list that are read at most. */
  readonly maxObjects: number;
}

/** A condition a test stands on, and what to say when it does not hold. */
export interface Need {
  holds(target: Target): boolean;
  readonly why: string;
}

const need = (why: string, holds: Need['holds']): Need => ({ why, holds });

const withChallenge: readonly Mechanism[] = ['hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'];

/** Whether the mechanism proves itself by challenges. */
export function isHls({ mechanism }: Target): boolean {
  return withChallenge.includes(mechanism);
}

/** Whether APDUs are ciphered. */
export function isCiphered({ protection }: Target): boolean {
  return protection !== 'none';
}

/** The conditions. */
export const needs = {
  hdlc: need('the link is not HDLC (--hdlc)', ({ framing }) => framing === 'hdlc'),
  wrapper: need('the link is not the TCP wrapper', ({ framing }) => framing === 'wrapper'),
  wideAddresses: need(
    'the meter is declared to take server addresses of one octet (--addressing)',
    (target) => !target.hdlc.addressLengths.includes(1),
  ),
  inactivity: need(
    'no inactivity timeout is declared (--inactivity)',
    ({ hdlc }) => hdlc.inactivityMs !== undefined,
  ),
  ln: need('the association uses short names', ({ referencing }) => referencing === 'ln'),
  sn: need('the association uses logical names (--sn)', ({ referencing }) => referencing === 'sn'),
  lls: need('the mechanism is not lls', ({ mechanism }) => mechanism === 'lls'),
  hls: need('the mechanism has no challenges', isHls),
  authentication: need('the client does not authenticate itself', ({ mechanism }) => mechanism !== 'none'),
  ciphered: need('the context has no ciphering (--security)', isCiphered),
  authenticated: need(
    'APDUs carry no authentication tag',
    ({ protection }) => protection === 'a' || protection === 'ae',
  ),
  plain: need('the context has ciphering', (target) => !isCiphered(target)),
  user: need('no user of the client is declared (--user)', ({ declared }) => declared.userId !== undefined),
  writable: need(
    'no attribute is declared writable (--writable)',
    ({ declared }) => declared.writable !== undefined,
  ),
  masterKey: need(
    'no master key is given (--master-key)',
    ({ declared }) => declared.masterKey !== undefined,
  ),
  strengthen: need(
    'a security policy, once activated, cannot be taken back, and nobody said that it may be (--strengthen-policy)',
    ({ declared }) => declared.mayStrengthen === true,
  ),
} as const satisfies Record<string, Need>;
