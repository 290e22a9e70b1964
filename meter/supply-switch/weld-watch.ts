/** Weld detection: current through a switch that is told to be open. A welded switch conducts whatever it is told, and the meter counts. */

/** What is watched for how long. */
export interface WeldLimits {
  /** Current from which a contact conducts, A. */
  readonly leastA: number;
  /** Seconds that it must flow: arcs and capacitors of the house die out before. */
  readonly persistenceS: number;
}

const usualLimits: WeldLimits = { leastA: 0.1, persistenceS: 3 };

/** The watch. */
export class WeldWatch {
  /** A fault of the contacts, for the simulated world. */
  isWelded = false;
  readonly #limits: WeldLimits;
  #flowingMs = 0;
  #isReported = false;

  constructor(limits: WeldLimits = usualLimits) {
    this.#limits = limits;
  }

  /** Time passed; true once, when the current has flown long enough through a switch told to be open. */
  pass(durationMs: number, of: { readonly isToldOpen: boolean; readonly currentA: number }): boolean {
    if (!of.isToldOpen || of.currentA < this.#limits.leastA) {
      this.#flowingMs = 0;
      this.#isReported = false;
      return false;
    }
    this.#flowingMs += durationMs;
    if (this.#isReported || this.#flowingMs < this.#limits.persistenceS * 1000) return false;
    this.#isReported = true;
    return true;
  }
}
