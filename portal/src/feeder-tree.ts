/** The grid as a tree with the state of its meters: substation, feeders, transformers. */
import type { MeterStatus, UsagePointSummary } from '@wattline/model';

/** States of a meter, the worst first. */
export const meterStates = ['unreachable', 'refused', 'late', 'waiting', 'ok'] as const;
export type MeterState = MeterStatus['state'];

/** How many meters are in each state. */
export type StateCounts = Readonly<Record<MeterState, number>>;

/** A transformer and its meters, the worst first. */
export interface TransformerNode {
  readonly name: string;
  readonly meters: readonly MeterStatus[];
  readonly counts: StateCounts;
}
/** A feeder and its transformers. */
export interface FeederNode {
  readonly name: string;
  readonly transformers: readonly TransformerNode[];
  readonly counts: StateCounts;
}
/** A substation and its feeders. */
export interface SubstationNode {
  readonly name: string;
  readonly feeders: readonly FeederNode[];
  readonly counts: StateCounts;
}

/** Counts meters by state. */
export function countStates(meters: Iterable<Pick<MeterStatus, 'state'>>): StateCounts {
  const counts: Record<MeterState, number> = { unreachable: 0, refused: 0, late: 0, waiting: 0, ok: 0 };
  for (const { state } of meters) counts[state]++;
  return counts;
}

/** The worst state that occurs; `ok` for none at all. */
export function worstState(counts: StateCounts): MeterState {
  return meterStates.find((state) => counts[state] > 0) ?? 'ok';
}

/** The tree of all meters whose usage point is known, names in natural order. */
export function feederTree(
  usagePoints: readonly UsagePointSummary[],
  meters: readonly MeterStatus[],
): SubstationNode[] {
  const pointOf = new Map(usagePoints.map((point) => [point.id, point]));
  const placed = meters.flatMap((meter) => {
    const point = pointOf.get(meter.usagePointId);
    return point ? [{ point, meter }] : [];
  });
  return grouped(placed, ({ point }) => point.substation).map(([substation, inSubstation]) => ({
    name: substation,
    counts: countStates(inSubstation.map(({ meter }) => meter)),
    feeders: grouped(inSubstation, ({ point }) => point.feeder).map(([feeder, onFeeder]) => ({
      name: feeder,
      counts: countStates(onFeeder.map(({ meter }) => meter)),
      transformers: grouped(onFeeder, ({ point }) => point.transformer).map(([name, behind]) => {
        const own = behind.map(({ meter }) => meter).sort(byState);
        return { name, meters: own, counts: countStates(own) };
      }),
    })),
  }));
}

function byState(a: MeterStatus, b: MeterStatus): number {
  const rank = meterStates.indexOf(a.state) - meterStates.indexOf(b.state);
  return rank !== 0 ? rank : naturalOrder(a.serial, b.serial);
}

/** Order in which `TX-2` stands before `TX-10`. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b);
}
const collator = new Intl.Collator('en', { numeric: true });

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].sort(([a], [b]) => naturalOrder(a, b));
}
