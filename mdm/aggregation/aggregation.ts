/** Questions about many readings at once: totals by day and month, determinants by rate, the balance of feeders, virtual meters. */
import { localDay, type Period } from '@wattline/base';
import { type ChannelId, quality, type ReadingSource, type TouSwitch } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import type { AssetFacts } from '../assets/asset-facts.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import { gridsOf } from '../channels/channel-grids.ts';
import type { DayCache } from '../channels/day-cache.ts';
import type { IntervalLengths } from '../channels/interval-lengths.ts';
import type { LocalDays } from '../channels/local-days.ts';
import { mdmError } from '../errors.ts';
import type { Ledger } from '../ingest/ledger.ts';
import type { PieceSource } from '../queries/reading-queries.ts';
import { type AlikeStretch, alikeStretches } from './alike-stretches.ts';
import { type BalanceRequest, balanceOf, type NodeBalance } from './balance.ts';
import { type ChannelDeterminants, determinantsOf, joined, widened } from './determinants.ts';
import { GridMembers } from './grid-members.ts';
import { KeptSums } from './kept-sums.ts';
import { type PowerFigures, powerOf } from './power.ts';
import { type VirtualMeter, type VirtualSeries, virtualSeries } from './virtual-meter.ts';

/** What a channel took over a local day or month. */
export interface PeriodTotal {
  readonly startMs: number;
  readonly endMs: number;
  /** Sum of the slots with a value, in the reading type's unit. */
  readonly value: number;
  readonly expected: number;
  readonly held: number;
  readonly derived: number;
}

/** The queries of the room over many channels. */
export interface Aggregation {
  /** Totals by local day or month of the channel's zone, for those that touch the period; exact on days of 23 and 25 hours. */
  totals(channel: ChannelId, period: Period, by: 'day' | 'month'): Promise<readonly PeriodTotal[]>;
  /** Determinants over [startMs, endMs) of channels of one zone and interval length, by id. */
  determinants(request: {
    readonly channels: readonly ChannelId[];
    readonly calendar: readonly TouSwitch[];
    readonly period: Period;
    readonly asOfMs?: number;
  }): Promise<ReadonlyMap<ChannelId, ChannelDeterminants>>;
  /** The balance of every node of a level that has customers or a meter; customers count where they hung at the time. */
  balance(request: BalanceRequest): Promise<readonly NodeBalance[]>;
  /** Net and gross energy, power factor, load factor and maximum demand of a usage point. */
  power(
    usagePointId: string,
    request: { readonly period: Period; readonly demandSeconds?: number },
  ): Promise<PowerFigures>;
  /** Sum, difference or ratio of channels, slot by slot. */
  virtual(meter: VirtualMeter, period: Period): Promise<VirtualSeries>;
  /** Customers were moved in the grid: the next balance asks the registry anew. */
  gridChanged(): void;
}

export interface AggregationParts {
  readonly store: ReadingsStore;
  /** Days in memory, which tell of their changes. */
  readonly cache: Pick<DayCache, 'watch'>;
  readonly ledger: Ledger;
  readonly directory: ChannelDirectory;
  readonly registry: Registry;
  readonly facts: AssetFacts;
  readonly lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>;
  readonly source: Pick<ReadingSource, 'series'> & PieceSource;
}

