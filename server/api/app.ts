/** The API as one Fastify application: guards, routes, reference, screens. */
import fastifySwagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import { aboutRoute } from './about.ts';
import { type AccessPolicy, guardAccess } from './access.ts';
import { assetChangeRoutes } from './asset-changes.ts';
import { assetRoutes } from './assets.ts';
import { billRoutes, tariffRoutes } from './bills.ts';
import { campaignRoutes } from './campaigns.ts';
import { changeStreamRoute } from './change-stream.ts';
import { changeRoutes } from './changes.ts';
import { commandBoardRoute } from './command-board.ts';
import { commandRoutes } from './commands.ts';
import { compressAnswers } from './compression.ts';
import type { ApiContext } from './context.ts';
import { deviceRoutes } from './devices.ts';
import { eventStreamRoute } from './event-stream.ts';
import { eventRoutes } from './events.ts';
import { exchangeRoutes, fileRoutes } from './files.ts';
import { fleetRoutes } from './fleet.ts';
import { frameRoutes } from './frames.ts';
import { healthRoutes } from './health.ts';
import { importRoutes } from './imports.ts';
import { intervalExplanationRoute } from './interval-explanation.ts';
import { meterRoutes } from './meters.ts';
import { createMetrics } from './metrics.ts';
import { oneWayMeterRoutes } from './one-way-meters.ts';
import { answerProblems, sendProblem } from './problem.ts';
import { readRateRoute } from './read-rate.ts';
import { readingsRoute } from './readings.ts';
import { addSchemas, referenceOptions, referenceRoutes } from './reference.ts';
import { rolloutRoutes } from './rollout.ts';
import { serveScreens } from './screens.ts';
import { serviceLevelRoutes } from './service-level.ts';
import { shipmentRoutes } from './shipments.ts';
import { sumRoutes } from './sums.ts';
import { usagePointRoutes } from './usage-points.ts';
import { virtualMeterRoutes } from './virtual-meters.ts';
import { workerRoutes } from './workers.ts';
import { worklistRoutes } from './worklist.ts';

/** What the application is made of. */
export interface AppOptions {
  readonly context: ApiContext;
  readonly access: AccessPolicy;
  readonly portalDirectory: string;
}

/** Octets of a body at most; imports have a bound of their own. */
const mostBodyOctets = 2 ** 20;
/** A request must have arrived whole within this time, ms. */
const requestTimeoutMs = 120_000;
const malformed = JSON.stringify({
  code: 'server/bad-request',
  message: 'the request is no HTTP',
  where: {},
});

/** Builds the application; it listens nowhere yet. */
export async function buildApp({ context, access, portalDirectory }: AppOptions): Promise<FastifyInstance> {
  const { log } = context;
  const app = Fastify({
    logger: false,
    bodyLimit: mostBodyOctets,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, useDefaults: true } },
    frameworkErrors: (error, request, reply) => void sendProblem(error, { request, reply, log }),
    clientErrorHandler: (_error, socket) => {
      if (!socket.writable) return;
      const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${malformed.length}`;
      socket.end(`${head}\r\nConnection: close\r\n\r\n${malformed}`);
    },
  });
  // Schemas describe and are tested; answers are already of their shape, and JSON.stringify is the quicker serializer.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  answerProblems(app, log);
  guardAccess(app, access);
  compressAnswers(app);
  addSchemas(app);
  await app.register(fastifySwagger, referenceOptions);

  let openStreams = () => 0;
  const metrics = createMetrics(context, () => openStreams());
  metrics.observe(app);
  await app.register(
    async (api) => {
      aboutRoute(api, context);
      usagePointRoutes(api, context);
      readingsRoute(api, context);
      intervalExplanationRoute(api, context);
      billRoutes(api, context);
      tariffRoutes(api, context);
      readRateRoute(api, context);
      eventRoutes(api, context);
      meterRoutes(api, context);
      assetRoutes(api, context);
      rolloutRoutes(api, context);
      oneWayMeterRoutes(api, context);
      assetChangeRoutes(api, context);
      commandBoardRoute(api, context);
      commandRoutes(api, context);
      campaignRoutes(api, context);
      serviceLevelRoutes(api, context);
      fleetRoutes(api, context);
      await api.register((shipments) => shipmentRoutes(shipments, context));
      deviceRoutes(api, context);
      workerRoutes(api, context);
      worklistRoutes(api, context);
      exchangeRoutes(api, context);
      changeRoutes(api, context);
      sumRoutes(api, context);
      virtualMeterRoutes(api, context);
      await api.register((files) => fileRoutes(files, context));
      frameRoutes(api);
      await api.register((imports) => importRoutes(imports, context));
      const streams = [eventStreamRoute(api, context), changeStreamRoute(api, context)];
      openStreams = () => streams.reduce((sum, { count }) => sum + count(), 0);
      api.addHook('preClose', async () => {
        for (const one of streams) one.close();
      });
    },
    { prefix: '/api/v1' },
  );
  healthRoutes(app, context, metrics);
  referenceRoutes(app);
  await serveScreens(app, portalDirectory);
  app.addHook('onClose', async () => metrics.close());
  await app.ready();
  return app;
}
