/** Channel-days that wait for their review, first come first served; asked for again, a day keeps its place. */
import type { ReviewTask } from './review-task.ts';

/** A queue of tasks, at most one per channel-day. */
export class ReviewQueue {
  private tasks: ReviewTask[] = [];
  private next = 0;
  /** Waiting tasks of a channel, by its number: a few, as a rule one. */
  private readonly waiting = new Map<number, ReviewTask[]>();

  /** How many wait. */
  get size(): number {
    return this.tasks.length - this.next;
  }

  /** Adds a task, or widens the one that waits for the same day. */
  add(task: ReviewTask): void {
    const ofChannel = this.waiting.get(task.channel.number);
    const before = ofChannel?.find(({ day }) => day.start === task.day.start);
    if (before) {
      before.due = Math.max(before.due, task.due);
      before.sinceBatch = Math.min(before.sinceBatch, task.sinceBatch);
      before.isAsked ||= task.isAsked;
      return;
    }
    if (ofChannel) ofChannel.push(task);
    else this.waiting.set(task.channel.number, [task]);
    this.tasks.push(task);
  }

  /** Takes up to `count` tasks out, oldest first. */
  take(count: number): ReviewTask[] {
    const taken = this.tasks.slice(this.next, this.next + count);
    this.next += taken.length;
    for (const task of taken) {
      const ofChannel = this.waiting.get(task.channel.number) as ReviewTask[];
      if (ofChannel.length === 1) this.waiting.delete(task.channel.number);
      else ofChannel.splice(ofChannel.indexOf(task), 1);
    }
    if (this.next * 2 >= this.tasks.length) {
      this.tasks = this.tasks.slice(this.next);
      this.next = 0;
    }
    return taken;
  }

  /** The oldest batch that a waiting task goes back to; Infinity when there is none. */
  oldestBatch(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (let at = this.next; at < this.tasks.length; at++) {
      oldest = Math.min(oldest, (this.tasks[at] as ReviewTask).sinceBatch);
    }
    return oldest;
  }
}
