/** Keys and secrets of a meter's clients: those it came with, and those that were transferred later, kept in its memory. */
import { fromHex, toHex } from '@wattline/base';
import type { KeyUpdate, Protection, SecurityKeys } from '@wattline/protocols/dlms';
import type { TitleGuards } from '../memory/invocation-counter.ts';
import type { NonVolatile } from '../memory/non-volatile.ts';
import { type ClientRow, clientsOf, type MeterClient, type SecuredClient } from './clients.ts';

/** What it is made from. */
export interface ClientSecurityOptions {
  readonly memory: NonVolatile;
  readonly rows: readonly ClientRow[];
  readonly keys: Readonly<Record<SecuredClient, SecurityKeys>>;
  /** Key under which transferred keys are wrapped. */
  readonly masterKey?: Uint8Array | undefined;
  guardsOf(role: SecuredClient): TitleGuards;
}

/** Request and response authenticated (04, 20), encrypted (08, 40). */
const policyBits = { none: 0, a: 0x24, e: 0x48, ae: 0x6c } as const satisfies Record<Protection, number>;

function protectionOf(policy: number): Protection {
  const isAuthenticated = (policy & policyBits.a) !== 0;
  const isEncrypted = (policy & policyBits.e) !== 0;
  if (isAuthenticated) return isEncrypted ? 'ae' : 'a';
  return isEncrypted ? 'e' : 'none';
}

const fieldOf = { unicast: 'ek', broadcast: 'broadcastEk', authentication: 'ak' } as const;

/** The keys of one meter. */
export class ClientSecurity {
  readonly #options: ClientSecurityOptions;
  #clients: readonly MeterClient[] | undefined;

  constructor(options: ClientSecurityOptions) {
    this.#options = options;
  }

  /** Everybody who may associate, with the keys of now. */
  get clients(): readonly MeterClient[] {
    if (this.#clients) return this.#clients;
    const { rows, guardsOf } = this.#options;
    const stronger = rows.map((row) =>
      row.role === 'public'
        ? row
        : { ...row, protection: protectionOf(policyBits[row.protection] | this.#addedPolicy(row.role)) },
    );
    this.#clients = clientsOf(stronger, {
      keysOf: (role) => this.keysOf(role),
      secretOf: (row) => this.#held(`secret/${row.name}`),
      guardsOf,
    });
    return this.#clients;
  }

  get masterKey(): Uint8Array | undefined {
    return this.#held('key/master') ?? this.#options.masterKey;
  }

  /** Keys of a role: transferred ones before those it came with. */
  keysOf(role: SecuredClient): SecurityKeys {
    const given = this.#options.keys[role];
    const ek = this.#held(`key/${role}/ek`);
    const ak = this.#held(`key/${role}/ak`);
    const broadcastEk = this.#held(`key/${role}/broadcastEk`);
    return {
      ...given,
      ...(ek ? { ek } : {}),
      ...(ak ? { ak } : {}),
      ...(broadcastEk ? { broadcastEk } : {}),
    };
  }

  /** Bits of security_policy (Blue Book 4.4.7, version 1) that clients of a role must follow: at least those they came with. */
  policyOf(role: SecuredClient): number {
    const own = this.#options.rows.find((row) => row.role === role)?.protection ?? 'none';
    return policyBits[own] | this.#addedPolicy(role);
  }

  /** Adds bits; false when some that hold would be taken away. */
  strengthen(role: SecuredClient, policy: number): boolean {
    if ((policy & this.policyOf(role)) !== this.policyOf(role)) return false;
    this.#options.memory.write(`security/policy/${role}`, String(policy));
    this.#changed();
    return true;
  }

  /** Takes keys for a role; associations that are open go on with what they have. */
  takeKeys(role: SecuredClient, updates: readonly KeyUpdate[]): void {
    for (const { id, key } of updates) {
      this.#hold(id === 'master' ? 'key/master' : `key/${role}/${fieldOf[id]}`, key);
    }
    this.#changed();
  }

  /** The secret of LLS or of an HLS mechanism that has one of its own. */
  takeSecret(client: MeterClient, secret: Uint8Array): void {
    this.#hold(`secret/${client.name}`, secret);
    this.#changed();
  }

  #addedPolicy(role: SecuredClient): number {
    return Number(this.#options.memory.read(`security/policy/${role}`) ?? 0);
  }

  #held(name: string): Uint8Array | undefined {
    const text = this.#options.memory.read(`security/${name}`);
    return text === undefined ? undefined : fromHex(text);
  }

  #hold(name: string, octets: Uint8Array): void {
    this.#options.memory.write(`security/${name}`, toHex(octets));
  }

  #changed(): void {
    this.#options.memory.sync();
    this.#clients = undefined;
  }
}
