/** Commands as persistent jobs: requested, judged by the signer, carried to the meter, and ended by what was read back. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';
import type { Address, Dialer } from '@wattline/network';
import type { Registry, Row } from '@wattline/store/registry';
import type { Approval } from '../guard/approval.ts';
import type { Batch } from '../guard/batch.ts';
import type { PreviewPlace } from '../guard/preview.ts';
import { guardReasons, type Reason } from '../guard/reasons.ts';
import type { ReaderKeys } from '../keys/reader-keys.ts';
import type { SignerReply, WireEnd } from '../signer/messages.ts';
import type { AskSigner } from '../signer/signer-channel.ts';
import { carryJob } from './carry-job.ts';
import { commandError } from './errors.ts';
import type { JobState } from './job.ts';
import { createJobStore, type Job, type JobChange, type StoredBatch } from './job-store.ts';

/** What the desk is given; durations in ms. */
export interface DeskOptions {
  readonly registry: Registry;
  readonly ask: AskSigner;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions at a time. */
  readonly concurrency?: number;
  /** Sessions tried for one job before it fails. */
  readonly attempts?: number;
  /** Pause after the first session that failed, ms, default 5 s; twice as long after each other, up to a quarter of an hour. */
  readonly retryPauseMs?: number;
  readonly dialTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** The head-end's side of a change of the reader's keys; without it no such batch can be carried out. */
  readonly readerKeys?: ReaderKeys;
  /** The public key of the signer (X25519, base64url), as its enrolling step told it; without one the signer is asked for it. */
  readonly signerRecipient?: string;
  /**
   * Told of each meter at which a batch is done, before its job is: what must follow elsewhere. After a crash, and when it rejects,
   * the job is carried out once more, which changes nothing at the meter, and this is told again.
   */
  readonly onDone?: (batch: Batch, serial: string) => Promise<void>;
  /** An image by its digest; without it none is brought to the signer. */
  readonly imageOf?: (digest: string) => Promise<Uint8Array | undefined>;
}

/** A batch before it is requested: the hash people sign, what it switches where, and what the guard says of it now. */
export interface BatchPreview {
  readonly hash: string;
  readonly places: readonly PreviewPlace[];
  readonly unknown: readonly string[];
  readonly reasons: readonly Reason[];
}

/** A piece of the grid whose meters are commanded together. */
export interface MeterGroup {
  readonly scope: 'transformer' | 'feeder' | 'substation' | 'fleet';
  /** Its name; empty for the fleet. */
  readonly place: string;
}

/** Pieces done of a long job. */
export interface JobProgress {
  readonly done: number;
  readonly of: number;
}

/** The desk. */
export interface CommandDesk {
  /** Serial numbers of a group, ascending: the meters of a batch. */
  metersOf(group: MeterGroup): Promise<string[]>;
  preview(batch: Batch): Promise<BatchPreview>;
  /**
   * Requests a batch, or adds approvals to it: the same key and contents any number of times are one batch.
   * @throws CodedError `command/key-reused`, `command/signer-refused`, `signer/channel-closed`
   */
  request(batch: Batch, approvals?: readonly Approval[]): Promise<Job[]>;
  /** Stops what is not yet sealed. @throws CodedError `command/batch-unknown` */
  cancel(key: string, by: string): Promise<Job[]>;
  /** A batch as it was requested; undefined when none has the key. */
  batch(key: string): Promise<StoredBatch | undefined>;
  /** How far a job that is carried out now is, in pieces; undefined when it tells nothing. */
  progress(id: string): JobProgress | undefined;
  /** Every state a job came into, oldest first. */
  steps(id: string): Promise<Row<'command_step'>[]>;
  jobs(where: { readonly key?: string; readonly states?: readonly JobState[] }): Promise<Job[]>;
  /** One pass: asks for verdicts, carries out what may be, ends what is over. Passes do not overlap. */
  run(): Promise<void>;
  /** Resolves when no pass runs. */
  settled(): Promise<void>;
}

const longestRetryMs = 900_000;

