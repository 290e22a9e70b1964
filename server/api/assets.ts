/** Assets of a usage point over time: what was true when, who said so, and taking back what was said. */
import { formatInstant } from '@wattline/base';
import { type GridLevel, gridLevels, rulePacks } from '@wattline/mdm';
import type { FastifyInstance } from 'fastify';
import { people, type Said } from './asset-changes.ts';
import type { ApiContext } from './context.ts';
import { parseInstant, parseMoment } from './period.ts';
import { expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, nullable, oneOf, query, record, text } from './schema/index.ts';

/** Facts taken back by one request. */
const mostFacts = 1000;
interface NodeMeterBody extends Said {
  readonly level: GridLevel;
  readonly node: string;
  readonly channel: string | null;
  readonly from: string;
}

const pointId = { id: text('Id of the usage point.') };

export function assetRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry } = system;
  const { assets } = system.mdm;

  app.post<{ Body: { facts: number[] } & Said }>(
    '/asset-changes/undo',
    describeRoute({
      id: 'undoAssetChange',
      tag: 'meters',
      access: 'write',
      summary: 'Takes facts back: they are known never to have been true',
      body: record({ facts: listOf(integer('Number of a fact.', { minimum: 1 })), ...people }),
      response: named('AssetChange'),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { facts, author, reason } = request.body;
      await assets.undo({ facts: facts.slice(0, mostFacts) }, { author, reason });
      return { facts };
    },
  );

  app.get(
    '/rule-packs',
    describeRoute({
      id: 'listRulePacks',
      tag: 'meters',
      access: 'read',
      summary: 'The rule packs: thresholds of regions as data, each with where it comes from',
      response: record({ items: listOf(named('RulePack')) }),
    }),
    async () => ({
      items: rulePacks.map(({ thresholds, ...pack }) => ({
        ...pack,
        thresholds: thresholds.map((one) => ({ ...one, value: JSON.stringify(one.value) })),
      })),
    }),
  );

  app.post<{ Body: { from: string; rulePack: string } & Said }>(
    '/rule-packs/standing',
    describeRoute({
      id: 'setStandingRulePack',
      tag: 'meters',
      access: 'write',
      summary: 'By which rule pack all points are judged from an instant on of which no other was told',
      description:
        'Days that are reviewed from now on; what was judged before stands until something comes for it.',
      body: record({
        from: text('Instant, or local date of the utility for its first moment.', { minLength: 1 }),
        rulePack: oneOf(
          'Rule pack.',
          rulePacks.map(({ id }) => id),
        ),
        ...people,
      }),
      response: named('AssetChange'),
      problems: [400],
    }),
    async (request) => {
      const { from, rulePack, author, reason } = request.body;
      const fromMs = parseMoment('from', from, system.zone);
      return assets.setRulePack(null, { fromMs, rulePack }, { author, reason });
    },
  );

  app.post<{ Body: NodeMeterBody }>(
    '/grid/meters',
    describeRoute({
      id: 'setNodeMeter',
      tag: 'meters',
      access: 'write',
      summary: 'Says which channel measures what flows into a node of the grid, from an instant on',
      description: 'Its usage point is no customer of the node. Null ends it.',
      body: record({
        level: oneOf('Level of the grid.', gridLevels),
        node: text('Name of the node.', { minLength: 1, maxLength: 60 }),
        channel: nullable(text('Id of a channel of intervals.')),
        from: text('Instant, or local date of the utility for its first moment.', { minLength: 1 }),
        ...people,
      }),
      response: named('AssetChange'),
      problems: [400, 404],
    }),
    async (request) => {
      const { level, node, channel, from, author, reason } = request.body;
      const fromMs = parseMoment('from', from, system.zone);
      return assets.setNodeMeter({ level, node }, { fromMs, channel }, { author, reason });
    },
  );

  app.get<{ Params: { id: string }; Querystring: { at?: string; knownAt?: string } }>(
    '/usage-points/:id/assets',
    describeRoute({
      id: 'getAssets',
      tag: 'meters',
      access: 'read',
      summary: 'Meter, place in the grid and multipliers as they were at an instant',
      params: pointId,
      querystring: query({
        at: text('Instant, or local date for its first moment. Default: now.'),
        knownAt: text('As known at this instant. Default: now.'),
      }),
      response: named('AssetView'),
      problems: [400, 404],
    }),
    async (request) => {
      const { at, knownAt } = request.query;
      const { id, zone } = await expectUsagePoint(registry, request.params.id);
      const atMs = at === undefined ? system.clock.now() : parseMoment('at', at, zone);
      const known = knownAt === undefined ? {} : { knownMs: parseInstant('knownAt', knownAt) };
      return { ...(await assets.seen(id, { atMs, ...known })), at: formatInstant(atMs) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/usage-points/:id/asset-history',
    describeRoute({
      id: 'getAssetHistory',
      tag: 'meters',
      access: 'read',
      summary: 'Everything that was said of a point’s assets, newest first, what was taken back too',
      params: pointId,
      response: record({ items: listOf(named('AssetRecord')) }),
      problems: [404],
    }),
    async (request) => {
      const { id } = await expectUsagePoint(registry, request.params.id);
      const items = (await assets.history(id)).map(({ from_ms, recorded_ms, value, ...rest }) => ({
        ...rest,
        from: formatInstant(from_ms),
        recordedAt: formatInstant(recorded_ms),
        value: JSON.stringify(value),
      }));
      return { items };
    },
  );
}
