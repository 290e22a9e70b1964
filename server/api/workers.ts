/** `POST workers/readings`, `GET workers/gaps`, `GET workers/known`: meter data management for head-ends in processes of their own. */
import type { IngestReceipt, ReadingBatch } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { parseInstant } from './period.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, number, oneOf, query, record, text } from './schema/index.ts';

const ms = (what: string) => integer(`${what}, ms since 1970 UTC.`);
const channel = { channel: text('Id of the channel.', { minLength: 1, maxLength: 200 }) };
const from = { from: text('Instant.', { minLength: 1 }) };
const to = { to: text('Instant.', { minLength: 1 }) };
/** Octets of one batch: forty days of quarter-hours in two channels are a tenth of it. */
const bodyLimit = 8 * 2 ** 20;

const batch = record({
  id: text('Idempotency key: the same id again is stored once.', { minLength: 1, maxLength: 100 }),
  origin: record({ source: oneOf('Where it came from.', ['dlms']), reference: text('Id of the exchange.') }),
  receivedMs: ms('When it was read'),
  blocks: listOf(
    record({
      ...channel,
      startMs: ms('Start of the first interval'),
      intervalSeconds: integer('0 for a register read.', { minimum: 0 }),
      value: listOf(number('In the unit of the reading type, whole.')),
      quality: listOf(integer('Flags of the value.', { minimum: 0, maximum: 65_535 })),
    }),
  ),
});

type BatchBody = Omit<ReadingBatch, 'blocks'> & {
  readonly blocks: readonly {
    readonly channel: string;
    readonly startMs: number;
    readonly intervalSeconds: number;
    readonly value: readonly number[];
    readonly quality: readonly number[];
  }[];
};

export function workerRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { mdm } = system;

  app.post<{ Body: BatchBody }>(
    '/workers/readings',
    {
      bodyLimit,
      ...describeRoute({
        id: 'takeWorkerReadings',
        tag: 'operations',
        access: 'write',
        summary: 'Takes what a worker has read; answers when it is on disk',
        body: batch,
        response: record({
          accepted: integer('Values stored.'),
          duplicates: integer('Values known already.'),
          rejected: listOf(
            record({
              ...channel,
              code: text('Why.'),
              message: text('What is wrong.'),
              count: integer('Values.'),
            }),
          ),
        }),
        problems: [400, 413],
      }),
    },
    ({ body }): Promise<IngestReceipt> =>
      mdm.ingest({
        ...body,
        blocks: body.blocks.map((block) => ({
          ...block,
          value: Float64Array.from(block.value),
          quality: Uint16Array.from(block.quality),
        })),
      }),
  );

  app.get<{ Querystring: { channel: string; from: string; to: string } }>(
    '/workers/gaps',
    describeRoute({
      id: 'workerGaps',
      tag: 'operations',
      access: 'read',
      summary: 'Missing ranges of a channel, for a worker that is about to read its meter',
      querystring: { ...query({ ...channel, ...from, ...to }), required: ['channel', 'from', 'to'] },
      response: record({ items: listOf(record({ startMs: ms('Start'), endMs: ms('End') })) }),
      problems: [400],
    }),
    async ({ query: asked }) => {
      const range = [parseInstant('from', asked.from), parseInstant('to', asked.to)] as const;
      return { items: await mdm.gaps(asked.channel, ...range) };
    },
  );

  app.get<{ Querystring: { channel: string; from: string } }>(
    '/workers/known',
    describeRoute({
      id: 'workerKnown',
      tag: 'operations',
      access: 'read',
      summary: 'How far a channel is known without a gap, for a worker that is about to read its meter',
      querystring: { ...query({ ...channel, ...from }), required: ['channel', 'from'] },
      response: record({ untilMs: ms('End of what is known') }),
      problems: [400],
    }),
    async ({ query: asked }) => ({
      untilMs: await mdm.knownUntil(asked.channel, parseInstant('from', asked.from)),
    }),
  );
}
