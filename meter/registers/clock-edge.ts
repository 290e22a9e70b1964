/** What happens at instants of the meter's own clock: ends of demand periods, billing dates, captures, activations. */
import type { EnergyKind } from './energy-kind.ts';

/** Something with a next instant. Metrology cuts its steps there, so that energy is divided exactly at the edge. */
export interface ClockEdge {
  /** Meter time of the next edge; infinite when there is none. */
  readonly nextMs: number;
  /** The edge is reached: energy up to it is counted, none after it. Afterwards `nextMs` is later. */
  reach(edgeMs: number): void;
  /** The clock was set: from this meter time on it goes on. */
  reschedule(meterMs: number): void;
}

/** A stretch of meter time within which nothing switches, with the energy counted in it. */
export interface CountedStretch {
  readonly startMs: number;
  readonly endMs: number;
  /** Rate that was active. */
  readonly rate: number;
  /** Milliunit-seconds of a kind in the stretch. */
  energy(kind: EnergyKind): number;
}

/** Somebody who follows the energy, stretch by stretch, before the edge at its end is reached. */
export interface EnergyFollower {
  follow(stretch: CountedStretch): void;
}

/** The next multiple of a period after a meter time, counted from midnight UTC. */
export function nextMultiple(meterMs: number, periodMs: number): number {
  return (Math.floor(meterMs / periodMs) + 1) * periodMs;
}
