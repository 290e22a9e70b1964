/** Commands that say what became of a usage point's assets: exchange, reset, dials, multiplier, place in the grid, crossed meters. */
import { gridLevels, rulePacks } from '@wattline/mdm';
import { channelIdOf, readingTypes } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { parseMoment, parsePeriod } from './period.ts';
import { badQuery } from './problem.ts';
import { expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, oneOf, readingTypeIds, record, type Schema, text } from './schema/index.ts';

/** The same in a body. */
export const people = {
  author: text('Who says it.', { minLength: 1, maxLength: 100 }),
  reason: text('Why.', { minLength: 1, maxLength: 500 }),
};
const registerTypes = readingTypes.filter(({ kind }) => kind === 'register').map(({ id }) => id);
const packIds = rulePacks.map(({ id }) => id);
const energyTypes: ReadonlySet<string> = new Set(
  readingTypes.filter(({ unit }) => ['Wh', 'varh', 'VAh'].includes(unit)).map(({ id }) => id),
);
const amount = (description: string) => integer(description, { minimum: 0 });
const factor = (description: string) =>
  record(
    { numerator: integer('Above 0.', { minimum: 1 }), denominator: integer('Above 0.', { minimum: 1 }) },
    description,
  );
const instantOf = (what: string) =>
  text(`${what}: an instant, or a local date for its first moment.`, { minLength: 1 });
const pointId = { id: text('Id of the usage point.') };

/** Who says it and why. */
export interface Said {
  readonly author: string;
  readonly reason: string;
}
type Factor = { readonly numerator: number; readonly denominator: number };

