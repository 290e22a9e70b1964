/** Energy that passed between two instants, and how a step is cut so that its parts sum to it exactly. */
import type { EnergyKind, FurtherEnergy } from './energy-kind.ts';

/** Energy that passed between two true instants. */
export interface EnergyStep {
  readonly startMs: number;
  readonly endMs: number;
  /** Whole milliwatt-seconds from 0: +A and -A. */
  readonly deliveredMws: number;
  readonly receivedMws: number;
  /** Reactive and apparent energy, where it is known. */
  readonly further?: FurtherEnergy;
}

/** What of a whole number belongs to the part of a span from `from` to `to`, shares from 0 to 1; the parts of a span sum to the whole. */
export function shareOf(whole: number, from: number, to: number): number {
  return whole === 0 ? 0 : Math.floor(whole * to) - Math.floor(whole * from);
}

/** The part of a step between two instants within it. */
export function partOf(step: EnergyStep, startMs: number, endMs: number): EnergyStep {
  if (startMs === step.startMs && endMs === step.endMs) return step;
  const spanMs = step.endMs - step.startMs;
  const [from, to] = [(startMs - step.startMs) / spanMs, (endMs - step.startMs) / spanMs];
  const further: Partial<Record<EnergyKind, number>> = {};
  for (const [kind, whole] of Object.entries(step.further ?? {}) as [EnergyKind, number][])
    further[kind] = shareOf(whole, from, to);
  return {
    startMs,
    endMs,
    deliveredMws: shareOf(step.deliveredMws, from, to),
    receivedMws: shareOf(step.receivedMws, from, to),
    ...(step.further ? { further } : {}),
  };
}
