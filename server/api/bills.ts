/** Bills and tariffs: `GET usage-points/{id}/bills`, `GET bills/{id}` with explanation and replay, `POST usage-points/{id}/bills`. */
import type { Bill, BillExplanation, Page, Tariff } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { expectUsagePoint } from './registry-rows.ts';
import { describeRoute } from './route.ts';
import { integer, named, pageOf, query, text } from './schema/index.ts';

const usagePointId = { id: text('Id of the usage point.') };
const billId = { id: text('Id of the bill.') };

export function billRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { billing, registry } = system;

  async function expectBill(id: string): Promise<Bill> {
    const bill = await billing.bill(id);
    if (bill) return bill;
    throw serverError('server/unknown-bill', `expected the id of a bill, found '${id.slice(0, 60)}'`, {
      billId: id.slice(0, 60),
    });
  }

  app.get<{ Params: { id: string } }>(
    '/usage-points/:id/bills',
    describeRoute({
      id: 'listBills',
      tag: 'bills',
      access: 'read',
      summary: 'Bills of a usage point, newest month and version first',
      params: usagePointId,
      response: pageOf(named('Bill')),
      problems: [404],
    }),
    async (request): Promise<Page<Bill>> => {
      const point = await expectUsagePoint(registry, request.params.id);
      return { items: await billing.bills(point.id), next: null };
    },
  );

  app.post<{ Params: { id: string }; Querystring: { month: string } }>(
    '/usage-points/:id/bills',
    describeRoute({
      id: 'runBill',
      tag: 'bills',
      access: 'write',
      summary: 'Computes the bill of a month; a new version is kept when it differs from the last',
      params: usagePointId,
      querystring: {
        ...query({ month: text('Local month, 2026-10.', { pattern: '^\\d{4}-(0[1-9]|1[0-2])$' }) }),
        required: ['month'],
      },
      response: named('Bill'),
      problems: [400, 404, 409],
    }),
    (request): Promise<Bill> => billing.run(request.params.id, request.query.month),
  );

  app.get<{ Params: { id: string } }>(
    '/bills/:id',
    describeRoute({
      id: 'getBill',
      tag: 'bills',
      access: 'read',
      summary: 'A version of a bill',
      params: billId,
      response: named('Bill'),
      problems: [404],
    }),
    (request): Promise<Bill> => expectBill(request.params.id),
  );

  app.get<{ Params: { id: string } }>(
    '/bills/:id/explanation',
    describeRoute({
      id: 'explainBill',
      tag: 'bills',
      access: 'read',
      summary: 'Every line of a bill down to the days and readings it stands on',
      params: billId,
      response: named('BillExplanation'),
      problems: [404],
    }),
    async (request): Promise<BillExplanation> => billing.explain((await expectBill(request.params.id)).id),
  );

  app.get<{ Params: { id: string } }>(
    '/bills/:id/replay',
    describeRoute({
      id: 'replayBill',
      tag: 'bills',
      access: 'read',
      summary: 'The bill computed again from what was known then',
      params: billId,
      response: named('BillReplay'),
      problems: [404, 409],
    }),
    async (request) => billing.replay((await expectBill(request.params.id)).id),
  );
}

export function tariffRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { billing } = system;

  app.get(
    '/tariffs',
    describeRoute({
      id: 'listTariffs',
      tag: 'bills',
      access: 'read',
      summary: 'Every version of every tariff',
      response: pageOf(named('Tariff')),
    }),
    async (): Promise<Page<Tariff>> => ({ items: await billing.tariffs(), next: null }),
  );

  app.get<{ Params: { id: string }; Querystring: { version?: number } }>(
    '/tariffs/:id',
    describeRoute({
      id: 'getTariff',
      tag: 'bills',
      access: 'read',
      summary: 'A tariff, the newest version unless one is named',
      params: { id: text('Id of the tariff.') },
      querystring: query({ version: integer('Version.', { minimum: 1 }) }),
      response: named('Tariff'),
      problems: [400, 404],
    }),
    async (request): Promise<Tariff> => {
      const { id } = request.params;
      const { version } = request.query;
      const tariff = await billing.tariff(id, version);
      if (tariff) return tariff;
      const name = `${id.slice(0, 60)}${version === undefined ? '' : ` version ${version}`}`;
      throw serverError('server/unknown-tariff', `expected a tariff that is kept, found '${name}'`, {
        tariffId: id.slice(0, 60),
      });
    },
  );
}
