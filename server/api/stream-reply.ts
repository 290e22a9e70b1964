/** What every stream of server-sent events has in common (WHATWG HTML, 9.2): how it begins, beats and names its last id. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serverError } from '../errors.ts';
import { badQuery } from './problem.ts';
import { text } from './schema/index.ts';

/** Streams of one kind open at one time. */
export const mostStreams = 64;
export const heartbeatMs = 15_000;
export const heartbeat = ': still here\n\n';
const retryMs = 3000;

/** The parameter for clients that cannot set the header. */
export const lastIdParameter = { 'Last-Event-ID': text('Id of the last message seen.') };

/** Takes the reply out of the framework's hands and begins the stream; `open` are those of its kind. */
export function beginStream(reply: FastifyReply, topic: string, open: number): ServerResponse {
  if (open >= mostStreams) {
    throw serverError('server/too-many-streams', `${mostStreams} streams of ${topic} are open already`);
  }
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store');
  reply.header('x-accel-buffering', 'no');
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, reply.getHeaders() as Record<string, string>);
  response.write(`retry: ${retryMs}\n: ${topic} of Wattline\n\n`);
  return response;
}

/** One message. */
export function streamMessage(id: number, data: object): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The last id a client has seen; the header counts before the parameter. */
export function lastIdOf(request: FastifyRequest): number | undefined {
  const query = request.query as { 'Last-Event-ID'?: string };
  const value = request.headers['last-event-id'] ?? query['Last-Event-ID'];
  if (value === undefined || value === '') return undefined;
  const id = Number(value);
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw badQuery('Last-Event-ID', 'the id of a message', String(value));
}
