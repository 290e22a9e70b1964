/** The balance of nodes of the grid: what their own meters measured into them against what their customers took. */
import type { Period } from '@wattline/base';
import { type ChannelId, channelIdOf, quality, type Series } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import { pointOfChannel } from '../assets/interval-change.ts';
import type { GridLevel } from '../assets/place-history.ts';
import type { PieceSource } from '../queries/reading-queries.ts';
import type { GridMembers } from './grid-members.ts';
import { type GroupSum, sumGroups } from './group-sums.ts';
import type { KeptSums } from './kept-sums.ts';

/** Energy into a node of the grid against what its customers took, Wh. */
export interface NodeBalance {
  readonly node: string;
  /** By the node's own meter, less what flowed back through it; null when it has none or lacks a reading. */
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

export interface BalanceRequest {
  readonly level: GridLevel;
  readonly period: Period;
  /** The channel that measures into a node; left out, what was told of the nodes. */
  readonly meters?: ReadonlyMap<string, ChannelId>;
  readonly asOfMs?: number;
}

export interface BalanceParts {
  readonly store: ReadingsStore;
  readonly kept: KeptSums;
  readonly grid: GridMembers;
  readonly source: PieceSource;
  readonly hasChannel: (channel: ChannelId) => Promise<boolean>;
  /** The instant whose knowledge the store is asked for; it holds all of that. */
  readonly standsAtMs: number;
}

/** The balance of every node of a level that has a customer with a reading. */
export async function balanceOf(parts: BalanceParts, request: BalanceRequest): Promise<NodeBalance[]> {
  const { level, period } = request;
  const meters = request.meters ?? (await parts.grid.meters(level, period.startMs));
  const delivered = await sumsOf(parts, request, 'delivered');
  const received = await sumsOf(parts, request, 'received');
  const nodes = [...new Set([...delivered.keys(), ...received.keys(), ...meters.keys()])].sort();
  const found: NodeBalance[] = [];
  for (const node of nodes) {
    const own = meters.get(node);
    const supplied = own === undefined ? null : await suppliedBy(parts, own, request);
    found.push(
      nodeBalance({ node, supplied, delivered: delivered.get(node), received: received.get(node) }, period),
    );
  }
  return found;
}

async function sumsOf(
  { store, kept, grid, source, standsAtMs }: BalanceParts,
  { level, period, asOfMs }: BalanceRequest,
  readingType: string,
): Promise<Map<string, GroupSum>> {
  // Kept sums are of the present alone.
  const sources = asOfMs === undefined ? { store, kept } : { store };
  const { sets, visits } = await grid.over(level, readingType, period);
  const sums = new Map<string, GroupSum>();
  for (const named of sets) {
    for (const sum of await sumGroups(sources, { ...named, ...period, asOfMs: standsAtMs })) {
      const node = named.names[sum.group] as string;
      sums.set(node, joined(sums.get(node), sum, period));
    }
  }
  for (const { channel, node, startMs, endMs } of visits) {
    for (const piece of await source.pieces(channel, { startMs, endMs }, asOfMs)) {
      const sum = sumOfPiece(piece, period);
      if (sum.held > 0) sums.set(node, joined(sums.get(node), sum, period));
    }
  }
  return sums;
}

/** Two sums over the same period, on the grid of the coarser. */
function joined(one: GroupSum | undefined, other: GroupSum, period: Period): GroupSum {
  if (!one) return other;
  return {
    ...one,
    ...added([one, other], [1, 1], period),
    held: one.held + other.held,
    derived: one.derived + other.derived,
  };
}

/** Sums over one period, each with its sign, on the grid of the coarsest of them. */
function added(
  parts: readonly GroupSum[],
  signs: readonly (1 | -1)[],
  period: Period,
): Pick<GroupSum, 'intervalSeconds' | 'sum'> {
  const step = Math.max(...parts.map(({ intervalSeconds }) => intervalSeconds));
  const sum = new Float64Array(Math.ceil((period.endMs - period.startMs) / (step * 1000)));
  for (const [index, part] of parts.entries()) {
    const sign = signs[index] as number;
    for (let slot = 0; slot < part.sum.length; slot++) {
      const into = Math.floor((slot * part.intervalSeconds) / step);
      sum[into] = (sum[into] as number) + sign * (part.sum[slot] as number);
    }
  }
  return { intervalSeconds: step, sum };
}

function sumOfPiece({ startMs, intervalSeconds, value, quality: flags }: Series, period: Period): GroupSum {
  const stepMs = intervalSeconds * 1000;
  const sum = new Float64Array(Math.ceil((period.endMs - period.startMs) / stepMs));
  let held = 0;
  let derived = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const bits = flags[slot] as number;
    const into = Math.floor((startMs + slot * stepMs - period.startMs) / stepMs);
    if ((bits & quality.missing) !== 0 || into < 0 || into >= sum.length) continue;
    sum[into] = (sum[into] as number) + (value[slot] as number);
    held++;
    if ((bits & (quality.estimated | quality.edited)) !== 0) derived++;
  }
  return { group: 0, startMs: period.startMs, intervalSeconds, sum, held, derived };
}

/** What a node's own meter measured, less what flowed back; null when a slot has no value. */
async function suppliedBy(
  { source, hasChannel }: BalanceParts,
  channel: ChannelId,
  { period, asOfMs }: BalanceRequest,
): Promise<number | null> {
  const into = wholeSum(await source.pieces(channel, period, asOfMs));
  const back = channelIdOf(pointOfChannel(channel), 'received');
  if (into === null || back === channel || !(await hasChannel(back))) return into;
  const pieces = await source.pieces(back, period, asOfMs);
  // A meter that says nothing of the way back measures one way; one that lacks some of it leaves the balance open.
  if (pieces.every(({ quality: flags }) => flags.every((bits) => (bits & quality.missing) !== 0)))
    return into;
  const returned = wholeSum(pieces);
  return returned === null ? null : into - returned;
}

function wholeSum(pieces: readonly Series[]): number | null {
  const isWhole = pieces.every(
    ({ value, quality: flags }) => value.length > 0 && flags.every((bits) => (bits & quality.missing) === 0),
  );
  if (!isWhole) return null;
  return pieces.reduce((sum, { value }) => sum + value.reduce((whole, one) => whole + one, 0), 0);
}

interface NodeSums {
  readonly node: string;
  readonly supplied: number | null;
  readonly delivered: GroupSum | undefined;
  readonly received: GroupSum | undefined;
}

function nodeBalance({ node, supplied, delivered, received }: NodeSums, period: Period): NodeBalance {
  const total = (sum: GroupSum | undefined) => sum?.sum.reduce((whole, one) => whole + one, 0) ?? 0;
  const out = total(delivered);
  const back = total(received);
  const { intervalSeconds, sum } = netOf(delivered, received, period);
  return {
    node,
    supplied,
    delivered: out,
    received: back,
    loss: supplied === null ? null : supplied + back - out,
    held: (delivered?.held ?? 0) + (received?.held ?? 0),
    derived: (delivered?.derived ?? 0) + (received?.derived ?? 0),
    intervalSeconds,
    net: sum,
  };
}

/** Delivered less received by slot; meters with roofs may have other interval lengths than their neighbours. */
function netOf(
  delivered: GroupSum | undefined,
  received: GroupSum | undefined,
  period: Period,
): Pick<GroupSum, 'intervalSeconds' | 'sum'> {
  if (delivered && received) return added([delivered, received], [1, -1], period);
  if (delivered) return added([delivered], [1], period);
  if (received) return added([received], [-1], period);
  return { intervalSeconds: 0, sum: new Float64Array(0) };
}
