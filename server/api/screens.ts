/** The screens: built files as they are, and the page itself for every path that is a place within it. */
import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serverError } from '../errors.ts';
import { pathOf } from './problem.ts';

/** Vite names these by a digest of their content. */
const hashedFolder = `${sep}assets${sep}`;

export async function serveScreens(app: FastifyInstance, portalDirectory: string): Promise<void> {
  const root = resolve(portalDirectory);
  const page = join(root, 'index.html');
  if (existsSync(root)) {
    // The plugin declares its files itself. They are open: the code of the screens is no secret, and the login is in them.
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    await app.register(fastifyStatic, {
      root,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders(reply, path) {
        const isHashed = path.includes(hashedFolder);
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => answerElse(request, reply, page));
}

function answerElse(request: FastifyRequest, reply: FastifyReply, page: string): FastifyReply {
  const path = pathOf(request);
  const isPlace =
    ['GET', 'HEAD'].includes(request.method) && !/^\/api(\/|$)/.test(path) && !/\.[^/]*$/.test(path);
  if (!isPlace) {
    const what = `expected a route of /api/openapi.json, found ${request.method} ${path.slice(0, 100)}`;
    throw serverError('server/unknown-route', what, { method: request.method, path: path.slice(0, 100) });
  }
  if (existsSync(page)) return reply.sendFile('index.html');
  throw serverError(
    'server/no-screens',
    'the screens are not built: npm start builds them; the API is at /api/docs',
    {
      path: path.slice(0, 100),
    },
  );
}
