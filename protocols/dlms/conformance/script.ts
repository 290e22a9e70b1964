/** What a conformance test asks of whoever carries its octets, and what comes back: tests sans I/O, as generators of steps. */

/** One thing to do on the network; the answer is an {@link Arrival}. */
export type Step =
  /** Opens a new link; one that is open is closed first. */
  | { readonly kind: 'dial' }
  /** Lets time pass; what arrives meanwhile is the answer. */
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'exchange';
      /** Octets to send, may be none. */
      readonly octets: Uint8Array;
      /** `answer`: as long as the meter may take to answer; `silence`: long enough to be sure that none
       * comes, and longer than the inter-octet timeout of the meter. */
      readonly patience: 'answer' | 'silence';
      /** Whether what has arrived is a whole answer, so that nothing more is waited for. */
      isWhole(received: Uint8Array): boolean;
    };

/** What arrived during a step. */
export interface Arrival {
  readonly octets: Uint8Array;
  /** The meter closed the link. */
  readonly isClosed: boolean;
}

/** A conversation with a meter: yields steps, is given arrivals, returns a value. */
export type Script<T> = Generator<Step, T, Arrival>;
