/** The roll-out: orders to install, exchange or remove meters, the notices that go with them, and which transformer a meter hangs on. */
import { formatInstant } from '@wattline/base';
import type { FastifyInstance } from 'fastify';
import { people, type Said } from './asset-changes.ts';
import type { ApiContext } from './context.ts';
import { parseMoment, parsePeriod } from './period.ts';
import { expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { integer, listOf, named, oneOf, query, record, type Schema, text } from './schema/index.ts';

const states = ['planned', 'noticed', 'done', 'failed', 'cancelled'] as const;
const kinds = ['install', 'exchange', 'remove'] as const;
const orderId = { id: text('Id of the order.', { maxLength: 60 }) };
const some = (properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema => ({
  ...record(properties),
  required,
});

export function rolloutRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { rollout, indexConsumers } = system.mdm;

  app.get<{ Querystring: { state: (typeof states)[number] } }>(
    '/install-orders',
    describeRoute({
      id: 'listInstallOrders',
      tag: 'meters',
      access: 'read',
      summary: 'Orders of a state, by the day they are planned for',
      querystring: query({ state: { ...oneOf('State.', states), default: 'planned' } }),
      response: record({ items: listOf(named('InstallOrder')) }),
      problems: [400],
    }),
    async (request) => {
      const orders = await rollout.orders(request.query.state);
      const items = orders.map((order) => ({
        id: order.id,
        usagePointId: order.usage_point_id,
        kind: order.kind,
        state: order.state,
        oldSerial: order.old_serial,
        newSerial: order.new_serial,
        plannedAt: formatInstant(order.planned_ms),
        doneAt: order.done_ms === null ? null : formatInstant(order.done_ms),
        finalRead: order.final_read,
        initialRead: order.initial_read,
        transformer: order.transformer,
        note: order.note,
      }));
      return { items };
    },
  );

  app.post<{ Body: OrderBody }>(
    '/install-orders',
    describeRoute({
      id: 'planInstallOrder',
      tag: 'meters',
      access: 'write',
      summary: 'Plans a visit; the customer’s notice is due a week before it',
      body: some(
        {
          id: text('Id of the order.', { minLength: 1, maxLength: 60 }),
          usagePointId: text('Usage point.', { minLength: 1 }),
          kind: oneOf('What is done.', kinds),
          oldSerial: text('Meter taken down.', { minLength: 1 }),
          newSerial: text('Meter put up.', { minLength: 1 }),
          planned: text('Instant, or local date for its first moment.', { minLength: 1 }),
        },
        ['id', 'usagePointId', 'kind', 'planned'],
      ),
      response: record({ id: text('Id of the order.') }),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { id, usagePointId, kind, oldSerial = null, newSerial = null, planned } = request.body;
      const point = await expectUsagePoint(system.registry, usagePointId);
      const planned_ms = parseMoment('planned', planned, point.zone);
      const serials = { old_serial: oldSerial, new_serial: newSerial };
      await rollout.plan({ id, usage_point_id: usagePointId, kind, ...serials, planned_ms });
      return { id };
    },
  );

  app.post<{ Params: { id: string }; Body: ReportBody & Said }>(
    '/install-orders/:id/done',
    describeRoute({
      id: 'finishInstallOrder',
      tag: 'meters',
      access: 'write',
      summary:
        'What the fitter wrote down: the final read of the old meter and the first of the new join its register',
      params: orderId,
      body: some(
        {
          done: text('Instant of the work, RFC 3339 or local date of the utility.', { minLength: 1 }),
          finalRead: integer('Last read of the old meter, Wh.', { minimum: 0 }),
          initialRead: integer('First read of the new meter, Wh.', { minimum: 0 }),
          reads: {
            ...listOf(
              record({
                readingType: text('Reading type of another register: received-total, delivered-rate-1.'),
                final: integer('Last read of the old meter.', { minimum: 0 }),
                initial: integer('First read of the new meter.', { minimum: 0 }),
              }),
              'Reads of registers beside +A.',
            ),
            maxItems: 20,
          },
          transformer: text('The transformer it hangs on, as found.', { minLength: 1, maxLength: 60 }),
          ...people,
        },
        ['done', 'author', 'reason'],
      ),
      response: record({
        id: text('Id of the order.'),
        facts: listOf(
          integer('Number of a fact.'),
          'What was recorded; an asset change to be undone by them.',
        ),
      }),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { done, finalRead = null, initialRead = null, reads, transformer } = request.body;
      const { author, reason } = request.body;
      const doneMs = parseMoment('done', done, system.zone);
      const report = {
        ...{ doneMs, finalRead, initialRead },
        ...(reads
          ? { reads: Object.fromEntries(reads.map(({ readingType, ...read }) => [readingType, read])) }
          : {}),
        ...(transformer === undefined ? {} : { transformer }),
      };
      const { facts } = await rollout.done(request.params.id, report, { author, reason });
      return { id: request.params.id, facts };
    },
  );

  app.post<{ Params: { id: string }; Body: Said }>(
    '/install-orders/:id/cancel',
    describeRoute({
      id: 'cancelInstallOrder',
      tag: 'meters',
      access: 'write',
      summary: 'Cancels an order; a customer who was told of the visit is told that it is off',
      params: orderId,
      body: record(people),
      response: record({ id: text('Id of the order.') }),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { author, reason } = request.body;
      await rollout.cancel(request.params.id, { author, reason });
      return { id: request.params.id };
    },
  );

  app.post<{ Params: { id: string }; Body: Said }>(
    '/install-orders/:id/failed',
    describeRoute({
      id: 'failInstallOrder',
      tag: 'meters',
      access: 'write',
      summary: 'Says that a visit was in vain; the customer is told, and another order is to be planned',
      params: orderId,
      body: record(people),
      response: record({ id: text('Id of the order.') }),
      problems: [400, 404, 409],
    }),
    async (request) => {
      const { author, reason } = request.body;
      await rollout.fail(request.params.id, { author, reason });
      return { id: request.params.id };
    },
  );

  app.get(
    '/notices',
    describeRoute({
      id: 'listNotices',
      tag: 'meters',
      access: 'write',
      summary: 'Notices to customers that are due and were not sent',
      response: record({ items: listOf(named('Notice')) }),
    }),
    async () => {
      const items = (await rollout.dueNotices()).map((notice) => ({
        id: notice.id,
        orderId: notice.order_id,
        usagePointId: notice.usage_point_id,
        kind: notice.kind,
        dueAt: formatInstant(notice.due_ms),
        text: notice.text,
      }));
      return { items };
    },
  );

  app.post<{ Params: { id: number } }>(
    '/notices/:id/sent',
    describeRoute({
      id: 'noticeSent',
      tag: 'meters',
      access: 'write',
      summary: 'Says that a notice was sent',
      params: { id: integer('Number of the notice.', { minimum: 1 }) },
      response: record({ id: integer('Number of the notice.') }),
      problems: [404],
    }),
    async (request) => {
      await rollout.noticeSent(request.params.id);
      return { id: request.params.id };
    },
  );

  app.get<{ Querystring: { feeder: string; from?: string; to?: string } }>(
    '/grid/consumer-index',
    describeRoute({
      id: 'indexConsumers',
      tag: 'meters',
      access: 'read',
      summary:
        'Which transformer of a feeder each meter hangs on, by how its voltage and its outages go with the others’',
      description: 'It proposes; a move of the usage point decides. Doubted ones come first.',
      querystring: query({
        feeder: text('Feeder.', { minLength: 1, default: '' }),
        from: text('Instant, or local date of the utility. Default: a day before `to`.'),
        to: text('Instant, or local date of the utility. Default: now.'),
      }),
      response: record({ items: listOf(named('IndexFinding')) }),
      problems: [400],
    }),
    async (request) => {
      const { feeder, from, to } = request.query;
      const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const period = parsePeriod(bounds, { zone: system.zone, nowMs: system.clock.now() });
      const items = await indexConsumers({ feeder, period });
      return { items: items.toSorted((a, b) => Number(b.isDoubted) - Number(a.isDoubted)) };
    },
  );
}

interface OrderBody {
  readonly id: string;
  readonly usagePointId: string;
  readonly kind: (typeof kinds)[number];
  readonly oldSerial?: string;
  readonly newSerial?: string;
  readonly planned: string;
}
interface ReportBody {
  readonly done: string;
  readonly finalRead?: number;
  readonly initialRead?: number;
  readonly reads?: readonly {
    readonly readingType: string;
    readonly final: number;
    readonly initial: number;
  }[];
  readonly transformer?: string;
}
