/** What becomes of channel-days under review: judged, estimated where they must be, written, told. */
import { type Clock, type Log, messageOf } from '@wattline/base';
import type { AttemptHistory, EventSink, ReadAttempts } from '@wattline/model';
import type { ReadingsStore, StoredBlock, StoredVerdict } from '@wattline/store/readings';
import type { RegisterCourse } from '../assets/register-course.ts';
import { type Channel, expectedFrom, storeDayOf } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { ChannelLocks } from '../channels/channel-locks.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import type { TaskSink } from '../editing/worklist.ts';
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
import type { Reviewed, ReviewTask } from './review-task.ts';
import type { VerdictMemory } from './verdict-memory.ts';

const rulesForPeople: ReadonlySet<string> = new Set(
  rules.filter((rule) => rule.isForPeople).map((rule) => rule.id),
);

export interface DayReviewsParts {
  readonly directory: ChannelDirectory;
  readonly cache: DayCache;
  readonly ledger: Ledger;
  readonly locks: ChannelLocks;
  readonly store: ReadingsStore;
  readonly verdicts: VerdictMemory;
  /** Settings by which a day of a point is judged, UTC seconds. */
  readonly policyAt: (usagePointId: string, second: number) => MdmPolicy;
  /** Days back to which peaks are looked for: the most of any pack. */
  readonly peakDays: number;
  readonly beside: Beside;
  readonly tasks: TaskSink;
  readonly courseOf: (channel: string) => RegisterCourse;
  readonly attempts: AttemptHistory;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly logger: Log;
  readonly counts: { verdictsFailed: number; estimates: number };
}

/** Reviews of days; one per open store. */
export class DayReviews {
  private readonly parts: DayReviewsParts;

  constructor(parts: DayReviewsParts) {
    this.parts = parts;
  }

  /** Reviews days and writes what came of it; their channels are nobody else's meanwhile. */
  async review(tasks: readonly ReviewTask[]): Promise<void> {
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
    const { cache, directory } = this.parts;
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
        const policy = this.policyOf(task);
        const gathered = columnsOf(cache, task, { register, related, policy, courseOf: this.parts.courseOf });
        const asked = attempts.get(task);
        const columns = asked ? { ...gathered, attempts: asked } : gathered;
        if (!task.isAsked && register && columns.registerDifference === null) continue;
        reviewed.push({ task, columns, finding: reviewDay(columns, policy) });
      }
      return reviewed;
    });
  }

  private policyOf({ channel, day }: ReviewTask): MdmPolicy {
    return this.parts.policyAt(channel.usagePointId, day.start);
  }

  /** What must be written anew: most days need nothing. */
  private estimateAll(reviewed: readonly Reviewed[]): Promise<Map<Reviewed, DayChanges>> {
    const { cache, beside } = this.parts;
    const open = reviewed.filter((entry) => !isStable(cache, entry));
    const wanted = open.flatMap((entry) => historyDays(entry, this.policyOf(entry.task), beside));
    return cache.withDays([...wanted, ...open.flatMap(({ task }) => daysOf(task.channel, task.day))], () => {
      const changes = new Map<Reviewed, DayChanges>();
      for (const entry of open) {
        changes.set(entry, changesOf(cache, entry, this.policyOf(entry.task), beside));
      }
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
    const reach = (this.parts.peakDays + 1) * 86_400;
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
