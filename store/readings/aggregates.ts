/**
 * Sums over many channels, made where the readings lie. Blocks of a store day may be summed as they are while none lies
 * over another; days where one does are left out of the sums and handed over, for the caller to lay them out.
 */
import { createHash } from 'node:crypto';
import type { Engine } from './engine.ts';
import type { RowBinaryReader } from './row-binary.ts';
import { dropPartition } from './table-statements.ts';
import { daySeconds } from './tables.ts';

/** Channels and the group each belongs to, by index. */
export interface Members {
  readonly channels: Uint32Array;
  readonly groups: Uint32Array;
}

/** Members known to the engine by their digest. */
export interface MemberSet extends ChannelSet {
  readonly digest: string;
}

/** Channels as the engine is told of them. */
export interface ChannelSet {
  /** What stands behind `IN`: their numbers, or a query for them. */
  readonly within: string;
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

/** Registers have no interval and are left out, but the engine may look at them before it does so. */
export const dayOfBlock = `intDiv(start - start % greatest(interval, 1), ${daySeconds})`;

/** A stretch of time as known at some instant, in SQL over `block`. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
  readonly asOfMs: number;
}

/** The condition of blocks of the store days that touch the bounds. */
export function inBounds({ start, end, asOfMs }: Bounds): string {
  // All blocks of the store days that touch it: none begins before the midnight that its number counts, whatever its phase.
  const first = Math.floor(Math.max(0, start) / daySeconds) * daySeconds;
  return `interval > 0 AND start >= ${integer(first)} AND start < ${integer(end)} AND known <= ${integer(asOfMs)}`;
}

/** A number as SQL; anything but a whole number is our own mistake. */
export function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected a whole number, found ${value}`);
  return String(value);
}

/** Member sets kept; those unasked for longest are dropped. Far more than questions are under way at once: each works on one or a few. */
const setsKept = 32;

/** Puts members where queries find them, once for the same members. */
export function createMemberSets(engine: Engine): (members: Members) => Promise<MemberSet> {
  let known: string[] | null = null;
  /** One after the other: two that bring the same members at once would put them in twice. */
  let turn: Promise<unknown> = Promise.resolve();

  async function load(): Promise<string[]> {
    const octets = await engine.rows('SELECT DISTINCT digest FROM member');
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    return Array.from({ length: octets.byteLength / 8 }, (_, row) =>
      String(view.getBigUint64(row * 8, true)),
    );
  }

  async function put({ channels, groups }: Members, digest: string): Promise<MemberSet> {
    known ??= await load();
    const at = known.indexOf(digest);
    if (at >= 0) {
      known.push(...known.splice(at, 1));
      return setOf(digest);
    }
    const rows = new DataView(new ArrayBuffer(channels.length * 8));
    for (let index = 0; index < channels.length; index++) {
      rows.setUint32(index * 8, channels[index] as number, true);
      rows.setUint32(index * 8 + 4, groups[index] as number, true);
    }
    // What a fall in the middle of an earlier try left behind goes first.
    await engine.execute(dropPartition(engine.form, 'member', digest));
    await engine.load({
      into: 'member (digest, channel, grp)',
      select: `SELECT toUInt64(${digest}), channel, grp`,
      structure: 'channel UInt32, grp UInt32',
      octets: new Uint8Array(rows.buffer),
    });
    known.push(digest);
    while (known.length > setsKept)
      await engine.execute(dropPartition(engine.form, 'member', known.shift() as string));
    return setOf(digest);
  }

  return (members) => {
    const made = turn.then(() => put(members, digestOf(members)));
    turn = made.catch(() => {});
    return made;
  };
}

function digestOf({ channels, groups }: Members): string {
  const hash = createHash('sha256');
  for (const column of [channels, groups])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return String(hash.digest().readBigUInt64LE(0));
}

/** Some channels by their numbers; more than hundreds are better put into the engine first. */
export function listedChannels(channels: Uint32Array): ChannelSet {
  return { within: `(${Array.from(channels, integer).join(',')})` };
}

function setOf(digest: string): MemberSet {
  return { digest, within: `(SELECT channel FROM member WHERE digest = ${digest})` };
}

/** Days of members in which a block lies over another. */
export function contestedDays(set: ChannelSet, bounds: Bounds): string {
  return `SELECT channel, ${dayOfBlock} FROM block WHERE over = 1 AND ${inBounds(bounds)} AND channel IN ${set.within}`;
}

/** The condition of blocks of contested days of members. */
export function contestedWhere(set: ChannelSet, bounds: Bounds): string {
  return `${inBounds(bounds)} AND (channel, ${dayOfBlock}) IN (${contestedDays(set, bounds)})`;
}

/** Rows of {@link readGroupSlots}. */
export function groupSlotsQuery(set: MemberSet, bounds: Bounds): string {
  const rows = `SELECT channel, start, interval, value, held, method FROM block
    WHERE ${inBounds(bounds)} AND (channel, ${dayOfBlock}) NOT IN (${contestedDays(set, bounds)})`;
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
