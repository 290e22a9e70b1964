/** Reviews in the background: channel-days that something came for, and those an operator's cycle asks about. */
import { type Log, messageOf } from '@wattline/base';
import { type Channel, expectedFrom, storeDayOf } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { LocalDay } from '../channels/local-days.ts';
import type { BusyTime } from '../ingest/busy-time.ts';
import type { DayReviews } from './day-reviews.ts';
import { ReviewQueue } from './review-queue.ts';
import type { ReviewTask } from './review-task.ts';

/** Channel-days reviewed and written together. */
const chunkSize = 256;

/** What a reviewer needs beside what judges the days. */
export interface ReviewerParts {
  readonly directory: ChannelDirectory;
  readonly days: DayReviews;
  readonly logger: Log;
  readonly busy: BusyTime;
}

/** The span out to whole days: the parts of a day are reviewed together, since they share its register. */
function wholeDays({ days }: Channel, { start, end }: { readonly start: number; readonly end: number }) {
  return { start: days.whole(days.of(start)).start, end: days.whole(days.of(end - 1)).end };
}

/** Channel-days that may wait before ingest waits for reviews: days under review should still be in memory. */
const mostWaiting = 16_384;

/** Whether nothing of a day is known, and nothing was due in it: there is nothing to judge. */
function isBeforeAll(channel: Channel, day: LocalDay): boolean {
  return (
    day.end <= expectedFrom(channel) &&
    !channel.held.overlaps(storeDayOf(channel, day.start), storeDayOf(channel, day.end - 1) + 1)
  );
}

/** The reviewer; one per open store. */
export class Reviewer {
  private readonly parts: ReviewerParts;
  private readonly queue = new ReviewQueue();
  private running: readonly ReviewTask[] = [];
  private readonly holds = new Set<number>();
  private failedSince = Number.POSITIVE_INFINITY;
  private work: Promise<void> | null = null;
  private readonly waitingForRoom: (() => void)[] = [];

  constructor(parts: ReviewerParts) {
    this.parts = parts;
  }

  /** Keeps log segments from `batch` on until {@link release}: its consequences are not queued yet. */
  hold(batch: number): void {
    this.holds.add(batch);
  }

  release(batch: number): void {
    this.holds.delete(batch);
  }

  /** Something came for a channel: its days are reviewed once their midnight registers are known. */
  touch(channel: Channel, span: { readonly start: number; readonly end: number }, batch: number): void {
    if (channel.isRegister) {
      for (const part of this.parts.directory.intervalsOf(channel))
        this.touchDays(part, channel, span, batch);
    } else if (!channel.parts) this.touchDays(channel, channel, span, batch);
    else for (const part of channel.parts) this.touchDays(part, channel, wholeDays(channel, span), batch);
  }

  private touchDays(
    intervals: Channel,
    { isRegister }: Channel,
    span: { readonly start: number; readonly end: number },
    batch: number,
  ): void {
    const { days } = intervals;
    // The day before may have waited for this one: it is closed by what comes after it, and by its second register.
    const first = days.before(days.of(span.start));
    for (const day of days.between(first.start, span.end)) {
      if (day.end <= intervals.from || day.start >= intervals.until) continue;
      if (day.start !== first.start || isRegister) intervals.settled.remove(day.start, day.end);
      else if (intervals.settled.covers(day.start, day.end)) continue;
      if (isBeforeAll(intervals, day) || !this.isReady(intervals, day)) continue;
      this.add({ channel: intervals, day, due: day.end, sinceBatch: batch, isAsked: false });
    }
  }

  /** Reviews the days of `channels` that touch the period, as far as they are due by its end. */
  async review(channels: readonly Channel[], period: { start: number; end: number }): Promise<void> {
    for (const channel of channels) {
      if (channel.isRegister || channel.intervalSeconds === 0) continue;
      const end = Math.min(period.end, channel.until);
      const from = Math.max(period.start, Math.min(expectedFrom(channel), end));
      for (const day of channel.days.between(from, end)) {
        if (channel.settled.covers(day.start, day.end)) continue;
        const due = Math.min(period.end, day.end);
        this.add({ channel, day, due, sinceBatch: Number.POSITIVE_INFINITY, isAsked: true });
      }
    }
    await this.idle();
  }

  /** Resolves when nothing is left to review. */
  async idle(): Promise<void> {
    while (this.work) await this.work;
  }

  /** Waits while too many days wait. */
  async room(): Promise<void> {
    while (this.work && this.queue.size >= mostWaiting) {
      await new Promise<void>((resolve) => this.waitingForRoom.push(resolve));
    }
  }

  private openRoom(): void {
    for (const resolve of this.waitingForRoom.splice(0)) resolve();
  }

  get isIdle(): boolean {
    return this.work === null;
  }

  /** The oldest batch whose consequences are not written. */
  oldestBatch(): number {
    let oldest = Math.min(this.failedSince, this.queue.oldestBatch());
    for (const task of this.running) oldest = Math.min(oldest, task.sinceBatch);
    for (const batch of this.holds) oldest = Math.min(oldest, batch);
    return oldest;
  }

  private isReady(channel: Channel, day: LocalDay): boolean {
    if (channel.known.end < day.end) return false;
    const register = this.parts.directory.registerOf(channel);
    if (!register) return true;
    const { start, end } = channel.days.whole(day);
    return register.held.has(storeDayOf(register, start)) && register.held.has(storeDayOf(register, end));
  }

  private add(task: ReviewTask): void {
    this.queue.add(task);
    this.work ??= this.run();
  }

  private async run(): Promise<void> {
    // Let the batch that asks finish first.
    await Promise.resolve();
    while (this.queue.size > 0) {
      const chunk = this.queue.take(chunkSize);
      this.running = chunk;
      try {
        await this.parts.busy.during(() => this.parts.days.review(chunk));
      } catch (error) {
        // The log keeps these batches: the next start reviews their days again.
        for (const task of chunk) this.failedSince = Math.min(this.failedSince, task.sinceBatch);
        this.parts.logger.error({ error: messageOf(error), days: chunk.length }, 'a review failed');
      }
      this.running = [];
      if (this.queue.size < mostWaiting) this.openRoom();
    }
    this.work = null;
    this.openRoom();
  }
}
