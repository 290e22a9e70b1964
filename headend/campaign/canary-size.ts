/** How many meters a canary needs, by exact binomial tails: large enough to show a fault, with an alarm that chance seldom raises. */

/** What a canary must be able to tell. */
export interface CanaryQuestion {
  /** Share of meters that the image harms and that must be noticed, 0.03. */
  readonly faultShare: number;
  /** Share of the harm that shows within the soak: some comes late, some meters take the image late. */
  readonly visibleShare: number;
  /** Share that falls silent without any image, as a control group shows it. */
  readonly baselineShare: number;
  /** Least chance to notice the fault, 0.9999. */
  readonly detection: number;
  /** Largest chance to stop a good image, 0.01. */
  readonly falseAlarm: number;
}

/** The size, and how many harmed meters raise the alarm. */
export interface Canary {
  readonly meters: number;
  readonly alarmAt: number;
}

const mostMeters = 100_000;

/** The smallest canary that answers the question; a 3 % fault at 99.9 % with an alarm at one meter needs 227. */
export function canarySize(question: CanaryQuestion): Canary {
  const { faultShare, visibleShare, baselineShare, detection, falseAlarm } = question;
  for (let meters = 1; meters <= mostMeters; meters++) {
    const alarmAt = alarmFor(meters, baselineShare, falseAlarm);
    if (tailAtLeast(alarmAt, meters, faultShare * visibleShare) >= detection) return { meters, alarmAt };
  }
  return { meters: mostMeters, alarmAt: alarmFor(mostMeters, baselineShare, falseAlarm) };
}

/** The smallest count that chance alone reaches with at most this probability; at least 1. */
export function alarmFor(meters: number, baselineShare: number, falseAlarm: number): number {
  for (let count = 1; ; count++) if (tailAtLeast(count, meters, baselineShare) <= falseAlarm) return count;
}

/** P(X >= count) of a binomial; exact up to rounding. */
export function tailAtLeast(count: number, trials: number, share: number): number {
  if (count <= 0) return 1;
  if (share <= 0) return 0;
  if (share >= 1) return count <= trials ? 1 : 0;
  // P(X = 0), then each next by its ratio: the sum below `count` is short.
  let term = Math.exp(trials * Math.log1p(-share));
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= ((trials - k) / (k + 1)) * (share / (1 - share));
  }
  return Math.max(0, 1 - below);
}
