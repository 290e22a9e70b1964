/** Meter data management as a worker sees it: the routes of the running server, which answers when readings are on its disk. */
import { CodedError, formatInstant, messageOf } from '@wattline/base';
import type { IngestReceipt, ReadingBatch, ReadingProgress, ReadingSink } from '@wattline/model';
import { serverError } from './errors.ts';

/** A request to the server may take this long, ms. */
const askMs = 60_000;

/** Readings of a worker, kept by the server at `url`. Throws `server/unreachable`, and what the server refuses with. */
export function remoteReadings({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string;
}): ReadingSink & ReadingProgress {
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    let response: Response;
    try {
      response = await fetch(`${url}/api/v1/${path}`, {
        ...init,
        headers,
        signal: AbortSignal.timeout(askMs),
      });
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw serverError('server/unreachable', `${url} does not answer: ${messageOf(cause)}`, { url }, error);
    }
    const body = (await response.json().catch(() => ({}))) as { code?: unknown; message?: unknown };
    if (response.ok) return body as T;
    throw new CodedError(
      typeof body.code === 'string' ? body.code : 'server/not-understood',
      typeof body.message === 'string' ? body.message : `${url} answered with status ${response.status}`,
    );
  };
  const gaps = async (channel: string, startMs: number, endMs: number) => {
    const query = new URLSearchParams({ channel, from: formatInstant(startMs), to: formatInstant(endMs) });
    const page = await ask<{ items: { startMs: number; endMs: number }[] }>(
      `workers/gaps?${query.toString()}`,
    );
    return page.items;
  };
  return {
    ingest: (batch) =>
      ask<IngestReceipt>('workers/readings', { method: 'POST', body: JSON.stringify(bodyOf(batch)) }),
    gaps,
    async knownUntil(channel, sinceMs) {
      const query = new URLSearchParams({ channel, from: formatInstant(sinceMs) });
      return (await ask<{ untilMs: number }>(`workers/known?${query.toString()}`)).untilMs;
    },
  };
}

/** Columns as JSON lists; what a route takes. */
export function bodyOf({ id, origin, receivedMs, blocks }: ReadingBatch) {
  return {
    ...{ id, origin, receivedMs },
    blocks: blocks.map(({ value, quality, ...block }) => ({
      ...block,
      value: [...value],
      quality: [...quality],
    })),
  };
}
