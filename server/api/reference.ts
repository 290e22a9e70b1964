/** `/api/openapi.json`, and `/api/docs` made from it. */
import type { FastifyInstance } from 'fastify';
import { version } from '../version.ts';
import { type ApiReference, referenceStyle, renderReference } from './reference-page.ts';
import { describeRoute } from './route.ts';
import { schemas, text } from './schema/index.ts';

/** What @fastify/swagger is told; the rest it takes from the routes. */
export const referenceOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Wattline',
      version,
      description: 'The open smart metering stack: usage points, readings, bills, operations.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'readings', description: 'Usage points, readings and their reasons' },
      { name: 'bills', description: 'Bills and tariffs' },
      { name: 'operations', description: 'What an operator looks at' },
      { name: 'meters', description: 'The fleet' },
      { name: 'commands', description: 'Commands to meters, guarded' },
      { name: 'server', description: 'The server itself' },
    ],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'The token in `<data>/token`. Reading a town on this machine needs none.',
        },
      },
    },
  },
  refResolver: {
    buildLocalReference: (json: { $id?: unknown }, _base: unknown, _fragment: string, index: number) =>
      typeof json.$id === 'string' ? json.$id : `schema-${index}`,
  },
};

/** Makes the named schemas known to the routes. */
export function addSchemas(app: FastifyInstance): void {
  for (const [name, schema] of Object.entries(schemas)) app.addSchema({ $id: name, ...schema });
}

export function referenceRoutes(app: FastifyInstance): void {
  const open = (id: string, summary: string, produces: string) =>
    describeRoute({ id, tag: 'server', access: 'open', summary, response: text(summary), produces });
  const reference = () => app.swagger() as unknown as ApiReference;

  app.get(
    '/api/openapi.json',
    open('openapi', 'This API as OpenAPI 3.1', 'application/json'),
    async (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(reference())),
  );
  app.get('/api/docs', open('docs', 'This API as a page for people', 'text/html'), async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(renderReference(reference())),
  );
  app.get('/api/docs.css', open('docsStyle', 'The style of that page', 'text/css'), async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(referenceStyle),
  );
}
