/** Billing determinants of many channels: energy and maximum demand by rate over a period, as bills are reckoned from. */
import { quality, type TouSwitch } from '@wattline/model';
import type { KnownBlock, ReadingsStore } from '@wattline/store/readings';
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
  readonly channels: Uint32Array;
  readonly days: LocalDays;
  readonly calendar: readonly TouSwitch[];
  readonly startMs: number;
  readonly endMs: number;
  readonly intervalSeconds: number;
  readonly phase: number;
  /** The store holds all that was known then. */
  readonly asOfMs: number;
}

interface RateSum {
  readonly rate: number;
  energy: number;
  maximumDemand: number;
  maximumDayMs: number;
}

/** What is known of a channel so far; a handful of rates, sought one after the other: there are a hundred thousand channels. */
interface Tally {
  held: number;
  derived: number;
  readonly rates: RateSum[];
}

const emptyTally = (): Tally => ({ held: 0, derived: 0, rates: [] });

/** Determinants of every channel of the set that has a reading in the period, by channel; and the slots of the period. */
export async function determinantsOf(
  store: ReadingsStore,
  request: DeterminantRequest,
): Promise<{ readonly found: readonly ChannelDeterminants[]; readonly slots: number }> {
  const { channels, startMs, endMs, asOfMs, intervalSeconds } = request;
  const start = startMs / 1000;
  const end = endMs / 1000;
  const laid = layOut({ ...request, start, end });
  const { slots } = laid;
  if (laid.layout.days.length === 0) return { found: [], slots };
  const toPower = 3600 / intervalSeconds;
  const { sums, contested } = await store.patternSums(channels, { start, end, asOfMs }, laid.layout);
  const apart = contestedTallies(contested, laid, request);
  const whole = { slots, seconds: end - start };
  const found: ChannelDeterminants[] = [];
  let channel = -1;
  let tally = emptyTally();
  for (const row of sums) {
    if (row.channel !== channel) {
      if (channel >= 0) found.push(finish(channel, tally, whole));
      channel = row.channel;
      tally = apart.get(channel) ?? emptyTally();
      apart.delete(channel);
    }
    tally.held += row.held;
    tally.derived += row.derived;
    const rates = laid.rates[row.pattern] as readonly number[];
    for (let k = 0; k < rates.length; k++) {
      const peakMs = (row.peakStarts[k] as number) * 1000;
      add(tally, rates[k] as number, row.sums[k] as number, (row.peaks[k] as number) * toPower, peakMs);
    }
  }
  if (channel >= 0) found.push(finish(channel, tally, whole));
  for (const [number, alone] of apart) found.push(finish(number, alone, whole));
  return { found: found.sort((a, b) => a.channel - b.channel), slots };
}

/** Determinants of two stretches of one channel as those of both; `seconds` is how long they last. */
export function joined(
  one: ChannelDeterminants,
  other: ChannelDeterminants,
  seconds: number,
): ChannelDeterminants {
  const tally: Tally = { held: one.held + other.held, derived: one.derived + other.derived, rates: [] };
  for (const { rate, energy, maximumDemand, maximumDayMs } of [...one.rates, ...other.rates]) {
    add(tally, rate, energy, maximumDemand, maximumDayMs);
  }
  return finish(one.channel, tally, { slots: one.expected + other.expected, seconds });
}

/** Determinants of a period of which only a part has readings: slots and seconds are those of all of it. */
export function widened(
  { channel, rates, held, derived }: ChannelDeterminants,
  whole: { readonly slots: number; readonly seconds: number },
): ChannelDeterminants {
  return finish(channel, { held, derived, rates: [...rates] }, whole);
}

/** Adds energy and demand to a rate; rate -1 is no part of the period. */
function add(tally: Tally, rate: number, energy: number, demand: number, dayMs: number): void {
  if (rate < 0) return;
  for (const sum of tally.rates) {
    if (sum.rate !== rate) continue;
    sum.energy += energy;
    if (demand < sum.maximumDemand || (demand === sum.maximumDemand && dayMs >= sum.maximumDayMs)) return;
    sum.maximumDemand = demand;
    sum.maximumDayMs = dayMs;
    return;
  }
  tally.rates.push({ rate, energy, maximumDemand: demand, maximumDayMs: dayMs });
}

/** Days in which versions lie over one another, by channel. */
function contestedTallies(
  contested: readonly KnownBlock[],
  laid: TouLayout,
  { intervalSeconds }: DeterminantRequest,
): Map<number, Tally> {
  const tallies = new Map<number, Tally>();
  if (contested.length === 0) return tallies;
  const patternOf = new Map(laid.layout.days.map(({ day, pattern }) => [day, pattern]));
  for (const day of layOutDays(contested)) {
    const pattern = day.intervalSeconds === intervalSeconds ? patternOf.get(day.number) : undefined;
    if (pattern !== undefined)
      addDay(tallies.getOrInsertComputed(day.channel, emptyTally), day, laid, pattern);
  }
  return tallies;
}

function addDay(
  tally: Tally,
  { day, intervalSeconds }: LaidOutDay,
  { layout, rates }: TouLayout,
  pattern: number,
): void {
  const { cuts } = layout;
  const toPower = 3600 / intervalSeconds;
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
    add(tally, rate, energy, peak * toPower, day.start * 1000);
  });
}

function finish(
  channel: number,
  { held, derived, rates }: Tally,
  { slots, seconds }: { readonly slots: number; readonly seconds: number },
): ChannelDeterminants {
  if (rates.length > 1) rates.sort((a, b) => a.rate - b.rate);
  let energy = 0;
  let maximumDemand = 0;
  for (const entry of rates) {
    energy += entry.energy;
    maximumDemand = Math.max(maximumDemand, entry.maximumDemand);
  }
  const loadFactor = maximumDemand > 0 ? (energy * 3600) / seconds / maximumDemand : null;
  return { channel, rates, energy, maximumDemand, expected: slots, held, derived, loadFactor };
}
