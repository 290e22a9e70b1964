/** Questions about many readings at once: totals by day and month, determinants by rate, the balance of feeders, virtual meters. */
import { localDay, type Period } from '@wattline/base';
import { type ChannelId, quality, type ReadingSource, type TouSwitch } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import type { GridLevel } from '../assets/place-history.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import { partsWithin } from '../channels/channel-parts.ts';
import type { IntervalLengths } from '../channels/interval-lengths.ts';
import type { LocalDays } from '../channels/local-days.ts';
import { mdmError } from '../errors.ts';
import type { Ledger } from '../ingest/ledger.ts';
import type { PieceSource } from '../queries/reading-queries.ts';
import { type ChannelDeterminants, determinantsOf, joined } from './determinants.ts';
import { GridMembers } from './grid-members.ts';
import { type GroupSum, sumGroups } from './group-sums.ts';
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

/** Energy into a node of the grid against what its customers took, Wh. */
export interface NodeBalance {
  readonly node: string;
  /** By the node's own meter; null when it has none or lacks a reading. */
  readonly supplied: number | null;
  readonly delivered: number;
  readonly received: number;
  /** supplied + received - delivered; null without a meter. */
  readonly loss: number | null;
  /** Interval readings behind the sums, and those of them that were estimated or edited. */
  readonly held: number;
  readonly derived: number;
  readonly intervalSeconds: number;
  /** Net energy of the customers by slot, Wh. */
  readonly net: Float64Array;
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
  /** The balance of every node of a level. `meters` names the channel that measures into a node. */
  balance(request: {
    readonly level: GridLevel;
    readonly period: Period;
    readonly meters?: ReadonlyMap<string, ChannelId>;
    readonly asOfMs?: number;
  }): Promise<readonly NodeBalance[]>;
  /** Sum, difference or ratio of channels, slot by slot. */
  virtual(meter: VirtualMeter, period: Period): Promise<VirtualSeries>;
  /** Customers were moved in the grid: the next balance asks the registry anew. */
  gridChanged(): void;
}

export interface AggregationParts {
  readonly store: ReadingsStore;
  readonly ledger: Ledger;
  readonly directory: ChannelDirectory;
  readonly registry: Registry;
  readonly lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>;
  readonly source: Pick<ReadingSource, 'series'> & PieceSource;
}

/** The aggregation over its parts. */
export function createAggregation(parts: AggregationParts): Aggregation {
  const { store, ledger, directory, source } = parts;
  const grid = new GridMembers(parts.registry, store, parts.lengths);

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
    await directory.resolve(channels);
    const found = channels.flatMap((id) => {
      const channel = directory.find(id);
      if (!channel) throw mdmError('mdm/unknown-channel', id, { channel: id });
      if (channel.isRegister) throw mdmError('mdm/not-an-interval-channel', id, { channel: id });
      return partsWithin(channel, period.startMs / 1000, period.endMs / 1000);
    });
    const answers = new Map<ChannelId, ChannelDeterminants>();
    await ledger.flush();
    const kinds = Map.groupBy(
      found,
      ({ part, start, end }) =>
        `${part.days.zone} ${part.intervalSeconds} ${part.phase} ${start} ${end} ${part.from}`,
    );
    for (const alike of kinds.values()) {
      const [{ part, start, end }] = alike as [(typeof alike)[number]];
      const byNumber = new Map(alike.map((one) => [one.part.number, one.part.id]));
      const numbers = Uint32Array.from(byNumber.keys()).sort();
      const set = await store.memberSet({ channels: numbers, groups: new Uint32Array(numbers.length) });
      const ofKind = await determinantsOf(store, {
        set,
        days: part.days,
        calendar,
        intervalSeconds: part.intervalSeconds,
        phase: part.phase,
        startMs: start * 1000,
        endMs: end * 1000,
        ...(asOfMs === undefined ? {} : { asOfMs }),
      });
      for (const entry of ofKind) {
        const id = byNumber.get(entry.channel) as string;
        const before = answers.get(id);
        answers.set(id, before ? joined(before, entry, (period.endMs - period.startMs) / 1000) : entry);
      }
    }
    return answers;
  };

  const balance: Aggregation['balance'] = async ({ level, period, meters, asOfMs }) => {
    await ledger.flush();
    const sums = async (readingType: string) => {
      const named = await grid.of(level, readingType);
      const found = await sumGroups(store, {
        ...named,
        ...period,
        ...(asOfMs === undefined ? {} : { asOfMs }),
      });
      return new Map(found.map((sum) => [named.names[sum.group] as string, sum]));
    };
    const delivered = await sums('delivered');
    const received = await sums('received');
    const nodes = [...new Set([...delivered.keys(), ...received.keys()])].sort();
    return Promise.all(
      nodes.map(async (node) => {
        const own = meters?.get(node);
        const supplied = own === undefined ? null : await suppliedBy(source, own, period);
        return balanceOf(node, supplied, delivered.get(node), received.get(node));
      }),
    );
  };

  return {
    totals,
    determinants,
    balance,
    virtual: (meter, period) => virtualSeries(source, meter, period),
    gridChanged: () => grid.forget(),
  };
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

/** What a node's own meter measured; null when a slot has no value. */
async function suppliedBy(
  source: Pick<ReadingSource, 'series'>,
  channel: ChannelId,
  period: Period,
): Promise<number | null> {
  const { value, quality: flags } = await source.series(channel, period);
  if (flags.length === 0 || flags.some((bits) => (bits & quality.missing) !== 0)) return null;
  return value.reduce((sum, one) => sum + one, 0);
}

function balanceOf(
  node: string,
  supplied: number | null,
  delivered: GroupSum | undefined,
  received: GroupSum | undefined,
): NodeBalance {
  const total = (sum: GroupSum | undefined) => sum?.sum.reduce((whole, one) => whole + one, 0) ?? 0;
  const out = total(delivered);
  const back = total(received);
  const shape = (delivered ?? received) as GroupSum;
  const net = (delivered?.sum ?? new Float64Array(shape.sum.length)).slice();
  if (received && received.intervalSeconds === shape.intervalSeconds) {
    for (let slot = 0; slot < net.length; slot++) {
      net[slot] = (net[slot] as number) - (received.sum[slot] as number);
    }
  }
  return {
    node,
    supplied,
    delivered: out,
    received: back,
    loss: supplied === null ? null : supplied + back - out,
    held: (delivered?.held ?? 0) + (received?.held ?? 0),
    derived: (delivered?.derived ?? 0) + (received?.derived ?? 0),
    intervalSeconds: shape.intervalSeconds,
    net,
  };
}
