/** `GET changes/stream`: the change feed as server-sent events, each client at its own pace from where it was. */
import type { ServerResponse } from 'node:http';
import { codeOf, messageOf } from '@wattline/base';
import type { ChangePage } from '@wattline/mdm';
import type { FastifyInstance } from 'fastify';
import { wirePage } from './changes.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, query, text } from './schema/index.ts';
import {
  beginStream,
  heartbeat,
  heartbeatMs,
  lastIdOf,
  lastIdParameter,
  streamMessage,
} from './stream-reply.ts';

/** Changes in one message, unless a single batch has more. */
const changesPerMessage = 500;

interface Client {
  readonly response: ServerResponse;
  position: number;
  /** Whether something may have been stored since the last look. */
  hasNews: boolean;
  isPumping: boolean;
  /** The position at which the last heartbeat found it with octets unread; null when it had none. */
  fullAt: number | null;
}

/** The open streams. */
export interface ChangeStreams {
  count(): number;
  close(): void;
}

export function changeStreamRoute(app: FastifyInstance, context: ApiContext): ChangeStreams {
  const { feed } = context.system.mdm;
  const clients = new Set<Client>();
  /** Pages being fetched, by position: clients that are up to date are at the same one. */
  const fetching = new Map<number, Promise<ChangePage>>();
  let stopHeart = () => {};

  const unwatch = feed.watch(() => {
    // A page under way may have been read before this was stored.
    fetching.clear();
    for (const client of clients) void pump(client);
  });

  function pageAfter(position: number): Promise<ChangePage> {
    const known = fetching.get(position);
    if (known) return known;
    const page = feed.changes(position, changesPerMessage).finally(() => {
      if (fetching.get(position) === page) fetching.delete(position);
    });
    fetching.set(position, page);
    return page;
  }

  /** Sends page after page until nothing is left; the next page is fetched when the client has taken the last. */
  async function pump(client: Client): Promise<void> {
    client.hasNews = true;
    if (client.isPumping) return;
    client.isPumping = true;
    try {
      while (client.hasNews && clients.has(client)) {
        client.hasNews = false;
        const page = await pageAfter(client.position);
        if (clients.has(client)) await give(client, page);
      }
    } catch (error) {
      context.log.error({ code: codeOf(error), error: messageOf(error) }, 'changes could not be streamed');
      drop(client);
    } finally {
      client.isPumping = false;
    }
  }

  async function give(client: Client, page: ChangePage): Promise<void> {
    client.position = page.position;
    if (!page.isLast) client.hasNews = true;
    if (page.changes.length === 0) return;
    const isTaken = client.response.write(streamMessage(page.position, wirePage(page)));
    if (!isTaken) await drained(client.response);
  }

  function drop(client: Client): void {
    clients.delete(client);
    client.response.destroy();
    if (clients.size === 0) stopHeart();
  }

  /** Who has read nothing for a whole beat is dropped; it comes back with its last id. */
  function beat(): void {
    stopHeart = context.machineClock.after(heartbeatMs, () => {
      for (const client of clients) {
        const isFull = client.response.writableNeedDrain;
        if (!isFull) client.response.write(heartbeat);
        else if (client.fullAt === client.position) drop(client);
        client.fullAt = isFull ? client.position : null;
      }
      if (clients.size > 0) beat();
    });
  }

  app.get<{ Querystring: { after: number } }>(
    '/changes/stream',
    {
      ...describeRoute({
        id: 'streamChanges',
        tag: 'readings',
        access: 'read',
        summary: 'What changed after a position and what changes from now on, as server-sent events',
        description:
          'Each message has a position as id and a ChangePage as data. A client that comes back with the header Last-Event-ID, ' +
          'or the parameter of the same name, goes on there, whatever `after` says.',
        querystring: query({
          after: integer('Position.', { minimum: 0, default: 0 }),
          ...lastIdParameter,
        }),
        response: text('Messages with id and data.'),
        produces: 'text/event-stream',
        problems: [400, 503],
      }),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const position = lastIdOf(request) ?? request.query.after;
      const response = beginStream(reply, 'changes', clients.size);
      const client: Client = { response, position, hasNews: false, isPumping: false, fullAt: null };
      clients.add(client);
      if (clients.size === 1) beat();
      response.on('close', () => drop(client));
      response.on('error', () => drop(client));
      void pump(client);
    },
  );

  return {
    count: () => clients.size,
    close() {
      unwatch();
      const open = [...clients];
      clients.clear();
      for (const client of open) client.response.end();
      stopHeart();
    },
  };
}

/** Resolves when what was written is taken, or when nobody will take it any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      response.off('drain', end).off('close', end);
      done();
    };
    response.on('drain', end).on('close', end);
    if (response.destroyed) end();
  });
}
