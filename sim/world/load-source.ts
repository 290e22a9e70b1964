/** Where a world's energy comes from: the model, or real series replayed. */
import type { Period } from '@wattline/base';
import type { LocalDay } from './local-days.ts';

/** Whole Wh of one premises in each slot of one local day, before outages and netting. */
export interface DayEnergy {
  readonly load: Int32Array;
  /** Own generation, null when there is none. */
  readonly solar: Int32Array | null;
}

/** A source of energy; the same question has the same answer in any order of asking. */
export interface LoadSource {
  day(premisesIndex: number, day: LocalDay): DayEnergy;
  /** Runs of slots of the day for which the source has no value. */
  gaps(premisesIndex: number, day: LocalDay): readonly Period[];
}
