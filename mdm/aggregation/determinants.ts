/** Billing determinants of many channels: energy and maximum demand by rate over a period, as bills are reckoned from. */
import { quality, type TouSwitch } from '@wattline/model';
import type { MemberSet, ReadingsStore } from '@wattline/store/readings';
import type { LocalDays } from '../channels/local-days.ts';
import { type LaidOutDay, layOutDays } from './contested-days.ts';
import { layOut, type TouLayout } from './tou-layout.ts';

/** Energy and demand of one rate; rate 0 is all of the period when there is no calendar. */
export interface RateDeterminant {
  readonly rate: number;
  /** Wh, or the unit of the reading type. */
  readonly energy: number;
  /** Largest mean power of an interval: W for Wh. */
  readonly maximumDemand: number;
  /** Store day (UTC ms of its start) in which the maximum fell first. */
  readonly maximumDayMs: number;
}

/** Determinants of one channel. */
export interface ChannelDeterminants {
  readonly channel: number;
  readonly rates: readonly RateDeterminant[];
  readonly energy: number;
  readonly maximumDemand: number;
  /** Slots of the period, of which so many have a value, of which so many were estimated or edited. */
  readonly expected: number;
  readonly held: number;
  readonly derived: number;
  /** Mean power over maximum demand, 0 to 1; null without demand. */
  readonly loadFactor: number | null;
}

export interface DeterminantRequest {
  /** Channels of one interval length and one zone. */
  readonly set: MemberSet;
  readonly days: LocalDays;
  readonly calendar: readonly TouSwitch[];
  readonly startMs: number;
  readonly endMs: number;
  readonly intervalSeconds: number;
  readonly phase: number;
  /** The store holds all that was known then. */
  readonly asOfMs: number;
}

interface Tally {
  held: number;
  derived: number;
  readonly rates: Map<number, { energy: number; peak: number; peakStart: number }>;
}

/** Determinants of every channel of the set that has a reading in the period. */
export async function determinantsOf(
  store: ReadingsStore,
  request: DeterminantRequest,
): Promise<ChannelDeterminants[]> {
  const { set, startMs, endMs, asOfMs, intervalSeconds } = request;
  const start = startMs / 1000;
  const end = endMs / 1000;
  const laid = layOut({ ...request, start, end });
  const bounds = { start, end, asOfMs };
  const tallies = new Map<number, Tally>();
  const contested = await store.patternSums(set, bounds, laid.layout, (found) => {
    const { channel, pattern, held, derived, sums, peaks, peakStarts } = found;
    const tally = tallyOf(tallies, channel);
    tally.held += held;
    tally.derived += derived;
    const rates = laid.rates[pattern] as readonly number[];
    for (let k = 0; k < rates.length; k++) {
      const rate = rates[k] as number;
      if (rate >= 0) add(tally, rate, sums[k] as number, peaks[k] as number, peakStarts[k] as number);
    }
  });
  const patternOf = new Map(laid.layout.days.map(({ day, pattern }) => [day, pattern]));
  for (const day of layOutDays(contested)) {
    const pattern = day.intervalSeconds === intervalSeconds ? patternOf.get(day.number) : undefined;
    if (pattern !== undefined) addDay(tallyOf(tallies, day.channel), day, laid, pattern);
  }
  return [...tallies]
    .sort(([a], [b]) => a - b)
    .map(([channel, tally]) => finish(channel, tally, { laid, intervalSeconds, seconds: end - start }));
}

/** Determinants of two stretches of one channel, with interval lengths of their own, as those of both; `seconds` is how long they last. */
export function joined(
  one: ChannelDeterminants,
  other: ChannelDeterminants,
  seconds: number,
): ChannelDeterminants {
  const tally: Tally = {
    held: one.held + other.held,
    derived: one.derived + other.derived,
    rates: new Map(),
  };
  for (const { rate, energy, maximumDemand, maximumDayMs } of [...one.rates, ...other.rates]) {
    add(tally, rate, energy, maximumDemand, maximumDayMs / 1000);
  }
  // Peaks are powers already.
  const laid = { slots: one.expected + other.expected };
  return finish(one.channel, tally, { laid, intervalSeconds: 3600, seconds });
}

function tallyOf(tallies: Map<number, Tally>, channel: number): Tally {
  return tallies.getOrInsertComputed(channel, () => ({ held: 0, derived: 0, rates: new Map() }));
}

function add(tally: Tally, rate: number, energy: number, peak: number, peakStart: number): void {
  const before = tally.rates.get(rate);
  if (!before) tally.rates.set(rate, { energy, peak, peakStart });
  else {
    before.energy += energy;
    if (peak < before.peak || (peak === before.peak && peakStart >= before.peakStart)) return;
    before.peak = peak;
    before.peakStart = peakStart;
  }
}

function addDay(tally: Tally, { day }: LaidOutDay, { layout, rates }: TouLayout, pattern: number): void {
  const { cuts } = layout;
  cuts.forEach((from, k) => {
    const rate = rates[pattern]?.[k] as number;
    if (rate < 0) return;
    let energy = 0;
    let peak = 0;
    for (let slot = from; slot < (cuts[k + 1] ?? day.value.length); slot++) {
      const flags = day.quality[slot] as number;
      if ((flags & quality.missing) !== 0) continue;
      tally.held++;
      if ((flags & (quality.estimated | quality.edited)) !== 0) tally.derived++;
      energy += day.value[slot] as number;
      peak = Math.max(peak, day.value[slot] as number);
    }
    add(tally, rate, energy, peak, day.start);
  });
}

function finish(
  channel: number,
  { held, derived, rates }: Tally,
  {
    laid,
    intervalSeconds,
    seconds,
  }: { laid: Pick<TouLayout, 'slots'>; intervalSeconds: number; seconds: number },
): ChannelDeterminants {
  const toPower = 3600 / intervalSeconds;
  const found = [...rates]
    .sort(([a], [b]) => a - b)
    .map(([rate, { energy, peak, peakStart }]) => ({
      rate,
      energy,
      maximumDemand: peak * toPower,
      maximumDayMs: peakStart * 1000,
    }));
  const energy = found.reduce((sum, entry) => sum + entry.energy, 0);
  const maximumDemand = Math.max(0, ...found.map((entry) => entry.maximumDemand));
  const loadFactor = maximumDemand > 0 ? (energy * 3600) / seconds / maximumDemand : null;
  return { channel, rates: found, energy, maximumDemand, expected: laid.slots, held, derived, loadFactor };
}