export function assetChangeRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry } = system;
  const { assets } = system.mdm;

  /** A route that changes an asset of a point. */
  function change<Body extends object>(
    name: string,
    { path, summary, description, body, optional = [], response = named('AssetChange') }: ChangeRoute,
    act: (about: { id: string; zone: string; body: Body; said: Said }) => Promise<object>,
  ): void {
    app.post<{ Params: { id: string }; Body: Body & Said }>(
      `/usage-points/:id/${path}`,
      describeRoute({
        id: name,
        tag: 'meters',
        access: 'write',
        summary,
        ...(description === undefined ? {} : { description }),
        params: pointId,
        body: bodyOf({ ...body, ...people }, optional),
        response,
        problems: [400, 404, 409],
      }),
      async (request) => {
        const body = request.body as Body & Said;
        const { id, zone } = await expectUsagePoint(registry, request.params.id);
        return act({ id, zone, body, said: { author: body.author, reason: body.reason } });
      },
    );
  }

  change<{
    at: string;
    oldSerial?: string;
    newSerial?: string;
    reads: { readingType: string; final: number; initial: number }[];
  }>(
    'exchangeMeter',
    {
      path: 'meter-exchanges',
      summary: 'One meter takes another’s place, at any instant',
      description: 'The days about it are reviewed anew: they sum over both registers.',
      optional: ['oldSerial', 'newSerial'],
      body: {
        at: instantOf('When'),
        oldSerial: text('Serial number of the meter taken down.', { minLength: 1 }),
        newSerial: text('Serial number of the meter put up.', { minLength: 1 }),
        reads: listOf(
          record({
            readingType: oneOf('Register.', registerTypes),
            final: amount('Last read of the old meter as its display showed it, Wh.'),
            initial: amount('First read of the new meter as its display showed it, Wh.'),
          }),
        ),
      },
    },
    ({ id, zone, body, said }) => {
      const reads = Object.fromEntries(
        body.reads.map(({ readingType, final, initial }) => [readingType, { final, initial }]),
      );
      const { oldSerial = null, newSerial = null } = body;
      return assets.exchangeMeter(
        id,
        { atMs: parseMoment('at', body.at, zone), oldSerial, newSerial, reads },
        said,
      );
    },
  );

  change<{ readingType: string; at: string; before: number; after: number }>(
    'resetRegister',
    {
      path: 'register-resets',
      summary: 'A register was set',
      body: {
        readingType: oneOf('Register.', registerTypes),
        at: instantOf('When'),
        before: amount('What it showed before, Wh.'),
        after: amount('From where it goes on, Wh.'),
      },
    },
    ({ id, zone, body: { readingType, at, before, after }, said }) =>
      assets.resetRegister(
        channelIdOf(id, readingType),
        { atMs: parseMoment('at', at, zone), before, after },
        said,
      ),
  );

  change<{ readingType: string; from: string; digits: number; unit: number }>(
    'setDials',
    {
      path: 'dials',
      summary: 'Where a register begins again at 0',
      body: {
        readingType: oneOf('Register.', registerTypes),
        from: instantOf('From when'),
        digits: integer('Number of dials.', { minimum: 1, maximum: 12 }),
        unit: integer('What the last dial counts, Wh.', { minimum: 1 }),
      },
    },
    ({ id, zone, body: { readingType, from, digits, unit }, said }) =>
      assets.setDials(
        channelIdOf(id, readingType),
        { fromMs: parseMoment('from', from, zone), digits, unit },
        said,
      ),
  );

  change<
    {
      readingType?: string;
      from: string;
      reads?: { readingType: string; value: number }[];
    } & Factor
  >(
    'setMultiplier',
    {
      path: 'multipliers',
      summary: 'What a meter’s values are worth from an instant on',
      description:
        'Current times voltage transformer, of every energy channel of the point unless one is named. Values that come later are ' +
        'scaled as they come; what is stored is put right by a rescale. What each register showed at that instant joins the days about it.',
      optional: ['readingType', 'reads'],
      body: {
        readingType: oneOf('Reading type; all energies when left out.', readingTypeIds),
        from: instantOf('From when'),
        numerator: integer('Above 0.', { minimum: 1 }),
        denominator: integer('Above 0.', { minimum: 1 }),
        reads: listOf(
          record({
            readingType: oneOf('Register.', registerTypes),
            value: amount('What its display showed at that instant, Wh.'),
          }),
        ),
      },
    },
    async ({ id, zone, body: { readingType, from, numerator, denominator, reads = [] }, said }) => {
      const fromMs = parseMoment('from', from, zone);
      const rows = await registry
        .selectFrom('channel')
        .select('reading_type')
        .where('usage_point_id', '=', id)
        .execute();
      const energies = rows.map((row) => row.reading_type).filter((type) => energyTypes.has(type));
      const types = readingType === undefined ? energies : [readingType];
      const lost = reads.find((one) => !types.includes(one.readingType));
      if (lost) throw badQuery('reads', 'registers whose multiplier changes', lost.readingType);
      const facts: number[] = [];
      for (const type of types) {
        const read = reads.find((one) => one.readingType === type)?.value;
        const factor = { fromMs, numerator, denominator, ...(read === undefined ? {} : { read }) };
        facts.push(...(await assets.setMultiplier(channelIdOf(id, type), factor, said)).facts);
      }
      return { facts };
    },
  );

  change<{ from: string; seconds: number }>(
    'setIntervalLength',
    {
      path: 'interval-lengths',
      summary: 'From when on a meter’s intervals are so long',
      description:
        'For every interval channel of the point, at an instant at which an interval of either length begins. What came before stays ' +
        'in its length; readings over both are given in the longer one.',
      body: {
        from: instantOf('From when'),
        seconds: integer('Length, s; divides a day.', { minimum: 60, maximum: 86_400 }),
      },
    },
    ({ id, zone, body: { from, seconds }, said }) =>
      assets.setIntervalLength(id, { fromMs: parseMoment('from', from, zone), seconds }, said),
  );

  change<{ readingType: string; from: string; to: string; was: Factor; is: Factor }>(
    'rescaleReadings',
    {
      path: 'rescales',
      summary: 'Scales what is stored of a period anew',
      description:
        'Every value becomes a new version; the old one stays. Estimates are made anew, edits by people stand.',
      body: {
        readingType: oneOf('Reading type.', readingTypeIds),
        from: instantOf('From when'),
        to: instantOf('Until when'),
        was: factor('What it was scaled by.'),
        is: factor('What it should have been scaled by.'),
      },
      response: named('Restated'),
    },
    async ({ id, zone, body: { readingType, from, to, was, is }, said }) => {
      const period = parsePeriod({ from, to }, { zone, nowMs: system.clock.now() });
      return restated(await assets.rescale(channelIdOf(id, readingType), period, { was, is }, said));
    },
  );

  change<{ from: string; transformer?: string; feeder?: string; substation?: string }>(
    'moveUsagePoint',
    {
      path: 'moves',
      summary: 'Hangs a point on another place of the grid from an instant on',
      optional: ['transformer', 'feeder', 'substation'],
      body: {
        from: instantOf('From when'),
        transformer: text('Transformer.', { minLength: 1, maxLength: 60 }),
        feeder: text('Feeder.', { minLength: 1, maxLength: 60 }),
        substation: text('Substation.', { minLength: 1, maxLength: 60 }),
      },
    },
    ({ id, zone, body, said }) => {
      const place = Object.fromEntries(
        gridLevels.flatMap((level) => (body[level] === undefined ? [] : [[level, body[level]]])),
      );
      return assets.move(id, { fromMs: parseMoment('from', body.from, zone), ...place }, said);
    },
  );

  change<{ from: string; rulePack: string }>(
    'setRulePack',
    {
      path: 'rule-packs',
      summary: 'By which rule pack a point is judged from an instant on',
      description: 'Days since then are judged anew; the rule packs are at GET /rule-packs.',
      body: { from: instantOf('From when'), rulePack: oneOf('Rule pack.', packIds) },
    },
    ({ id, zone, body: { from, rulePack }, said }) =>
      assets.setRulePack(id, { fromMs: parseMoment('from', from, zone), rulePack }, said),
  );

  change<{ from: string; watts: number }>(
    'setServiceLimit',
    {
      path: 'service-limits',
      summary: 'What the service of a point can carry from an instant on',
      description:
        'Intervals above it have the verdict high-demand; without it the limit of the rule pack holds.',
      body: {
        from: instantOf('From when'),
        watts: integer('Rating of the service or of its current transformers, W.', {
          minimum: 1,
          maximum: 1_000_000_000,
        }),
      },
    },
    ({ id, zone, body: { from, watts }, said }) =>
      assets.setServiceLimit(id, { fromMs: parseMoment('from', from, zone), watts }, said),
  );

  change<{ from: string; tariff: string }>(
    'setTariff',
    {
      path: 'tariffs',
      summary: 'What a point is billed by from an instant on',
      description:
        'A month is billed by the tariff that stood when it began; bills of closed months keep theirs.',
      body: {
        from: instantOf('From when'),
        tariff: text('Id of a tariff.', { minLength: 1, maxLength: 60 }),
      },
    },
    ({ id, zone, body: { from, tariff }, said }) =>
      assets.setTariff(id, { fromMs: parseMoment('from', from, zone), tariff }, said),
  );

  change<{ other: string; from: string; to: string }>(
    'uncrossMeters',
    {
      path: 'uncross',
      summary: 'Two points whose meters were taken for one another: their readings change places',
      description: 'The same request again gives them back.',
      body: {
        other: text('Id of the other point.'),
        from: instantOf('From when'),
        to: instantOf('Until when'),
      },
      response: named('Restated'),
    },
    async ({ id, zone, body: { other, from, to }, said }) => {
      await expectUsagePoint(registry, other);
      const period = parsePeriod({ from, to }, { zone, nowMs: system.clock.now() });
      return restated(await assets.uncross([id, other], period, said));
    },
  );
}

interface ChangeRoute {
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Readonly<Record<string, Schema>>;
  /** Properties of the body that may be left out. */
  readonly optional?: readonly string[];
  readonly response?: Schema;
}

/** A record of which some properties may be left out. */
function bodyOf(body: Readonly<Record<string, Schema>>, optional: readonly string[]): Schema {
  const required = Object.keys(body).filter((name) => !optional.includes(name));
  return { ...record(body), required };
}

function restated({
  accepted,
  duplicates,
  rejected,
}: {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly count: number }[];
}) {
  return { accepted, duplicates, rejected: rejected.reduce((sum, { count }) => sum + count, 0) };
}
