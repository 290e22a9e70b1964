/** Who may associate with a meter: rows of a companion profile with SAP, role and what a client must prove; bound to the keys of one meter. */
import { createHash } from 'node:crypto';
import { toHex } from '@wattline/base';
import type { ClientPolicy, Mechanism, Protection, SecurityKeys } from '@wattline/protocols/dlms';
import type { TitleGuards } from '../memory/invocation-counter.ts';

/** Roles that prove themselves, each with keys of its own. */
export type SecuredClient = 'reader' | 'management';
/** What a client is to the meter; access rights of the classes name roles. */
export type ClientRole = 'public' | SecuredClient;

/** A client as a companion profile lists it. */
export interface ClientRow {
  readonly name: string;
  readonly clientSap: number;
  readonly role: ClientRole;
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  /** Classes it sees; all when left out. */
  readonly classes?: readonly number[];
  /** Its companion profile has it prove a password, weak as that is. */
  readonly allowsWeak?: true;
}

/** A client of one meter. */
export interface MeterClient extends ClientPolicy {
  readonly role: ClientRole;
  readonly classes?: readonly number[];
}

/** Where a client's keys, secret and guards come from. */
export interface ClientKeys {
  keysOf(role: SecuredClient): SecurityKeys;
  /** The secret that was set for it; undefined for the one it came with. */
  secretOf(row: ClientRow): Uint8Array | undefined;
  guardsOf(role: SecuredClient): TitleGuards;
}

/** The clients of one meter, with its keys and guards; clients of one role share its keys, and so its counters. */
export function clientsOf(rows: readonly ClientRow[], from: ClientKeys): MeterClient[] {
  return rows.map((row) => {
    const { role, mechanism } = row;
    if (role === 'public') return row;
    const keys = from.keysOf(role);
    const secret = hasSecret(mechanism) ? { secret: from.secretOf(row) ?? passwordOf(keys) } : {};
    if (row.protection === 'none' && mechanism !== 'gmac') return { ...row, ...secret };
    return { ...row, ...secret, keys, replayOf: from.guardsOf(role).guardOf };
  });
}

/** Mechanisms that prove a secret of their own and not the keys. */
export function hasSecret(mechanism: Mechanism): boolean {
  return mechanism !== 'none' && mechanism !== 'gmac' && mechanism !== 'ecdsa';
}

/** The secret a client comes with: 16 characters made from the encryption key of its role, so that a demonstration knows it too. */
export function passwordOf({ ek }: SecurityKeys): Uint8Array {
  const digest = createHash('sha256').update('wattline low level secret').update(ek).digest();
  return new Uint8Array(Buffer.from(toHex(digest).slice(0, 16), 'latin1'));
}
