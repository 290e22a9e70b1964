/** What of a delivery is new: its blocks cut at store days and laid beside what is known. */
import { quality, type ReadingBlock } from '@wattline/model';
import type { StoredBlock } from '@wattline/store/readings';
import { type Channel, storeDayOf, storeDayStart } from '../channels/channel.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import { RangeSet } from '../channels/range-set.ts';
import { mdmErrors } from '../errors.ts';
import type { CheckedBlock } from './check-block.ts';

/** A piece of one store day that is new: what is logged, stored and put in memory. */
export interface Piece {
  readonly channel: Channel;
  readonly day: number;
  readonly block: StoredBlock;
  readonly hasHoles: boolean;
}

/** What of a batch is new. */
export interface Plan {
  readonly pieces: Piece[];
  accepted: number;
  duplicates: number;
  /** New values for slots that were estimated or judged missing, by channel. */
  readonly late: Map<Channel, number>;
}

/** What was refused of a channel for one reason, so far. */
interface Rejection {
  readonly channel: string;
  readonly code: string;
  readonly message: string;
  count: number;
  readonly blocks: ReadingBlock[];
}

/** Refusals by reason and channel. */
export type Rejections = Map<string, Rejection>;

/** Adds a refusal to those of the same reason and channel. */
export function reject(
  into: Rejections,
  channel: string,
  code: string,
  message: string,
  { count, block }: { readonly count: number; readonly block?: ReadingBlock },
): void {
  const made = () => ({ channel, code, message, count: 0, blocks: [] });
  const rejection = into.getOrInsertComputed(`${code} ${channel}`, made);
  rejection.count += count;
  if (block) rejection.blocks.push(block);
}

/** UTC seconds a block speaks of; a register reading stands at one instant. */
export function spanOf(block: StoredBlock): { start: number; end: number } {
  return { start: block.start, end: block.start + Math.max(1, block.value.length * block.intervalSeconds) };
}

function stepOf(channel: Channel): number {
  return channel.isRegister ? 1 : channel.intervalSeconds;
}

/** Store days of which something is known already: the new values must be laid beside the old. */
export function daysToCompare(blocks: readonly CheckedBlock[]): DayWanted[] {
  const wanted: DayWanted[] = [];
  for (const { channel, start, value } of blocks) {
    const first = storeDayOf(channel, start);
    const last = storeDayOf(channel, start + value.length * stepOf(channel) - 1);
    for (let day = first; day <= last; day++) if (channel.held.has(day)) wanted.push({ channel, day });
  }
  return wanted;
}

/** Cuts the blocks at store days and keeps what is new. All days to compare are in memory. */
export function planWith(cache: DayCache, blocks: readonly CheckedBlock[], rejections: Rejections): Plan {
  const plan: Plan = { pieces: [], accepted: 0, duplicates: 0, late: new Map() };
  const seen = new Map<Channel, RangeSet>();
  for (const block of blocks) {
    const { channel, start, value } = block;
    const step = stepOf(channel);
    const end = start + value.length * step;
    const before = seen.get(channel) ?? new RangeSet();
    if (before.overlaps(start, end)) {
      reject(rejections, channel.id, 'mdm/overlapping-blocks', mdmErrors['mdm/overlapping-blocks'], {
        count: block.held,
        block: block.delivered,
      });
      continue;
    }
    before.add(start, end);
    seen.set(channel, before);
    for (let from = 0; from < value.length; ) {
      const day = storeDayOf(channel, start + from * step);
      const rest = Math.ceil((storeDayStart(channel, day + 1) - start) / step);
      const to = Math.min(value.length, rest);
      planPiece(cache, plan, { block, day, from, to });
      from = to;
    }
  }
  return plan;
}

interface Cut {
  readonly block: CheckedBlock;
  readonly day: number;
  readonly from: number;
  readonly to: number;
}

