/** Events on disk first, then told: one insert for all that arrived while the last one was written. */
import type { Log } from '@wattline/base';
import type { SystemEvent } from '@wattline/model';
import {
  compileEventInsert,
  type GroupCommit,
  openGroupCommit,
  type Registry,
  type Row,
} from '@wattline/store/registry';
import type { EventHub, LoggedEvent } from './system.ts';

interface Waiting {
  readonly event: SystemEvent;
  /** Nobody is told before this resolves. */
  readonly ready: Promise<unknown> | undefined;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

/** At most this many events go into one statement's worth of work. */
const largestBatch = 500;

/** An event hub over the registry's event table. */
export function createEventHub(registry: Registry, log: Log): EventHub {
  const listeners = new Set<(event: LoggedEvent) => void>();
  let committer: Promise<GroupCommit> | undefined;
  /** Events that gather until their commit begins. */
  let gathering: Waiting[] | undefined;
  /** Batches are told in the order in which they were written, while the next ones are being written. */
  let telling: Promise<void> = Promise.resolve();
  const writing = new Set<Promise<void>>();

  async function write(batch: readonly Waiting[]): Promise<void> {
    let ids: readonly number[] = [];
    try {
      committer ??= openGroupCommit(registry);
      await (await committer).commit(async (transaction) => {
        if (gathering === batch) gathering = undefined;
        ids = await insertEvents(
          transaction,
          batch.map(({ event }) => rowOf(event)),
        );
      });
      telling = telling.then(() => tellBatch(batch, ids));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }

  async function tellBatch(batch: readonly Waiting[], ids: readonly number[]): Promise<void> {
    /** Events of one crowd wait for one promise. */
    let awaited: Promise<unknown> | undefined;
    for (const [i, { event, ready, done, failed }] of batch.entries()) {
      try {
        if (ready !== awaited) await ready;
        awaited = ready;
        tell({ ...event, id: ids[i] ?? 0 });
        done();
      } catch (error) {
        failed(error);
      }
    }
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

  let met: Promise<unknown> | undefined;
  const report = (event: SystemEvent, ready?: Promise<unknown>): Promise<void> =>
    new Promise((done, failed) => {
      // What rejects before its turn is met there.
      if (ready !== met) ready?.catch(() => undefined);
      met = ready;
      const entry = { event, ready, done, failed };
      if (gathering && gathering.length < largestBatch) {
        gathering.push(entry);
        return;
      }
      gathering = [entry];
      const written = write(gathering).finally(() => writing.delete(written));
      writing.add(written);
    });

  return {
    report: (event) => report(event),
    reportAfter: report,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      while (writing.size > 0) await Promise.all(writing);
      await telling;
      (await committer)?.close();
    },
  };
}

const insertEvents = compileEventInsert([
  'kind',
  'occurred_ms',
  'received_ms',
  'usage_point_id',
  'serial',
  'code',
  'message',
]);

function rowOf(event: SystemEvent): Omit<Row<'event'>, 'id'> {
  return {
    kind: event.kind,
    occurred_ms: event.occurredMs,
    received_ms: event.receivedMs,
    usage_point_id: event.usagePointId ?? null,
    serial: event.serial ?? null,
    code: event.code ?? null,
    message: event.message,
  };
}
