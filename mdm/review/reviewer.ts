/** Reviews in the background: channel-days that something came for, and those an operator's cycle asks about. */
import { type Clock, type Log, messageOf } from '@wattline/base';
import type { AttemptHistory, EventSink, ReadAttempts } from '@wattline/model';
import type { ReadingsStore, StoredBlock, StoredVerdict } from '@wattline/store/readings';
import type { RegisterCourse } from '../assets/register-course.ts';
import { type Channel, expectedFrom, storeDayOf } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { ChannelLocks } from '../channels/channel-locks.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import type { LocalDay } from '../channels/local-days.ts';
import type { TaskSink } from '../editing/worklist.ts';
import type { BusyTime } from '../ingest/busy-time.ts';
import type { Ledger } from '../ingest/ledger.ts';
import type { MdmPolicy } from '../policy.ts';
import { rules } from '../rules/index.ts';
import {
  type Beside,
  changesOf,
  type DayChanges,
  enterDerived,
  historyDays,
  isStable,
} from './day-changes.ts';
import { columnsOf, daysOf, daysOfOtherParts, registerDaysOf } from './day-columns.ts';
import { reviewDay } from './review-day.ts';
import { type Finding, findingEvents } from './review-events.ts';
import { ReviewQueue } from './review-queue.ts';
import type { Reviewed, ReviewTask } from './review-task.ts';
import type { VerdictMemory } from './verdict-memory.ts';

const rulesForPeople: ReadonlySet<string> = new Set(
  rules.filter((rule) => rule.isForPeople).map((rule) => rule.id),
);

/** Channel-days reviewed and written together. */
const chunkSize = 256;

export interface ReviewerParts {
  readonly directory: ChannelDirectory;
  readonly cache: DayCache;
  readonly ledger: Ledger;
  readonly locks: ChannelLocks;
  readonly store: ReadingsStore;
  readonly verdicts: VerdictMemory;
  readonly policy: MdmPolicy;
  readonly beside: Beside;
  readonly tasks: TaskSink;
  readonly courseOf: (channel: string) => RegisterCourse;
  readonly attempts: AttemptHistory;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly logger: Log;
  readonly busy: BusyTime;
  readonly counts: { verdictsFailed: number; estimates: number };
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
        await this.parts.busy.during(() => this.reviewChunk(chunk));
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

  private async reviewChunk(tasks: readonly ReviewTask[]): Promise<void> {
    const { locks, directory } = this.parts;
    const numbers = new Set<number>();
    for (const { channel } of tasks) {
      numbers.add(channel.number);
      const register = directory.registerOf(channel);
      if (register) numbers.add(register.number);
    }
    const release = await locks.acquire(numbers);
    try {
      await this.loadPeaks(tasks);
      await this.parts.verdicts.load(tasks, this.parts.ledger);
      const reviewed = await this.findAll(tasks, await this.attemptsOf(tasks));
      const changes = await this.estimateAll(reviewed);
      await this.write(reviewed, changes);
    } finally {
      release();
    }
  }

  /** How often the meters of days with gaps were asked since; most days have none, and then nobody is asked here. */
  private async attemptsOf(tasks: readonly ReviewTask[]): Promise<ReadonlyMap<ReviewTask, ReadAttempts>> {
    const found = new Map<ReviewTask, ReadAttempts>();
    const byStart = new Map<number, { serial: string; task: ReviewTask }[]>();
    for (const task of tasks) {
      const { serial, known } = task.channel;
      const from = Math.max(task.day.start, Math.min(expectedFrom(task.channel), task.due));
      if (!task.isAsked || serial === null || known.covers(from, task.due)) continue;
      const gap = known.coveredUntil(from);
      byStart.getOrInsertComputed(gap, () => []).push({ serial, task });
    }
    const endMs = this.parts.clock.now();
    for (const [gap, open] of byStart) {
      const serials = [...new Set(open.map(({ serial }) => serial))];
      const attempts = await this.parts.attempts.attempts(serials, { startMs: gap * 1000, endMs });
      for (const { serial, task } of open) {
        const own = attempts.get(serial);
        if (own) found.set(task, own);
      }
    }
    return found;
  }

  private findAll(
    tasks: readonly ReviewTask[],
    attempts: ReadonlyMap<ReviewTask, ReadAttempts>,
  ): Promise<Reviewed[]> {
    const { cache, directory, policy } = this.parts;
    const wanted: DayWanted[] = [];
    for (const { channel, day } of tasks) {
      wanted.push(...daysOf(channel, day), ...daysOfOtherParts(channel, day));
      wanted.push(...registerDaysOf(directory.registerOf(channel), channel.days.whole(day)));
      for (const other of directory.relatedTo(channel)) wanted.push(...daysOf(other, day));
    }
    return cache.withDays(wanted, () => {
      const reviewed: Reviewed[] = [];
      for (const task of tasks) {
        const register = directory.registerOf(task.channel);
        const related = directory.relatedTo(task.channel);
        const gathered = columnsOf(cache, task, { register, related, policy, courseOf: this.parts.courseOf });
        const asked = attempts.get(task);
        const columns = asked ? { ...gathered, attempts: asked } : gathered;
        if (!task.isAsked && register && columns.registerDifference === null) continue;
        reviewed.push({ task, columns, finding: reviewDay(columns, policy) });
      }
      return reviewed;
    });
  }

