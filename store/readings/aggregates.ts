/**
 * Sums over many channels, made where the readings lie. Blocks of a store day may be summed as they are while none lies
 * over another; days where one does are left out of the sums and handed over, for the caller to lay them out.
 */
import { createHash } from 'node:crypto';
import type { Engine } from './engine.ts';
import type { RowBinaryReader } from './row-binary.ts';
import { daySeconds } from './tables.ts';

/** Channels and the group each belongs to, by index. */
export interface Members {
  readonly channels: Uint32Array;
  readonly groups: Uint32Array;
}

/** Members known to the engine by their digest. */
export interface MemberSet {
  readonly digest: string;
}

/** Sums of a group over the slots of blocks that begin at one instant. */
export interface GroupSlots {
  readonly group: number;
  readonly start: number;
  readonly intervalSeconds: number;
  readonly sum: Float64Array;
  /** Slots that say something, and those of them that were derived. */
  readonly held: number;
  readonly derived: number;
}

/** How the slots of a store day fall to stretches: parallel columns; `from` counts slots of the day. */
export interface DayPattern {
  readonly from: readonly number[];
  readonly count: readonly number[];
}

/** Days of one interval length with their patterns; channels of other phase or length are not looked at. */
export interface DayLayout {
  readonly intervalSeconds: number;
  readonly phase: number;
  /** Store day number and index of its pattern. */
  readonly days: readonly { readonly day: number; readonly pattern: number }[];
  readonly patterns: readonly DayPattern[];
}

/** Sum and largest value of each stretch of a pattern, over all days of a channel with that pattern. */
export interface PatternSums {
  readonly channel: number;
  readonly pattern: number;
  readonly held: number;
  readonly derived: number;
  readonly sums: readonly number[];
  readonly peaks: readonly number[];
  /** Start of the first block whose stretch holds the peak, UTC seconds. */
  readonly peakStarts: readonly number[];
}

/** Registers have no interval and are left out, but the engine may look at them before it does so. */
const day = `intDiv(start - start % greatest(interval, 1), ${daySeconds})`;

/** A stretch of time as known at some instant, in SQL over `block`. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
  readonly asOfMs?: number;
}

function inBounds({ start, end, asOfMs }: Bounds): string {
  const known = asOfMs === undefined ? '' : ` AND known <= ${integer(asOfMs)}`;
  // All blocks of the store days that touch it: none begins before the midnight that its number counts, whatever its phase.
  const first = Math.floor(Math.max(0, start) / daySeconds) * daySeconds;
  return `interval > 0 AND start >= ${integer(first)} AND start < ${integer(end)}${known}`;
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected a whole number, found ${value}`);
  return String(value);
}

/** Member sets kept; older ones are dropped. */
const setsKept = 16;

/** Puts members where queries find them, once for the same members. */
export function createMemberSets(engine: Engine): (members: Members) => Promise<MemberSet> {
  let known: string[] | null = null;

  async function load(): Promise<string[]> {
    const octets = await engine.rows('SELECT DISTINCT digest FROM member');
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    return Array.from({ length: octets.byteLength / 8 }, (_, row) =>
      String(view.getBigUint64(row * 8, true)),
    );
  }

  return async ({ channels, groups }) => {
    known ??= await load();
    const hash = createHash('sha256');
    for (const column of [channels, groups])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    const digest = String(hash.digest().readBigUInt64LE(0));
    if (known.includes(digest)) return { digest };
    const rows = new DataView(new ArrayBuffer(channels.length * 8));
    for (let index = 0; index < channels.length; index++) {
      rows.setUint32(index * 8, channels[index] as number, true);
      rows.setUint32(index * 8 + 4, groups[index] as number, true);
    }
    // What a fall in the middle of an earlier try left behind goes first.
    await engine.execute(`ALTER TABLE member DROP PARTITION ${digest}`);
    await engine.load({
      into: 'member (digest, channel, grp)',
      select: `SELECT toUInt64(${digest}), channel, grp`,
      structure: 'channel UInt32, grp UInt32',
      octets: new Uint8Array(rows.buffer),
    });
    known.push(digest);
    while (known.length > setsKept)
      await engine.execute(`ALTER TABLE member DROP PARTITION ${known.shift()}`);
    return { digest };
  };
}

function membersOf({ digest }: MemberSet): string {
  return `SELECT channel FROM member WHERE digest = ${digest}`;
}

/** Days of members in which a block lies over another. */
function contestedDays(set: MemberSet, bounds: Bounds): string {
  return `SELECT channel, ${day} FROM block WHERE over = 1 AND ${inBounds(bounds)} AND channel IN (${membersOf(set)})`;
}

