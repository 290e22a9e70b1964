/** Ingest: what is delivered is checked, compared with what is known, written ahead, and only then acknowledged. */
import { type Clock, type Log, messageOf } from '@wattline/base';
import { type EventSink, type IngestReceipt, quality, type ReadingBatch, type SystemEvent } from '@wattline/model';
import type { StoredBlock } from '@wattline/store/readings';
import { type Channel, place, storeDayOf, storeDayStart } from './channel.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import type { ChannelLocks } from './channel-locks.ts';
import { type CheckedBlock, checkBlock } from './check-block.ts';
import type { DayCache, DayWanted } from './day-cache.ts';
import { mdmErrors } from './errors.ts';
import { indexSlots } from './index-rebuild.ts';
import type { Ledger } from './ledger.ts';
import type { MdmPolicy } from './policy.ts';
import { RangeSet } from './range-set.ts';
import type { Reviewer } from './reviewer.ts';
import { applyPiece, type IntervalDay } from './stored-day.ts';

/** Ids of deliveries remembered to answer a repeat without looking at its values; older repeats are told by their values. */
export const idsRemembered = 100_000;

export interface IngestParts {
  readonly directory: ChannelDirectory;
  readonly cache: DayCache;
  readonly ledger: Ledger;
  readonly locks: ChannelLocks;
  readonly reviewer: Reviewer;
  readonly policy: MdmPolicy;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly logger: Log;
  readonly counts: { readingsStored: number; duplicates: number; rejected: number };
  readonly recentIds: Set<string>;
  /** Work that `settled` waits for. */
  readonly track: (work: Promise<void>) => void;
}

/** A piece of one store day that is new: what is logged, stored and put in memory. */
interface Piece {
  readonly channel: Channel;
  readonly day: number;
  readonly block: StoredBlock;
  readonly hasHoles: boolean;
}

interface Plan {
  readonly pieces: Piece[];
  accepted: number;
  duplicates: number;
  /** New values for slots that were estimated or judged missing, by channel. */
  readonly late: Map<Channel, number>;
}

type Rejections = Map<string, IngestReceipt['rejected'][number]>;

/** The ingest over its parts. */
export function createIngest(parts: IngestParts): (batch: ReadingBatch) => Promise<IngestReceipt> {
  const { directory, cache, ledger, locks } = parts;

  async function ingest(batch: ReadingBatch): Promise<IngestReceipt> {
    await ledger.room();
    await directory.resolve(batch.blocks.map((block) => block.channel));
    const rejections: Rejections = new Map();
    const checked = checkAll(batch, rejections);
    const release = await locks.acquire(checked.map((block) => block.channel.number));
    let plan: Plan;
    try {
      if (parts.recentIds.has(batch.id)) return receiptOfRepeat(batch);
      plan = await cache.withDays(daysToCompare(checked), () => planWith(cache, checked, rejections));
      if (plan.pieces.length > 0) await write(batch, plan);
    } finally {
      release();
    }
    return account(batch, plan, rejections);
  }

  function checkAll(batch: ReadingBatch, rejections: Rejections): CheckedBlock[] {
    const checked: CheckedBlock[] = [];
    const latest = (parts.clock.now() + parts.policy.futureToleranceMs) / 1000;
    for (const block of batch.blocks) {
      const channel = directory.find(block.channel);
      if (!channel) {
        const count = Math.max(1, block.value.length);
        reject(rejections, block.channel, 'mdm/unknown-channel', mdmErrors['mdm/unknown-channel'], count);
        continue;
      }
      const { block: good, refusals } = checkBlock(channel, block, latest);
      for (const refusal of refusals) {
        reject(rejections, block.channel, refusal.code, refusal.message, refusal.count);
      }
      if (good) checked.push(good);
    }
    return checked;
  }

  /** Writes the plan ahead and, once it is on disk, into memory. */
  async function write(batch: ReadingBatch, plan: Plan): Promise<void> {
    const { id, origin, receivedMs } = batch;
    const blocks = plan.pieces.map((piece) => piece.block);
    const { batch: number, knownMs, done } = ledger.append({ id, origin, receivedMs, blocks, verdicts: [] });
    parts.reviewer.hold(number);
    try {
      await done;
      await cache.withDays(plan.pieces, () => {
        for (const piece of plan.pieces) enter(cache, piece, number, knownMs);
        for (const piece of plan.pieces) parts.reviewer.touch(piece.channel, spanOf(piece.block), number);
      });
      remember(batch.id);
    } finally {
      parts.reviewer.release(number);
    }
  }

  function remember(id: string): void {
    parts.recentIds.add(id);
    if (parts.recentIds.size <= idsRemembered) return;
    for (const oldest of parts.recentIds) {
      parts.recentIds.delete(oldest);
      break;
    }
  }

  function receiptOfRepeat(batch: ReadingBatch): IngestReceipt {
    let duplicates = 0;
    for (const block of batch.blocks) duplicates += heldOf(block.quality);
    parts.counts.duplicates += duplicates;
    return { accepted: 0, duplicates, rejected: [] };
  }

  function account(batch: ReadingBatch, plan: Plan, rejections: Rejections): IngestReceipt {
    const rejected = [...rejections.values()];
    parts.counts.readingsStored += plan.accepted;
    parts.counts.duplicates += plan.duplicates;
    for (const entry of rejected) parts.counts.rejected += entry.count;
    const events = [...rejectionEvents(batch, rejected), ...lateEvents(batch, plan)];
    for (const event of events) {
      parts.track(
        parts.events.report(event).catch((error: unknown) => {
          parts.logger.error({ kind: event.kind, error: messageOf(error) }, 'an event could not be reported');
        }),
      );
    }
    return { accepted: plan.accepted, duplicates: plan.duplicates, rejected };
  }

  function rejectionEvents(batch: ReadingBatch, rejected: IngestReceipt['rejected']): SystemEvent[] {
    return rejected.map((entry) => ({
      kind: 'reading-rejected',
      ...place(directory.find(entry.channel)),
      occurredMs: batch.receivedMs,
      receivedMs: parts.clock.now(),
      code: entry.code,
      message: `${entry.count} values of ${entry.channel} in batch ${batch.id} refused: ${entry.message}`,
    }));
  }

  function lateEvents(batch: ReadingBatch, plan: Plan): SystemEvent[] {
    const byPoint = new Map<string, { channel: Channel; count: number }>();
    for (const [channel, count] of plan.late) {
      const entry = byPoint.get(channel.usagePointId) ?? { channel, count: 0 };
      entry.count += count;
      byPoint.set(channel.usagePointId, entry);
    }
    return [...byPoint.values()].map(({ channel, count }) => ({
      kind: 'reading-late',
      ...place(channel),
      occurredMs: batch.receivedMs,
      receivedMs: parts.clock.now(),
      message: `${count} intervals came after they were missed; they take the place of estimates (batch ${batch.id})`,
    }));
  }

  return ingest;
}

