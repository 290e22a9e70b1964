/** `commands`: batches of commands to meters, their jobs, people's approvals; the signer decides, this only carries. */
import { formatInstant } from '@wattline/base';
import {
  type Batch,
  isApproval,
  isEnded,
  type Job,
  type JobProgress,
  type JobState,
  jobTransitions,
  type MeterGroup,
  readBatch,
} from '@wattline/headend';
import type {
  CommandBatchDetail,
  CommandJobItem,
  CommandPreview,
  GuardStatus,
  KeyStatus,
  Page,
} from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import { guardOf } from './command-board.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, oneOf, pageOf, query, record, type Schema, text } from './schema/index.ts';

const keyParameter = { key: text('Idempotency key of the batch.', { minLength: 1, maxLength: 200 }) };
/** Read by the guard's own reader: what people sign must not be bent into shape on the way. */
const batchBody: Schema = { type: 'object', description: 'A batch, field by field as people sign it.' };
const states = Object.keys(jobTransitions) as JobState[];

export function commandRoutes(app: FastifyInstance, { system, log }: ApiContext): void {
  const expectCommands = () => {
    if (system.commands) return system.commands;
    throw serverError('server/no-signer', 'this stack runs without a signer: it can command nothing');
  };
  /** Carries out what may be, without letting the caller wait for meters. */
  const runSoon = () => {
    expectCommands()
      .desk.run()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'a pass of the command desk failed'));
  };
  const detailOf = async (key: string): Promise<CommandBatchDetail> => {
    const { desk } = expectCommands();
    const stored = await desk.batch(key);
    if (!stored) {
      throw serverError('server/unknown-batch', `expected the key of a batch, found '${key.slice(0, 60)}'`);
    }
    const jobs = await desk.jobs({ key });
    const steps = await Promise.all(jobs.map(({ id }) => desk.steps(id)));
    return {
      batch: stored.batch,
      hash: stored.hash,
      approvals: stored.approvals.map(({ person, atMs }) => ({ person, at: formatInstant(atMs) })),
      jobs: jobs.map((job) => toItem(job, desk.progress(job.id))),
      steps: steps.flat().map(({ job_id, state, at_ms, code, message }) => ({
        job: job_id,
        state,
        at: formatInstant(at_ms),
        code,
        message,
      })),
    };
  };

  app.get(
    '/commands/status',
    describeRoute({
      id: 'guardStatus',
      tag: 'commands',
      access: 'read',
      summary: 'How the guard and the signer stand',
      response: named('GuardStatus'),
      problems: [503],
    }),
    async (): Promise<GuardStatus> => {
      const reply = await expectCommands().ask({ kind: 'status' });
      if (reply.kind !== 'status') throw serverError('server/no-signer', 'the signer gave no status');
      return guardOf(reply);
    },
  );

  app.get(
    '/keys',
    describeRoute({
      id: 'keyStatus',
      tag: 'commands',
      access: 'read',
      summary: 'How many keys of meters were changed and how many are on their way',
      response: named('KeyStatus'),
      problems: [503],
    }),
    async (): Promise<KeyStatus> => {
      const reader = await system.headend.readerKeys.figures();
      const reply = await expectCommands()
        .ask({ kind: 'status' })
        .catch(() => undefined);
      return { reader, signer: reply?.kind === 'status' ? reply.keys : null };
    },
  );

  app.post(
    '/keys/settle',
    describeRoute({
      id: 'settleKeys',
      tag: 'commands',
      access: 'write',
      summary:
        'Asks every meter whose change of reader keys was cut off which pair it holds; changes nothing in it',
      response: record({ decided: integer('Meters that proved the new pair.') }),
      problems: [503],
    }),
    async () => ({ decided: await system.headend.readerKeys.settle() }),
  );

  app.get<{ Querystring: { state?: JobState; key?: string } }>(
    '/commands',
    describeRoute({
      id: 'listCommandJobs',
      tag: 'commands',
      access: 'read',
      summary: 'Jobs, one for each meter of each batch; without a query those that have not ended',
      querystring: query({ state: oneOf('State.', states), key: keyParameter.key }),
      response: pageOf(named('CommandJob')),
      problems: [400, 503],
    }),
    async ({ query: { state, key } }): Promise<Page<CommandJobItem>> => {
      const open = states.filter((one) => !isEnded(one));
      const chosen = state ? [state] : key === undefined ? open : undefined;
      const { desk } = expectCommands();
      const jobs = await desk.jobs({
        ...(key === undefined ? {} : { key }),
        ...(chosen ? { states: chosen } : {}),
      });
      return { items: jobs.map((job) => toItem(job, desk.progress(job.id))), next: null };
    },
  );

  app.get<{ Params: { key: string } }>(
    '/commands/:key',
    describeRoute({
      id: 'getCommandBatch',
      tag: 'commands',
      access: 'read',
      summary: 'A batch with its hash, approvals, jobs and every state they came into',
      params: keyParameter,
      response: named('CommandBatchDetail'),
      problems: [400, 404, 503],
    }),
    ({ params }) => detailOf(params.key),
  );

  app.post<{ Body: unknown }>(
    '/commands/preview',
    describeRoute({
      id: 'previewCommand',
      tag: 'commands',
      access: 'write',
      summary: 'What a batch would do at every place, what the limits leave, and what the guard says now',
      body: batchBody,
      response: named('CommandPreview'),
      problems: [400, 503],
    }),
    async ({ body }): Promise<CommandPreview> => {
      const { hash, places, unknown, reasons } = await expectCommands().desk.preview(expectBatch(body));
      return { hash, places, unknown, reasons };
    },
  );

  app.post<{ Body: unknown }>(
    '/commands',
    describeRoute({
      id: 'requestCommand',
      tag: 'commands',
      access: 'write',
      summary: 'Requests a batch; the same key and contents any number of times are one batch',
      body: batchBody,
      response: named('CommandBatchDetail'),
      problems: [400, 409, 503],
    }),
    async ({ body }): Promise<CommandBatchDetail> => {
      const batch = expectBatch(body);
      await expectCommands().desk.request(batch);
      runSoon();
      return detailOf(batch.key);
    },
  );

  app.post<{ Params: { key: string }; Body: unknown }>(
    '/commands/:key/approvals',
    describeRoute({
      id: 'approveCommand',
      tag: 'commands',
      access: 'write',
      summary: 'Adds a signature of an enrolled person over the hash of the batch',
      params: keyParameter,
      body: { type: 'object', description: 'person, atMs, signature (Ed25519, base64).' },
      response: named('CommandBatchDetail'),
      problems: [400, 404, 409, 503],
    }),
    async ({ params, body }): Promise<CommandBatchDetail> => {
      const { desk } = expectCommands();
      if (!isApproval(body)) throw badBody('person, atMs and signature');
      const { batch } = await detailOf(params.key);
      await desk.request(batch as Batch, [body]);
      runSoon();
      return detailOf(params.key);
    },
  );

  app.post<{ Params: { key: string }; Body: { by: string } }>(
    '/commands/:key/cancel',
    describeRoute({
      id: 'cancelCommand',
      tag: 'commands',
      access: 'write',
      summary: 'Stops what is not yet sealed; needs nobody’s signature',
      params: keyParameter,
      body: record({ by: text('Who stops it.', { minLength: 1, maxLength: 200 }) }),
      response: named('CommandBatchDetail'),
      problems: [400, 404, 503],
    }),
    async ({ params, body }): Promise<CommandBatchDetail> => {
      await detailOf(params.key);
      await expectCommands().desk.cancel(params.key, body.by);
      return detailOf(params.key);
    },
  );

  app.post<{ Body: { by: string } }>(
    '/commands/red-switch',
    describeRoute({
      id: 'pullRedSwitch',
      tag: 'commands',
      access: 'write',
      summary: 'Stops every command to every meter until two people release it; needs nobody’s signature',
      body: record({ by: text('Who pulls it.', { minLength: 1, maxLength: 200 }) }),
      response: record({ isRedSwitchPulled: { type: 'boolean', description: 'True.' } }),
      problems: [400, 503],
    }),
    async ({ body }) => {
      const reply = await expectCommands().ask({ kind: 'red-switch', by: body.by });
      return { isRedSwitchPulled: reply.kind === 'done' };
    },
  );

  app.get<{ Querystring: MeterGroup }>(
    '/commands/meters',
    describeRoute({
      id: 'metersOfPlace',
      tag: 'commands',
      access: 'read',
      summary: 'Serial numbers of the meters of a piece of the grid: the meters of a batch',
      querystring: {
        ...query({
          scope: oneOf('Which piece.', ['transformer', 'feeder', 'substation', 'fleet']),
          place: text('Its name; empty for the fleet.', { maxLength: 200 }),
        }),
        required: ['scope', 'place'],
      },
      response: record({ meters: listOf(text('Serial number.')) }),
      problems: [400, 503],
    }),
    async ({ query: group }) => ({ meters: await expectCommands().desk.metersOf(group) }),
  );
}

function expectBatch(body: unknown): Batch {
  const read = readBatch(body);
  if (read.ok) return read.value;
  throw badBody(read.error.message);
}

function badBody(expected: string) {
  return serverError('server/bad-body', expected, { field: 'body' });
}

function toItem(job: Job, progress: JobProgress | undefined): CommandJobItem {
  return {
    id: job.id,
    key: job.batch_key,
    serial: job.serial,
    command: job.command,
    state: job.state,
    deadline: formatInstant(job.deadline_ms),
    updated: formatInstant(job.updated_ms),
    attempts: job.attempts,
    code: job.code,
    message: job.message,
    result: job.result,
    progress: progress ?? null,
  };
}