/** Opens the desk; what was being carried out when the process ended is taken up again, and the meter is read before it is switched. */
export async function openCommandDesk(options: DeskOptions): Promise<CommandDesk> {
  const { registry, ask, clock, log, concurrency = 8 } = options;
  const store = createJobStore(registry);
  for (const job of await store.jobs({ states: ['executing'] })) {
    await store.move(job.id, 'approved', { attempts: job.attempts + 1 }, clock.now());
  }
  const underWay = new Map<string, JobProgress>();
  const moveAll = async (jobs: readonly Job[], to: JobState, change: JobChange) => {
    for (const job of jobs) await store.move(job.id, to, change, clock.now());
  };

  const fileBatch = async ({ batch, approvals }: StoredBatch): Promise<void> => {
    const reply = await ask({ kind: 'file', batch, approvals: approvals.slice(-16) });
    const waiting = await store.jobs({ key: batch.key, states: ['requested', 'held'] });
    const { to, ...change } = consequenceOf(reply);
    await moveAll(waiting, to, change);
  };

  const judge = async () => {
    const waiting = await store.jobs({ states: ['requested', 'held'] });
    for (const key of new Set(waiting.map(({ batch_key }) => batch_key))) {
      const stored = await store.batch(key);
      if (stored) await fileBatch(stored);
    }
  };

  const carry: typeof carryJob = async (batch, carried) => {
    const end = await carryJob(batch, carried);
    if (end.kind === 'ended' && end.isDone) await options.onDone?.(batch, carried.serial);
    return end;
  };

  const execute = async (job: Job): Promise<void> => {
    const stored = await store.batch(job.batch_key);
    const address = await addressOf(registry, job.serial);
    if (!stored || !(await store.move(job.id, 'executing', {}, clock.now()))) return;
    const end: WireEnd = address
      ? await carry(stored.batch, {
          ...options,
          address,
          hash: stored.hash,
          serial: job.serial,
          dialTimeoutMs: options.dialTimeoutMs ?? 5_000,
          requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
          onProgress: (progress) => void underWay.set(job.id, progress),
        }).catch((error: unknown) => ({
          // A disk that is full must not keep the job from being tried again.
          ...{ kind: 'failed' as const, code: codeOf(error), message: messageOf(error) },
        }))
      : { kind: 'failed', code: 'command/meter-unknown', message: job.serial };
    underWay.delete(job.id);
    const { to, ...change } = endOf(end, job, options.attempts ?? 20);
    await store.move(job.id, to, { ...change, attempts: job.attempts + 1 }, clock.now());
    log.info({ job: job.id, state: to, code: change.code }, 'a command was carried to its meter');
  };

  const { retryPauseMs = 5_000 } = options;
  /** A meter that sleeps is not called every few seconds. */
  const isDue = ({ attempts, updated_ms }: Job, nowMs: number) =>
    attempts === 0 || nowMs >= updated_ms + Math.min(retryPauseMs * 2 ** (attempts - 1), longestRetryMs);

  const pass = async () => {
    await judge();
    const nowMs = clock.now();
    const approved = (await store.jobs({ states: ['approved'] })).filter((job) => isDue(job, nowMs));
    let next = 0;
    const worker = async () => {
      for (let job = approved[next++]; job; job = approved[next++]) await execute(job);
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, approved.length) }, worker));
  };

  let running: Promise<void> | undefined;
  return {
    async metersOf({ scope, place }) {
      const query = registry
        .selectFrom('meter')
        .innerJoin('usage_point', 'usage_point.id', 'meter.usage_point_id')
        .select('meter.serial');
      const rows = await (scope === 'fleet'
        ? query
        : query.where(`usage_point.${scope}`, '=', place)
      ).execute();
      return rows.map(({ serial }) => serial).sort();
    },
    preview: (batch) => previewOf(ask, batch),
    async request(batch, approvals = []) {
      const { hash } = await previewOf(ask, batch);
      await store.add({ batch, hash, approvals: [] }, clock.now());
      const stored = await store.batch(batch.key);
      if (stored?.hash !== hash) throw commandError('command/key-reused', batch.key, { key: batch.key });
      const known = new Set(stored.approvals.map(({ signature }) => signature));
      const fresh = approvals.filter(({ signature }) => !known.has(signature));
      // On disk before the signer has them: after a crash the batch is filed again with all of them.
      if (fresh.length > 0) await store.keepApprovals(batch.key, fresh);
      await fileBatch({ ...stored, approvals: [...stored.approvals, ...fresh] });
      return store.jobs({ key: batch.key });
    },
    async cancel(key, by) {
      const stored = await store.batch(key);
      if (!stored) throw commandError('command/batch-unknown', key, { key });
      // The signer first: what it was told is stopped, whatever becomes of us. A batch it never took needs no stopping there.
      await ask({ kind: 'cancel', hash: stored.hash, by });
      const open = await store.jobs({ key, states: ['requested', 'held', 'approved'] });
      await moveAll(open, 'cancelled', { code: 'guard/cancelled', message: `by ${by}` });
      return store.jobs({ key });
    },
    batch: (key) => store.batch(key),
    progress: (id) => underWay.get(id),
    steps: (id) => store.steps(id),
    jobs: (where) => store.jobs(where),
    async settled() {
      await running?.catch(() => undefined);
    },
    run() {
      running ??= pass().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

async function previewOf(ask: AskSigner, batch: Batch): Promise<BatchPreview> {
  const reply = await ask({ kind: 'preview', batch });
  if (reply.kind === 'preview') return reply;
  const detail = reply.kind === 'refused' ? `${reply.code}: ${reply.message}` : reply.kind;
  throw commandError('command/signer-refused', detail);
}

async function addressOf(registry: Registry, serial: string): Promise<Address | undefined> {
  return registry
    .selectFrom('meter')
    .select(['host', 'port'])
    .where('serial', '=', serial)
    .executeTakeFirst();
}

type Consequence = { readonly to: JobState } & JobChange;

/** What the signer's word on a batch means for its jobs. */
function consequenceOf(reply: SignerReply): Consequence {
  if (reply.kind === 'refused') return { to: 'failed', code: reply.code, message: reply.message };
  if (reply.kind !== 'decision') return { to: 'failed', code: 'command/signer-refused', message: reply.kind };
  if (reply.isAllowed) return { to: 'approved', code: null, message: null };
  const { to, ...change } = reasoned(reply.reasons);
  return reply.verdict === 'quarantine' ? { to: 'held', ...change } : { to, ...change };
}

function reasoned(reasons: readonly Reason[]): Consequence {
  const has = (code: Reason['code']) => reasons.some((reason) => reason.code === code);
  const to = has('guard/cancelled') ? 'cancelled' : has('guard/expired') ? 'expired' : 'failed';
  // What denies says more than what would only have made it wait.
  const first = reasons.find(({ code }) => guardReasons[code][0] === 'deny') ?? reasons[0];
  return {
    to,
    code: first?.code ?? null,
    message: reasons.map(({ message, where }) => `${message} ${JSON.stringify(where)}`).join(' '),
  };
}

/** What the end of a session means for its job. */
function endOf(end: WireEnd, job: Job, attemptsMax: number): Consequence {
  if (end.kind === 'ended') {
    const code = end.isDone ? null : 'command/not-done';
    return { to: end.isDone ? 'done' : 'failed', code, message: null, result: end.result };
  }
  if (end.kind === 'held') {
    // A red switch released, or a storm that passes, within the deadline: the job is tried again.
    const consequence = reasoned(end.reasons);
    return consequence.to === 'failed' ? { ...consequence, to: 'approved' } : consequence;
  }
  if (end.kind === 'more') return { to: 'approved', code: null, message: end.result };
  const isOver = job.attempts + 1 >= attemptsMax || end.code === 'signer/not-allowed';
  return { to: isOver ? 'failed' : 'approved', code: end.code, message: end.message };
}

/** Runs passes until stopped; a pass that fails is told and followed by the next. */
export function runDesk(
  desk: Pick<CommandDesk, 'run'>,
  options: { readonly clock: Clock; readonly log: Log; readonly everyMs: number },
): () => void {
  const { clock, log, everyMs } = options;
  let cancel = () => {};
  let isStopped = false;
  const again = () => {
    if (isStopped) return;
    cancel = clock.after(everyMs, () => {
      desk
        .run()
        .catch((error: unknown) => log.warn({ code: codeOf(error) }, messageOf(error)))
        .finally(again);
    });
  };
  again();
  return () => {
    isStopped = true;
    cancel();
  };
}
