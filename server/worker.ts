/** `wattline headend worker`: one more head-end on the PostgreSQL registry of a running server; what it reads the server keeps. */
import { codeOf, jsonLog, type Log, messageOf, realClock, secureRandom } from '@wattline/base';
import { type Headend, openHeadend } from '@wattline/headend';
import { type Address, tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { createEventHub } from '@wattline/system';
import { serverError } from './errors.ts';
import { stopSignal } from './stop-signal.ts';
import { remoteReadings } from './worker-readings.ts';

/** What a worker is given. */
export interface WorkerOptions {
  /** `postgres://...`, that of the server. */
  readonly registry: string | undefined;
  /** The key file of the server, or a copy of it: it opens the keys of meters. */
  readonly keyFile: string;
  /** Address of the running server and its bearer token: it takes the readings. */
  readonly url: string;
  readonly token: string;
  /** Unique among workers. */
  readonly name: string;
  readonly push: Address;
  /** Meters read at once. */
  readonly concurrency: number;
  readonly leaseSeconds: number;
  /** Told when it works. */
  readonly onUp: (up: { readonly name: string; readonly meters: number; readonly push: Address }) => void;
}

/** Pause between two looks whether a sweep was told, ms. */
const sweepLookMs = 1_000;
/** Pause between two looks at what others took in or changed, ms. */
const refreshMs = 60_000;

/**
 * Works until told to stop.
 * @throws CodedError `server/worker-needs-postgres`, `store/registry-unavailable`, `headend/key-file-invalid`
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { name, push, concurrency } = options;
  const registry = await openRegistry(expectPostgres(options.registry));
  const clock = realClock();
  const log = jsonLog('info');
  const readings = remoteReadings(options);
  const events = createEventHub(registry, log);
  try {
    const headend = await openHeadend({
      ...{ registry, clock, log, events, push, random: secureRandom(), dialer: tcpDialer },
      ...{ sink: readings, progress: readings, keyFile: options.keyFile, worker: name },
      policy: { concurrency, leaseMs: options.leaseSeconds * 1000 },
    });
    const meters = Number((await countMeters(registry))?.count ?? 0);
    const stop = new AbortController();
    const working = [
      repeat(sweepsOf(headend, { concurrency, startedMs: clock.now() }), {
        everyMs: sweepLookMs,
        clock,
        log,
        signal: stop.signal,
      }),
      repeat(async () => headend.refresh(), { everyMs: refreshMs, clock, log, signal: stop.signal }),
    ];
    headend.startSchedule();
    options.onUp({ name, meters, push: headend.pushAddress });
    await stopSignal();
    stop.abort();
    await headend.close();
    await Promise.all(working);
  } finally {
    await events.close();
    await registry.destroy();
  }
}

/** @throws CodedError `server/worker-needs-postgres` */
export function expectPostgres(where: string | undefined): string {
  if (where !== undefined && /^postgres(ql)?:\/\//.test(where)) return where;
  const what =
    'workers share a registry in PostgreSQL: move the server to one (registry: postgres://... in wattline.yaml), then name it here; ' +
    'one process alone uses a registry in SQLite';
  throw serverError('server/worker-needs-postgres', what);
}

function countMeters(registry: Awaited<ReturnType<typeof openRegistry>>) {
  return registry
    .selectFrom('meter')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
}

/** Takes part in each sweep that was told, once; of those before it began in the last one if that is young enough to go on. */
function sweepsOf(headend: Headend, { concurrency, startedMs }: { concurrency: number; startedMs: number }) {
  let joinedMs = startedMs - youngMs;
  return async () => {
    const sinceMs = await headend.newestSweep();
    if (sinceMs <= joinedMs) return;
    joinedMs = sinceMs;
    await headend.collectAll({ concurrency, sinceMs });
  };
}

/** A sweep may take so long, ms. */
const youngMs = 600_000;

async function repeat(
  work: () => Promise<void>,
  options: {
    readonly everyMs: number;
    readonly clock: ReturnType<typeof realClock>;
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { everyMs, clock, log, signal } = options;
  while (!signal.aborted) {
    await work().catch((error: unknown) => {
      if (!signal.aborted) log.error({ code: codeOf(error) }, messageOf(error));
    });
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
