/** `GET usage-points` and `GET usage-points/{id}`: who is measured, by what, on which channels. */
import { type Page, readingTypeOf, type UsagePointSummary } from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { keyAfter, type PageQuery, pageOfRows } from './page.ts';
import { anywhere, expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { named, pageOf, paging, query, text } from './schema/index.ts';

const list = 'usage-points';

export function usagePointRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry } = system;

  app.get<{ Querystring: PageQuery & { q?: string } }>(
    '/usage-points',
    describeRoute({
      id: 'listUsagePoints',
      tag: 'readings',
      access: 'read',
      summary: 'Usage points, by id',
      querystring: query({
        ...paging,
        q: text('Part of an id, a customer, an address, a transformer or a serial number.', {
          maxLength: 100,
        }),
      }),
      response: pageOf(named('UsagePointSummary')),
      problems: [400],
    }),
    async (request): Promise<Page<UsagePointSummary>> => {
      const { limit, cursor, q } = request.query;
      const points = await findPoints(registry, { limit: limit + 1, after: keyAfter(list, cursor), q });
      const summaries = await summarise(registry, points);
      return pageOfRows(summaries, list, { limit, keyOf: (point) => point.id, toItem: (point) => point });
    },
  );

  app.get<{ Params: { id: string } }>(
    '/usage-points/:id',
    describeRoute({
      id: 'getUsagePoint',
      tag: 'readings',
      access: 'read',
      summary: 'One usage point',
      params: { id: text('Id of the usage point.') },
      response: named('UsagePointSummary'),
      problems: [404],
    }),
    async (request): Promise<UsagePointSummary> => {
      const point = await expectUsagePoint(registry, request.params.id);
      const [summary] = await summarise(registry, [point]);
      return summary as UsagePointSummary;
    },
  );
}

function findPoints(
  registry: Registry,
  {
    limit,
    after,
    q,
  }: { readonly limit: number; readonly after: string | undefined; readonly q: string | undefined },
): Promise<Row<'usage_point'>[]> {
  let points = registry.selectFrom('usage_point').selectAll().orderBy('id').limit(limit);
  if (after !== undefined) points = points.where('id', '>', after);
  if (q !== undefined && q !== '') {
    points = points.where((eb) =>
      eb.or([
        ...(['id', 'customer', 'address', 'transformer'] as const).map((column) =>
          eb(eb.fn<string>('lower', [column]), 'like', anywhere(q)),
        ),
        eb(
          'id',
          'in',
          eb
            .selectFrom('meter')
            .select('usage_point_id')
            .where((inner) => inner(inner.fn<string>('lower', ['serial']), 'like', anywhere(q))),
        ),
      ]),
    );
  }
  return points.execute();
}

async function summarise(
  registry: Registry,
  points: readonly Row<'usage_point'>[],
): Promise<UsagePointSummary[]> {
  const ids = points.map((point) => point.id);
  if (ids.length === 0) return [];
  const meters = await registry
    .selectFrom('meter')
    .selectAll()
    .where('usage_point_id', 'in', ids)
    .orderBy('installed_ms')
    .execute();
  const channels = await registry
    .selectFrom('channel')
    .selectAll()
    .where('usage_point_id', 'in', ids)
    .orderBy('number')
    .execute();
  // The newest meter comes last and stays.
  const meterAt = new Map(meters.map((meter) => [meter.usage_point_id, meter]));
  const channelsAt = Map.groupBy(channels, (channel) => channel.usage_point_id);
  return points.map((point) => toSummary(point, meterAt.get(point.id), channelsAt.get(point.id) ?? []));
}

function toSummary(
  point: Row<'usage_point'>,
  meter: Row<'meter'> | undefined,
  channels: readonly Row<'channel'>[],
): UsagePointSummary {
  const { id, customer, address, kind, zone, substation, feeder, transformer, latitude, longitude } = point;
  return {
    id,
    customer,
    address,
    kind,
    zone,
    substation,
    feeder,
    transformer,
    tariffId: point.tariff_id,
    solarW: point.solar_w,
    latitude,
    longitude,
    meter: meter
      ? { serial: meter.serial, profile: meter.profile, intervalSeconds: meter.interval_seconds }
      : null,
    channels: channels.map((channel) => {
      const { unit, scale } = readingTypeOf(channel.reading_type);
      return { id: channel.id, readingType: channel.reading_type, unit, scale };
    }),
  };
}
