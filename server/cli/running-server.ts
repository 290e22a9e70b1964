/** The running server as the command line finds it: by its data directory or by URL. */
import { readFileSync } from 'node:fs';
import { CodedError, messageOf } from '@wattline/base';
import type { ProblemBody } from '@wattline/model';
import type { Command } from 'commander';
import { readServerFile } from '../api/data-files.ts';
import { serverError } from '../errors.ts';

/** The flags that say where the server is. */
export interface ServerFlags {
  readonly data: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** Adds the flags that every command which asks the server has. */
export function withServer(command: Command): Command {
  return command
    .option('--data <directory>', 'data directory of the running server', './data')
    .option('--url <url>', 'address of the server, instead of looking it up in the data directory')
    .option('--token-file <file>', 'file with the bearer token, when --url is used')
    .option('--json', 'print the answer of the API');
}

/** The API of a running server; refusals are thrown with the code that the server gave. */
export interface RunningServer {
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  /** A GET whose answer is a file. */
  getFile(
    path: string,
    query?: Readonly<Record<string, string | undefined>>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  post<T>(
    path: string,
    query?: Readonly<Record<string, string | undefined>>,
    body?: { readonly type: string; readonly content: Uint8Array<ArrayBuffer> },
  ): Promise<T>;
}

/**
 * Finds the server.
 * @throws CodedError `server/not-running`, `server/no-file`; the calls throw `server/unreachable`, `server/not-understood`
 * and what the server answers
 */
export function findServer(flags: ServerFlags): RunningServer {
  const file = readServerFile(flags.data);
  const url = flags.url?.replace(/\/+$/, '') ?? file?.url;
  if (url === undefined) {
    const what = `no server runs on ${flags.data}: start one with wattline town or wattline serve, or name one with --url or --data`;
    throw serverError('server/not-running', what, { directory: flags.data });
  }
  const tokenPath = flags.tokenFile ?? (file?.url === url ? file.tokenPath : undefined);
  const token = tokenPath === undefined ? undefined : readToken(tokenPath, flags.tokenFile !== undefined);
  const ask = async <T>(
    method: string,
    address: URL,
    init: RequestInit = {},
    read?: (response: Response) => Promise<T>,
  ): Promise<T> => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    let response: Response;
    try {
      response = await fetch(address, { ...init, method, headers });
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw serverError('server/unreachable', `${url} does not answer: ${messageOf(cause)}`, { url }, error);
    }
    return read && response.ok ? read(response) : readAnswer<T>(response, url);
  };
  const addressOf = (path: string, query: Readonly<Record<string, string | undefined>> = {}) => {
    const address = parseUrl(`${url}/api/v1/${path}`, url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, value);
    }
    return address;
  };
  return {
    get: (path, query) => ask('GET', addressOf(path, query)),
    getFile: (path, query) =>
      ask(
        'GET',
        addressOf(path, query),
        {},
        async (response) => new Uint8Array(await response.arrayBuffer()),
      ),
    post: (path, query, body) =>
      ask('POST', addressOf(path, query), {
        body: body?.content ?? '{}',
        headers: { 'content-type': body?.type ?? 'application/json' },
      }),
  };
}

/** A body of JSON for {@link RunningServer.post}. */
export function jsonBody(body: object) {
  return { type: 'application/json', content: new TextEncoder().encode(JSON.stringify(body)) };
}

function parseUrl(text: string, url: string): URL {
  try {
    return new URL(text);
  } catch {
    throw serverError(
      'server/bad-usage',
      `--url: expected an address as http://127.0.0.1:8080, found '${url}'`,
    );
  }
}

function readToken(path: string, isAsked: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (!isAsked) return undefined;
    throw serverError('server/no-file', `the token file ${path} cannot be read: ${messageOf(error)}`, {
      path,
    });
  }
}

async function readAnswer<T>(response: Response, url: string): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const { code, message, where } = (body ?? {}) as Partial<ProblemBody>;
  if (typeof code === 'string' && typeof message === 'string') {
    throw new CodedError(code, message, { ...where, status: response.status });
  }
  const what = `expected a Wattline server at ${url}, found an answer with status ${response.status} and no coded body`;
  throw serverError('server/not-understood', what, { url, status: response.status });
}
