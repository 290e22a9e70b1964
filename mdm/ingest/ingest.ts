/** Ingest: what is delivered is checked, compared with what is known, written ahead, and only then acknowledged. */
import { type Clock, type Log, messageOf } from '@wattline/base';
import {
  type EventSink,
  type IngestReceipt,
  quality,
  type ReadingBatch,
  type ReadingBlock,
  type SystemEvent,
} from '@wattline/model';
import { daySeconds } from '@wattline/store/readings';
import { type Channel, place } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { ChannelLocks } from '../channels/channel-locks.ts';
import { cutBlock } from '../channels/channel-parts.ts';
import type { DayCache, Knowledge } from '../channels/day-cache.ts';
import type { RecentMap } from '../channels/recent-map.ts';
import { indexSlots } from '../channels/slot-index.ts';
import { type IntervalDay, type StoredDay, wholeIntervalDay } from '../channels/stored-day.ts';
import { mdmErrors } from '../errors.ts';
import type { MdmPolicy } from '../policy.ts';
import type { Reviewer } from '../review/reviewer.ts';
import { totalsOf } from '../rules/day-totals.ts';
import { type CheckedBlock, checkBlock, refusedPart } from './check-block.ts';
import {
  daysToCompare,
  heldOf,
  type Piece,
  type Plan,
  planWith,
  type Rejections,
  reject,
  spanOf,
} from './ingest-plan.ts';
import type { Ledger } from './ledger.ts';

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
  readonly recentIds: RecentMap<string, true>;
  /** A delivered block in stored units: multiplied where a transformer stands before the meter. */
  readonly scaled: (block: ReadingBlock) => ReadingBlock;
  /** Work that `settled` waits for. */
  readonly track: (work: Promise<void>) => void;
}

/** The ingest over its parts. */
export function createIngest(parts: IngestParts): (batch: ReadingBatch) => Promise<IngestReceipt> {
  const { directory, cache, ledger, locks } = parts;

  async function ingest(batch: ReadingBatch): Promise<IngestReceipt> {
    await Promise.all([ledger.room(), parts.reviewer.room()]);
    await directory.resolve(batch.blocks.map((block) => block.channel));
    const rejections: Rejections = new Map();
    const checked = checkAll(batch, rejections);
    const release = await locks.acquire(checked.map((block) => block.channel.number));
    let plan: Plan;
    try {
      if (parts.recentIds.has(batch.id)) return receiptOfRepeat(batch, rejections);
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
    // What was derived is in stored units already.
    const isDerived = batch.origin.source === 'derived';
    const check = (channel: Channel, delivered: ReadingBlock) => {
      const block = isDerived ? delivered : parts.scaled(delivered);
      const { block: good, refusals } = checkBlock(channel, block, latest, delivered);
      for (const refusal of refusals) {
        const { code, message, count } = refusal;
        reject(rejections, block.channel, code, message, { count, block: refusedPart(delivered, refusal) });
      }
      if (good) checked.push(good);
    };
    for (const block of batch.blocks) {
      const channel = directory.find(block.channel);
      if (!channel) {
        const count = Math.max(1, block.value.length);
        reject(rejections, block.channel, 'mdm/unknown-channel', mdmErrors['mdm/unknown-channel'], {
          count,
          block,
        });
        continue;
      }
      if (!channel.parts) check(channel, block);
      else for (const cut of cutBlock(channel, block)) check(cut.part, cut.block);
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
        const room = roomFor(plan.pieces);
        for (const piece of plan.pieces) enter(cache, piece, { batch: number, knownMs, room });
        for (const piece of plan.pieces) parts.reviewer.touch(piece.channel, spanOf(piece.block), number);
      });
      ledger.entered(number);
      parts.recentIds.set(batch.id, true);
    } finally {
      parts.reviewer.release(number);
    }
  }

  /** What was refused is refused again, without being told again. */
  function receiptOfRepeat(batch: ReadingBatch, rejections: Rejections): IngestReceipt {
    const rejected = [...rejections.values()];
    let duplicates = 0;
    for (const block of batch.blocks) duplicates += heldOf(block.quality);
    for (const { count } of rejected) duplicates -= count;
    parts.counts.duplicates += duplicates;
    return { accepted: 0, duplicates, rejected };
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

/** Memory for the days of a batch in two stretches: a million arrays of their own cost more than what they hold. */
interface Room {
  readonly value: Float64Array;
  readonly quality: Uint16Array;
  used: number;
}

function roomFor(pieces: readonly Piece[]): Room {
  let slots = 0;
  for (const piece of pieces) if (isWholeDay(piece)) slots += piece.block.value.length;
  // Every octet is written before it is read: zeroes would cost as much as the values.
  const octets = Buffer.allocUnsafeSlow(slots * 10).buffer;
  return {
    value: new Float64Array(octets, 0, slots),
    quality: new Uint16Array(octets, slots * 8, slots),
    used: 0,
  };
}

function isWholeDay({ block, hasHoles }: Piece): boolean {
  return !hasHoles && block.value.length * block.intervalSeconds === daySeconds;
}

/** The day that a piece makes alone, in memory of its own: who delivered it may use its arrays again. */
function wholeDay({ block }: Piece, room: Room): IntervalDay {
  const from = room.used;
  room.used += block.value.length;
  room.value.set(block.value, from);
  room.quality.set(block.quality, from);
  const value = room.value.subarray(from, room.used);
  return wholeIntervalDay(block.start, value, room.quality.subarray(from, room.used));
}

/** The day in memory with the piece on it. */
function dayWith(cache: DayCache, piece: Piece, { room, ...known }: Entered): StoredDay {
  const { channel, day: number, block } = piece;
  if (isWholeDay(piece) && cache.isNew(channel, number)) {
    const whole = wholeDay(piece, room);
    cache.adopt(channel, whole, known);
    return whole;
  }
  const day = channel.isRegister ? cache.register(channel, number) : cache.interval(channel, number);
  cache.apply(channel, day, block, known);
  return day;
}

interface Entered extends Knowledge {
  readonly room: Room;
}

/** Puts an acknowledged piece into memory: the day, the index, the peaks. */
function enter(cache: DayCache, piece: Piece, entered: Entered): void {
  const { channel, day: number, block, hasHoles } = piece;
  const day = dayWith(cache, piece, entered);
  if (day.kind === 'register') return;
  const isPlain = !hasHoles && channel.estimated.isEmpty && channel.missing.isEmpty;
  const totals = totalsOf(block.value, block.quality);
  if (isPlain && (totals.flags & quality.estimated) === 0) {
    channel.known.add(block.start, block.start + block.value.length * channel.intervalSeconds);
  } else {
    const from = (block.start - day.start) / channel.intervalSeconds;
    indexSlots(channel, day, from, from + block.value.length);
  }
  if (day.meterValue.length === block.value.length && !hasHoles) day.totals = totals;
  channel.peaks.note(number, totals.peak, totals.sum);
}
