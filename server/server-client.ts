/** The API of a running server, asked from another process: by the command line, and by a worker that hands its readings over. */
import { CodedError, messageOf } from '@wattline/base';
import type { ProblemBody } from '@wattline/model';
import { serverError } from './errors.ts';

/** The API of a running server. Calls throw `server/unreachable`, `server/not-understood`, and refusals with the code that the server gave. */
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

/** A server by its address, with its bearer token; `timeoutMs` bounds each request. */
export function serverClient({
  url,
  token,
  timeoutMs,
}: {
  readonly url: string;
  readonly token: string | undefined;
  readonly timeoutMs?: number;
}): RunningServer {
  const ask = async <T>(
    method: string,
    address: URL,
    init: RequestInit = {},
    read?: (response: Response) => Promise<T>,
  ): Promise<T> => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const signal = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
    let response: Response;
    try {
      response = await fetch(address, { ...init, method, headers, signal });
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
