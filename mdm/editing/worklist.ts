/** The worklist: what rules found and people must look at, closed one by one or many at once, with a reason. */
import type { Clock } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import type { Finding } from '../review/review-events.ts';

/** How a task ends: the values stand, or it was nothing. */
export type TaskAction = 'accept' | 'dismiss';

/** The worklist. */
export interface Worklist {
  /** Open tasks, oldest first, after `after`; of one rule when it is given. */
  open(page: {
    readonly after: number;
    readonly limit: number;
    readonly rule?: string;
  }): Promise<readonly Row<'review_task'>[]>;
  /** Open tasks by rule. */
  counts(): Promise<readonly { readonly rule: string; readonly count: number }[]>;
  /** Ends tasks; those that are not open are passed over. Returns how many were ended. */
  close(
    ids: readonly number[],
    action: TaskAction,
    by: { readonly author: string; readonly reason: string },
  ): Promise<number>;
}

/** The side of it that reviews write to. */
export interface TaskSink {
  note(findings: readonly Finding[]): Promise<void>;
}

const idsPerStatement = 500;
const stateOf = { accept: 'accepted', dismiss: 'dismissed' } as const;

/** A worklist in the registry. */
export function createWorklist({
  registry,
  clock,
}: {
  readonly registry: Registry;
  readonly clock: Clock;
}): Worklist & TaskSink {
  async function noteOne({ entry, verdict }: Finding): Promise<void> {
    const { channel, day } = entry.task;
    const rule = verdict.rule;
    const startMs = day.start * 1000;
    if (!verdict.hasFailed) {
      const closed = {
        state: 'dismissed' as const,
        closed_ms: clock.now(),
        closed_by: 'review',
        reason: 'the rule passes now',
      };
      await registry
        .updateTable('review_task')
        .set(closed)
        .where('channel_id', '=', channel.id)
        .where('start_ms', '=', startMs)
        .where('rule', '=', rule)
        .where('state', '=', 'open')
        .execute();
      return;
    }
    const opened = {
      detail: verdict.detail,
      state: 'open' as const,
      opened_ms: clock.now(),
      closed_ms: null,
      closed_by: null,
      reason: null,
    };
    await registry
      .insertInto('review_task')
      .values({
        usage_point_id: channel.usagePointId,
        channel_id: channel.id,
        start_ms: startMs,
        end_ms: day.end * 1000,
        rule,
        ...opened,
      })
      .onConflict((on) => on.columns(['channel_id', 'start_ms', 'rule']).doUpdateSet(opened))
      .execute();
  }

  return {
    async note(findings) {
      for (const finding of findings) await noteOne(finding);
    },
    open({ after, limit, rule }) {
      let tasks = registry
        .selectFrom('review_task')
        .selectAll()
        .where('state', '=', 'open')
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit);
      if (rule !== undefined) tasks = tasks.where('rule', '=', rule);
      return tasks.execute();
    },
    async counts() {
      const rows = await registry
        .selectFrom('review_task')
        .select((eb) => ['rule', eb.fn.countAll<number>().as('count')])
        .where('state', '=', 'open')
        .groupBy('rule')
        .execute();
      return rows
        .map(({ rule, count }) => ({ rule, count: Number(count) }))
        .sort((a, b) => b.count - a.count || a.rule.localeCompare(b.rule));
    },
    async close(ids, action, { author, reason }) {
      if (author.trim() === '' || reason.trim() === '')
        throw mdmError('mdm/bad-edit', 'an end needs an author and a reason');
      const closed = { state: stateOf[action], closed_ms: clock.now(), closed_by: author, reason };
      let count = 0;
      for (let at = 0; at < ids.length; at += idsPerStatement) {
        const part = ids.slice(at, at + idsPerStatement);
        const { numUpdatedRows } = await registry
          .updateTable('review_task')
          .set(closed)
          .where('id', 'in', part)
          .where('state', '=', 'open')
          .executeTakeFirst();
        count += Number(numUpdatedRows);
      }
      return count;
    },
  };
}
