/** `GET usage-points/{id}/intervals/{start}/explanation`: why an interval has its value, down to the frame from the meter. */
import { formatInstant } from '@wattline/base';
import { type IntervalExplanation, qualityFlags, type ReadingVersion } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { parseInstant } from './period.ts';
import { badQuery } from './problem.ts';
import { wireValue } from './readings.ts';
import { expectChannel, expectUsagePoint, type KnownChannel } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { named, oneOf, query, readingTypeIds, text } from './schema/index.ts';

export function intervalExplanationRoute(app: FastifyInstance, { system }: ApiContext): void {
  app.get<{ Params: { id: string; start: string }; Querystring: { readingType: string } }>(
    '/usage-points/:id/intervals/:start/explanation',
    describeRoute({
      id: 'explainInterval',
      tag: 'readings',
      access: 'read',
      summary: 'Why an interval has the value it has',
      params: { id: text('Id of the usage point.'), start: text('Start of the interval, RFC 3339.') },
      querystring: query({
        readingType: { ...oneOf('Reading type.', readingTypeIds), default: 'delivered' },
      }),
      response: named('IntervalExplanation'),
      problems: [400, 404],
    }),
    async (request): Promise<IntervalExplanation> => {
      const point = await expectUsagePoint(system.registry, request.params.id);
      const startMs = parseInstant('start', request.params.start);
      const channel = await expectChannel(system.registry, point.id, request.query.readingType);
      const intervalSeconds = await expectOnGrid(system.mdm, channel, startMs);
      const versions = await system.mdm.versions(channel.id, startMs);
      const verdicts = await system.mdm.verdicts(channel.id, startMs);
      return {
        channel: channel.id,
        start: formatInstant(startMs),
        intervalSeconds,
        versions: versions.map(toWireVersion),
        verdicts: verdicts.map(({ rule, outcome, detail, knownMs }) => ({
          rule,
          outcome,
          detail,
          knownAt: formatInstant(knownMs),
        })),
        exchange: await findExchange(system.registry, versions),
      };
    },
  );
}

/** The interval's length, s; a start between two intervals names none. */
async function expectOnGrid(
  source: ApiContext['system']['mdm'],
  channel: KnownChannel,
  startMs: number,
): Promise<number> {
  if (channel.type.kind === 'register') return 0;
  const series = await source.series(channel.id, { startMs, endMs: startMs + 1 });
  if (series.value.length > 0 && series.startMs === startMs) return series.intervalSeconds;
  const expected = `the start of an interval of ${series.intervalSeconds} s`;
  throw badQuery('start', expected, formatInstant(startMs));
}

function toWireVersion(version: ReadingVersion): IntervalExplanation['versions'][number] {
  return {
    knownAt: formatInstant(version.knownMs),
    value: wireValue(version.value, version.quality),
    quality: version.quality,
    flags: qualityFlags(version.quality),
    method: version.method,
    source: version.origin.source,
    reference: version.origin.reference,
  };
}

/** The exchange that brought the newest version that came from the meter. */
async function findExchange(
  registry: Registry,
  versions: readonly ReadingVersion[],
): Promise<IntervalExplanation['exchange']> {
  const fromMeter = versions.findLast(({ origin }) => origin.source === 'dlms' || origin.source === 'push');
  if (!fromMeter) return null;
  const row = await registry
    .selectFrom('exchange')
    .selectAll()
    .where('id', '=', fromMeter.origin.reference)
    .executeTakeFirst();
  if (!row) return null;
  const { id, serial, digest, hex } = row;
  return { id, serial, at: formatInstant(row.ended_ms), digest: digest ?? '', hex };
}
