/** `GET usage-points/{id}/readings`: one channel as columns. */
import { dateOf, formatInstant, localDay, type Period } from '@wattline/base';
import { quality, type ReadingSeries } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { mostDays, parseInstant, parsePeriod } from './period.ts';
import { expectChannel, expectUsagePoint, type KnownChannel } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { named, oneOf, query, readingTypeIds, text } from './schema/index.ts';

interface ReadingsQuery {
  readonly from?: string;
  readonly to?: string;
  readonly readingType: string;
  readonly asOf?: string;
}

/** The finest grid on which local midnights of every zone lie. */
const registerGridSeconds = 900;

export function readingsRoute(app: FastifyInstance, { system }: ApiContext): void {
  app.get<{ Params: { id: string }; Querystring: ReadingsQuery }>(
    '/usage-points/:id/readings',
    describeRoute({
      id: 'getReadings',
      tag: 'readings',
      access: 'read',
      summary: 'Readings of one channel as columns',
      description:
        'Intervals that begin within [from, to). A register reading type answers with the registers as they stood at local ' +
        'midnights, on a grid of a quarter of an hour: slots between midnights are null with quality 0.',
      params: { id: text('Id of the usage point.') },
      querystring: query({
        from: text('Instant, or local date for its first moment. Default: a day before `to`.'),
        to: text(
          `Instant, or local date for its first moment. Default: now. At most ${mostDays} days after \`from\`.`,
        ),
        readingType: { ...oneOf('Reading type.', readingTypeIds), default: 'delivered' },
        asOf: text('Instant: readings as they were known then. Default: the latest knowledge.'),
      }),
      response: named('ReadingSeries'),
      problems: [400, 404],
    }),
    async (request): Promise<ReadingSeries> => {
      const { from, to, readingType, asOf } = request.query;
      const point = await expectUsagePoint(system.registry, request.params.id);
      const nowMs = system.clock.now();
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: point.zone, nowMs });
      const asOfMs = asOf === undefined ? undefined : parseInstant('asOf', asOf);
      const channel = await expectChannel(system.registry, point.id, readingType);
      if (channel.type.kind === 'register') {
        return readRegisters(system.mdm, channel, { period, zone: point.zone, asOfMs, nowMs });
      }
      const series = await system.mdm.series(channel.id, period, asOfMs);
      return {
        ...headOf(channel),
        start: formatInstant(series.startMs),
        intervalSeconds: series.intervalSeconds,
        value: Array.from(series.value, (value, slot) => wireValue(value, series.quality[slot] as number)),
        quality: Array.from(series.quality),
        asOf: formatInstant(series.asOfMs),
      };
    },
  );
}

function headOf({ id, type }: KnownChannel) {
  return { channel: id, readingType: type.id, unit: type.unit, scale: type.scale };
}

/** A value as it travels: null where there is none, decimal text beyond 2^53. */
export function wireValue(value: number, flags: number): number | string | null {
  if ((flags & quality.missing) !== 0) return null;
  return Number.isSafeInteger(value) ? value : BigInt(Math.trunc(value)).toString();
}

async function readRegisters(
  source: ApiContext['system']['mdm'],
  channel: KnownChannel,
  {
    period,
    zone,
    asOfMs,
    nowMs,
  }: {
    readonly period: Period;
    readonly zone: string;
    readonly asOfMs: number | undefined;
    readonly nowMs: number;
  },
): Promise<ReadingSeries> {
  const stepMs = registerGridSeconds * 1000;
  const startMs = Math.ceil(period.startMs / stepMs) * stepMs;
  const slots = Math.max(0, Math.ceil((period.endMs - startMs) / stepMs));
  const value = new Array<number | string | null>(slots).fill(null);
  const flags = new Array<number>(slots).fill(0);
  for (const midnightMs of midnightsIn({ startMs, endMs: period.endMs }, zone)) {
    const slot = (midnightMs - startMs) / stepMs;
    const register = await source.register(channel.id, midnightMs, asOfMs);
    flags[slot] = register === null ? quality.missing : quality.measured;
    value[slot] = register;
  }
  return {
    ...headOf(channel),
    start: formatInstant(startMs),
    intervalSeconds: registerGridSeconds,
    value,
    quality: flags,
    asOf: formatInstant(asOfMs ?? nowMs),
  };
}

/** First moments of local days within [startMs, endMs). */
function* midnightsIn({ startMs, endMs }: Period, zone: string): Generator<number> {
  let day = localDay(dateOf(startMs, zone), zone);
  if (day.startMs < startMs) day = localDay(dateOf(day.endMs, zone), zone);
  while (day.startMs < endMs) {
    yield day.startMs;
    day = localDay(dateOf(day.endMs, zone), zone);
  }
}
