/** The virtual town as a pure function of seed, start and size: no clock, no I/O, the same answers in any order of asking. */
import assert from 'node:assert/strict';
import { CodedError, type Period, seededRandom } from '@wattline/base';
import { halfHourMs, type LoadSet } from '../load/load-set.ts';
import type { Climate } from './furnishing.ts';
import { loadGaps } from './load-gaps.ts';
import { replayLoad } from './load-replay.ts';
import { createLocalDays } from './local-days.ts';
import { type MeterFault, scheduleFaults } from './meter-fault.ts';
import { modelledLoad, modelSlotMs } from './modelled-load.ts';
import { layOutNetwork, type NetworkTree } from './network-tree.ts';
import { noOutages, type Outage, scheduleOutages } from './outage.ts';
import { placeOf } from './place.ts';
import { drawPremises, type Premises, replayedPremises } from './premises.ts';
import { createSky, type Weather } from './sky.ts';
import { type EnergyRange, type IntervalEnergy, supplyEnergy } from './supplied-energy.ts';

/** What a world is a function of. */
export interface WorldOptions {
  readonly seed: string;
  /** Instant of interval 0, UTC ms, on a whole minute; usually a local midnight. */
  readonly startMs: number;
  /** Meters, one for each usage point: 1 to 100,000. */
  readonly meters: number;
  /** IANA zone of all days and opening hours. */
  readonly zone: string;
  /** 1800 when a load is replayed. */
  readonly intervalSeconds: 900 | 1800 | 3600;
  /** Real load to replay instead of the model. */
  readonly load?: LoadSet;
  /** What goes wrong in this world; all of it unless told. Gaps of a load file are no fault of the world and stay. */
  readonly faults?: readonly WorldFault[];
}

/** What can go wrong in a world. */
export const worldFaults = ['outage', 'unreachable', 'profile-gap', 'profile-spike'] as const;
export type WorldFault = (typeof worldFaults)[number];

/** A virtual town. Interval `i` is [startMs + i x interval, + interval); negative ones lie before the start. */
export interface World {
  readonly options: WorldOptions;
  readonly network: NetworkTree;
  /** One for each usage point, in order of their ids. */
  readonly premises: readonly Premises[];
  /** One sentence on how a load file serves the meters; null when the load is modelled. */
  readonly loadNote: string | null;
  /** Net of generation within the interval: only one of the two directions is above zero. */
  energy(premisesIndex: number, intervalIndex: number): IntervalEnergy;
  /** The same for the intervals from `fromIndex` up to but without `toIndex`. */
  energyRange(premisesIndex: number, fromIndex: number, toIndex: number): EnergyRange;
  /** Outages that touch [fromMs, toMs), in order of their start; none before the world's start. */
  outages(fromMs: number, toMs: number): readonly Outage[];
  /** Faults of a meter that touch the period (default: 400 days from the start), in order of their start. */
  faults(premisesIndex: number, period?: Period): readonly MeterFault[];
  weatherAt(atMs: number): Weather;
}

const mostMeters = 100_000;
const faultDays = 400;
const dayMs = 86_400_000;
const hotMeanC = 22;

/**
 * Creates the world.
 * @throws CodedError `sim/bad-option`, `sim/load-interval`, `sim/load-empty`
 */
export function createWorld(options: WorldOptions): World {
  checkOptions(options);
  const { seed, startMs, meters, zone, load } = options;
  const intervalMs = options.intervalSeconds * 1000;
  const random = seededRandom(`wattline/${seed}`);
  const place = placeOf(zone, startMs);
  const { tree, plots } = layOutNetwork({ premises: meters, place, random: random.fork('network') });
  const sky = createSky(place, random.fork('weather'));
  const replay = load ? replayLoad({ load, meters, zone, startMs, random: random.fork('replay') }) : null;
  const climate: Climate = { isHot: place.meanC >= hotMeanC, hemisphere: place.latitude < 0 ? -1 : 1 };
  const premises = replay
    ? replayedPremises({ plots, zone, solarW: (index) => replay.solarW(index) })
    : drawPremises({ plots, zone, random: random.fork('town'), climate });
  const source = replay ?? modelledLoad({ premises, sky, random: random.fork('load') });
  const happens = new Set<WorldFault>(options.faults ?? worldFaults);
  const outages = happens.has('outage') ? scheduleOutages(tree, startMs, random.fork('outages')) : noOutages;
  const slotMs = replay ? halfHourMs : modelSlotMs;
  const days = createLocalDays(zone, startMs, slotMs);
  const energy = supplyEnergy({ premises, source, outages, days, slotsPerInterval: intervalMs / slotMs });
  const faults = scheduleFaults({
    meters,
    startMs,
    intervalMs,
    random: random.fork('faults'),
    deliveredWh: (index, interval) => energy.of(index, interval).deliveredWh,
  });
  return {
    options,
    network: tree,
    premises,
    loadNote: replay?.note ?? null,
    energy: (premisesIndex, intervalIndex) => energy.of(premisesIndex, intervalIndex),
    energyRange: (premisesIndex, fromIndex, toIndex) => energy.range(premisesIndex, fromIndex, toIndex),
    outages: (fromMs, toMs) => outages.within(fromMs, toMs),
    faults(premisesIndex, period = { startMs, endMs: startMs + faultDays * dayMs }) {
      assert(Number.isSafeInteger(premisesIndex) && premisesIndex >= 0 && premisesIndex < meters);
      const gaps = replay ? loadGaps({ source, premisesIndex, period, days, startMs, slotMs }) : [];
      const drawn = faults.of(premisesIndex, period).filter(({ kind }) => happens.has(kind));
      return [...drawn, ...gaps].sort((a, b) => a.startMs - b.startMs);
    },
    weatherAt: (atMs) => sky.at(atMs),
  };
}

function checkOptions(options: WorldOptions): void {
  const { meters, startMs, intervalSeconds, load } = options;
  if (!Number.isSafeInteger(meters) || meters < 1 || meters > mostMeters) {
    throw new CodedError('sim/bad-option', `expected 1 to ${mostMeters} meters, found ${meters}`, { meters });
  }
  if (!Number.isSafeInteger(startMs) || startMs % 60_000 !== 0) {
    throw new CodedError('sim/bad-option', `expected a start on a whole minute, found ${startMs}`, {
      startMs,
    });
  }
  if (![900, 1800, 3600].includes(intervalSeconds)) {
    const what = `expected intervals of 900, 1800 or 3600 s, found ${intervalSeconds}`;
    throw new CodedError('sim/bad-option', what, { intervalSeconds });
  }
  if (load && intervalSeconds !== load.intervalSeconds) {
    const what = `expected intervals of ${load.intervalSeconds} s to replay ${load.name}, found ${intervalSeconds}`;
    throw new CodedError('sim/load-interval', what, { intervalSeconds });
  }
}
