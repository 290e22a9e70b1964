/** Where tokens come in: each is told to a verifier, taken once, and refused when nobody can vouch for it. */
/** What a token that is genuine asks for. */
export type TokenOrder =
  | { readonly kind: 'credit'; readonly amount: number }
  | { readonly kind: 'clear-credit' }
  | { readonly kind: 'debt'; readonly amount: number };

/** What a verifier says; `id` names the token once and for all. */
export type TokenVerdict =
  | { readonly kind: 'genuine'; readonly id: string; readonly order: TokenOrder }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired' };

/** The port through which vending comes: it knows the keys, the gateway does not. */
export interface TokenVerifier {
  verify(token: Uint8Array): TokenVerdict;
}

/** A meter without vending trusts nobody. */
export const trustNobody: TokenVerifier = { verify: () => ({ kind: 'wrong' }) };

/** What became of a token. */
export type TokenOutcome = 'taken' | 'refused' | 'used' | 'expired' | 'locked-out';

const mostRemembered = 200;
/** Wrong tokens in a row after which the gateway rests: guessing does not pay. */
const mostWrong = 5;
const restMs = 300_000;

/** The gateway of one meter. */
export class TokenIntake {
  verifier: TokenVerifier;
  /** Ids of tokens that were taken, oldest first. */
  #used: readonly string[];
  #wrong = 0;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  /** The last token and what became of it. */
  last: { readonly token: Uint8Array; readonly atMs: number; readonly outcome: TokenOutcome } | undefined;

  constructor(verifier: TokenVerifier, used: readonly string[]) {
    this.verifier = verifier;
    this.#used = used;
  }

  /** Ids to be kept in memory with the account: who forgets them takes a token twice. */
  get used(): readonly string[] {
    return this.#used;
  }

  /** Judges a token; one that is to be taken is handed to `take`, which has it written down and performed. */
  enter(
    token: Uint8Array,
    meterMs: number,
    take: (genuine: { readonly id: string; readonly order: TokenOrder }) => void,
  ): TokenOutcome {
    const outcome = this.#judge(token, meterMs, take);
    this.last = { token: token.slice(), atMs: meterMs, outcome };
    return outcome;
  }

  /** Marks a token as taken; false when it was already. */
  use(id: string): boolean {
    if (this.#used.includes(id)) return false;
    this.#used = [...this.#used, id].slice(-mostRemembered);
    return true;
  }

  #judge(token: Uint8Array, meterMs: number, take: Parameters<TokenIntake['enter']>[2]): TokenOutcome {
    if (meterMs < this.#restUntilMs && meterMs >= this.#restUntilMs - restMs) return 'locked-out';
    const verdict = this.verifier.verify(token);
    if (verdict.kind === 'expired') return 'expired';
    if (verdict.kind === 'wrong') {
      if (++this.#wrong >= mostWrong) {
        this.#wrong = 0;
        this.#restUntilMs = meterMs + restMs;
      }
      return 'refused';
    }
    this.#wrong = 0;
    if (this.#used.includes(verdict.id)) return 'used';
    take({ id: verdict.id, order: verdict.order });
    return 'taken';
  }
}