  /** What must be written anew: most days need nothing. */
  private estimateAll(reviewed: readonly Reviewed[]): Promise<Map<Reviewed, DayChanges>> {
    const { cache, policy, beside } = this.parts;
    const open = reviewed.filter((entry) => !isStable(cache, entry));
    const wanted = open.flatMap((entry) => historyDays(entry, policy, beside));
    return cache.withDays([...wanted, ...open.flatMap(({ task }) => daysOf(task.channel, task.day))], () => {
      const changes = new Map<Reviewed, DayChanges>();
      for (const entry of open) changes.set(entry, changesOf(cache, entry, policy, beside));
      return changes;
    });
  }

  private async write(reviewed: readonly Reviewed[], changes: Map<Reviewed, DayChanges>): Promise<void> {
    const { cache, clock, counts, events, verdicts: memory } = this.parts;
    const blocks: StoredBlock[] = [];
    const verdicts: StoredVerdict[] = [];
    const fresh: Finding[] = [];
    for (const entry of reviewed) {
      const change = changes.get(entry);
      if (change) blocks.push(...change.blocks);
      for (const verdict of memory.news(entry, change?.detail ?? '')) {
        verdicts.push(verdict);
        fresh.push({ entry, verdict });
      }
    }
    if (blocks.length > 0 || verdicts.length > 0) {
      const now = clock.now();
      const first = reviewed[0] as Reviewed;
      const id = `review/${now}/${first.task.channel.number}/${first.task.day.start}`;
      const origin = { source: 'estimate', reference: id } as const;
      const { batch, knownMs, done } = this.parts.ledger.append({
        id,
        origin,
        receivedMs: now,
        blocks,
        verdicts,
      });
      await done;
      const touched = [...changes.keys()].flatMap(({ task }) => daysOf(task.channel, task.day));
      await cache.withDays(touched, () => {
        for (const [entry, change] of changes) enterDerived(cache, entry, change, { batch, knownMs });
      });
      for (const { entry, verdict } of fresh) memory.remember(entry.task, verdict);
      this.parts.ledger.entered(batch);
    }
    for (const entry of reviewed) this.settle(entry, changes.get(entry));
    for (const change of changes.values()) counts.estimates += change.estimates;
    for (const { verdict } of fresh) if (verdict.hasFailed) counts.verdictsFailed++;
    await this.tellPeople(fresh);
    for (const event of findingEvents(fresh, clock.now())) {
      await events.report(event).catch((error: unknown) => {
        this.parts.logger.error(
          { kind: event.kind, error: messageOf(error) },
          'an event could not be reported',
        );
      });
    }
  }

  /** New findings of rules for people go on the worklist; without it the verdicts still stand. */
  private async tellPeople(fresh: readonly Finding[]): Promise<void> {
    const forPeople = fresh.filter(({ verdict }) => rulesForPeople.has(verdict.rule));
    if (forPeople.length === 0) return;
    await this.parts.tasks.note(forPeople).catch((error: unknown) => {
      this.parts.logger.error(
        { error: messageOf(error), findings: forPeople.length },
        'the worklist took nothing',
      );
    });
  }

  /** A day whose register has spoken and which lacks nothing is left alone until something comes for it. */
  private settle({ task, finding, columns }: Reviewed, change: DayChanges | undefined): void {
    const { channel, day } = task;
    const isWhole = columns.dueFrom === 0 && columns.dueTo === columns.value.length;
    const isOpen = (change?.unestimated.length ?? 0) > 0;
    if (isWhole && columns.registerDifference !== null && !isOpen) channel.settled.add(day.start, day.end);
    for (const slot of change?.unestimated ?? []) {
      const at = day.start + slot * channel.intervalSeconds;
      channel.missing.add(at, at + channel.intervalSeconds);
    }
    if (finding.toEstimate.length === 0) channel.missing.remove(day.start, day.end);
  }

  private async loadPeaks(tasks: readonly ReviewTask[]): Promise<void> {
    const channels = new Map<number, Channel>();
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { channel, day } of tasks) {
      if (channel.peaks.isLoaded) continue;
      channels.set(channel.number, channel);
      start = Math.min(start, day.start);
      end = Math.max(end, day.end);
    }
    if (channels.size === 0) return;
    const reach = (this.parts.policy.spikeDays + 1) * 86_400;
    const peaks = await this.parts.store.peaks([...channels.keys()], {
      start: start - reach,
      end: end + reach,
    });
    for (const { channel: number, start: at, peak, sum } of peaks) {
      const channel = channels.get(number) as Channel;
      channel.peaks.note(storeDayOf(channel, at), peak, sum);
    }
    for (const channel of channels.values()) channel.peaks.isLoaded = true;
  }
}
