/** Jobs in the registry: the present state in one row, every state it came into in a table that only grows. */
import type { Registry, Row } from '@wattline/store/registry';
import type { Approval } from '../guard/approval.ts';
import type { Batch } from '../guard/batch.ts';
import { isEnded, type JobState, jobTransitions } from './job.ts';

/** A job as it stands. */
export type Job = Row<'command_job'>;

/** A batch as it was requested, with the approvals that came so far. */
export interface StoredBatch {
  readonly batch: Batch;
  readonly hash: string;
  readonly approvals: readonly Approval[];
  readonly requestedMs: number;
}

/** What a change says besides the state. */
export interface JobChange {
  readonly code?: string | null;
  readonly message?: string | null;
  readonly result?: string | null;
  readonly attempts?: number;
}

/** Reads and writes jobs. */
export interface JobStore {
  batch(key: string): Promise<StoredBatch | undefined>;
  /** Writes the batch and a job for each meter, or nothing when the key stands already. */
  add(stored: Omit<StoredBatch, 'requestedMs'>, nowMs: number): Promise<void>;
  keepApprovals(key: string, approvals: readonly Approval[]): Promise<void>;
  jobs(where: { readonly key?: string; readonly states?: readonly JobState[] }): Promise<Job[]>;
  /** Moves a job on. Staying in a state is no step. Returns false when the job is not in a state that leads there. */
  move(id: string, to: JobState, change: JobChange, nowMs: number): Promise<boolean>;
  steps(id: string): Promise<Row<'command_step'>[]>;
}

/** Most jobs given in one list. */
const listMax = 10_000;

export function createJobStore(registry: Registry): JobStore {
  return {
    async batch(key) {
      const row = await registry
        .selectFrom('command_batch')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst();
      const body = row && (JSON.parse(row.body) as Pick<StoredBatch, 'batch' | 'approvals'>);
      return body && { ...body, hash: row.hash, requestedMs: row.requested_ms };
    },
    add: (stored, nowMs) =>
      registry.transaction().execute(async (transaction) => {
        const { batch, hash, approvals } = stored;
        const body = JSON.stringify({ batch, approvals });
        const added = await transaction
          .insertInto('command_batch')
          .values({ key: batch.key, hash, body, requested_ms: nowMs })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (added.numInsertedOrUpdatedRows !== 1n) return;
        for (const serial of batch.meters) {
          const id = `${batch.key}/${serial}`;
          await transaction
            .insertInto('command_job')
            .values({
              id,
              batch_key: batch.key,
              serial,
              command: batch.command,
              state: 'requested',
              deadline_ms: batch.deadlineMs,
              attempts: 0,
              updated_ms: nowMs,
              code: null,
              message: null,
              result: null,
            })
            .execute();
          await addStep(transaction, { id, state: 'requested', nowMs });
        }
      }),
    async keepApprovals(key, approvals) {
      const stored = await this.batch(key);
      if (!stored) return;
      const body = JSON.stringify({ batch: stored.batch, approvals: [...stored.approvals, ...approvals] });
      await registry.updateTable('command_batch').set({ body }).where('key', '=', key).execute();
    },
    async jobs({ key, states }) {
      let query = registry.selectFrom('command_job').selectAll().orderBy('id').limit(listMax);
      if (key !== undefined) query = query.where('batch_key', '=', key);
      if (states) query = query.where('state', 'in', [...states]);
      return query.execute();
    },
    move: (id, to, change, nowMs) =>
      registry.transaction().execute(async (transaction) => {
        const job = await transaction
          .selectFrom('command_job')
          .select('state')
          .where('id', '=', id)
          .executeTakeFirst();
        if (!job || isEnded(job.state)) return false;
        if (job.state !== to && !jobTransitions[job.state].includes(to)) return false;
        await transaction
          .updateTable('command_job')
          .set({ state: to, updated_ms: nowMs, ...change })
          .where('id', '=', id)
          .execute();
        if (job.state !== to) await addStep(transaction, { id, state: to, nowMs, ...change });
        return true;
      }),
    steps: (id) =>
      registry.selectFrom('command_step').selectAll().where('job_id', '=', id).orderBy('number').execute(),
  };
}

async function addStep(
  transaction: Registry,
  step: { readonly id: string; readonly state: JobState; readonly nowMs: number } & JobChange,
): Promise<void> {
  const { id, state, nowMs, code = null, message = null } = step;
  await transaction
    .insertInto('command_step')
    .values({ job_id: id, state, at_ms: nowMs, code, message })
    .execute();
}
