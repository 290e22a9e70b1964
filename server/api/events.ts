/** `GET operations/events` and `GET operations/exceptions`: what happened, and what an operator should look at. */
import { type EventItem, type EventKind, type ExceptionPage, eventKinds, type Page } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { itemOfRow, kindOf } from './event-item.ts';
import { numberAfter, type PageQuery, pageOfRows } from './page.ts';
import { describeRoute } from './route.ts';
import { eventKindIds, exceptionKindIds, named, oneOf, pageOf, paging, query, text } from './schema/index.ts';

const list = 'events';

type EventQuery = PageQuery & {
  readonly kind?: string;
  readonly severity?: EventItem['severity'];
  readonly serial?: string;
};

export function eventRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry } = system;

  app.get<{ Querystring: EventQuery }>(
    '/operations/events',
    describeRoute({
      id: 'listEvents',
      tag: 'operations',
      access: 'read',
      summary: 'Events, newest first',
      querystring: query({
        ...paging,
        kind: oneOf('Kind of event.', eventKindIds),
        severity: oneOf('Severity of the kind.', ['info', 'warning', 'alarm']),
        serial: text('Serial number of the meter.'),
      }),
      response: pageOf(named('EventItem')),
      problems: [400],
    }),
    (request): Promise<Page<EventItem>> => findEvents(registry, request.query, eventKindIds),
  );

  app.get<{ Querystring: EventQuery }>(
    '/operations/exceptions',
    describeRoute({
      id: 'listExceptions',
      tag: 'operations',
      access: 'read',
      summary: 'Events an operator should look at, newest first, with counts by kind',
      querystring: query({ ...paging, kind: oneOf('Kind of exception.', exceptionKindIds) }),
      response: named('ExceptionPage'),
      problems: [400],
    }),
    async (request): Promise<ExceptionPage> => {
      const page = await findEvents(registry, request.query, exceptionKindIds);
      return { ...page, counts: await countExceptions(registry) };
    },
  );
}

async function findEvents(
  registry: Registry,
  { limit, cursor, kind, severity, serial }: EventQuery,
  kinds: readonly string[],
): Promise<Page<EventItem>> {
  const before = numberAfter(list, cursor);
  let events = registry
    .selectFrom('event')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (before !== undefined) events = events.where('id', '<', before);
  if (serial !== undefined) events = events.where('serial', '=', serial);
  if (severity !== undefined) events = events.where('kind', 'in', kindsOf(severity));
  if (kind !== undefined) events = events.where('kind', '=', kind);
  else if (kinds !== eventKindIds) events = events.where('kind', 'in', kinds);
  return pageOfRows(await events.execute(), list, { limit, keyOf: (row) => row.id, toItem: itemOfRow });
}

/** Kinds of a severity, as the vocabulary has them. */
function kindsOf(severity: EventItem['severity']): EventKind[] {
  return (Object.keys(eventKinds) as EventKind[]).filter((kind) => eventKinds[kind].severity === severity);
}

async function countExceptions(registry: Registry): Promise<ExceptionPage['counts']> {
  const rows = await registry
    .selectFrom('event')
    .select((eb) => ['kind', eb.fn.countAll<number>().as('count')])
    .where('kind', 'in', exceptionKindIds)
    .groupBy('kind')
    .execute();
  return rows
    .map((row) => {
      const kind = row.kind as EventKind;
      return { kind, ...titleOf(kind), count: Number(row.count) };
    })
    .sort((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}

function titleOf(kind: EventKind) {
  const { title, severity } = kindOf(kind);
  return { title, severity };
}