/** The condition of blocks of contested days of members. */
export function contestedWhere(set: MemberSet, bounds: Bounds): string {
  return `${inBounds(bounds)} AND (channel, ${day}) IN (${contestedDays(set, bounds)})`;
}

/** Rows of {@link readGroupSlots}. */
export function groupSlotsQuery(set: MemberSet, bounds: Bounds): string {
  const rows = `SELECT channel, start, interval, value, held, method FROM block
    WHERE ${inBounds(bounds)} AND (channel, ${day}) NOT IN (${contestedDays(set, bounds)})`;
  return `SELECT grp, start, interval, CAST(sumForEach(value) AS Array(Float64)), toUInt64(sum(held)), toUInt64(sumIf(held, method != ''))
    FROM (${rows}) AS b INNER JOIN (SELECT channel, grp FROM member WHERE digest = ${set.digest}) AS m USING (channel)
    GROUP BY grp, start, interval`;
}

export function readGroupSlots(reader: RowBinaryReader): GroupSlots {
  return {
    group: reader.uint32(),
    start: reader.uint32(),
    intervalSeconds: reader.uint32(),
    sum: reader.float64Array(),
    held: reader.uint64(),
    derived: reader.uint64(),
  };
}

/** Rows of {@link readPatternSums}. */
export function patternSumsQuery(set: MemberSet, bounds: Bounds, layout: DayLayout): string {
  const { intervalSeconds, phase, days, patterns } = layout;
  const stretches = Math.max(...patterns.map(({ from }) => from.length));
  const listOf = (values: readonly number[]) => `[${values.map(integer).join(',')}]`;
  const tableOf = (pick: (pattern: DayPattern) => readonly number[]) =>
    `CAST([${patterns.map((pattern) => listOf(pick(pattern))).join(',')}] AS Array(Array(Int32)))`;
  const pattern = `transform(toUInt32(${day}), ${listOf(days.map((entry) => entry.day))}, ${listOf(days.map((entry) => entry.pattern + 1))}, 0)`;
  const columns: string[] = [];
  const sums: string[] = [];
  const offset = `intDiv(start - ${day} * ${daySeconds} - ${integer(phase)}, greatest(interval, 1))`;
  for (let k = 1; k <= stretches; k++) {
    // Whole days begin at slot 0; a piece of a day is cut where it lies.
    const low = `greatest(fs[${k}], o)`;
    const high = `least(fs[${k}] + cs[${k}], o + n)`;
    columns.push(`arraySlice(value, ${low} - o + 1, greatest(0, ${high} - ${low})) AS v${k}`);
    columns.push(`arraySum(v${k}) AS s${k}`, `if(empty(v${k}), 0, arrayMax(v${k})) AS m${k}`);
    sums.push(`toFloat64(sum(s${k}))`, `toFloat64(max(m${k}))`, `argMax(start, (m${k}, -toInt64(start)))`);
  }
  const inDays = `${day} IN (${days.map((entry) => integer(entry.day)).join(',')})`;
  const rows = `SELECT channel, start, held, method, value, ${pattern} AS p, toInt32(${offset}) AS o, toInt32(length(value)) AS n,
    ${tableOf(({ from }) => from)}[p] AS fs, ${tableOf(({ count }) => count)}[p] AS cs, ${columns.join(', ')}
    FROM block WHERE ${inBounds(bounds)} AND interval = ${integer(intervalSeconds)} AND start % greatest(interval, 1) = ${integer(phase)}
      AND ${inDays} AND channel IN (${membersOf(set)}) AND (channel, ${day}) NOT IN (${contestedDays(set, bounds)})`;
  return `SELECT channel, toUInt32(p - 1), toUInt64(sum(held)), toUInt64(sumIf(held, method != '')), ${sums.join(', ')}
    FROM (${rows}) GROUP BY channel, p`;
}

export function readPatternSums(reader: RowBinaryReader, layout: DayLayout): PatternSums {
  const channel = reader.uint32();
  const pattern = reader.uint32();
  const held = reader.uint64();
  const derived = reader.uint64();
  const stretches = Math.max(...layout.patterns.map(({ from }) => from.length));
  const sums: number[] = [];
  const peaks: number[] = [];
  const peakStarts: number[] = [];
  for (let k = 0; k < stretches; k++) {
    sums.push(reader.float64());
    peaks.push(reader.float64());
    peakStarts.push(reader.uint32());
  }
  return { channel, pattern, held, derived, sums, peaks, peakStarts };
}
