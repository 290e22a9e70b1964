/**
 * Energy and largest value of stretches of the day over many channels and days, for determinants. A day is cut at the
 * slots at which the rate changes on any day, so that the rows of all days are cut alike: a cut at a constant place
 * costs the engine half of one that is reckoned row by row. Unpacking the values is two fifths of the engine's work, cutting them a third.
 */
import { type Bounds, contestedDays, integer, type MemberSet, membersOf } from './aggregates.ts';
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
  /** Days that follow one another, at most {@link mostPatternDays}; all but the first and the last lie in the period whole. */
  readonly days: readonly PatternDay[];
}

/** Sum and largest value of each stretch, over all days of a channel with one pattern; the arrays are used again for the next. */
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

/** Bits of a day's place in the layout: it stands below a value of 53 bits in one word. */
const dayBits = 11;
export const mostPatternDays = 2 ** dayBits;

const slotsOfDay = ({ intervalSeconds }: DayLayout) => daySeconds / intervalSeconds;

/** Rows of {@link readPatternSums}; without contested days when the caller found that there are `anyContested`. */
export function patternSumsQuery(
  set: MemberSet,
  bounds: Bounds,
  { layout, anyContested }: { readonly layout: DayLayout; readonly anyContested: boolean },
): string {
  const { intervalSeconds, phase, days } = layout;
  const slots = slotsOfDay(layout);
  // What tells the days apart comes first: the interval is a number then, and days are reckoned without looking at the row's.
  const conditions = [
    `interval = ${integer(intervalSeconds)}`,
    withinDays(layout, days),
    `start % ${integer(intervalSeconds)} = ${integer(phase)}`,
    `known <= ${integer(bounds.asOfMs)}`,
    `channel IN (${membersOf(set)})`,
  ];
  if (anyContested) conditions.push(`(channel, ${dayOf(layout)}) NOT IN (${contestedDays(set, bounds)})`);
  const whole = days.filter(({ from, to }) => from === 0 && to === slots);
  const isWhole = `value.size0 = ${slots}`;
  if (whole.length === 0) return `${sumsOf(layout, conditions, cutColumns(layout))} ORDER BY channel`;
  // What is cut is rare and soon told: then nothing else of the others is read.
  const isCut = `NOT (${isWhole} AND ${withinDays(layout, whole)})`;
  const plain = sumsOf(layout, [withinDays(layout, whole), ...conditions, isWhole], plainColumns(layout));
  const cut = sumsOf(layout, [isCut, ...conditions], cutColumns(layout));
  return `SELECT * FROM (${plain} UNION ALL ${cut}) ORDER BY channel`;
}

/** The store day of a row that lies on the layout's grid. */
function dayOf({ phase }: DayLayout): string {
  return phase === 0 ? `intDiv(start, ${daySeconds})` : `intDiv(start - ${integer(phase)}, ${daySeconds})`;
}

function firstDayOf({ days }: Pick<DayLayout, 'days'>): number {
  return days[0]?.day ?? 0;
}

function withinDays({ phase }: DayLayout, days: readonly PatternDay[]): string {
  const from = firstDayOf({ days }) * daySeconds + phase;
  const until = from + days.length * daySeconds;
  return `start >= ${integer(from)} AND start < ${integer(until)}`;
}

function sumsOf(layout: DayLayout, conditions: readonly string[], columns: string): string {
  const { days, cuts } = layout;
  const place = `${dayOf(layout)} - ${firstDayOf(layout)}`;
  // The higher peak first, and of equal ones the earlier day: one word to compare.
  const sums = cuts.map(
    (_, k) =>
      `toFloat64(sum(arraySum(v${k}))), max(bitShiftLeft(toUInt64(arrayMax(v${k})), ${dayBits}) + before)`,
  );
  const patterns = `[${days.map(({ pattern }) => integer(pattern)).join(',')}]`;
  const rows = `SELECT channel, method, toUInt32(arrayElement(${patterns}, ${place} + 1)) AS p,
    toUInt64(${mostPatternDays - 1} - (${place})) AS before, ${columns} FROM block PREWHERE ${conditions.join(' AND ')}`;
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
  const { days, intervalSeconds, phase } = layout;
  const slots = slotsOfDay(layout);
  const midnight = `${dayOf(layout)} * ${daySeconds} + ${integer(phase)}`;
  const offset = `toInt32(intDiv(start - (${midnight}), ${intervalSeconds})) AS o`;
  const edges = days.filter(({ from, to }) => from > 0 || to < slots);
  const edge = (otherwise: number, pick: (day: PatternDay) => number) =>
    edges.length === 0
      ? `toInt32(${otherwise})`
      : `toInt32(transform(toUInt32(${dayOf(layout)}), ${arrayOf(edges.map((entry) => entry.day))}, ${arrayOf(edges.map(pick))}, ${otherwise}))`;
  const first = `greatest(${edge(0, ({ from }) => from)}, o) AS a`;
  const last = `least(${edge(slots, ({ to }) => to)}, o + toInt32(length(quality))) AS z`;
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

function arrayOf(values: readonly number[]): string {
  return `[${values.map(integer).join(',')}]`;
}

/** The answer to {@link patternSumsQuery} by channel: one of its patterns may stand in it twice, and both are to be added. */
export function* readPatternSums(octets: Uint8Array, layout: DayLayout): Generator<PatternSums> {
  const { cuts, phase } = layout;
  const lastPlace = mostPatternDays - 1;
  const first = firstDayOf(layout) * daySeconds + phase;
  const reader = new RowBinaryReader(octets);
  const sums = new Float64Array(cuts.length);
  const peaks = new Float64Array(cuts.length);
  const peakStarts = new Float64Array(cuts.length);
  while (reader.hasMore()) {
    const [channel, pattern] = [reader.uint32(), reader.uint32()];
    const [held, derived] = [reader.uint64(), reader.uint64()];
    for (let k = 0; k < cuts.length; k++) {
      sums[k] = reader.float64();
      const low = reader.uint32();
      peaks[k] = reader.uint32() * 2 ** (32 - dayBits) + (low >>> dayBits);
      peakStarts[k] = first + (lastPlace - (low & lastPlace)) * daySeconds;
    }
    yield { channel, pattern, held, derived, sums, peaks, peakStarts };
  }
}
