/**
 * Energy and largest value of stretches of the day over many channels and days, for determinants. A day is cut at the
 * slots at which the rate changes on any day, so that the rows of all days are cut alike: a cut at a constant place
 * costs the engine half of one that is reckoned row by row.
 */
import {
  type Bounds,
  contestedDays,
  dayOfBlock,
  inBounds,
  integer,
  type MemberSet,
  membersOf,
} from './aggregates.ts';
import { RowBinaryReader } from './row-binary.ts';
import { daySeconds } from './tables.ts';

/** A store day by number: its pattern, and its slots [from, to) that lie in the period. */
export interface PatternDay {
  readonly day: number;
  readonly pattern: number;
  readonly from: number;
  readonly to: number;
}

/** Days of one interval length; channels of other phase or length are not looked at. */
export interface DayLayout {
  readonly intervalSeconds: number;
  readonly phase: number;
  /** Slots of the day at which its stretches begin: 0 first; the last stretch ends with the day. */
  readonly cuts: readonly number[];
  readonly days: readonly PatternDay[];
}

/** Sum and largest value of each stretch, over all days of a channel with one pattern. */
export interface PatternSums {
  readonly channel: number;
  readonly pattern: number;
  readonly held: number;
  readonly derived: number;
  readonly sums: Float64Array;
  readonly peaks: Float64Array;
  /** Start of the first store day whose stretch holds the peak, UTC seconds. */
  readonly peakStarts: Float64Array;
}

const slotsOfDay = ({ intervalSeconds }: DayLayout) => daySeconds / intervalSeconds;

/** Rows of {@link readPatternSums}; without contested days when the caller found that there are `anyContested`. */
export function patternSumsQuery(
  set: MemberSet,
  bounds: Bounds,
  { layout, anyContested }: { readonly layout: DayLayout; readonly anyContested: boolean },
): string {
  const { intervalSeconds, phase, days } = layout;
  const slots = slotsOfDay(layout);
  const conditions = [
    inBounds(bounds),
    `interval = ${integer(intervalSeconds)}`,
    `start % greatest(interval, 1) = ${integer(phase)}`,
    `${dayOfBlock} IN ${listOf(days.map((entry) => entry.day))}`,
    `channel IN (${membersOf(set)})`,
  ];
  if (anyContested) conditions.push(`(channel, ${dayOfBlock}) NOT IN (${contestedDays(set, bounds)})`);
  const isWhole = ({ from, to }: PatternDay) => from === 0 && to === slots;
  const whole = days.filter(isWhole).map((entry) => entry.day);
  const edges = days.filter((entry) => !isWhole(entry)).map((entry) => entry.day);
  const isCut = `value.size0 != ${slots}${edges.length === 0 ? '' : ` OR ${dayOfBlock} IN ${listOf(edges)}`}`;
  // What is cut is rare and soon told: then nothing else of the others is read.
  const cut = sumsOf(layout, [`(${isCut})`, ...conditions], cutColumns(layout));
  if (whole.length === 0) return cut;
  const isPlain = [`value.size0 = ${slots}`, `${dayOfBlock} IN ${listOf(whole)}`];
  return `${sumsOf(layout, [...conditions, ...isPlain], plainColumns(layout))} UNION ALL ${cut}`;
}

function sumsOf(layout: DayLayout, conditions: readonly string[], columns: string): string {
  const { days, phase, cuts } = layout;
  const pattern = `transform(toUInt32(${dayOfBlock}), ${arrayOf(days.map((entry) => entry.day))}, ${arrayOf(days.map((entry) => entry.pattern))}, 0)`;
  // The higher peak first, and of equal ones the earlier day: one number to compare.
  const sums = cuts.map(
    (_, k) => `toFloat64(sum(arraySum(v${k}))), max(bitShiftLeft(toUInt128(arrayMax(v${k})), 32) + before)`,
  );
  const before = `toUInt32(${2 ** 32 - 1 - phase} - ${dayOfBlock} * ${daySeconds}) AS before`;
  const rows = `SELECT channel, method, toUInt32(${pattern}) AS p, ${before}, ${columns} FROM block PREWHERE ${conditions.join(' AND ')}`;
  return `SELECT channel, p, toUInt64(sum(said)), toUInt64(sumIf(said, method != '')), ${sums.join(', ')} FROM (${rows}) GROUP BY channel, p`;
}

/** Rows that are a whole store day, all of it in the period. */
function plainColumns(layout: DayLayout): string {
  const columns = stretchesOf(layout).map(
    ({ from, to }, k) => `arraySlice(value, ${from + 1}, ${to - from}) AS v${k}`,
  );
  return `held AS said, ${columns.join(', ')}`;
}

/** Pieces of a day, and days of which only a part lies in the period: cut where they lie, counted slot by slot. */
function cutColumns(layout: DayLayout): string {
  const { days, phase } = layout;
  const offset = `toInt32(intDiv(start - ${dayOfBlock} * ${daySeconds} - ${integer(phase)}, greatest(interval, 1))) AS o`;
  const edges = days.filter(({ from, to }) => from > 0 || to < slotsOfDay(layout));
  const edge = (otherwise: number, pick: (day: PatternDay) => number) =>
    edges.length === 0
      ? `toInt32(${otherwise})`
      : `toInt32(transform(toUInt32(${dayOfBlock}), ${arrayOf(edges.map((entry) => entry.day))}, ${arrayOf(edges.map(pick))}, ${otherwise}))`;
  const first = `greatest(${edge(0, ({ from }) => from)}, o) AS a`;
  const last = `least(${edge(slotsOfDay(layout), ({ to }) => to)}, o + toInt32(length(quality))) AS z`;
  const sliceOf = (column: string, from: string, to: string) =>
    `arraySlice(${column}, ${from} - o + 1, greatest(0, ${to} - ${from}))`;
  const columns = stretchesOf(layout).map(
    ({ from, to }, k) => `${sliceOf('value', `greatest(a, ${from})`, `least(z, ${to})`)} AS v${k}`,
  );
  const said = `arrayCount(q -> bitAnd(q, 2) = 0, ${sliceOf('quality', 'a', 'z')}) AS said`;
  return [offset, first, last, said, ...columns].join(', ');
}

function stretchesOf(layout: DayLayout): { from: number; to: number }[] {
  const { cuts } = layout;
  return cuts.map((from, k) => ({ from, to: cuts[k + 1] ?? slotsOfDay(layout) }));
}

function listOf(values: readonly number[]): string {
  return `(${values.map(integer).join(',')})`;
}

function arrayOf(values: readonly number[]): string {
  return `[${values.map(integer).join(',')}]`;
}

/** The answer to {@link patternSumsQuery}: a channel and pattern may stand in it twice, and both are to be added. */
export function* readPatternSums(octets: Uint8Array, { cuts }: DayLayout): Generator<PatternSums> {
  const reader = new RowBinaryReader(octets);
  while (reader.hasMore()) {
    const [channel, pattern] = [reader.uint32(), reader.uint32()];
    const [held, derived] = [reader.uint64(), reader.uint64()];
    const sums = new Float64Array(cuts.length);
    const peaks = new Float64Array(cuts.length);
    const peakStarts = new Float64Array(cuts.length);
    for (let k = 0; k < cuts.length; k++) {
      sums[k] = reader.float64();
      peakStarts[k] = 2 ** 32 - 1 - reader.uint32();
      peaks[k] = reader.uint64();
      reader.uint32();
    }
    yield { channel, pattern, held, derived, sums, peaks, peakStarts };
  }
}
