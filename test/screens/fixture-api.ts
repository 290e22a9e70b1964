/** A server with the portal and an API of fixed data: the wire shapes without the stack, with trouble on demand. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { codeOf, messageOf } from '@wattline/base';
import type { About, EventItem } from '@wattline/model';
import { fixtureBills, fixtureInterval } from '../../portal/stories/fixture-bills.ts';
import { fixtureBoard } from '../../portal/stories/fixture-commands.ts';
import { fixtureMoment } from '../../portal/stories/fixture-moment.ts';
import {
  fixtureEvents,
  fixtureExceptions,
  fixtureReadRate,
  fixtureWork,
} from '../../portal/stories/fixture-operations.ts';
import { seriesOf } from '../../portal/stories/fixture-readings.ts';
import {
  fixtureAbout,
  fixtureMeters,
  fixturePoints,
  householdOf,
} from '../../portal/stories/fixture-town.ts';
import { decodeFrames } from '../../server/api/frames.ts';

/** The same headers as the real server's. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The token that the fixture takes for reading a meter now. */
export const fixtureToken = 'f'.repeat(64);

/** The server and what a test can do to it. */
export interface FixtureApi {
  readonly url: string;
  /** Answers paths that fit with a problem, until `mend`; 401 only without a token. */
  fail(path: RegExp, status: number, code: string): void;
  /** Lets requests that fit wait, until `mend`. */
  hold(path: RegExp): void;
  mend(): void;
  /** Says something else of itself. */
  setAbout(about: About): void;
  /** Sends a live event. */
  push(event: EventItem): void;
  /** Ends every live connection. */
  dropStreams(): void;
  close(): Promise<void>;
}

interface Trouble {
  readonly path: RegExp;
  /** Null waits. */
  readonly problem: { readonly status: number; readonly code: string } | null;
}

