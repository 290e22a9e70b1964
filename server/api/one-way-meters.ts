/** Meters that nobody can ask: their points, and reads of their displays typed in. */
import { formatInstant } from '@wattline/base';
import type { OneWayPoint } from '@wattline/mdm';
import { channelIdOf, qualityFlags, type ReadingTypeId, readingTypes } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { people, type Said } from './asset-changes.ts';
import type { ApiContext } from './context.ts';
import { parseMoment, parsePeriod } from './period.ts';
import { expectChannel, expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { flag, integer, listOf, named, number, oneOf, query, record, text } from './schema/index.ts';

const registerTypes = readingTypes.filter(({ kind }) => kind === 'register').map(({ id }) => id);
const pointId = { id: text('Id of the usage point.') };

/** Days of register reads shown when nobody says how many: some meters are read once a month. */
const daysShown = 100;

export function oneWayMeterRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry, mdm } = system;

  app.post<{ Body: PointBody & Said }>(
    '/usage-points',
    describeRoute({
      id: 'addUsagePoint',
      tag: 'meters',
      access: 'write',
      summary: 'Adds a usage point whose meter is read by hand or heard by whoever drives by',
      description: 'Meters that the head-end can ask come with their shipment file.',
      body: record({
        id: text('Id: letters, digits, dot, dash, underscore.', { minLength: 1, maxLength: 64 }),
        customer: text('Customer.', { maxLength: 200 }),
        address: text('Address.', { maxLength: 200 }),
        kind: oneOf('Kind.', ['home', 'shop', 'public']),
        zone: text('IANA zone.', { maxLength: 60 }),
        substation: text('Substation.', { maxLength: 60 }),
        feeder: text('Feeder.', { maxLength: 60 }),
        transformer: text('Transformer.', { maxLength: 60 }),
        tariffId: text('Tariff.', { maxLength: 60 }),
        latitude: number('Degrees north.'),
        longitude: number('Degrees east.'),
        meter: text('Serial number, as on the display and in telegrams.', { minLength: 1, maxLength: 64 }),
        installed: text('Instant, or local date of the utility for its first moment.', { minLength: 1 }),
        registers: listOf(oneOf('Register.', registerTypes)),
        ...people,
      }),
      response: named('AssetChange'),
      problems: [400, 409],
    }),
    async (request) => {
      const { author, reason, installed, registers, ...point } = request.body;
      const installedMs = parseMoment('installed', installed, system.zone);
      const known = registers as ReadingTypeId[];
      return mdm.assets.addOneWayPoint({ ...point, installedMs, registers: known }, { author, reason });
    },
  );

  app.post<{
    Params: { id: string };
    Body: { readingType: string; at: string; value: number; isConfirmed: boolean } & Said;
  }>(
    '/usage-points/:id/register-reads',
    describeRoute({
      id: 'takeRegisterRead',
      tag: 'readings',
      access: 'write',
      summary: 'Takes a read of a display, typed in',
      description:
        'A read that would make the register run backwards is refused with 409 unless it is confirmed: then it is kept and doubted.',
      params: pointId,
      body: record({
        readingType: oneOf('Register.', registerTypes),
        at: text('Instant, or local date for its first moment.', { minLength: 1 }),
        value: integer('What it shows, in the unit of the reading type.', { minimum: 0 }),
        isConfirmed: flag('Whether somebody looked again.'),
        ...people,
      }),
      response: named('Restated'),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { readingType, at, value, isConfirmed, author, reason } = request.body;
      const { id, zone } = await expectUsagePoint(registry, request.params.id);
      await expectChannel(registry, id, readingType);
      const read = {
        channel: channelIdOf(id, readingType),
        atMs: parseMoment('at', at, zone),
        value,
        isConfirmed,
      };
      const { accepted, duplicates } = await mdm.manualReads.take(read, { author, reason });
      return { accepted, duplicates, rejected: 0 };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { readingType: string; from?: string; to?: string } }>(
    '/usage-points/:id/register-reads',
    describeRoute({
      id: 'listRegisterReads',
      tag: 'readings',
      access: 'read',
      summary: 'Register readings at whatever instants they were read',
      params: pointId,
      querystring: query({
        readingType: { ...oneOf('Register.', registerTypes), default: 'delivered-total' },
        from: text('Instant or local date. Default: a hundred days before `to`: three monthly reads.'),
        to: text('Instant or local date. Default: now.'),
      }),
      response: named('RegisterReads'),
      problems: [400, 404],
    }),
    async (request) => {
      const { readingType, from, to } = request.query;
      const { id, zone } = await expectUsagePoint(registry, request.params.id);
      const channel = await expectChannel(registry, id, readingType);
      const endMs = to === undefined ? system.clock.now() : parseMoment('to', to, zone);
      const bounds = {
        from: from ?? formatInstant(endMs - daysShown * 86_400_000),
        to: formatInstant(endMs),
      };
      const period = parsePeriod(bounds, { zone, nowMs: endMs });
      const items = (await mdm.reads(channel.id, period)).map(({ atMs, value, quality }) => ({
        at: formatInstant(atMs),
        value,
        quality,
        flags: qualityFlags(quality),
      }));
      return { channel: channel.id, unit: channel.type.unit, items };
    },
  );
}

interface PointBody extends Omit<OneWayPoint, 'installedMs' | 'registers'> {
  readonly installed: string;
  readonly registers: readonly string[];
}
