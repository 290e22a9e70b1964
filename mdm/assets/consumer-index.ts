/**
 * Consumer indexing: which transformer a meter hangs on, by what it lives through. Meters of one transformer see its voltage move
 * together and go dark together; one that moves with another transformer is written down in the wrong place. Pure.
 */

/** What a meter saw over a stretch of intervals. */
export interface MeterTrace {
  readonly id: string;
  /** The transformer it is written down at. */
  readonly node: string;
  /** Mean voltage by interval, in any unit; NaN where there is none. */
  readonly voltage: Float64Array;
  /** Energy taken by interval, in any unit; NaN where there is none. With it the drop in the meter's own service is left out. */
  readonly energy?: Float64Array;
  /** 1 where the meter was without supply. */
  readonly dark: Uint8Array;
}

/** How well a meter fits a node. */
export interface Fit {
  readonly node: string;
  /** Correlation of the changes of its voltage, less its own drop, with the middle of the node's other meters, -1 to 1; null with too few. */
  readonly voltage: number | null;
  /** Intervals dark together over intervals in which either was dark, 0 to 1; null when both always had supply. */
  readonly outages: number | null;
}

/** What the traces say of a meter. */
export interface IndexFinding {
  readonly id: string;
  readonly node: string;
  readonly own: Fit;
  /** The node that fits best. */
  readonly best: Fit;
  /** Whether the best is another node, and clearly so. */
  readonly isDoubted: boolean;
}

/** Settings, all local. */
export interface IndexSettings {
  /** Changes of voltage that are needed. */
  readonly leastChanges: number;
  /** How good the best fit must be, 0 to 1. */
  readonly leastFit: number;
  /** By how much it must be better, on Fisher's scale (the inverse hyperbolic tangent), where 0.7 and 0.82 are as far apart as 0.97 and 0.984. */
  readonly margin: number;
}

export const indexSettings: IndexSettings = { leastChanges: 48, leastFit: 0.6, margin: 0.3 };

/** What the traces say of every meter; all traces have one length. */
export function indexConsumers(
  meters: readonly MeterTrace[],
  settings: IndexSettings = indexSettings,
): IndexFinding[] {
  const changes = new Map(meters.map((meter) => [meter.id, changesWithoutOwnDrop(meter, settings)]));
  const nodes = [...Map.groupBy(meters, ({ node }) => node)].map(([node, members]) =>
    nodeOf(node, members, changes),
  );
  return meters.map((meter) => {
    const moves = changes.get(meter.id) as Float64Array;
    const fits = nodes.map((node) => fitOf(meter, moves, { node, settings }));
    const own = fits.find(({ node }) => node === meter.node) as Fit;
    const best = fits.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a), own);
    const isBetter = strengthOf(best) - strengthOf(own) >= settings.margin;
    const isDoubted = best.node !== meter.node && scoreOf(best) >= settings.leastFit && isBetter;
    return { id: meter.id, node: meter.node, own, best, isDoubted };
  });
}

/** The mean of what is known; a meter of which nothing is known fits nowhere. */
function scoreOf({ voltage, outages }: Fit): number {
  const known = [voltage, outages].filter((part) => part !== null);
  return known.length === 0 ? -1 : known.reduce((sum, part) => sum + part, 0) / known.length;
}

/** A score on Fisher's scale; below 0 nothing is worse than nothing. */
function strengthOf(fit: Fit): number {
  return Math.atanh(Math.min(0.999, Math.max(0, scoreOf(fit))));
}

/** What the meters of a node lived through, worked out once for all that are laid beside it. */
interface Node {
  readonly node: string;
  readonly members: readonly MeterTrace[];
  /** The middle of the changes of all its meters, and of all but one. */
  readonly middle: Float64Array;
  readonly middleWithout: (id: string) => Float64Array;
  /** Meters dark by interval. */
  readonly dark: Uint32Array;
}

