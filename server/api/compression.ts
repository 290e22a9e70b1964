/** Answers compressed for those who can take it: text of some size, whole or as a stream. */
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const compressible = /^(text\/(?!event-stream)|application\/(json|javascript|openmetrics-text)|image\/svg)/;
const leastOctets = 1024;
const zip = promisify(gzip);
/** A middling effort: readings shrink eightfold at a fraction of the default's time. */
const options = { level: constants.Z_BEST_SPEED + 2 };

/** Compresses the answers of `app` with gzip. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const type = String(reply.getHeader('content-type') ?? '');
    const isDone = reply.statusCode !== 200 || reply.hasHeader('content-encoding');
    if (isDone || payload === null || payload === undefined || !compressible.test(type)) return payload;
    reply.header('vary', 'Accept-Encoding');
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return payload;
    if (payload instanceof Readable) {
      const zipped = createGzip(options);
      payload.on('error', (error) => zipped.destroy(error));
      reply.removeHeader('content-length').header('content-encoding', 'gzip');
      return payload.pipe(zipped);
    }
    const isShort = typeof payload !== 'string' || payload.length < leastOctets;
    if (isShort) return payload;
    const zipped = await zip(payload, options);
    reply.header('content-length', zipped.length).header('content-encoding', 'gzip');
    return zipped;
  });
}