/** The aggregation over its parts. */
export function createAggregation(parts: AggregationParts): Aggregation {
  const { store, ledger, directory, source } = parts;
  const grid = new GridMembers(parts);
  const kept = new KeptSums(store, ledger);
  parts.cache.watch(kept);

  async function totals(id: ChannelId, period: Period, by: 'day' | 'month'): Promise<PeriodTotal[]> {
    await directory.resolve([id]);
    const channel = directory.find(id);
    if (!channel) throw mdmError('mdm/unknown-channel', id, { channel: id });
    const found: PeriodTotal[] = [];
    for (const { startMs, endMs } of localPeriods(period, channel.days, by)) {
      const total = { value: 0, held: 0, derived: 0, expected: 0 };
      for (const { value, quality: flags } of await source.pieces(id, { startMs, endMs })) {
        total.expected += value.length;
        for (let slot = 0; slot < value.length; slot++) {
          const bits = flags[slot] as number;
          if ((bits & quality.missing) !== 0) continue;
          total.value += value[slot] as number;
          total.held++;
          if ((bits & (quality.estimated | quality.edited)) !== 0) total.derived++;
        }
      }
      found.push({ startMs, endMs, ...total });
    }
    return found;
  }

  const determinants: Aggregation['determinants'] = async ({ channels, calendar, period, asOfMs }) => {
    // All questions to the store are about one instant: what comes between them would be counted twice, or not at all.
    const asOf = Math.min(asOfMs ?? Number.POSITIVE_INFINITY, ledger.asOf());
    await ledger.flush();
    const answers = new Map<ChannelId, ChannelDeterminants>();
    const asked: Promise<void>[] = [];
    try {
      // The store sums one share of the channels while the registry is read for the next.
      for (const share of sharesOf([...new Set(channels)])) {
        const stretches = alikeStretches(await gridsOf(parts, share), share, period);
        asked.push(determinantsOn(stretches, { calendar, period, asOfMs: asOf, answers }));
      }
    } finally {
      await Promise.allSettled(asked);
    }
    await Promise.all(asked);
    return answers;
  };

  /** Adds the determinants of one share; no other has its channels. */
  async function determinantsOn(
    stretches: readonly AlikeStretch[],
    about: {
      readonly calendar: readonly TouSwitch[];
      readonly period: Period;
      readonly asOfMs: number;
      readonly answers: Map<ChannelId, ChannelDeterminants>;
    },
  ): Promise<void> {
    const { calendar, period, asOfMs, answers } = about;
    const seconds = (period.endMs - period.startMs) / 1000;
    /** Slots of channels that are asked about in several stretches, some of which may have no reading. */
    const slotsOf = new Map<ChannelId, number>();
    for (const { part, start, end, ids } of stretches) {
      const numbers = Uint32Array.from(ids.keys()).sort();
      const { days, intervalSeconds, phase } = part;
      const stretch = { days, intervalSeconds, phase, startMs: start * 1000, endMs: end * 1000 };
      const { found, slots } = await determinantsOf(store, {
        channels: numbers,
        calendar,
        asOfMs,
        ...stretch,
      });
      for (const entry of found) {
        const id = ids.get(entry.channel) as string;
        const before = answers.get(id);
        answers.set(id, before ? joined(before, entry, seconds) : entry);
      }
      if (end - start === seconds) continue;
      for (const id of ids.values()) slotsOf.set(id, (slotsOf.get(id) ?? 0) + slots);
    }
    for (const [id, slots] of slotsOf) {
      const found = answers.get(id);
      if (found && found.expected !== slots) answers.set(id, widened(found, { slots, seconds }));
    }
  }

  const hasChannel = async (id: ChannelId) => {
    await directory.resolve([id]);
    return directory.find(id) !== undefined;
  };

  async function power(
    usagePointId: string,
    request: { readonly period: Period; readonly demandSeconds?: number },
  ): Promise<PowerFigures> {
    const channels = await directory.ofUsagePoint(usagePointId);
    const types = new Set(channels.map(({ type }) => type.id));
    return powerOf(source, { usagePointId, types }, request);
  }

  return {
    totals,
    determinants,
    async balance(request) {
      // As for determinants: sums and days that are laid out are asked for one after the other, about one instant.
      const standsAtMs = Math.min(request.asOfMs ?? Number.POSITIVE_INFINITY, ledger.asOf());
      await ledger.flush();
      return balanceOf({ store, kept, grid, source, hasChannel, standsAtMs }, request);
    },
    power,
    virtual: (meter, period) => virtualSeries(source, meter, period),
    gridChanged: () => grid.forget(),
  };
}

/** Channels that the store is asked about at once, and shares that a question is cut into at most: each is a set of members there. */
const leastShare = 25_000;
const mostShares = 4;

/** Shares of about equal size, one at least. */
function sharesOf(channels: readonly ChannelId[]): (readonly ChannelId[])[] {
  const count = Math.max(1, Math.min(mostShares, Math.floor(channels.length / leastShare)));
  const size = Math.ceil(channels.length / count);
  return Array.from({ length: count }, (_, index) => channels.slice(index * size, (index + 1) * size));
}

/** Local days or months that touch the period, whole. */
function localPeriods(period: Period, days: LocalDays, by: 'day' | 'month'): Period[] {
  const found = new Map<string, { startMs: number; endMs: number }>();
  for (const stretch of days.between(period.startMs / 1000, period.endMs / 1000)) {
    const day = days.whole(stretch);
    if (by === 'day') found.set(day.date, { startMs: day.start * 1000, endMs: day.end * 1000 });
    else {
      const month = day.date.slice(0, 7);
      found.getOrInsertComputed(month, () => monthOf(month, days.zone));
    }
  }
  return [...found.values()];
}

function monthOf(month: string, zone: string): Period {
  const first = Temporal.PlainDate.from(`${month}-01`);
  return {
    startMs: localDay(first.toString(), zone).startMs,
    endMs: localDay(first.add({ months: 1 }).toString(), zone).startMs,
  };
}