function nodeOf(
  node: string,
  members: readonly MeterTrace[],
  changes: ReadonlyMap<string, Float64Array>,
): Node {
  const columnsOf = (some: readonly MeterTrace[]) => some.map(({ id }) => changes.get(id) as Float64Array);
  const dark = new Uint32Array(members[0]?.dark.length ?? 0);
  for (const member of members)
    for (let slot = 0; slot < dark.length; slot++)
      dark[slot] = (dark[slot] as number) + (member.dark[slot] as number);
  return {
    node,
    members,
    middle: middleOf(columnsOf(members)),
    middleWithout: (without) => middleOf(columnsOf(members.filter(({ id }) => id !== without))),
    dark,
  };
}

function fitOf(
  meter: MeterTrace,
  moves: Float64Array,
  { node: { node, members, middle, middleWithout, dark }, settings }: FitBeside,
): Fit {
  const isOwn = meter.node === node;
  const others = members.length - (isOwn ? 1 : 0);
  if (others === 0) return { node, voltage: null, outages: null };
  return {
    node,
    voltage: correlation(moves, isOwn ? middleWithout(meter.id) : middle, settings.leastChanges),
    outages: togetherDark(meter.dark, { dark, others, isOwn }),
  };
}

interface FitBeside {
  readonly node: Node;
  readonly settings: IndexSettings;
}

/** Change from interval to interval; NaN where either lacks a value. */
function changesOf(column: Float64Array): Float64Array {
  return column.map((value, slot) => value - (column[slot - 1] ?? Number.NaN));
}

/** Changes of voltage less what follows the changes of the meter's own load: that is the drop in its own service. */
function changesWithoutOwnDrop(
  { voltage, energy }: MeterTrace,
  { leastChanges }: IndexSettings,
): Float64Array {
  const volts = changesOf(voltage);
  if (!energy) return volts;
  const loads = changesOf(energy);
  const { count, spreadB, together } = momentsOf(volts, loads);
  const slope = count < leastChanges || spreadB <= 0 ? 0 : together / spreadB;
  // More load never lifts the voltage of its own service.
  return slope < 0 ? volts.map((value, slot) => value - slope * (loads[slot] as number)) : volts;
}

/** The median by interval: a meter in the wrong place does not move it. */
function middleOf(columns: readonly Float64Array[]): Float64Array {
  const length = columns[0]?.length ?? 0;
  return Float64Array.from({ length }, (_, slot) => {
    const known = columns.map((column) => column[slot] as number).filter((value) => !Number.isNaN(value));
    if (known.length === 0) return Number.NaN;
    known.sort((a, b) => a - b);
    const half = known.length / 2;
    return known.length % 2 === 1
      ? (known[Math.floor(half)] as number)
      : ((known[half - 1] as number) + (known[half] as number)) / 2;
  });
}

function correlation(a: Float64Array, b: Float64Array, least: number): number | null {
  const { count, spreadA, spreadB, together } = momentsOf(a, b);
  return count < least || spreadA <= 0 || spreadB <= 0 ? null : together / Math.sqrt(spreadA * spreadB);
}

/** Sums of squares and products about the means, where both are known. */
function momentsOf(a: Float64Array, b: Float64Array) {
  let count = 0;
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let slot = 0; slot < a.length; slot++) {
    const [x, y] = [a[slot] as number, b[slot] as number];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    count++;
    sumA += x;
    sumB += y;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  const per = Math.max(1, count);
  return {
    count,
    spreadA: squaresA - sumA ** 2 / per,
    spreadB: squaresB - sumB ** 2 / per,
    together: products - (sumA * sumB) / per,
  };
}

/** Intervals dark together over intervals in which either was: a node is dark when most of its other meters are. */
function togetherDark(
  own: Uint8Array,
  { dark, others, isOwn }: { readonly dark: Uint32Array; readonly others: number; readonly isOwn: boolean },
): number | null {
  let both = 0;
  let either = 0;
  for (let slot = 0; slot < own.length; slot++) {
    const isDark = own[slot] === 1;
    const count = (dark[slot] as number) - (isOwn && isDark ? 1 : 0);
    const isNodeDark = count * 2 > others;
    if (isDark || isNodeDark) either++;
    if (isDark && isNodeDark) both++;
  }
  return either === 0 ? null : both / either;
}
