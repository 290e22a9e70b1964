/** Virtual meters: sums, differences and ratios of channels by name, and their readings. */
import { formatInstant } from '@wattline/base';
import type { NamedVirtualMeter } from '@wattline/mdm';
import type { FastifyInstance } from 'fastify';
import { people, type Said } from './asset-changes.ts';
import type { ApiContext } from './context.ts';
import { parsePeriod } from './period.ts';
import { wireValue } from './readings.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, oneOf, query, record, text } from './schema/index.ts';

const meterId = { id: text('Name of the virtual meter.', { maxLength: 60 }) };

export function virtualMeterRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { virtualMeters, aggregation } = system.mdm;

  app.get(
    '/virtual-meters',
    describeRoute({
      id: 'listVirtualMeters',
      tag: 'readings',
      access: 'read',
      summary: 'Virtual meters, by name',
      response: record({ items: listOf(named('VirtualMeter')) }),
    }),
    async () => ({ items: await virtualMeters.list() }),
  );

  app.post<{ Body: NamedVirtualMeter & Said }>(
    '/virtual-meters',
    describeRoute({
      id: 'defineVirtualMeter',
      tag: 'readings',
      access: 'write',
      summary: 'Defines a virtual meter, or defines it anew',
      description:
        '`linear` adds its terms, each times its share (1/1 adds, -1/1 takes away); `ratio` divides the first of two by the second, in millionths.',
      body: record({
        id: text('Name: letters, digits, dot, dash, underscore.', { minLength: 1, maxLength: 60 }),
        kind: oneOf('How its terms go together.', ['linear', 'ratio']),
        terms: listOf(
          record({
            channel: text('Id of a channel.', { minLength: 1 }),
            numerator: integer('Share of it that counts.'),
            denominator: integer('Above 0.', { minimum: 1 }),
          }),
        ),
        ...people,
      }),
      response: named('VirtualMeter'),
      problems: [400, 404],
    }),
    async (request) => {
      const { id, kind, terms, author, reason } = request.body;
      await virtualMeters.define({ id, kind, terms }, { author, reason });
      return { id, kind, terms };
    },
  );

  app.post<{ Params: { id: string }; Body: Said }>(
    '/virtual-meters/:id/end',
    describeRoute({
      id: 'endVirtualMeter',
      tag: 'readings',
      access: 'write',
      summary: 'Ends a virtual meter; the audit keeps what it was',
      params: meterId,
      body: record(people),
      response: record({ id: text('Name of the meter that ended.') }),
      problems: [400, 404],
    }),
    async (request) => {
      const { author, reason } = request.body;
      await virtualMeters.end(request.params.id, { author, reason });
      return { id: request.params.id };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { from?: string; to?: string } }>(
    '/virtual-meters/:id/readings',
    describeRoute({
      id: 'getVirtualReadings',
      tag: 'readings',
      access: 'read',
      summary: 'What a virtual meter shows: missing where one of its terms is, estimated where one is',
      params: meterId,
      querystring: query({
        from: text('Instant, or local date of the utility. Default: a day before `to`.'),
        to: text('Instant, or local date of the utility. Default: now.'),
      }),
      response: named('VirtualReadings'),
      problems: [400, 404],
    }),
    async (request) => {
      const { from, to } = request.query;
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: system.zone, nowMs: system.clock.now() });
      const meter = await virtualMeters.expect(request.params.id);
      const { startMs, intervalSeconds, value, quality, rounded, asOfMs } = await aggregation.virtual(
        meter,
        period,
      );
      return {
        id: meter.id,
        kind: meter.kind,
        start: formatInstant(startMs),
        intervalSeconds,
        value: Array.from(value, (one, slot) => wireValue(one, quality[slot] as number)),
        quality: Array.from(quality),
        rounded,
        asOf: formatInstant(asOfMs),
      };
    },
  );
}