function planPiece(cache: DayCache, plan: Plan, { block, day, from, to }: Cut): void {
  const { channel } = block;
  const step = stepOf(channel);
  const start = block.start + from * step;
  const end = block.start + to * step;
  const isUncut = from === 0 && to === block.value.length;
  let value = isUncut ? block.value : block.value.subarray(from, to);
  let flags = isUncut ? block.quality : block.quality.subarray(from, to);
  const isFresh = channel.isRegister ? !channel.held.has(day) : !channel.known.overlaps(start, end);
  if (!isFresh) {
    const news = withoutKnown(cache, { block, day, from, to });
    plan.duplicates += news.duplicates;
    value = news.value;
    flags = news.quality;
  }
  const held = isUncut && isFresh ? block.held : heldOf(flags);
  if (held === 0) return;
  plan.accepted += held;
  const late = countLate(channel, start, flags);
  if (late > 0) plan.late.set(channel, (plan.late.get(channel) ?? 0) + late);
  const { intervalSeconds, number } = channel;
  const liesOver =
    !isFresh || (!channel.isRegister && isOverSomething(cache, { channel, day, start, slots: flags.length }));
  const stored = { channel: number, start, intervalSeconds, method: '', liesOver, value, quality: flags };
  plan.pieces.push({ channel, day, block: stored, hasHoles: held < flags.length });
}

/** Whether anything stands in the slots, an estimate or a person's edit of what never came among them. */
function isOverSomething(
  cache: DayCache,
  {
    channel,
    day,
    start,
    slots,
  }: { readonly channel: Channel; readonly day: number; readonly start: number; readonly slots: number },
): boolean {
  if (!channel.held.has(day)) return false;
  const standing = cache.interval(channel, day);
  const from = (start - standing.start) / channel.intervalSeconds;
  for (let slot = from; slot < from + slots; slot++)
    if (((standing.quality[slot] as number) & quality.missing) === 0) return true;
  return false;
}

/** The piece with what the meter said before, in value and quality, turned to holes. */
function withoutKnown(
  cache: DayCache,
  { block, day, from, to }: Cut,
): { value: Float64Array; quality: Uint16Array; duplicates: number } {
  const { channel } = block;
  const value = block.value.slice(from, to);
  const flags = block.quality.slice(from, to);
  const hole = (slot: number) => {
    value[slot] = 0;
    flags[slot] = quality.missing;
  };
  let duplicates = 0;
  if (channel.isRegister) {
    const before = cache.register(channel, day).readings.get(block.start);
    if (before && before.value === value[0] && before.quality === flags[0]) {
      hole(0);
      duplicates = 1;
    }
    return { value, quality: flags, duplicates };
  }
  const known = cache.interval(channel, day);
  const offset = (block.start - known.start) / channel.intervalSeconds + from;
  for (let slot = 0; slot < value.length; slot++) {
    if (((flags[slot] as number) & quality.missing) !== 0) continue;
    if (known.meterQuality[offset + slot] !== flags[slot]) continue;
    if (known.meterValue[offset + slot] !== value[slot]) continue;
    hole(slot);
    duplicates++;
  }
  return { value, quality: flags, duplicates };
}

function countLate(channel: Channel, start: number, flags: Uint16Array): number {
  if (channel.estimated.isEmpty && channel.missing.isEmpty) return 0;
  const step = stepOf(channel);
  let count = 0;
  for (let slot = 0; slot < flags.length; slot++) {
    if (((flags[slot] as number) & quality.missing) !== 0) continue;
    const at = start + slot * step;
    // A suspect that was estimated is known already: its correction is a new version, not late data.
    if (channel.missing.has(at) || (channel.estimated.has(at) && !channel.known.has(at))) count++;
  }
  return count;
}

/** Slots that say something. */
export function heldOf(flags: Uint16Array): number {
  let held = 0;
  for (let slot = 0; slot < flags.length; slot++) {
    if (((flags[slot] as number) & quality.missing) === 0) held++;
  }
  return held;
}
