/** Meter data management as a worker sees it: the routes of the running server, which answers when readings are on its disk. */
import { formatInstant } from '@wattline/base';
import type { IngestReceipt, ReadingBatch, ReadingProgress, ReadingSink } from '@wattline/model';
import { jsonBody, serverClient } from './server-client.ts';

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
  const server = serverClient({ url, token, timeoutMs: askMs });
  return {
    ingest: (batch) => server.post<IngestReceipt>('workers/readings', {}, jsonBody(bodyOf(batch))),
    async gaps(channel, startMs, endMs) {
      const query = { channel, from: formatInstant(startMs), to: formatInstant(endMs) };
      const page = await server.get<{ items: { startMs: number; endMs: number }[] }>('workers/gaps', query);
      return page.items;
    },
    async knownUntil(channel, sinceMs) {
      const query = { channel, from: formatInstant(sinceMs) };
      return (await server.get<{ untilMs: number }>('workers/known', query)).untilMs;
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
