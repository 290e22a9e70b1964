/** What the world says of one meter's intervals: their energies, and which of them a fault of its profile touched. */
import assert from 'node:assert/strict';
import type { Period } from '@wattline/base';
import type { MeterFault } from '../world/meter-fault.ts';
import type { World } from '../world/world.ts';

/** The intervals of a period, in order. */
export interface IntervalTruth {
  readonly intervalMs: number;
  /** Wh, by direction. */
  readonly energy: Readonly<Record<Direction, Float64Array>>;
  /** 1 where the profile has no entry or a wrong one. */
  readonly isFaulty: Uint8Array;
  /** The faults of the profile in the period. */
  readonly faults: readonly MeterFault[];
  /** When the head-end last had no way to the meter: what comes after may be missing. */
  readonly isReachable: boolean;
}

/** Directions of energy, as the names of reading types. */
export const directions = ['delivered', 'received'] as const;
export type Direction = (typeof directions)[number];

/** The truth of one meter. */
export function truthOf(world: World, premisesIndex: number, period: Period, nowMs: number): IntervalTruth {
  const { startMs, intervalSeconds } = world.options;
  const intervalMs = intervalSeconds * 1000;
  const first = (period.startMs - startMs) / intervalMs;
  const count = (period.endMs - period.startMs) / intervalMs;
  assert(Number.isInteger(first) && Number.isInteger(count), 'a period of whole intervals');
  const { deliveredWh: delivered, receivedWh: received } = world.energyRange(
    premisesIndex,
    first,
    first + count,
  );
  const all = world.faults(premisesIndex, { startMs: period.startMs, endMs: nowMs });
  const faults = all.filter(({ kind }) => kind !== 'unreachable');
  const isFaulty = new Uint8Array(count);
  for (const fault of faults) {
    const endMs = fault.kind === 'profile-spike' ? fault.startMs + intervalMs : fault.endMs;
    isFaulty.fill(1, Math.max(0, indexOf(fault.startMs)), Math.max(0, indexOf(endMs)));
  }
  function indexOf(atMs: number): number {
    return Math.ceil((atMs - period.startMs) / intervalMs);
  }
  const isReachable = !all.some((fault) => fault.kind === 'unreachable' && fault.endMs >= nowMs);
  return { intervalMs, energy: { delivered, received }, isFaulty, faults, isReachable };
}
