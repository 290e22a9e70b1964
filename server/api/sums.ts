/** Sums over intervals: totals by day and month, determinants of a month, the balance of the grid. */
import { formatInstant, localDay } from '@wattline/base';
import { tariffAt } from '@wattline/mdm';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { parsePeriod } from './period.ts';
import { badQuery } from './problem.ts';
import { expectChannel, expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { integer, named, oneOf, query, readingTypeIds, text } from './schema/index.ts';

const readingType = { ...oneOf('Reading type of intervals.', readingTypeIds), default: 'delivered' };

export function sumRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { mdm, registry } = system;

  app.get<{
    Params: { id: string };
    Querystring: { from?: string; to?: string; by: 'day' | 'month'; readingType: string };
  }>(
    '/usage-points/:id/totals',
    describeRoute({
      id: 'getTotals',
      tag: 'readings',
      access: 'read',
      summary: 'Totals by local day or month, exact when clocks change',
      params: { id: text('Id of the usage point.') },
      querystring: query({
        from: text('Instant or local date. Default: a day before `to`.'),
        to: text('Instant or local date. Default: now.'),
        by: { ...oneOf('Period.', ['day', 'month']), default: 'day' },
        readingType,
      }),
      response: named('Totals'),
      problems: [400, 404],
    }),
    async (request) => {
      const { from, to, by } = request.query;
      const point = await expectUsagePoint(registry, request.params.id);
      const channel = await expectChannel(registry, point.id, request.query.readingType);
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: point.zone, nowMs: system.clock.now() });
      const totals = await mdm.aggregation.totals(channel.id, period, by);
      const items = totals.map(({ startMs, endMs, ...rest }) => ({
        start: formatInstant(startMs),
        end: formatInstant(endMs),
        ...rest,
      }));
      return { channel: channel.id, unit: channel.type.unit, items };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { month: string; readingType: string } }>(
    '/usage-points/:id/determinants',
    describeRoute({
      id: 'getDeterminants',
      tag: 'readings',
      access: 'read',
      summary: 'Energy and maximum demand of a month by the rates of the point’s tariff',
      params: { id: text('Id of the usage point.') },
      querystring: query({
        month: text('Month as 2026-10.', { pattern: '^\\d{4}-\\d{2}$', default: '' }),
        readingType,
      }),
      response: named('Determinants'),
      problems: [400, 404],
    }),
    async (request) => {
      const point = await expectUsagePoint(registry, request.params.id);
      const channel = await expectChannel(registry, point.id, request.query.readingType);
      const period = monthOf(request.query.month, point.zone);
      const told = await tariffAt({ registry, clock: system.clock }, point.id, period.startMs);
      const tariff = await newestCalendar(registry, told ?? point.tariff_id);
      const found = await mdm.aggregation.determinants({ channels: [channel.id], calendar: tariff, period });
      const answer = found.get(channel.id);
      if (!answer)
        return {
          channel: channel.id,
          rates: [],
          energy: 0,
          maximumDemand: 0,
          loadFactor: null,
          expected: 0,
          held: 0,
          derived: 0,
        };
      const rates = answer.rates.map(({ rate, energy, maximumDemand }) => ({ rate, energy, maximumDemand }));
      const { energy, maximumDemand, loadFactor, expected, held, derived } = answer;
      return { channel: channel.id, rates, energy, maximumDemand, loadFactor, expected, held, derived };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { from?: string; to?: string; demandSeconds?: number } }>(
    '/usage-points/:id/power',
    describeRoute({
      id: 'getPower',
      tag: 'readings',
      access: 'read',
      summary: 'Net and gross energy, power factor, load factor and maximum demand of a period',
      params: { id: text('Id of the usage point.') },
      querystring: query({
        from: text('Instant or local date. Default: a day before `to`.'),
        to: text('Instant or local date. Default: now.'),
        demandSeconds: integer(
          'Window of the maximum demand, s, from the period’s start on. Default: an interval.',
          {
            minimum: 60,
            maximum: 86_400,
          },
        ),
      }),
      response: named('PowerFigures'),
      problems: [400, 404],
    }),
    async (request) => {
      const { from, to, demandSeconds } = request.query;
      const point = await expectUsagePoint(registry, request.params.id);
      await expectChannel(registry, point.id, 'delivered');
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: point.zone, nowMs: system.clock.now() });
      const demand = demandSeconds === undefined ? {} : { demandSeconds };
      const { maximumDemand, ...figures } = await mdm.aggregation.power(point.id, { period, ...demand });
      return {
        ...figures,
        maximumDemand: maximumDemand && {
          watts: maximumDemand.watts,
          start: formatInstant(maximumDemand.startMs),
        },
      };
    },
  );

  app.get<{ Querystring: { level: 'transformer' | 'feeder' | 'substation'; from?: string; to?: string } }>(
    '/grid/balance',
    describeRoute({
      id: 'getGridBalance',
      tag: 'operations',
      access: 'read',
      summary: 'Energy into each node of the grid against what its customers took',
      querystring: query({
        level: { ...oneOf('Level.', ['transformer', 'feeder', 'substation']), default: 'feeder' },
        from: text('Instant or local date of the utility. Default: a day before `to`.'),
        to: text('Instant or local date of the utility. Default: now.'),
      }),
      response: named('GridBalance'),
      problems: [400],
    }),
    async (request) => {
      const { level, from, to } = request.query;
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: system.zone, nowMs: system.clock.now() });
      const found = await mdm.aggregation.balance({ level, period });
      const items = found.map(({ node, supplied, delivered, received, loss, held, derived }) => ({
        node,
        supplied,
        delivered,
        received,
        loss,
        held,
        derived,
      }));
      return { level, items };
    },
  );
}

async function newestCalendar(registry: ApiContext['system']['registry'], id: string) {
  const row = await registry
    .selectFrom('tariff')
    .select('body')
    .where('id', '=', id)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? (JSON.parse(row.body) as { calendar: [] }).calendar : [];
}

function monthOf(month: string, zone: string) {
  try {
    const first = Temporal.PlainDate.from(`${month}-01`);
    const next = first.add({ months: 1 });
    return {
      startMs: localDay(first.toString(), zone).startMs,
      endMs: localDay(next.toString(), zone).startMs,
    };
  } catch {
    throw badQuery('month', 'a month as 2026-10', month);
  }
}
