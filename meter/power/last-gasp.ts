/**
 * The last gasp: what a meter can still say when supply has failed. It waits until the failure is one and no flicker, and a random time so
 * that a whole street does not talk at once; the capacitor must carry it so far and still pay for the message.
 */
import type { Random } from '@wattline/base';

/** A capacitor and what lives on it. */
export interface HoldUp {
  readonly capacitanceF: number;
  /** Voltage when supply fails, and the least at which the electronics run. */
  readonly fullV: number;
  readonly leastV: number;
  /** While waiting: clock, memory, detector. */
  readonly idleW: number;
  /** One transmission, and writing down what must not be lost. */
  readonly messageJ: number;
  readonly saveJ: number;
}

/** A super capacitor of 1 F at 5 V behind a radio module: 8 J. */
export const usualHoldUp: HoldUp = {
  capacitanceF: 1,
  fullV: 5,
  leastV: 3,
  idleW: 0.05,
  messageJ: 1.5,
  saveJ: 0.1,
};

/** When the message goes. */
export interface GaspTiming {
  readonly debounceMs: number;
  readonly mostBackOffMs: number;
}

export const usualGaspTiming: GaspTiming = { debounceMs: 1000, mostBackOffMs: 20_000 };

/** Joules that the capacitor gives before the electronics stop. */
export function holdUpJ({ capacitanceF, fullV, leastV }: HoldUp): number {
  return (capacitanceF * (fullV ** 2 - leastV ** 2)) / 2;
}

/** How long after the failure the message goes; undefined when the capacitor cannot pay for it: then saving goes first, alone. */
export function planLastGasp(holdUp: HoldUp, timing: GaspTiming, random: Random): number | undefined {
  const { idleW, messageJ, saveJ } = holdUp;
  const leftJ = holdUpJ(holdUp) - saveJ - messageJ;
  const mostMs = Math.floor((leftJ / idleW) * 1000);
  if (mostMs < timing.debounceMs) return undefined;
  const windowMs = Math.min(timing.mostBackOffMs, mostMs - timing.debounceMs);
  return timing.debounceMs + random.below(windowMs + 1);
}
