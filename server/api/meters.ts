/** `GET meters`, `GET meters/{serial}`, `GET meters/{serial}/moment`, `POST meters/{serial}/read`: the fleet as the head-end sees it. */
import { codeOf, formatInstant, messageOf } from '@wattline/base';
import type { ExchangeOutcome } from '@wattline/headend';
import type { MeterMoment, MeterStatus, Page } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { keyAfter, type PageQuery, pageOfRows } from './page.ts';
import { anywhere } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { named, oneOf, pageOf, paging, query, text } from './schema/index.ts';

const list = 'meters';
const states: readonly MeterStatus['state'][] = ['waiting', 'ok', 'late', 'unreachable', 'refused'];
const serialParameter = { serial: text('Serial number.') };

type MeterQuery = PageQuery & { readonly q?: string; readonly state?: MeterStatus['state'] };

export function meterRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry } = system;

  async function expectMeter(serial: string): Promise<MeterStatus> {
    const row = await meterRows(registry).where('meter.serial', '=', serial).executeTakeFirst();
    if (row) return toStatus(row);
    const what = `expected the serial number of a meter, found '${serial.slice(0, 60)}'`;
    throw serverError('server/unknown-meter', what, { serial: serial.slice(0, 60) });
  }

  app.get<{ Querystring: MeterQuery }>(
    '/meters',
    describeRoute({
      id: 'listMeters',
      tag: 'meters',
      access: 'read',
      summary: 'Meters, by serial number',
      querystring: query({
        ...paging,
        q: text('Part of a serial number, a usage point, a customer or a transformer.', { maxLength: 100 }),
        state: oneOf('State.', states),
      }),
      response: pageOf(named('MeterStatus')),
      problems: [400],
    }),
    async (request): Promise<Page<MeterStatus>> => {
      const { limit } = request.query;
      const rows = await findMeters(registry, request.query);
      return pageOfRows(rows, list, { limit, keyOf: (row) => row.serial, toItem: toStatus });
    },
  );

  app.get<{ Params: { serial: string } }>(
    '/meters/:serial',
    describeRoute({
      id: 'getMeter',
      tag: 'meters',
      access: 'read',
      summary: 'One meter',
      params: serialParameter,
      response: named('MeterStatus'),
      problems: [404],
    }),
    (request): Promise<MeterStatus> => expectMeter(request.params.serial),
  );

  app.get<{ Params: { serial: string } }>(
    '/meters/:serial/moment',
    describeRoute({
      id: 'getMeterMoment',
      tag: 'meters',
      access: 'read',
      summary: 'What a meter shows of the present moment: phasors, wave, harmonics, registers, log',
      description:
        'The meter is read for it by DLMS, as the client that may read alone; who asks meanwhile shares the session.',
      params: serialParameter,
      response: named('MeterMoment'),
      problems: [404, 503],
    }),
    async (request): Promise<MeterMoment> => {
      const { serial } = await expectMeter(request.params.serial);
      try {
        return await system.headend.lookAt(serial);
      } catch (error) {
        const cause = codeOf(error);
        const what = `meter ${serial} did not answer: ${messageOf(error)}`;
        throw serverError('server/meter-not-answering', what, { serial, cause }, error);
      }
    },
  );

  app.post<{ Params: { serial: string } }>(
    '/meters/:serial/read',
    describeRoute({
      id: 'readMeter',
      tag: 'meters',
      access: 'write',
      summary: 'Reads what is missing from a meter now, ahead of the schedule',
      description:
        'The outcome of the exchange is data: a meter that refuses or does not answer is no HTTP error.',
      params: serialParameter,
      response: named('ExchangeOutcome'),
      problems: [404, 503],
    }),
    async (request): Promise<ExchangeOutcome> => {
      const { serial } = await expectMeter(request.params.serial);
      const outcome = await system.headend.collect(serial);
      const { exchangeId, code, message, readings } = outcome;
      return { exchangeId, serial, outcome: outcome.outcome, code, message, readings };
    },
  );
}

function meterRows(registry: Registry) {
  return registry
    .selectFrom('meter')
    .innerJoin('usage_point', 'usage_point.id', 'meter.usage_point_id')
    .selectAll('meter')
    .select(['usage_point.customer', 'usage_point.transformer'])
    .orderBy('meter.serial');
}

type MeterRow = Awaited<ReturnType<ReturnType<typeof meterRows>['execute']>>[number];

function findMeters(registry: Registry, { limit, cursor, q, state }: MeterQuery): Promise<MeterRow[]> {
  let rows = meterRows(registry).limit(limit + 1);
  const after = keyAfter(list, cursor);
  if (after !== undefined) rows = rows.where('meter.serial', '>', after);
  if (state !== undefined) rows = rows.where('meter.state', '=', state);
  if (q !== undefined && q !== '') {
    const columns = [
      'meter.serial',
      'meter.usage_point_id',
      'usage_point.customer',
      'usage_point.transformer',
    ] as const;
    rows = rows.where((eb) =>
      eb.or(columns.map((column) => eb(eb.fn<string>('lower', [column]), 'like', anywhere(q)))),
    );
  }
  return rows.execute();
}

function toStatus(row: MeterRow): MeterStatus {
  const instantOf = (ms: number | null) => (ms === null ? null : formatInstant(ms));
  return {
    serial: row.serial,
    usagePointId: row.usage_point_id,
    customer: row.customer,
    transformer: row.transformer,
    profile: row.profile,
    address: `${row.host}:${row.port}`,
    state: row.state,
    lastContact: instantOf(row.last_contact_ms),
    lastInterval: instantOf(row.last_interval_ms),
    lastOutcome: row.last_outcome,
    failures: row.failures,
  };
}
