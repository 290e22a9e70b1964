/** Events on disk first, then told: one insert for all that arrived while the last one was written. */
import type { Log } from '@wattline/base';
import type { SystemEvent } from '@wattline/model';
import { type GroupCommit, openGroupCommit, type Registry } from '@wattline/store/registry';
import type { EventHub, LoggedEvent } from './system.ts';

interface Waiting {
  readonly event: SystemEvent;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** At most this many events go into one insert. */
const largestInsert = 500;

/** An event hub over the registry's event table. */
export function createEventHub(registry: Registry, log: Log): EventHub {
  const listeners = new Set<(event: LoggedEvent) => void>();
  let waiting: Waiting[] = [];
  let isWriting = false;
  let committer: Promise<GroupCommit> | undefined;

  async function insert(events: readonly SystemEvent[]): Promise<number[]> {
    committer ??= openGroupCommit(registry);
    let ids: number[] = [];
    await (await committer).commit(async (transaction) => {
      ids = await insertEvents(transaction, events);
    });
    return ids;
  }

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, largestInsert);
      waiting = waiting.slice(batch.length);
      try {
        const ids = await insert(batch.map((entry) => entry.event));
        batch.forEach((entry, index) => {
          tell({ ...entry.event, id: ids[index] ?? 0 });
          entry.done();
        });
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    isWriting = false;
  }

  function tell(event: LoggedEvent): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        log.error({ error: String(error), kind: event.kind }, 'an event listener failed');
      }
    }
  }

  return {
    report: (event) =>
      new Promise((done, failed) => {
        waiting.push({ event, done, failed });
        if (!isWriting) void write();
      }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      (await committer)?.close();
    },
  };
}

/** Rows a statement inserts: few sizes, so that few statements are prepared. */
const insertSizes = [256, 64, 16, 4, 1];

async function insertEvents(registry: Registry, events: readonly SystemEvent[]): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < events.length; ) {
    const left = events.length - at;
    const size = insertSizes.find((one) => one <= left) ?? 1;
    ids.push(...(await insertRows(registry, events.slice(at, at + size))));
    at += size;
  }
  return ids;
}

async function insertRows(registry: Registry, events: readonly SystemEvent[]): Promise<number[]> {
  const rows = await registry
    .insertInto('event')
    .values(
      events.map((event) => ({
        kind: event.kind,
        occurred_ms: event.occurredMs,
        received_ms: event.receivedMs,
        usage_point_id: event.usagePointId ?? null,
        serial: event.serial ?? null,
        code: event.code ?? null,
        message: event.message,
      })),
    )
    .returning('id')
    .execute();
  return rows.map((row) => Number(row.id)).sort((a, b) => a - b);
}
