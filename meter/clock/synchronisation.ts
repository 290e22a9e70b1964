/** How a clock is brought to a time it is told: small errors are slewed, larger ones stepped; both times are logged either way. */

/** The policy. */
export interface SynchronisationPolicy {
  /** Errors below this are let be, ms. */
  readonly leastMs: number;
  /** Errors up to this are slewed, ms. */
  readonly mostSlewMs: number;
  readonly slewPpm: number;
}

/** A second at 500 ppm takes 33 minutes. */
export const usualSynchronisation: SynchronisationPolicy = { leastMs: 100, mostSlewMs: 2000, slewPpm: 500 };

/** What is done. */
export type SynchronisationAction =
  | { readonly kind: 'none' }
  | { readonly kind: 'slew'; readonly byMs: number; readonly ppm: number }
  | { readonly kind: 'step' };

/** By how much the clock is behind the time it is told decides. */
export function synchronise(behindMs: number, policy: SynchronisationPolicy): SynchronisationAction {
  const error = Math.abs(behindMs);
  if (error < policy.leastMs) return { kind: 'none' };
  if (error <= policy.mostSlewMs) return { kind: 'slew', byMs: behindMs, ppm: policy.slewPpm };
  return { kind: 'step' };
}
