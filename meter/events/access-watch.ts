/** Attempts of those who may not: wrong secrets in a row, octets that do not decrypt, frames that come again (codes of the dlms room). */
import type { EventName } from './event-codes.ts';

/** What a server connection tells; as `ServerEvent` of the dlms room. */
export interface LinkEvent {
  readonly kind: string;
  readonly code?: string;
}

/** Events that a refusal is logged as at once. */
const eventOfCode: Readonly<Record<string, EventName>> = {
  'dlms/decryption-failed': 'decryptionFailed',
  'dlms/bad-signature': 'decryptionFailed',
  'dlms/counter-replayed': 'replayAttack',
};
/** Wrong secrets in a row that make an event: one is a slip. */
const mostSlips = 3;
/** The same event is logged once in so long: whoever knocks all day fills no log. */
const quietMs = 60_000;

/** The watch of one meter. */
export class AccessWatch {
  /** All refusals for a wrong secret since the meter was made. */
  refusals = 0;
  readonly #record: (event: EventName) => void;
  readonly #lastMs = new Map<EventName, number>();
  #slips = 0;
  #open = 0;

  constructor(record: (event: EventName) => void) {
    this.#record = record;
  }

  /** Somebody is associated. */
  get isCommunicating(): boolean {
    return this.#open > 0;
  }

  /** Something happened on a link, at a meter time. */
  notice({ kind, code = '' }: LinkEvent, meterMs: number): void {
    if (kind === 'associated') {
      this.#open++;
      this.#slips = 0;
    } else if (kind === 'released' || kind === 'disconnected') this.#open = Math.max(0, this.#open - 1);
    else if (code === 'dlms/authentication-failed') {
      this.refusals++;
      if (++this.#slips >= mostSlips) this.#log('wrongPassword', meterMs);
    } else if (eventOfCode[code]) this.#log(eventOfCode[code], meterMs);
  }

  #log(event: EventName, meterMs: number): void {
    const since = meterMs - (this.#lastMs.get(event) ?? Number.NEGATIVE_INFINITY);
    if (since >= 0 && since < quietMs) return;
    this.#lastMs.set(event, meterMs);
    this.#slips = 0;
    this.#record(event);
  }
}
