/** `POST imports/readings`: readings out of a CSV. */
import { type Readable, Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { type ImportReport, importReadings } from './import-readings.ts';
import { importColumns } from './import-rows.ts';
import { describeRoute } from './route.ts';
import { named, query, text } from './schema/index.ts';

/** Octets of an import at most. */
export const mostImportOctets = 32 * 2 ** 20;
const mediaTypes = ['text/csv', 'text/plain'];

/** In a scope of its own: here a body is a stream that is never held as a whole. */
export async function importRoutes(app: FastifyInstance, { system }: ApiContext): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(mediaTypes, async (_request: unknown, payload: Readable) => bounded(payload));
  app.post<{ Querystring: { name?: string }; Body: Readable | null }>(
    '/imports/readings',
    describeRoute({
      id: 'importReadings',
      tag: 'readings',
      access: 'write',
      summary: 'Imports readings out of a CSV',
      description:
        `Columns ${importColumns.join(', ')}; the last may be left out. \`start\` is an instant with its offset, or a local ` +
        'time of the usage point that happened exactly once. `value` is an integer of the reading type’s unit. `quality` is ' +
        'names of flags joined by +. A row that cannot be stored is refused with a code and counted; the others are stored.',
      querystring: query({
        name: text('Name of the file, kept with each reading.', { minLength: 1, maxLength: 200 }),
      }),
      consumes: mediaTypes,
      // Without a type: the body is a stream and is checked row by row.
      body: { content: { 'text/csv': { schema: { description: 'The rows, at most 32 MiB.' } } } },
      response: named('ImportReport'),
      problems: [400, 413, 415],
    }),
    async (request): Promise<ImportReport> => {
      const { body } = request;
      if (!body) throw serverError('server/bad-import', 'expected a CSV in the body, found none');
      try {
        return await importReadings(system, body, { name: request.query.name ?? 'upload' });
      } finally {
        // What was not read of a refused body is let through to nowhere: the sender waits for an answer only then.
        request.raw.resume();
      }
    },
  );
}

/** The stream, ended with an error when it grows beyond what an import may have. */
function bounded(payload: Readable): Readable {
  let octets = 0;
  const gate = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      octets += chunk.length;
      if (octets <= mostImportOctets) return done(null, chunk);
      const what = `expected at most ${mostImportOctets} octets: send the file in parts`;
      return done(serverError('server/body-too-large', what, { mostOctets: mostImportOctets }));
    },
  });
  // Not by `pipeline`, which would destroy the request when the gate closes, and with it the way back to the sender.
  payload.on('error', (error) => gate.destroy(error));
  gate.on('error', () => payload.unpipe(gate));
  payload.pipe(gate);
  return gate;
}
