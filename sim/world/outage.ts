/** Outages: seeded, one transformer for hours or one feeder for a moment, at least one in every five days. */
import type { Random } from '@wattline/base';
import type { NetworkTree } from './network-tree.ts';

/** Supply lost on a part of the network over [startMs, endMs). */
export interface Outage {
  readonly id: string;
  readonly level: 'feeder' | 'transformer';
  /** Id of the feeder or transformer hit. */
  readonly element: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly cause: string;
}

/** A transformer with the feeder it hangs on. */
export interface SupplyPath {
  readonly feeder: string;
  readonly transformer: string;
}

/** The outages of a world. */
export interface OutageSchedule {
  /** Outages that touch [fromMs, toMs), in order of their start. */
  within(fromMs: number, toMs: number): readonly Outage[];
  /** Outages that touch it and darken what hangs on `path`. */
  on(path: SupplyPath, fromMs: number, toMs: number): readonly Outage[];
}

/** A network on which nothing ever fails. */
export const noOutages: OutageSchedule = { within: () => [], on: () => [] };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Each stretch ends with an outage within its last two days, so that a history of 5, 10, ... days shows a recent one. */
const stretchMs = 5 * dayMs;
const longestMs = 3 * hourMs;
/** Sustained outages of one transformer in a year, beyond those of the stretches. */
const extraPerTransformerYear = 0.6;
/** Of four outages one is of a feeder and ends before anybody reads a meter. */
const feederEvery = 4;

const sustainedCauses = ['fuse blown', 'cable damaged', 'tree on line', 'planned work', 'overload'];
const momentaryCauses = ['recloser operated', 'switching', 'lightning'];

/**
 * The schedule of a network. The first transformer is spared when there is another, and its feeder likewise, so that the
 * first meters of a town stand still; a town on a single transformer has no outages.
 */
export function scheduleOutages(tree: NetworkTree, startMs: number, random: Random): OutageSchedule {
  const stretches = new Map<number, readonly Outage[]>();
  const targets = targetsOf(tree);
  const stretchOf = (index: number): readonly Outage[] => {
    let outages = stretches.get(index);
    if (!outages) {
      outages = drawStretch({
        index,
        startMs: startMs + index * stretchMs,
        targets,
        random: random.fork(String(index)),
      });
      stretches.set(index, outages);
    }
    return outages;
  };
  const within = (fromMs: number, toMs: number): Outage[] => {
    const outages: Outage[] = [];
    const last = Math.floor((toMs - 1 - startMs) / stretchMs);
    for (
      let index = Math.max(0, Math.floor((fromMs - longestMs - startMs) / stretchMs));
      index <= last;
      index++
    ) {
      outages.push(...stretchOf(index).filter((outage) => outage.startMs < toMs && outage.endMs > fromMs));
    }
    return outages;
  };
  return {
    within,
    on: (path, fromMs, toMs) =>
      within(fromMs, toMs).filter(({ element }) => element === path.feeder || element === path.transformer),
  };
}

interface Targets {
  readonly transformers: readonly string[];
  readonly feeders: readonly string[];
}

function targetsOf(tree: NetworkTree): Targets {
  const transformers = tree.feeders.flatMap((feeder) => feeder.transformers.map(({ id }) => id)).slice(1);
  return { transformers, feeders: tree.feeders.slice(1).map(({ id }) => id) };
}

function drawStretch(of: {
  readonly index: number;
  readonly startMs: number;
  readonly targets: Targets;
  readonly random: Random;
}): readonly Outage[] {
  const { index, targets, random } = of;
  if (targets.transformers.length === 0) return [];
  const endMs = of.startMs + stretchMs;
  const recentMs = endMs - 2 * dayMs + random.below(44) * hourMs;
  const drafts: Omit<Outage, 'id'>[] = [];
  const isFeeder = index % feederEvery === 1 && targets.feeders.length > 0;
  drafts.push(isFeeder ? momentary(targets, recentMs, random) : sustained(targets, recentMs, random));
  const expected = (targets.transformers.length * extraPerTransformerYear * stretchMs) / (365 * dayMs);
  const extra = Math.floor(expected + random.next());
  for (let k = 0; k < extra; k++) {
    drafts.push(sustained(targets, of.startMs + random.below(stretchMs / 1000) * 1000, random));
  }
  drafts.sort((a, b) => a.startMs - b.startMs);
  return drafts.map((draft, k) => ({ id: `OUT-${String(index + 1).padStart(3, '0')}-${k + 1}`, ...draft }));
}

function sustained(targets: Targets, aboutMs: number, random: Random): Omit<Outage, 'id'> {
  const startMs = aboutMs + random.below(3600) * 1000;
  const durationMs = hourMs + random.below((longestMs - hourMs) / 1000) * 1000;
  const element = pickOf(targets.transformers, random);
  return {
    level: 'transformer',
    element,
    startMs,
    endMs: startMs + durationMs,
    cause: pickOf(sustainedCauses, random),
  };
}

function momentary(targets: Targets, aboutMs: number, random: Random): Omit<Outage, 'id'> {
  const startMs = aboutMs + random.below(3600) * 1000;
  const durationMs = (20 + random.below(140)) * 1000;
  const element = pickOf(targets.feeders, random);
  return {
    level: 'feeder',
    element,
    startMs,
    endMs: startMs + durationMs,
    cause: pickOf(momentaryCauses, random),
  };
}

function pickOf(items: readonly string[], random: Random): string {
  return items[random.below(items.length)] as string;
}

/** Share of [fromMs, toMs) that was supplied, 0 to 1; outages may overlap. */
export function suppliedShare(outages: readonly Outage[], fromMs: number, toMs: number): number {
  let darkMs = 0;
  let countedTo = fromMs;
  for (const outage of [...outages].sort((a, b) => a.startMs - b.startMs)) {
    const from = Math.max(countedTo, outage.startMs);
    const to = Math.min(toMs, outage.endMs);
    if (to <= from) continue;
    darkMs += to - from;
    countedTo = to;
  }
  return 1 - darkMs / (toMs - fromMs);
}
