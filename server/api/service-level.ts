/** `GET operations/service-level`, `GET meters/{serial}/missing`, `POST operations/sweep`: what was expected of meters, and why the rest did not come. */
import { formatInstant } from '@wattline/base';
import { missingCauses, type ServiceGroup, serviceGroups } from '@wattline/headend';
import type { MissingIntervals, Page, ServiceLevelItem, SweepOutcome } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, named, oneOf, pageOf, query, text } from './schema/index.ts';

const hourMs = 3_600_000;
const hours = integer('Hours back from now.', { minimum: 1, maximum: 24 * 40, default: 24 });

export function serviceLevelRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { headend, clock, registry } = system;
  const lastHours = (count: number) => ({ startMs: clock.now() - count * hourMs, endMs: clock.now() });

  app.get<{ Querystring: { by: ServiceGroup; hours: number } }>(
    '/operations/service-level',
    describeRoute({
      id: 'serviceLevel',
      tag: 'operations',
      access: 'read',
      summary: 'Intervals expected, received, and missing by their one cause',
      description: Object.entries(missingCauses)
        .map(([cause, meaning]) => `${cause}: ${meaning}`)
        .join(' '),
      querystring: query({ by: { ...oneOf('Summed by.', serviceGroups), default: 'all' }, hours }),
      response: pageOf(named('ServiceLevel')),
      problems: [400],
    }),
    async ({ query: { by, hours: count } }): Promise<Page<ServiceLevelItem>> => {
      const rows = await headend.serviceLevel.rows({ ...lastHours(count), by });
      const items = rows.map(({ group, expected, received, missing }) => ({
        group,
        expected,
        received,
        rate: expected === 0 ? 1 : received / expected,
        missing,
      }));
      return { items, next: null };
    },
  );

  app.get<{ Params: { serial: string }; Querystring: { hours: number } }>(
    '/meters/:serial/missing',
    describeRoute({
      id: 'missingOfMeter',
      tag: 'meters',
      access: 'read',
      summary: 'Stretches of missing intervals of a meter, each with its cause',
      params: { serial: text('Serial number.') },
      querystring: query({ hours }),
      response: pageOf(named('MissingIntervals')),
      problems: [400, 404],
    }),
    async ({ params, query: { hours: count } }): Promise<Page<MissingIntervals>> => {
      const { serial } = params;
      const known = await registry
        .selectFrom('meter')
        .select('serial')
        .where('serial', '=', serial)
        .executeTakeFirst();
      if (!known) {
        throw serverError(
          'server/unknown-meter',
          `expected the serial number of a meter, found '${serial.slice(0, 60)}'`,
        );
      }
      const stretches = await headend.serviceLevel.missing(serial, lastHours(count));
      const items = stretches.map(({ startMs, endMs, cause }) => ({
        start: formatInstant(startMs),
        end: formatInstant(endMs),
        cause,
      }));
      return { items, next: null };
    },
  );

  app.post(
    '/operations/sweep',
    describeRoute({
      id: 'sweep',
      tag: 'operations',
      access: 'write',
      summary: 'Reads what is missing from every meter once, and answers when all were tried',
      response: named('SweepOutcome'),
      problems: [503],
    }),
    async (): Promise<SweepOutcome> => {
      const startedMs = clock.monotonic();
      // Workers on the registry hear of it and take their share.
      const sinceMs = await headend.tellSweep();
      let meters = 0;
      await headend.collectAll({ concurrency: 32, sinceMs, onProgress: (_, of) => (meters = of) });
      const seconds = Math.round(clock.monotonic() - startedMs) / 1000;
      const answered = await registry
        .selectFrom('meter')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('last_outcome', '=', 'answer')
        .where('last_contact_ms', '>=', sinceMs)
        .executeTakeFirst();
      return { meters, seconds, answers: Number(answered?.count ?? 0) };
    },
  );
}
