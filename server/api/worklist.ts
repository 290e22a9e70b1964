/** The worklist and edits by people: what rules put before an operator, and what the operator does about it. */
import { formatInstant } from '@wattline/base';
import { type Edit, rules } from '@wattline/mdm';
import type { WorkPage, WorkTask } from '@wattline/model';
import type { Row } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { numberAfter, type PageQuery, pageOfRows } from './page.ts';
import { parseInstant } from './period.ts';
import { expectChannel, expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import {
  integer,
  listOf,
  named,
  nullable,
  number,
  oneOf,
  paging,
  query,
  readingTypeIds,
  record,
  text,
} from './schema/index.ts';

const list = 'worklist';
const titles = new Map(rules.map((rule) => [rule.id, rule.title]));
const people = {
  author: text('Who decides.', { minLength: 1, maxLength: 100 }),
  reason: text('Why.', { minLength: 1, maxLength: 500 }),
};
/** Tasks ended by one request. */
const mostTasks = 10_000;

export function worklistRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { mdm, registry } = system;

  app.get<{ Querystring: PageQuery & { rule?: string } }>(
    '/operations/worklist',
    describeRoute({
      id: 'listWork',
      tag: 'operations',
      access: 'read',
      summary: 'Open tasks for people, oldest first, with counts by rule',
      querystring: query({
        ...paging,
        rule: oneOf(
          'Rule.',
          rules.map((rule) => rule.id),
        ),
      }),
      response: named('WorkPage'),
      problems: [400],
    }),
    async (request): Promise<WorkPage> => {
      const { limit, cursor, rule } = request.query;
      const after = numberAfter(list, cursor) ?? 0;
      const rows = await mdm.worklist.open({
        after,
        limit: limit + 1,
        ...(rule === undefined ? {} : { rule }),
      });
      const page = pageOfRows(rows, list, { limit, keyOf: (row) => row.id, toItem: taskOf });
      const counts = await mdm.worklist.counts();
      return { ...page, counts: counts.map((one) => ({ ...one, title: titles.get(one.rule) ?? one.rule })) };
    },
  );

  app.post<{ Body: { ids: number[]; action: 'accept' | 'dismiss'; author: string; reason: string } }>(
    '/operations/worklist/close',
    describeRoute({
      id: 'closeWork',
      tag: 'operations',
      access: 'write',
      summary: 'Ends tasks, many at once',
      description:
        'Tasks that are not open any more are passed over. `accept`: the values stand; `dismiss`: it was nothing.',
      body: record({
        ids: listOf(integer('Number of a task.')),
        action: oneOf('How they end.', ['accept', 'dismiss']),
        ...people,
      }),
      response: named('Closed'),
      problems: [400],
    }),
    async (request) => {
      const { ids, action, author, reason } = request.body;
      return { closed: await mdm.worklist.close(ids.slice(0, mostTasks), action, { author, reason }) };
    },
  );

  app.post<{ Params: { id: string }; Body: EditBody }>(
    '/usage-points/:id/edits',
    describeRoute({
      id: 'editReadings',
      tag: 'readings',
      access: 'write',
      summary: 'Sets interval values by hand',
      description:
        'Values from `start` on, one an interval; null leaves one as it is. What stood before is kept and can be put back.',
      params: { id: text('Id of the usage point.') },
      body: record({
        readingType: oneOf('Reading type.', readingTypeIds),
        start: text('Start of the first interval, RFC 3339.'),
        values: listOf(nullable(number('Value in the unit of the reading type.'))),
        ...people,
      }),
      response: named('Edit'),
      problems: [400, 404],
    }),
    async (request) => {
      const { readingType, start, values, author, reason } = request.body;
      const point = await expectUsagePoint(registry, request.params.id);
      const channel = await expectChannel(registry, point.id, readingType);
      const startMs = parseInstant('start', start);
      return wireEdit(await mdm.editor.edit({ channel: channel.id, startMs, values, author, reason }));
    },
  );

  app.get<{ Params: { id: string }; Querystring: { readingType: string } }>(
    '/usage-points/:id/edits',
    describeRoute({
      id: 'listEdits',
      tag: 'readings',
      access: 'read',
      summary: 'The last hundred edits of a channel, newest first',
      params: { id: text('Id of the usage point.') },
      querystring: query({
        readingType: { ...oneOf('Reading type.', readingTypeIds), default: 'delivered' },
      }),
      response: record({ items: listOf(named('Edit')) }),
      problems: [400, 404],
    }),
    async (request) => {
      const point = await expectUsagePoint(registry, request.params.id);
      const channel = await expectChannel(registry, point.id, request.query.readingType);
      return { items: (await mdm.editor.edits(channel.id, 100)).map(wireEdit) };
    },
  );

  app.post<{ Params: { number: number }; Body: { author: string; reason: string } }>(
    '/edits/:number/undo',
    describeRoute({
      id: 'undoEdit',
      tag: 'readings',
      access: 'write',
      summary: 'Takes an edit back',
      params: { number: integer('Number of the edit.', { minimum: 1 }) },
      body: record(people),
      response: named('Edit'),
      problems: [400, 404, 409],
    }),
    async (request) => wireEdit(await mdm.editor.undo(request.params.number, request.body)),
  );
}

interface EditBody {
  readonly readingType: string;
  readonly start: string;
  readonly values: (number | null)[];
  readonly author: string;
  readonly reason: string;
}

function taskOf(row: Row<'review_task'>): WorkTask {
  return {
    id: row.id,
    usagePointId: row.usage_point_id,
    channel: row.channel_id,
    start: formatInstant(row.start_ms),
    end: formatInstant(row.end_ms),
    rule: row.rule,
    title: titles.get(row.rule) ?? row.rule,
    detail: row.detail,
    openedAt: formatInstant(row.opened_ms),
  };
}

function wireEdit({ startMs, endMs, madeMs, ...rest }: Edit) {
  return { ...rest, start: formatInstant(startMs), end: formatInstant(endMs), madeAt: formatInstant(madeMs) };
}
