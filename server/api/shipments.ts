/** `POST meters/shipments`: meters taken in from a shipment file while the stack runs. */
import { type ProvisionReport, readShipment } from '@wattline/headend';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { named, oneOf, query } from './schema/index.ts';

/** Octets of a shipment at most: some 60,000 meters. */
export const mostShipmentOctets = 32 * 2 ** 20;
const mediaTypes = ['text/csv', 'application/json'];

/** In a scope of its own: here a body is a file, JSON too, since its reader checks it row by row. */
export async function shipmentRoutes(app: FastifyInstance, { system }: ApiContext): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    mediaTypes,
    { parseAs: 'buffer', bodyLimit: mostShipmentOctets },
    (_request, body, done) => done(null, body),
  );
  app.post<{ Querystring: { format: 'csv' | 'json' }; Body: Buffer | null }>(
    '/meters/shipments',
    {
      bodyLimit: mostShipmentOctets,
      ...describeRoute({
        id: 'provisionShipment',
        tag: 'meters',
        access: 'write',
        summary: 'Takes in the meters of a shipment',
        description:
          'Each row stands or falls alone; the same file again changes nothing. Management and master keys belong to the signer: ' +
          'a shipment that has them is refused whole, `wattline headend enrol` takes them out.',
        querystring: query({ format: oneOf('Form of the file.', ['csv', 'json'], { default: 'json' }) }),
        consumes: mediaTypes,
        body: { content: { 'text/csv': { schema: { description: 'The file, at most 32 MiB.' } } } },
        response: named('ProvisionReport'),
        problems: [400, 413, 415],
      }),
    },
    async ({ query: { format }, body }): Promise<ProvisionReport> => {
      const file = (body ?? '').toString('utf8');
      expectNoSignersKeys(file, format);
      return system.headend.provision(file, format);
    },
  );
}

/**
 * What the signer alone may hold does not come in by this door.
 * @throws CodedError `server/management-keys`, `headend/shipment-unreadable`
 */
export function expectNoSignersKeys(file: string, format: 'csv' | 'json'): void {
  const found = readShipment(file, format).find(
    ({ content }) => content.ok && (content.value.keys.management ?? content.value.keys.master),
  );
  if (!found) return;
  const what = `expected a shipment without management and master keys, found them in row ${found.row}: take them out where the signer lives, by wattline headend enrol`;
  throw serverError('server/management-keys', what, { row: found.row });
}
