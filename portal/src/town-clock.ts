/** The town's clock between two looks at it: it may stand elsewhere than the machine's and run faster. */

/** The town's time as seen at a machine's time, ms. */
export interface Sighting {
  readonly townMs: number;
  readonly machineMs: number;
}

/**
 * The town's time now, carried on from the last sighting at the speed seen since the first.
 * A speed within a percent of 1, or out of a span too short to tell, is 1.
 */
export function townTime(first: Sighting, last: Sighting, machineMs: number): number {
  return last.townMs + (machineMs - last.machineMs) * speedBetween(first, last);
}

const tellingSpanMs = 5_000;

function speedBetween(first: Sighting, last: Sighting): number {
  const span = last.machineMs - first.machineMs;
  if (span < tellingSpanMs) return 1;
  const speed = (last.townMs - first.townMs) / span;
  return Math.abs(speed - 1) < 0.01 || speed < 0 ? 1 : speed;
}
