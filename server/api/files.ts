/** Interchange files in and out, and what of them waits for a decision. */
import { formatInstant, type Where } from '@wattline/base';
import { readableFormats, readTemperatures, writableFormats } from '@wattline/mdm';
import { channelIdOf } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { numberAfter, type PageQuery, pageOfRows } from './page.ts';
import { parseInstant, parsePeriod } from './period.ts';
import { expectChannel, expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import {
  integer,
  named,
  oneOf,
  pageOf,
  paging,
  partly,
  query,
  readingTypeIds,
  record,
  text,
} from './schema/index.ts';

const list = 'quarantine';
/** Octets of a file at most. */
const mostFileOctets = 64 * 2 ** 20;
const parquetType = 'application/vnd.apache.parquet';
const fileTypes = ['text/plain', 'text/csv', 'application/xml', 'application/octet-stream', parquetType];
const people = {
  author: text('Who decides.', { minLength: 1, maxLength: 100 }),
  reason: text('Why.', { minLength: 1, maxLength: 500 }),
};

/** In a scope of its own: here a body is a file. */
export async function fileRoutes(app: FastifyInstance, context: ApiContext): Promise<void> {
  const { system } = context;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    fileTypes,
    { parseAs: 'buffer', bodyLimit: mostFileOctets },
    (_request, body, done) => done(null, body),
  );
  temperatureRoute(app, context);
  app.post<{
    Querystring: {
      name: string;
      format?: string;
      zone?: string;
      intervalSeconds?: number;
      readAt?: string;
    };
    Body: Buffer | null;
  }>(
    '/imports/files',
    {
      bodyLimit: mostFileOctets,
      ...describeRoute({
        id: 'importFile',
        tag: 'readings',
        access: 'write',
        summary: 'Takes a file of an interchange format',
        description:
          'The format is found by how the file begins unless it is named. Points are found by the id of the usage point or the ' +
          'serial number of its meter; series of others wait in the quarantine. The same file again changes nothing. A drive-by file may carry the keys of its meters in lines `key <number> <32 digits>`; ' +
          'they are kept nowhere.',
        querystring: query({
          name: text('Name of the file, kept with each reading.', {
            minLength: 1,
            maxLength: 200,
            default: 'upload',
          }),
          format: oneOf('Format.', readableFormats),
          zone: text('IANA zone of local times without offset.', { maxLength: 60 }),
          intervalSeconds: integer('Length of an interval, s, where the format leaves it open.', {
            minimum: 1,
          }),
          readAt: text('When the values were read, RFC 3339, where the file does not say.'),
        }),
        consumes: fileTypes,
        body: { content: { 'text/plain': { schema: { description: 'The file, at most 64 MiB.' } } } },
        response: named('FileOutcome'),
        problems: [400, 413, 415],
      }),
    },
    async (request) => {
      const { readAt, ...query } = request.query;
      const { receipt, counts, refused, problems, ...outcome } = await system.mdm.exchange.deliver({
        ...query,
        ...(readAt === undefined ? {} : { readAtMs: parseInstant('readAt', readAt) }),
        content: request.body ?? '',
      });
      return {
        format: outcome.format,
        contentId: outcome.contentId,
        accepted: receipt.accepted,
        duplicates: receipt.duplicates + counts.duplicates,
        rejected: counts.rejected + receipt.rejected.reduce((sum, entry) => sum + entry.count, 0),
        held: outcome.held,
        refused: refused && { code: refused.code, message: refused.message, where: placeText(refused.where) },
        problems: [
          ...problems.map(({ code, message, where }) => ({ code, message, where: placeText(where) })),
          ...receipt.rejected.map(({ code, message, channel, count }) => ({
            code,
            message: `${message} (${count} values)`,
            where: placeText({ channel }),
          })),
        ],
      };
    },
  );
}

