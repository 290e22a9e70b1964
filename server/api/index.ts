/** Serves the API and the screens of a running stack. */

import { type Clock, codeOf, type Log, messageOf, type Random, realClock } from '@wattline/base';
import type { Address } from '@wattline/network';
import type { System } from '@wattline/system';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import { buildApp } from './app.ts';
import type { TownFacts } from './context.ts';
import { announceServer, keepToken } from './data-files.ts';

export type { TownFacts } from './context.ts';
export { readServerFile, type ServerFile } from './data-files.ts';

/** What is served and where. */
export interface ApiOptions {
  readonly system: System;
  readonly mode: 'town' | 'serve';
  readonly host: string;
  /** 0 lets the machine choose. */
  readonly port: number;
  /** The built screens; they may be missing. */
  readonly portalDirectory: string;
  /** Where `token` and `server.json` are written. */
  readonly dataDirectory: string;
  readonly log: Log;
  /** A source for secrets. */
  readonly random: Random;
  readonly town: TownFacts | null;
  /** The machine's clock, for heartbeats; a town's own clock may run faster. */
  readonly machineClock?: Clock;
}

/** A server that answers. */
export interface Api {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves until closed. `<data>/token` holds the bearer token for writing, `<data>/server.json` says where the server is.
 * @throws CodedError `server/port-taken`, `server/cannot-listen`, `server/no-directory`
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { system, mode, host, log, town, dataDirectory, portalDirectory } = options;
  const { token, path: tokenPath } = keepToken(dataDirectory, options.random);
  const machineClock = options.machineClock ?? realClock();
  const context = { system, mode, town, log, machineClock };
  const app = await buildApp({ context, access: { host, mode, token }, portalDirectory });
  try {
    const url = await listen(app, { host, port: options.port });
    const withdraw = announceServer(dataDirectory, { url, pid: process.pid, tokenPath });
    return {
      url,
      async close() {
        withdraw();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      const what = `port ${port} is already in use: stop the other program or choose another with --port`;
      throw serverError('server/port-taken', what, { host, port }, error);
    }
    const what = `${host}:${port} cannot be listened on: ${messageOf(error)}`;
    throw serverError('server/cannot-listen', what, { host, port }, error);
  }
  const address = app.addresses().at(0);
  const bound = typeof address === 'object' ? address.port : port;
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${bound}`;
}
