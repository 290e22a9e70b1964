/** Changes for systems downstream: page by page, and who is told of them. */
import { formatInstant } from '@wattline/base';
import type { ChangePage, Subscriber } from '@wattline/mdm';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, query, record, text } from './schema/index.ts';

const subscriberId = text('Id of the subscriber.', { pattern: '^[A-Za-z0-9._-]{1,100}$' });

/** A page as it is sent. */
export function wirePage({ changes, ...page }: ChangePage) {
  return {
    ...page,
    changes: changes.map(({ startMs, endMs, knownMs, ...rest }) => ({
      ...rest,
      knownAt: formatInstant(knownMs),
      start: formatInstant(startMs),
      end: formatInstant(endMs),
    })),
  };
}

export function changeRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { feed } = system.mdm;

  app.get<{ Querystring: { after: number; limit: number } }>(
    '/changes',
    describeRoute({
      id: 'listChanges',
      tag: 'readings',
      access: 'read',
      summary: 'What changed after a position, in the order in which it became known',
      description:
        'Begin at 0 and go on with `position` of the page before; the same position gives the same changes again.',
      querystring: query({
        after: integer('Position.', { minimum: 0, default: 0 }),
        limit: integer('Changes on a page.', { minimum: 1, maximum: 10_000, default: 1000 }),
      }),
      response: named('ChangePage'),
      problems: [400],
    }),
    async (request) => wirePage(await feed.changes(request.query.after, request.query.limit)),
  );

  app.get(
    '/changes/subscribers',
    describeRoute({
      id: 'listSubscribers',
      tag: 'readings',
      access: 'write',
      summary: 'Who is told of changes, and how far they have come',
      description: 'With a login even where reading is free: addresses may say more than they should.',
      response: record({ items: listOf(named('Subscriber')) }),
    }),
    async () => ({ items: await feed.subscribers() }),
  );

  app.post<{ Body: { id: string; url: string; after: number } }>(
    '/changes/subscribers',
    describeRoute({
      id: 'addSubscriber',
      tag: 'readings',
      access: 'write',
      summary: 'Tells an address of changes from a position on',
      description:
        'Pages are posted as JSON with instants in UTC ms and the position as Idempotency-Key; one that is not answered with 2xx ' +
        'within 10 s comes again, after longer and longer waits. An id that is known begins again at `after`.',
      body: {
        ...record({
          id: subscriberId,
          url: text('http or https, without user and password.', { minLength: 1, maxLength: 2000 }),
          after: integer('Position.', { minimum: 0, default: 0 }),
        }),
        required: ['id', 'url'],
      },
      response: named('Subscriber'),
      problems: [400, 409],
    }),
    async (request): Promise<Subscriber> => {
      const { id, url, after } = request.body;
      await feed.subscribe(id, url, after);
      return { id, url, position: after, failures: 0, lastCode: null };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/changes/subscribers/:id/remove',
    describeRoute({
      id: 'removeSubscriber',
      tag: 'readings',
      access: 'write',
      summary: 'Tells a subscriber no more',
      params: { id: subscriberId },
      response: record({ id: subscriberId }),
      problems: [400, 404],
    }),
    async (request) => {
      await feed.unsubscribe(request.params.id);
      return { id: request.params.id };
    },
  );
}
