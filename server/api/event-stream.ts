/** `GET operations/events/stream`: events as they come, as server-sent events (WHATWG HTML, 9.2). */
import type { ServerResponse } from 'node:http';
import type { LoggedEvent } from '@wattline/system';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { itemOf, itemOfRow } from './event-item.ts';
import { describeRoute } from './route.ts';
import { query, text } from './schema/index.ts';
import {
  beginStream,
  heartbeat,
  heartbeatMs,
  lastIdOf,
  lastIdParameter,
  streamMessage,
} from './stream-reply.ts';

/** Events replayed to one who was away; older ones are in the list. */
const mostReplayed = 1000;
/** Events that may come while the missed ones are looked up. */
const mostWaiting = 10_000;
/** Octets a client may leave unread before it is dropped; it comes back with its last id. */
const mostUnread = 1 << 20;

interface Client {
  readonly response: ServerResponse;
  /** Events that came while the missed ones are looked up; null once they were sent. */
  waiting: LoggedEvent[] | null;
  /** Id of the last event that was sent while it caught up. */
  lastId: number;
}

/** The open streams. */
export interface EventStreams {
  count(): number;
  close(): void;
}

export function eventStreamRoute(app: FastifyInstance, context: ApiContext): EventStreams {
  const { system, machineClock } = context;
  const clients = new Set<Client>();
  let stopHeart = () => {};

  /** What came in this turn of the event loop: in a storm one write for each client, not one for each event. */
  let turn: { readonly id: number; readonly message: string }[] = [];
  const tell = () => {
    const told = turn;
    turn = [];
    const all = told.map(({ message }) => message).join('');
    for (const client of clients) {
      if (client.waiting) continue;
      // Who has just been sent what it missed may have some of these.
      const isBehind = client.lastId < (told[0]?.id ?? 0);
      const news = isBehind ? [] : told.filter(({ id }) => id > client.lastId);
      send(client, isBehind ? all : news.map(({ message }) => message).join(''));
    }
  };
  const unsubscribe = system.events.subscribe((event) => {
    if (clients.size === 0) return;
    if (turn.length === 0) setImmediate(tell);
    turn.push({ id: event.id, message: streamMessage(event.id, itemOf(event)) });
    for (const client of clients) {
      if (client.waiting && client.waiting.push(event) > mostWaiting) drop(client);
    }
  });

  function send(client: Client, message: string): void {
    client.response.write(message);
    if (client.response.writableLength > mostUnread) drop(client);
  }

  function drop(client: Client): void {
    clients.delete(client);
    client.response.destroy();
    if (clients.size === 0) stopHeart();
  }

  function beat(): void {
    stopHeart = machineClock.after(heartbeatMs, () => {
      for (const client of clients) send(client, heartbeat);
      if (clients.size > 0) beat();
    });
  }

  async function replay(client: Client, since: number | undefined): Promise<void> {
    let last = since ?? 0;
    if (since !== undefined) {
      const rows = await system.registry
        .selectFrom('event')
        .selectAll()
        .where('id', '>', since)
        .orderBy('id', 'desc')
        .limit(mostReplayed)
        .execute();
      for (const row of rows.reverse()) {
        last = Number(row.id);
        send(client, streamMessage(last, itemOfRow(row)));
      }
    }
    for (const event of client.waiting ?? [])
      if (event.id > last) send(client, streamMessage(event.id, itemOf(event)));
    client.lastId = Math.max(last, client.waiting?.at(-1)?.id ?? 0);
    client.waiting = null;
  }

  app.get(
    '/operations/events/stream',
    {
      ...describeRoute({
        id: 'streamEvents',
        tag: 'operations',
        access: 'read',
        summary: 'Events as they come, as server-sent events',
        description:
          'Each message has the id of the event and an EventItem as data. With the header Last-Event-ID, or the parameter ' +
          'of the same name, what came after that event is sent first.',
        querystring: query(lastIdParameter),
        response: text('Messages with id and data.'),
        produces: 'text/event-stream',
        problems: [400, 503],
      }),
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const since = lastIdOf(request);
      const response = beginStream(reply, 'events', clients.size);
      const client: Client = { response, waiting: [], lastId: 0 };
      clients.add(client);
      if (clients.size === 1) beat();
      response.on('close', () => drop(client));
      response.on('error', () => drop(client));
      await replay(client, since).catch((error: unknown) => {
        context.log.error({ error: String(error) }, 'events could not be replayed');
        drop(client);
      });
    },
  );

  return {
    count: () => clients.size,
    close() {
      unsubscribe();
      for (const client of clients) client.response.end();
      clients.clear();
      stopHeart();
    },
  };
}