/** Where in a file something is, in words: `line 3`, `segment 12, component 2`. */
function placeText(where: Where): string {
  return Object.entries(where)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** Temperatures, in the scope of files too. */
function temperatureRoute(app: FastifyInstance, { system }: ApiContext): void {
  app.post<{ Body: Buffer | null }>(
    '/imports/temperatures',
    {
      bodyLimit: mostFileOctets,
      ...describeRoute({
        id: 'importTemperatures',
        tag: 'readings',
        access: 'write',
        summary: 'Mean temperatures by date, or values by hour, of the utility’s area',
        description:
          'A CSV with `date`, `time` or `timestamp` and `celsius`, `temperature` or `fahrenheit`. Estimation chooses like days by them.',
        consumes: fileTypes,
        body: { content: { 'text/csv': { schema: { description: 'The rows.' } } } },
        response: named('TemperatureReport'),
        problems: [400, 413, 415],
      }),
    },
    async (request) => {
      const read = readTemperatures(new TextDecoder().decode(request.body ?? new Uint8Array()), system.zone);
      if (!read)
        throw serverError('server/bad-import', 'expected columns date or time, and celsius or fahrenheit');
      await system.mdm.weather.put(read.days);
      return { days: read.days.length, rejected: read.rejected, firstLine: read.firstLine };
    },
  );
}

export function exchangeRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { mdm, registry } = system;

  app.get<{
    Params: { format: string };
    Querystring: { usagePoint: string; readingType: string; from?: string; to?: string };
  }>(
    '/exports/:format',
    describeRoute({
      id: 'exportFile',
      tag: 'readings',
      access: 'read',
      summary: 'Writes a channel in an interchange format',
      params: { format: oneOf('Format.', writableFormats) },
      querystring: query({
        usagePoint: text('Id of the usage point.', { minLength: 1, default: '' }),
        readingType: { ...oneOf('Reading type.', readingTypeIds), default: 'delivered' },
        from: text('Instant, or local date for its first moment. Default: a day before `to`.'),
        to: text('Instant, or local date for its first moment. Default: now.'),
      }),
      response: text('The file.'),
      produces: ['text/plain', parquetType],
      problems: [400, 404],
    }),
    async (request, reply) => {
      const { usagePoint, readingType, from, to } = request.query;
      const point = await expectUsagePoint(registry, usagePoint);
      await expectChannel(registry, point.id, readingType);
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: point.zone, nowMs: system.clock.now() });
      const channels = [channelIdOf(point.id, readingType)];
      const file = await mdm.exchange.write({ format: request.params.format, channels, period });
      if (typeof file === 'string')
        return reply.type('text/plain; charset=utf-8').serializer(String).send(file);
      return reply.type(parquetType).send(Buffer.from(file));
    },
  );

  app.get<{ Querystring: PageQuery }>(
    '/operations/quarantine',
    describeRoute({
      id: 'listHeld',
      tag: 'operations',
      access: 'read',
      summary: 'Series that wait for a decision, oldest first',
      querystring: query(paging),
      response: pageOf(named('HeldSeries')),
      problems: [400],
    }),
    async (request) => {
      const { limit, cursor } = request.query;
      const rows = await mdm.exchange.held({ after: numberAfter(list, cursor) ?? 0, limit: limit + 1 });
      return pageOfRows(rows, list, {
        limit,
        keyOf: (row) => row.id,
        toItem: ({ id, name, format, code, message, source, blocks, received_ms }) => ({
          id,
          name,
          format,
          code,
          message,
          source,
          values: (JSON.parse(blocks) as { value: number[] }[]).reduce(
            (sum, { value }) => sum + value.length,
            0,
          ),
          receivedAt: formatInstant(received_ms),
        }),
      });
    },
  );

  app.post<{ Params: { id: number }; Body: { channel?: string; author: string; reason: string } }>(
    '/operations/quarantine/:id/release',
    describeRoute({
      id: 'releaseHeld',
      tag: 'operations',
      access: 'write',
      summary: 'Puts a held series on a channel and stores it',
      description:
        'Without `channel` it goes where its source says, by what the registry knows now. A series of the future is taken when its time has come.',
      params: { id: integer('Number in the quarantine.', { minimum: 1 }) },
      body: partly(['channel'], { channel: text('Id of the channel.', { minLength: 1 }), ...people }),
      response: named('Decided'),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { id } = request.params;
      const { channel = null, author, reason } = request.body;
      const { accepted, duplicates } = await mdm.exchange.release(id, channel, { author, reason });
      return { id, accepted, duplicates };
    },
  );

  app.post<{ Body: { author: string; reason: string } }>(
    '/operations/quarantine/release',
    describeRoute({
      id: 'releasePlaced',
      tag: 'operations',
      access: 'write',
      summary: 'Releases every held series whose point has become known or whose time has come',
      description:
        'Series that want a person (two meters mixed, two values for one time, wrong units) wait on.',
      body: record(people),
      response: record({
        released: integer('Series stored.'),
        accepted: integer('Values stored.'),
        duplicates: integer('Values known already.'),
        left: integer('Series that wait on.'),
      }),
      problems: [400],
    }),
    async ({ body: { author, reason } }) => mdm.exchange.releasePlaced({ author, reason }),
  );

  app.post<{ Params: { id: number }; Body: { author: string; reason: string } }>(
    '/operations/quarantine/:id/discard',
    describeRoute({
      id: 'discardHeld',
      tag: 'operations',
      access: 'write',
      summary: 'Gives a held series up',
      params: { id: integer('Number in the quarantine.', { minimum: 1 }) },
      body: record(people),
      response: named('Decided'),
      problems: [400, 404, 409],
    }),
    async (request) => {
      await mdm.exchange.discard(request.params.id, request.body);
      return { id: request.params.id, accepted: 0, duplicates: 0 };
    },
  );
}
