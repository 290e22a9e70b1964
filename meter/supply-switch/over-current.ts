/** The over-current limit of a meter: the current of any phase over a threshold for some seconds opens the switch, as its load limit does. */

/** What is allowed. */
export interface OverCurrentSettings {
  readonly isEnabled: boolean;
  /** Milliamperes, so that it is a whole number. */
  readonly thresholdMa: number;
  /** Seconds that the current must stay over it. */
  readonly minOverS: number;
}

export const noOverCurrent: OverCurrentSettings = { isEnabled: false, thresholdMa: 0, minOverS: 10 };

/** The watch of one meter. */
export class OverCurrent {
  settings = noOverCurrent;
  #overMs = 0;

  /** Whether a current is over the threshold now. */
  get isOver(): boolean {
    return this.#overMs > 0;
  }

  /** Time passed with currents, A; true when they have been over it long enough: then counting begins anew. */
  pass(durationMs: number, phases: readonly { readonly currentA: number }[]): boolean {
    const { isEnabled, thresholdMa, minOverS } = this.settings;
    if (!isEnabled || !phases.some(({ currentA }) => currentA * 1000 > thresholdMa)) {
      this.#overMs = 0;
      return false;
    }
    this.#overMs += durationMs;
    if (this.#overMs < minOverS * 1000) return false;
    this.#overMs = 0;
    return true;
  }

  /** Other settings; counting begins anew. */
  configure(settings: OverCurrentSettings): void {
    this.settings = settings;
    this.#overMs = 0;
  }
}