/** Starts the server on a free port of this machine. */
export async function startFixtureApi(distFolder: string): Promise<FixtureApi> {
  const streams = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  let troubles: Trouble[] = [];
  let about = fixtureAbout;

  const answerApi = (url: URL, request: IncomingMessage, response: ServerResponse) => {
    const path = url.pathname.slice('/api/v1/'.length);
    // As with the server: a request that brings a token is not asked who it is.
    const isSignedIn = request.headers.authorization !== undefined;
    const trouble = troubles.find(
      (one) => one.path.test(path) && !(isSignedIn && one.problem?.status === 401),
    );
    if (trouble?.problem) {
      const { status, code } = trouble.problem;
      send(response, status, { code, message: `the fixture fails ${path}`, where: { path } });
    } else if (trouble) waiting.add(() => answerApi(url, request, response));
    else if (path === 'operations/events/stream') openStream(streams, response);
    else if (path === 'about') send(response, 200, about);
    else if (path === 'frames/decode') answerFrames(request, response);
    else {
      const answer = answerOf(path, url.searchParams, request);
      send(response, answer.status, answer.body);
    }
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (url.pathname.startsWith('/api/v1/')) answerApi(url, request, response);
    else sendFile(response, distFolder, url.pathname);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    fail: (path, status, code) => troubles.push({ path, problem: { status, code } }),
    hold: (path) => troubles.push({ path, problem: null }),
    mend() {
      troubles = [];
      for (const go of waiting) go();
      waiting.clear();
    },
    setAbout(next) {
      about = next;
    },
    push(event) {
      for (const stream of streams) stream.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    dropStreams() {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
const found = (body: unknown): Answer => ({ status: 200, body });
const lacking = (code: string, what: string): Answer => ({
  status: 404,
  body: { code, message: `no ${what}`, where: { what } },
});

function answerOf(path: string, query: URLSearchParams, request: IncomingMessage): Answer {
  const [list = '', id = '', part, start] = path.split('/').map(decodeURIComponent);
  if (request.method === 'POST') return answerWrite(path, id, request);
  if (list === 'usage-points')
    return id === '' ? listOf(fixturePoints, query) : answerPoint(id, { part, start }, query);
  if (list === 'meters' && part === 'moment') return found({ ...fixtureMoment, serial: id });
  if (list === 'meters') return listOf(fixtureMeters, query);
  if (list === 'bills') return answerBill(id, part);
  if (path === 'operations/read-rate') return found(fixtureReadRate);
  if (path === 'operations/exceptions') return found(fixtureExceptions(query.get('kind')));
  if (path === 'operations/worklist') return found(fixtureWork(query.get('rule')));
  if (path === 'commands/board') return found(fixtureBoard);
  if (path === 'operations/events') return listOf(fixtureEvents, query);
  return lacking('server/unknown-route', path);
}

function answerPoint(
  id: string,
  { part, start }: { readonly part: string | undefined; readonly start: string | undefined },
  query: URLSearchParams,
): Answer {
  const point = fixturePoints.find((one) => one.id === id);
  if (!point) return lacking('server/unknown-usage-point', id);
  const readingType = query.get('readingType') === 'received' ? 'received' : 'delivered';
  if (part === undefined) return found(point);
  if (part === 'bills') return found({ items: fixtureBills(point).map(({ bill }) => bill), next: null });
  if (part === 'intervals') return found(fixtureInterval(point, Date.parse(start ?? ''), readingType));
  if (part !== 'readings') return lacking('server/unknown-route', part);
  const asOf = query.get('asOf');
  const period = {
    fromMs: Date.parse(query.get('from') ?? ''),
    toMs: Date.parse(query.get('to') ?? ''),
    ...(asOf === null ? {} : { asOfMs: Date.parse(asOf) }),
  };
  return found(seriesOf(householdOf(point), readingType, period));
}

function answerBill(id: string, part: string | undefined): Answer {
  const made = fixturePoints
    .filter((point) => id.includes(point.id))
    .flatMap(fixtureBills)
    .find(({ bill }) => bill.id === id);
  if (!made) return lacking('server/unknown-bill', id);
  return found(part === 'explanation' ? made.explanation : made.bill);
}

/** The real decoder: it needs no stack. */
function answerFrames(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => {
    try {
      send(response, 200, decodeFrames(JSON.parse(body)));
    } catch (error) {
      send(response, 400, { code: codeOf(error), message: messageOf(error), where: {} });
    }
  });
}

function answerWrite(path: string, serial: string, request: IncomingMessage): Answer {
  if (request.headers.authorization !== `Bearer ${fixtureToken}`) {
    const isGiven = request.headers.authorization !== undefined;
    const code = isGiven ? 'server/login-refused' : 'server/login-required';
    return { status: 401, body: { code, message: 'expected the bearer token of this server', where: {} } };
  }
  if (path === 'operations/worklist/close') return found({ closed: 2 });
  if (path.startsWith('commands/')) return found({ isRedSwitchPulled: path.endsWith('red-switch') });
  return found({ exchangeId: 'X-1', serial, outcome: 'answer', code: null, message: null, readings: 3 });
}

/** A list searched by `q` in all its text, filtered by `state`, in pages of `limit`. */
function listOf(items: readonly object[], query: URLSearchParams): Answer {
  const wanted = (query.get('q') ?? '').toLowerCase();
  const state = query.get('state');
  const fits = items.filter((item) => {
    if (state !== null && (item as { state?: string }).state !== state) return false;
    return JSON.stringify(item).toLowerCase().includes(wanted);
  });
  const limit = Number(query.get('limit') ?? 100);
  const from = Number(query.get('cursor') ?? 0);
  const next = from + limit < fits.length ? String(from + limit) : null;
  return found({ items: fits.slice(from, from + limit), next });
}

function openStream(streams: Set<ServerResponse>, response: ServerResponse): void {
  response.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('retry: 3000\n: events of the fixture\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...securityHeaders, 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

/** A built file, or the page itself for every place within it. */
function sendFile(response: ServerResponse, folder: string, path: string): void {
  const file = join(folder, normalize(path));
  const isFile = file.startsWith(folder) && existsSync(file) && statSync(file).isFile();
  const chosen = isFile ? file : join(folder, 'index.html');
  response.writeHead(200, {
    ...securityHeaders,
    'content-type': contentTypes[extname(chosen)] ?? 'application/octet-stream',
  });
  createReadStream(chosen).pipe(response);
}