function reject(into: Rejections, channel: string, code: string, message: string, count: number): void {
  const key = `${code} ${channel}`;
  const before = into.get(key)?.count ?? 0;
  into.set(key, { channel, code, message, count: before + count });
}

/** UTC seconds a block speaks of; a register reading stands at one instant. */
function spanOf(block: StoredBlock): { start: number; end: number } {
  return { start: block.start, end: block.start + Math.max(1, block.value.length * block.intervalSeconds) };
}

function stepOf(channel: Channel): number {
  return channel.isRegister ? 1 : channel.intervalSeconds;
}

/** Store days of which something is known already: the new values must be laid beside the old. */
function daysToCompare(blocks: readonly CheckedBlock[]): DayWanted[] {
  const wanted: DayWanted[] = [];
  for (const { channel, start, value } of blocks) {
    const first = storeDayOf(channel, start);
    const last = storeDayOf(channel, start + value.length * stepOf(channel) - 1);
    for (let day = first; day <= last; day++) if (channel.held.has(day)) wanted.push({ channel, day });
  }
  return wanted;
}

/** Cuts the blocks at store days and keeps what is new. All days to compare are in memory. */
function planWith(
  cache: DayCache,
  blocks: readonly CheckedBlock[],
  rejections: Rejections,
): Plan {
  const plan: Plan = { pieces: [], accepted: 0, duplicates: 0, late: new Map() };
  const seen = new Map<Channel, RangeSet>();
  for (const block of blocks) {
    const { channel, start, value } = block;
    const step = stepOf(channel);
    const end = start + value.length * step;
    const before = seen.get(channel) ?? new RangeSet();
    if (before.overlaps(start, end)) {
      reject(
        rejections,
        channel.id,
        'mdm/overlapping-blocks',
        mdmErrors['mdm/overlapping-blocks'],
        heldOf(block.quality),
      );
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
  let value = block.value.subarray(from, to);
  let flags = block.quality.subarray(from, to);
  const isFresh = channel.isRegister ? !channel.held.has(day) : !channel.known.overlaps(start, end);
  if (!isFresh) {
    const news = withoutKnown(cache, { block, day, from, to });
    plan.duplicates += news.duplicates;
    value = news.value;
    flags = news.quality;
  }
  const held = heldOf(flags);
  if (held === 0) return;
  plan.accepted += held;
  const late = countLate(channel, start, flags);
  if (late > 0) plan.late.set(channel, (plan.late.get(channel) ?? 0) + late);
  const { intervalSeconds, number } = channel;
  const stored = { channel: number, start, intervalSeconds, method: '', value, quality: flags };
  plan.pieces.push({ channel, day, block: stored, hasHoles: held < flags.length });
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

function heldOf(flags: Uint16Array): number {
  let held = 0;
  for (let slot = 0; slot < flags.length; slot++) {
    if (((flags[slot] as number) & quality.missing) === 0) held++;
  }
  return held;
}

/** Puts an acknowledged piece into memory: the day, the index, the peaks. */
function enter(cache: DayCache, piece: Piece, batch: number, knownMs: number): void {
  const { channel, day: number, block, hasHoles } = piece;
  const day = channel.isRegister ? cache.register(channel, number) : cache.interval(channel, number);
  applyPiece(day, block);
  day.knownMs = knownMs;
  day.batch = batch;
  channel.held.add(number, number + 1);
  if (day.kind === 'register') return;
  const from = (block.start - day.start) / channel.intervalSeconds;
  const to = from + block.value.length;
  const isPlain = !hasHoles && channel.estimated.isEmpty && channel.missing.isEmpty;
  if (isPlain && ((block.quality[0] as number) & quality.estimated) === 0 && isUniform(block.quality)) {
    channel.known.add(block.start, block.start + block.value.length * channel.intervalSeconds);
  } else indexSlots(channel, day as IntervalDay, from, to);
  let peak = 0;
  for (let slot = 0; slot < block.value.length; slot++) {
    if ((block.value[slot] as number) > peak) peak = block.value[slot] as number;
  }
  channel.peaks.note(number, peak);
}

function isUniform(flags: Uint16Array): boolean {
  const first = flags[0];
  for (let slot = 1; slot < flags.length; slot++) if (flags[slot] !== first) return false;
  return true;
}
