/**
 * Payment in the meter: postpaid, or prepaid with an account that follows the registers watt-hour by watt-hour and asks for the switch when
 * credit is used up, outside friendly hours. Account and tokens are one text in the memory, so that they change together or not at all.
 */
import type { LocalZone } from '../clock/local-zone.ts';
import type { NonVolatile } from '../memory/non-volatile.ts';
import type { ClockEdge } from '../registers/clock-edge.ts';
import { type FriendlyHours, isFriendly, noFriendlyHours } from './friendly-hours.ts';
import {
  type AccountRules,
  type AccountState,
  availableOf,
  balanceOf,
  chargeDay,
  chargeEnergy,
  chooseEmergency,
  clearCredit,
  credit,
  emptyAccount,
  usualRules,
} from './prepaid-account.ts';
import { TokenIntake, type TokenOrder, type TokenVerifier } from './token-gateway.ts';

/** How the customer pays. */
export interface PaymentSettings {
  readonly mode: 'postpaid' | 'prepaid';
  readonly rules: AccountRules;
  readonly friendly: FriendlyHours;
}

export const postpaid: PaymentSettings = { mode: 'postpaid', rules: usualRules, friendly: noFriendlyHours };

/** What payment asks of the meter. */
export interface PaymentHost {
  readonly zone: LocalZone;
  /** Delivered by rate, rate 1 first, Wh. */
  registersWh(): readonly number[];
  disconnect(meterMs: number): void;
  reconnect(meterMs: number): void;
}

const name = 'payment/account';
/** Between looks at the clock for the end of friendly hours, and at credit that ran out within them. */
const lookMs = 60_000;

/** The last credit that came: its amount, when by the meter's clock, and what the balance was with it. */
export interface Recharge {
  readonly amount: number;
  readonly atMs: number;
  readonly balance: number;
}

interface Kept {
  readonly state: AccountState;
  readonly used: readonly string[];
  readonly lastRecharge?: Recharge;
}

/** A token that was taken, as it stands in the journal of operations. */
export interface TokenOperation {
  readonly kind: 'token';
  readonly atMs: number;
  readonly id: string;
  readonly order: TokenOrder;
}

/** Payment in one meter. */
export class Payment implements ClockEdge {
  readonly tokens: TokenIntake;
  readonly #memory: NonVolatile | undefined;
  readonly #host: PaymentHost;
  #settings = postpaid;
  #state: AccountState = emptyAccount;
  #nextMs = Number.POSITIVE_INFINITY;
  #dayEndMs = Number.POSITIVE_INFINITY;
  #isOff = false;
  #lastRecharge: Recharge | undefined;

  /** Without memory the account begins empty: a meter whose past is lived again lives its tokens again. */
  constructor(verifier: TokenVerifier, memory: NonVolatile | undefined, host: PaymentHost) {
    this.#memory = memory;
    this.#host = host;
    const kept = memory?.read(name);
    const { state, used, lastRecharge }: Kept =
      kept === undefined ? { state: emptyAccount, used: [] } : (JSON.parse(kept) as Kept);
    this.#state = state;
    this.#lastRecharge = lastRecharge;
    this.tokens = new TokenIntake(verifier, used);
  }

  get settings(): PaymentSettings {
    return this.#settings;
  }

  get state(): AccountState {
    return this.#state;
  }

  get lastRecharge(): Recharge | undefined {
    return this.#lastRecharge;
  }

  /** Whole smallest units of the currency. */
  get balance(): number {
    this.settle();
    return balanceOf(this.#state);
  }

  get available(): number {
    this.settle();
    return availableOf(this.#state, this.#settings.rules);
  }

  /** Below the warning. */
  get isLow(): boolean {
    return this.#settings.mode === 'prepaid' && this.available <= this.#settings.rules.lowCredit;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Other settings from a meter time on; the account stays. */
  configure(settings: PaymentSettings, meterMs: number): void {
    const wasPrepaid = this.#settings.mode === 'prepaid';
    // What was counted until now has the prices of until now.
    if (wasPrepaid) this.settle();
    else if (settings.mode === 'prepaid' && this.#state.chargedWh.length === 0)
      this.#state = { ...this.#state, chargedWh: [...this.#host.registersWh()] };
    this.#settings = settings;
    this.reschedule(meterMs);
    if (settings.mode === 'postpaid') {
      this.#state = { ...this.#state, chargedWh: [] };
      this.#release(meterMs);
    }
    this.#keep();
  }

  reach(edgeMs: number): void {
    this.settle();
    if (edgeMs >= this.#dayEndMs) {
      this.#state = chargeDay(this.#state, this.#settings.rules);
      this.#dayEndMs = this.#host.zone.dayAt(edgeMs).endMs;
      this.#keep();
    }
    this.#look(edgeMs);
    this.#nextMs = Math.min(this.#dayEndMs, (Math.floor(edgeMs / lookMs) + 1) * lookMs);
  }

  reschedule(meterMs: number): void {
    const isPrepaid = this.#settings.mode === 'prepaid';
    this.#dayEndMs = isPrepaid ? this.#host.zone.dayAt(meterMs).endMs : Number.POSITIVE_INFINITY;
    this.#nextMs = isPrepaid
      ? Math.min(this.#dayEndMs, (Math.floor(meterMs / lookMs) + 1) * lookMs)
      : Number.POSITIVE_INFINITY;
  }

  /** A token that was found genuine takes effect; one that did before is left out. */
  take({ id, order }: Pick<TokenOperation, 'id' | 'order'>, meterMs: number): void {
    if (!this.tokens.use(id)) return;
    this.settle();
    if (order.kind === 'credit') {
      const { amount } = order;
      this.#state = credit(this.#state, amount);
      this.#lastRecharge = { amount, atMs: meterMs, balance: balanceOf(this.#state) };
    } else if (order.kind === 'debt') this.#state = { ...this.#state, debt: this.#state.debt + order.amount };
    else this.#state = clearCredit(this.#state);
    this.#keep();
    this.#release(meterMs);
  }

  /** The customer chooses emergency credit; false when there is none to choose. */
  chooseEmergency(meterMs: number): boolean {
    this.settle();
    const chosen = chooseEmergency(this.#state, this.#settings.rules);
    if (!chosen) return false;
    this.#state = chosen;
    this.#keep();
    this.#release(meterMs);
    return true;
  }

  /** Puts the account on the memory, before supply is gone. */
  save(): void {
    if (this.#settings.mode !== 'prepaid') return;
    this.settle();
    this.#keep();
  }

  /** Charges what was counted, so that the account stands where the registers do. */
  settle(): void {
    if (this.#settings.mode === 'prepaid')
      this.#state = chargeEnergy(this.#state, this.#host.registersWh(), this.#settings.rules);
  }

  #look(meterMs: number): void {
    if (this.#settings.mode !== 'prepaid' || this.#isOff || this.available > 0) return;
    if (isFriendly(this.#settings.friendly, meterMs, this.#host.zone.name)) return;
    this.#isOff = true;
    this.#host.disconnect(meterMs);
  }

  #release(meterMs: number): void {
    if (!this.#isOff || (this.#settings.mode === 'prepaid' && this.available <= 0)) return;
    this.#isOff = false;
    this.#host.reconnect(meterMs);
  }

  #kept(): Kept {
    const lastRecharge = this.#lastRecharge;
    return { state: this.#state, used: this.tokens.used, ...(lastRecharge ? { lastRecharge } : {}) };
  }

  #keep(): void {
    this.#memory?.write(name, JSON.stringify(this.#kept()));
    this.#memory?.sync();
  }
}
