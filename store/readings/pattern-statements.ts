/**
 * The statements behind sums by stretch of the day. A day is cut at the slots at which the rate changes on any day, so that the
 * rows of all days are cut alike: a cut at a constant place costs the engine half of one that is reckoned row by row.
 * Unpacking the values is more than half of the engine's work for channels of whole days alone; conditions on every row are a third of it for the others.
 */
import { type Bounds, type ChannelSet, contestedDays, integer } from './aggregates.ts';
import {
  type DayLayout,
  dayBits,
  firstDayOf,
  mostPatternDays,
  type PatternDay,
  slotsOfDay,
} from './day-layout.ts';
import { daySeconds } from './tables.ts';

/**
 * Channels of a set with anything in the bounds but whole days of the layout that are all there is: with holes, pieces, versions over
 * one another, knowledge from later. The engine knows the least and largest of these columns by part and looks into few of them.
 */
export function unevenChannelsQuery(set: ChannelSet, bounds: Bounds, layout: DayLayout): string {
  const { intervalSeconds, days } = layout;
  const uneven = [
    `interval != ${integer(intervalSeconds)}`,
    `held != ${slotsOfDay(layout)}`,
    'over != 0',
    `known > ${integer(bounds.asOfMs)}`,
  ];
  return `SELECT DISTINCT channel FROM block PREWHERE ${withinDays(layout, days)}
    AND channel IN ${set.within} AND (${uneven.join(' OR ')}) ORDER BY channel`;
}

/** Sums of channels that are none of {@link unevenChannelsQuery}: nothing but the days is asked of a row. */
export function evenSumsQuery(set: ChannelSet, layout: DayLayout): string {
  const { days } = layout;
  const slots = slotsOfDay(layout);
  const isWhole = ({ from, to }: PatternDay) => from === 0 && to === slots;
  const sumsOn = (on: string, columns: string) => sumsOf(layout, [on, `channel IN ${set.within}`], columns);
  const whole = days.filter(isWhole);
  // The first and the last day may lie in the period in part.
  const statements = days
    .filter((day) => !isWhole(day))
    .map((day) => sumsOn(withinDays(layout, [day]), cutColumns(layout)));
  if (whole.length > 0) statements.unshift(sumsOn(withinDays(layout, whole), plainColumns(layout)));
  return `SELECT * FROM (${statements.join(' UNION ALL ')}) ORDER BY channel`;
}

/** Sums of channels of any kind; without contested days when the caller found that there are `anyContested`. */
export function patternSumsQuery(
  set: ChannelSet,
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
    `channel IN ${set.within}`,
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
