/** Faults of meters and of the way to them: seeded, few, never on the first three meters. */
import type { Period, Random } from '@wattline/base';
import { shuffle } from './draw.ts';

/** A fault of one meter. Profile faults name whole intervals of the world's grid. */
export type MeterFault =
  /** No connection is answered and nothing is pushed; the meter goes on measuring. */
  | { readonly kind: 'unreachable'; readonly startMs: number; readonly endMs: number }
  /**
   * The profile has no entries for [startMs, endMs). `memory-lost`: the registers counted on.
   * `load-missing`: the replayed file has no value there, and the world no energy.
   */
  | {
      readonly kind: 'profile-gap';
      readonly startMs: number;
      readonly endMs: number;
      readonly cause: 'memory-lost' | 'load-missing';
    }
  /** The profile entry of the interval at `startMs` holds its energy times `factor`; the registers are right. */
  | { readonly kind: 'profile-spike'; readonly startMs: number; readonly factor: number };

/** The seeded faults of a world, without those that come from a load file. */
export interface FaultSchedule {
  /** Faults that touch the period, in order of their start. */
  of(premisesIndex: number, period: Period): readonly MeterFault[];
}

/** Meters at the start of the town that never have a fault. */
export const faultFreeMeters = 3;

const dayMs = 86_400_000;
/** Shares below are of the meters in 40 days, four stretches. */
const stretchMs = 10 * dayMs;
const stretchesPerShare = 4;
const kinds = [
  { kind: 'unreachable', share: 0.03 },
  { kind: 'profile-gap', share: 0.02 },
  { kind: 'profile-spike', share: 0.02 },
] as const;
type FaultKind = (typeof kinds)[number]['kind'];

/** A spike is drawn where there is enough energy to stand out. */
const spikeFromWh = 20;
const spikeTries = 40;

/** What the schedule must know of its world. */
export interface FaultWorld {
  readonly meters: number;
  readonly startMs: number;
  readonly intervalMs: number;
  readonly random: Random;
  deliveredWh(premisesIndex: number, intervalIndex: number): number;
}

/** Draws the faults of a world, stretch by stretch as they are asked for. */
export function scheduleFaults(world: FaultWorld): FaultSchedule {
  const stretches = new Map<number, ReadonlyMap<number, FaultKind>>();
  const drawn = new Map<string, MeterFault | null>();
  const victimsOf = (stretch: number) => {
    let victims = stretches.get(stretch);
    if (!victims) {
      victims = drawVictims(world, stretch);
      stretches.set(stretch, victims);
    }
    return victims;
  };
  const faultOf = (premisesIndex: number, stretch: number): MeterFault | null => {
    const kind = victimsOf(stretch).get(premisesIndex);
    if (kind === undefined) return null;
    const key = `${stretch}/${premisesIndex}`;
    let fault = drawn.get(key);
    if (fault === undefined) {
      fault = drawFault({ world, kind, premisesIndex, stretch, random: world.random.fork(key) });
      drawn.set(key, fault);
    }
    return fault;
  };
  return {
    of(premisesIndex, period) {
      const first = Math.max(0, Math.floor((period.startMs - 2 * dayMs - world.startMs) / stretchMs));
      const last = Math.floor((period.endMs - 1 - world.startMs) / stretchMs);
      const faults: MeterFault[] = [];
      for (let stretch = first; stretch <= last; stretch++) {
        const fault = faultOf(premisesIndex, stretch);
        if (fault && touches(fault, period, world.intervalMs)) faults.push(fault);
      }
      return faults;
    },
  };
}

function touches(fault: MeterFault, period: Period, intervalMs: number): boolean {
  const endMs = fault.kind === 'profile-spike' ? fault.startMs + intervalMs : fault.endMs;
  return fault.startMs < period.endMs && endMs > period.startMs;
}

/** Who is hit in a stretch. Running totals are rounded up, so that a small town has one of each kind at once, then rests. */
function drawVictims(world: FaultWorld, stretch: number): ReadonlyMap<number, FaultKind> {
  const eligible = Array.from(
    { length: Math.max(0, world.meters - faultFreeMeters) },
    (_, k) => k + faultFreeMeters,
  );
  const order = shuffle(eligible, world.random.fork(`victims/${stretch}`));
  const victims = new Map<number, FaultKind>();
  let next = 0;
  for (const { kind, share } of kinds) {
    const until = (end: number) => Math.ceil((share * world.meters * end) / stretchesPerShare - 1e-9);
    for (let k = until(stretch); k < until(stretch + 1); k++) {
      const victim = order[next++];
      if (victim !== undefined) victims.set(victim, kind);
    }
  }
  return victims;
}

function drawFault(of: {
  readonly world: FaultWorld;
  readonly kind: FaultKind;
  readonly premisesIndex: number;
  readonly stretch: number;
  readonly random: Random;
}): MeterFault | null {
  const { world, kind, random } = of;
  const { intervalMs, startMs } = world;
  const fromMs = startMs + of.stretch * stretchMs;
  const firstInterval = (of.stretch * stretchMs) / intervalMs;
  const intervals = stretchMs / intervalMs;
  if (kind === 'unreachable') {
    const atMs = fromMs + random.below(stretchMs / 60_000) * 60_000;
    // Between one hour and one day, short ones more often.
    const minutes = Math.round(60 * 24 ** random.next());
    return { kind, startMs: atMs, endMs: atMs + minutes * 60_000 };
  }
  if (kind === 'profile-gap') {
    const length = 2 + random.below(7);
    const atMs = startMs + (firstInterval + random.below(intervals - length)) * intervalMs;
    return { kind, startMs: atMs, endMs: atMs + length * intervalMs, cause: 'memory-lost' };
  }
  const factor = 45 + random.below(11);
  for (let tries = 0; tries < spikeTries; tries++) {
    const interval = firstInterval + random.below(intervals);
    if (world.deliveredWh(of.premisesIndex, interval) >= spikeFromWh) {
      return { kind, startMs: startMs + interval * intervalMs, factor };
    }
  }
  return null;
}
