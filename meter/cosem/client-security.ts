/** Keys and secrets of a meter's clients: those it came with, and those that were transferred later, kept in its memory. */
import { fromHex, toHex } from '@wattline/base';
import type { KeyUpdate, SecurityKeys } from '@wattline/protocols/dlms';
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
    const { rows, guardsOf } = this.#options;
    this.#clients ??= clientsOf(rows, {
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
