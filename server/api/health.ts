/** `/healthz`, `/readyz` and `/metrics`: for those who run the server. */
import type { FastifyInstance } from 'fastify';
import { troubleOf } from './about.ts';
import type { ApiContext } from './context.ts';
import type { Metrics } from './metrics.ts';
import { describeRoute } from './route.ts';
import { named, text } from './schema/index.ts';

export function healthRoutes(app: FastifyInstance, { system }: ApiContext, metrics: Metrics): void {
  const health = describeRoute({
    id: 'health',
    tag: 'server',
    access: 'open',
    summary: 'Whether the process answers',
    response: named('Health'),
  });
  app.get('/healthz', health, async () => ({ status: 'ok' }));

  const ready = describeRoute({
    id: 'ready',
    tag: 'server',
    access: 'open',
    summary:
      'Whether the API answers, the initial history is collected and readings are taken and stored; else 503',
    response: named('Readiness'),
    alsoAnswers: [503],
  });
  app.get('/readyz', ready, async (_request, reply) => {
    const readiness = system.readiness();
    const trouble = troubleOf(system);
    return reply.code(readiness.isReady && !trouble ? 200 : 503).send({ ...readiness, trouble });
  });

  const figures = describeRoute({
    id: 'metrics',
    tag: 'server',
    access: 'read',
    summary: 'Figures as Prometheus text',
    response: text('Prometheus exposition format 0.0.4.'),
    produces: 'text/plain',
  });
  app.get('/metrics', figures, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );
}
