/** `commands/board`: all that waits for people or goes on, on one page: guard, batches, what each does where, what it waits for. */
import { formatInstant } from '@wattline/base';
import {
  type Batch,
  type BatchPreview,
  isEnded,
  type Job,
  type JobState,
  jobTransitions,
  type Reason,
} from '@wattline/headend';
import type { BoardBatch, CommandBoard, GuardStatus } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { named } from './schema/index.ts';

/** Batches shown at most; the newest. */
const batchesMax = 50;
const openStates = (Object.keys(jobTransitions) as JobState[]).filter((state) => !isEnded(state));
/** Furthest from an end first. */
const order = ['requested', 'held', 'approved', 'executing'] as const;
const shownScopes: readonly string[] = ['transformer', 'feeder', 'substation'];

export function commandBoardRoute(app: FastifyInstance, { system }: ApiContext): void {
  app.get(
    '/commands/board',
    describeRoute({
      id: 'commandBoard',
      tag: 'commands',
      access: 'read',
      summary:
        'The guard and every batch that has not ended: what it does where, who signed, what it waits for',
      response: named('CommandBoard'),
      problems: [503],
    }),
    async (): Promise<CommandBoard> => {
      if (!system.commands) {
        throw serverError('server/no-signer', 'this stack runs without a signer: it can command nothing');
      }
      const { desk, ask } = system.commands;
      const status = await ask({ kind: 'status' }).catch(() => undefined);
      const jobs = Map.groupBy(await desk.jobs({ states: openStates }), ({ batch_key }) => batch_key);
      const batches: BoardBatch[] = [];
      for (const [key, own] of jobs) {
        const stored = await desk.batch(key);
        if (!stored) continue;
        const { batch, hash, approvals, requestedMs } = stored;
        const preview = await desk.preview(batch).catch(() => undefined);
        batches.push({
          ...headOf(batch, own),
          hash,
          requested: formatInstant(requestedMs),
          approvals: approvals.map(({ person, atMs }) => ({ person, at: formatInstant(atMs) })),
          ...outlookOf(preview),
        });
      }
      const newest = batches.sort((a, b) => (a.requested < b.requested ? 1 : -1)).slice(0, batchesMax);
      return { guard: status?.kind === 'status' ? guardOf(status) : null, batches: newest };
    },
  );
}

/** How the guard stands, as the API says it. */
export function guardOf(
  status: {
    readonly nowMs: number;
    readonly kind: 'status';
    readonly keys: unknown;
  } & Omit<GuardStatus, 'now'>,
): GuardStatus {
  const { nowMs, kind: _, keys: __, ...same } = status;
  return { ...same, now: formatInstant(nowMs) };
}

function headOf(batch: Batch, jobs: readonly Job[]) {
  const { key, command, lane, meters, reason, requestedBy, deadlineMs } = batch;
  const state = order.find((one) => jobs.some((job) => job.state === one)) ?? 'requested';
  return {
    ...{ key, command, lane, reason, requestedBy, state },
    meters: meters.length,
    deadline: formatInstant(deadlineMs),
  };
}

function outlookOf(
  preview: BatchPreview | undefined,
): Pick<BoardBatch, 'places' | 'reasons' | 'cancelUntil'> {
  if (!preview) return { places: [], reasons: [], cancelUntil: null };
  const untilMs = preview.reasons.find(({ code }) => code === 'guard/cancel-window')?.where.untilMs;
  return {
    places: preview.places.filter(({ scope }) => shownScopes.includes(scope)),
    reasons: counted(preview.reasons.filter(({ code }) => code !== 'guard/already-allowed')),
    cancelUntil: typeof untilMs === 'number' ? formatInstant(untilMs) : null,
  };
}

/** Each code once: a hundred meters under one hold are one reason. */
function counted(reasons: readonly Reason[]): BoardBatch['reasons'] {
  const byCode = Map.groupBy(reasons, ({ code }) => code);
  return [...byCode.values()].map((same) => {
    const [first] = same as [Reason, ...Reason[]];
    const { code, message, where } = first;
    const missing = code === 'guard/people-missing' ? ` ${where.found} of ${where.needed} have.` : '';
    return { code, message: message + missing, count: same.length };
  });
}
