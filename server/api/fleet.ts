/** The fleet as the head-end sees it: who is silent, who is held, what is out, how a meter was reached, and what it says it is. */
import { formatInstant } from '@wattline/base';
import type { HeldMeter } from '@wattline/headend';
import type {
  DiscoveryItem,
  HeldMeterItem,
  MeterRouteItem,
  OutageItem,
  Page,
  SilentMeter,
} from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { integer, named, pageOf, query, type Schema, text } from './schema/index.ts';

const title = { systemTitle: text('System title, 16 hexadecimal digits.') };
const serialNumber = { serial: text('Serial number.') };
const by = { by: text('Who decides.', { minLength: 1, maxLength: 64 }) };
/** Read by the reader of shipments: the same checks as for a file. */
const shipmentBody: Schema = {
  type: 'object',
  description: 'A row of a shipment, keys of the reader included.',
};

export function fleetRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { headend, registry } = system;

  app.get<{ Querystring: { hours: number } }>(
    '/operations/silent-meters',
    describeRoute({
      id: 'silentMeters',
      tag: 'operations',
      access: 'read',
      summary: 'Meters without contact for so many hours, longest first',
      querystring: query({ hours: integer('Hours.', { minimum: 1, maximum: 8_760, default: 24 }) }),
      response: pageOf(named('SilentMeter')),
      problems: [400],
    }),
    async ({ query: { hours } }): Promise<Page<SilentMeter>> => {
      const items = headend.serviceLevel.silent(hours).map(({ serial, usagePointId, lastContactMs }) => ({
        serial,
        usagePointId,
        lastContact: lastContactMs === null ? null : formatInstant(lastContactMs),
      }));
      return { items, next: null };
    },
  );

  app.get(
    '/operations/outages',
    describeRoute({
      id: 'outages',
      tag: 'operations',
      access: 'read',
      summary: 'Transformers that are out, as the last gasps of their meters tell',
      response: pageOf(named('Outage')),
    }),
    async (): Promise<Page<OutageItem>> => ({
      items: headend.outages().map(({ sinceMs, ...rest }) => ({ ...rest, since: formatInstant(sinceMs) })),
      next: null,
    }),
  );

  app.get<{ Params: { serial: string } }>(
    '/meters/:serial/routes',
    describeRoute({
      id: 'routesOfMeter',
      tag: 'meters',
      access: 'read',
      summary: 'How a meter was reached, and from when on',
      params: serialNumber,
      response: pageOf(named('MeterRoute')),
      problems: [404],
    }),
    async ({ params: { serial } }): Promise<Page<MeterRouteItem>> => {
      const rows = await registry
        .selectFrom('route_history')
        .selectAll()
        .where('serial', '=', serial)
        .orderBy('from_ms')
        .execute();
      if (rows.length === 0) throw unknownMeter(serial);
      const items = rows.map(({ from_ms: fromMs, host, port, route, link }) => ({
        ...{ from: formatInstant(fromMs), host, port, route, link },
      }));
      return { items, next: null };
    },
  );

  app.post<{ Params: { serial: string } }>(
    '/meters/:serial/discovery',
    describeRoute({
      id: 'discoverMeter',
      tag: 'meters',
      access: 'write',
      summary: 'Reads the object list of a meter now and tells which companion profiles fit',
      params: serialNumber,
      response: named('Discovery'),
      problems: [404, 503],
    }),
    ({ params: { serial } }): Promise<DiscoveryItem> => headend.discover(serial),
  );
  heldRoutes(app, system);
}

function heldRoutes(app: FastifyInstance, { headend }: ApiContext['system']): void {
  const { held } = headend;

  app.get(
    '/operations/held-meters',
    describeRoute({
      id: 'heldMeters',
      tag: 'operations',
      access: 'read',
      summary: 'Meters that pushed before anybody provisioned them, newest first',
      response: pageOf(named('HeldMeter')),
    }),
    async (): Promise<Page<HeldMeterItem>> => ({ items: (await held.list()).map(toItem), next: null }),
  );

  app.post<{ Params: { systemTitle: string }; Querystring: { by: string }; Body: unknown }>(
    '/operations/held-meters/:systemTitle/approve',
    describeRoute({
      id: 'approveHeldMeter',
      tag: 'operations',
      access: 'write',
      summary: 'Takes a held meter in by its row of a shipment',
      params: title,
      querystring: query(by),
      body: shipmentBody,
      response: named('HeldMeter'),
      problems: [400, 404, 409],
    }),
    async ({ params, query: asked, body }): Promise<HeldMeterItem> =>
      toItem(await held.approve(params.systemTitle, { row: body, by: asked.by })),
  );

  app.post<{ Params: { systemTitle: string }; Querystring: { by: string } }>(
    '/operations/held-meters/:systemTitle/reject',
    describeRoute({
      id: 'rejectHeldMeter',
      tag: 'operations',
      access: 'write',
      summary: 'Turns a held meter away',
      params: title,
      querystring: query(by),
      response: named('HeldMeter'),
      problems: [404],
    }),
    async ({ params, query: asked }): Promise<HeldMeterItem> =>
      toItem(await held.reject(params.systemTitle, asked.by)),
  );
}

function unknownMeter(serial: string): Error {
  const what = `expected the serial number of a meter, found '${serial.slice(0, 60)}'`;
  return serverError('server/unknown-meter', what);
}

function toItem(row: HeldMeter): HeldMeterItem {
  return {
    systemTitle: row.system_title,
    peer: row.peer,
    first: formatInstant(row.first_ms),
    last: formatInstant(row.last_ms),
    pushes: row.pushes,
    state: row.state,
    serial: row.serial,
    decidedBy: row.decided_by,
  };
}
