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
  /** 1 where the meter was without supply. */
  readonly dark: Uint8Array;
}

/** How well a meter fits a node. */
export interface Fit {
  readonly node: string;
  /** Correlation of the changes of its voltage with the middle of the node's other meters, -1 to 1; null with too few of either. */
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

/** Settings, all local: how many changes are needed, how good the best fit must be and by how much it must be better. */
export interface IndexSettings {
  readonly leastChanges: number;
  readonly leastFit: number;
  readonly margin: number;
}

export const indexSettings: IndexSettings = { leastChanges: 48, leastFit: 0.6, margin: 0.2 };

/** What the traces say of every meter; all traces have one length. */
export function indexConsumers(
  meters: readonly MeterTrace[],
  settings: IndexSettings = indexSettings,
): IndexFinding[] {
  const byNode = Map.groupBy(meters, ({ node }) => node);
  const changes = new Map(meters.map((meter) => [meter.id, changesOf(meter.voltage)]));
  return meters.map((meter) => {
    const fits = [...byNode].map(([node, members]) => fitOf(meter, node, { members, changes, settings }));
    const own = fits.find(({ node }) => node === meter.node) as Fit;
    const best = fits.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a), own);
    const lead = scoreOf(best) - Math.max(0, scoreOf(own));
    const isDoubted =
      best.node !== meter.node && scoreOf(best) >= settings.leastFit && lead >= settings.margin;
    return { id: meter.id, node: meter.node, own, best, isDoubted };
  });
}

/** The mean of what is known; a meter of which nothing is known fits nowhere. */
function scoreOf({ voltage, outages }: Fit): number {
  const known = [voltage, outages].filter((part) => part !== null);
  return known.length === 0 ? -1 : known.reduce((sum, part) => sum + part, 0) / known.length;
}

interface Beside {
  readonly members: readonly MeterTrace[];
  readonly changes: ReadonlyMap<string, Float64Array>;
  readonly settings: IndexSettings;
}

function fitOf(meter: MeterTrace, node: string, { members, changes, settings }: Beside): Fit {
  const others = members.filter(({ id }) => id !== meter.id);
  if (others.length === 0) return { node, voltage: null, outages: null };
  const middle = middleOf(others.map(({ id }) => changes.get(id) as Float64Array));
  return {
    node,
    voltage: correlation(changes.get(meter.id) as Float64Array, middle, settings.leastChanges),
    outages: togetherDark(meter.dark, others),
  };
}

/** Change from interval to interval; NaN where either lacks a value. */
function changesOf(voltage: Float64Array): Float64Array {
  return voltage.map((value, slot) => value - (voltage[slot - 1] ?? Number.NaN));
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
  if (count < least) return null;
  const spread = (squaresA - sumA ** 2 / count) * (squaresB - sumB ** 2 / count);
  return spread <= 0 ? null : (products - (sumA * sumB) / count) / Math.sqrt(spread);
}

/** Intervals dark together over intervals in which either was: a node is dark when most of its meters are. */
function togetherDark(dark: Uint8Array, others: readonly MeterTrace[]): number | null {
  let both = 0;
  let either = 0;
  for (let slot = 0; slot < dark.length; slot++) {
    const count = others.reduce((sum, other) => sum + (other.dark[slot] as number), 0);
    const isNodeDark = count * 2 > others.length;
    const isDark = dark[slot] === 1;
    if (isDark || isNodeDark) either++;
    if (isDark && isNodeDark) both++;
  }
  return either === 0 ? null : both / either;
}
