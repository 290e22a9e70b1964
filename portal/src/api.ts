/** The HTTP API as the screens use it: every call ends in a value or a coded problem. */
import type { ProblemBody } from '@wattline/model';
import { type Answer, problemOf } from './problem.ts';

const apiBase = '/api/v1';
const timeoutMs = 20_000;
/** Pages followed at most when a whole list is wanted, so that a list without end cannot hang a screen. */
const pagesAtMost = 20;

/** The calls; `path` is below `/api/v1`, or absolute when the server gave it as a link. */
export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer<T>>;
  post<T>(path: string, body?: unknown): Promise<Answer<T>>;
  /** Items of a list, page after page up to `limit`; `isCut` says that there are more. */
  list<T>(path: string, query: Query, limit: number, signal?: AbortSignal): Promise<Answer<ListResult<T>>>;
}

/** Items of a list as far as wanted. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly isCut: boolean;
}

/** Query parameters; those that are undefined or empty are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Makes the client. `token` is asked at each call: who is signed in may change. */
export function createApi(options: {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly token: () => string | null;
}): Api {
  const call = async <T>(method: string, path: string, init: RequestInit): Promise<Answer<T>> => {
    const token = options.token();
    const headers = new Headers({ accept: 'application/json' });
    if (token) headers.set('authorization', `Bearer ${token}`);
    if (init.body !== undefined) headers.set('content-type', 'application/json');
    const signals = [AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])];
    const where = { request: `${method} ${path}` };
    try {
      const signal = AbortSignal.any(signals);
      const response = await options.fetch(path, { ...init, method, headers, signal });
      return await readAnswer<T>(response, where);
    } catch (error) {
      const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
      return problemOf(isTimeout ? 'portal/timed-out' : 'portal/no-connection', where);
    }
  };
  const get: Api['get'] = (path, query = {}, signal) =>
    call('GET', urlOf(path, query), signal ? { signal } : {});
  return {
    get,
    post: (path, body = {}) => call('POST', urlOf(path, {}), { body: JSON.stringify(body) }),
    async list<T>(path: string, query: Query, limit: number, signal?: AbortSignal) {
      const items: T[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < pagesAtMost; page++) {
        const answer = await get<{ items: readonly T[]; next: string | null }>(
          path,
          { ...query, cursor },
          signal,
        );
        if (!answer.ok) return answer;
        if (!Array.isArray(answer.value.items)) return problemOf('portal/not-understood', { path });
        items.push(...answer.value.items);
        if (answer.value.next === null) return { ok: true, value: { items, isCut: false } };
        if (items.length >= limit) break;
        cursor = answer.value.next;
      }
      return { ok: true, value: { items: items.slice(0, limit), isCut: true } };
    },
  };
}

/** The address of a call: `bills/B-1` below the base, `/api/v1/...` as it is. */
export function urlOf(path: string, query: Query): string {
  const url = path.startsWith('/') ? path : `${apiBase}/${path}`;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${text}`;
}

async function readAnswer<T>(response: Response, where: { request: string }): Promise<Answer<T>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && typeof body === 'object' && body !== null) return { ok: true, value: body as T };
  if (!response.ok && isProblemBody(body)) {
    return { ok: false, problem: { ...body, where: { ...where, ...body.where }, status: response.status } };
  }
  return problemOf('portal/not-understood', { ...where, status: response.status }, response.status);
}

function isProblemBody(body: unknown): body is ProblemBody {
  const { code, message } = (body ?? {}) as Partial<ProblemBody>;
  return typeof code === 'string' && typeof message === 'string';
}
