/** Figures for Prometheus: what the rooms count, and how long requests took. */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiContext } from './context.ts';

/** The figures of one server. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** Times the requests of `app`. */
  observe(app: FastifyInstance): void;
  close(): void;
}

/** What is asked at each scrape: a name, a help text and labelled values. */
interface Asked {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly label?: string;
  readonly ask: () => Readonly<Record<string, number>> | number | null;
}

/** Figures over the running system; `openStreams` counts streams of events and of changes. */
export function createMetrics({ system }: ApiContext, openStreams: () => number): Metrics {
  const registers = [new Registry()];
  const [register] = registers as [Registry];
  collectDefaultMetrics({ register });
  for (const asked of askedOf(system, openStreams)) declare(register, asked);
  const events = new Counter({
    name: 'wattline_events_total',
    help: 'Events reported since start, by kind',
    labelNames: ['kind'],
    registers,
  });
  const meters = new Gauge({
    name: 'wattline_meters',
    help: 'Meters by state',
    labelNames: ['state'],
    registers,
  });
  const durations = new Histogram({
    name: 'wattline_http_request_duration_seconds',
    help: 'Duration of HTTP requests, s',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  const unsubscribe = system.events.subscribe((event) => events.inc({ kind: event.kind }));

  return {
    contentType: register.contentType,
    async render() {
      meters.reset();
      for (const { state, count } of await countByState(system)) meters.set({ state }, Number(count));
      return register.metrics();
    },
    observe(app) {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'none';
        durations.observe(
          { method: request.method, route, status: reply.statusCode },
          reply.elapsedTime / 1000,
        );
      });
    },
    close() {
      unsubscribe();
      register.clear();
    },
  };
}

function askedOf(system: ApiContext['system'], openStreams: () => number): Asked[] {
  const mdm = () => system.mdm.figures();
  const headend = () => system.headend.figures();
  const ready = () => system.readiness();
  return [
    {
      name: 'wattline_readings_total',
      help: 'Readings since start, by what became of them',
      kind: 'counter',
      label: 'outcome',
      ask: () => {
        const { readingsStored: stored, duplicates: duplicate, rejected } = mdm();
        return { stored, duplicate, rejected };
      },
    },
    {
      name: 'wattline_verdicts_failed_total',
      help: 'Validation rules that failed',
      kind: 'counter',
      ask: () => mdm().verdictsFailed,
    },
    {
      name: 'wattline_estimates_total',
      help: 'Intervals estimated',
      kind: 'counter',
      ask: () => mdm().estimates,
    },
    {
      name: 'wattline_ingest_seconds_total',
      help: 'Time spent from first append to stored, s',
      kind: 'counter',
      ask: () => mdm().busyMs / 1000,
    },
    {
      name: 'wattline_ingest_readings_per_second',
      help: 'Readings stored per second of storing, since start',
      kind: 'gauge',
      ask: () => ready().readingsPerSecond,
    },
    {
      name: 'wattline_exchanges_total',
      help: 'Exchanges with meters, by outcome',
      kind: 'counter',
      label: 'outcome',
      ask: () => headend().exchanges,
    },
    {
      name: 'wattline_octets_total',
      help: 'Octets exchanged with meters',
      kind: 'counter',
      label: 'direction',
      ask: () => ({ sent: headend().octetsSent, received: headend().octetsReceived }),
    },
    {
      name: 'wattline_pushes_total',
      help: 'Pushes of meters, by what became of them',
      kind: 'counter',
      label: 'outcome',
      ask: () => ({ received: headend().pushesReceived, refused: headend().pushesRefused }),
    },
    {
      name: 'wattline_ready',
      help: '1 once the initial history is collected',
      kind: 'gauge',
      ask: () => (ready().isReady ? 1 : 0),
    },
    {
      name: 'wattline_storage_trouble',
      help: '1 while readings are not taken into the log, or not from there into the store',
      kind: 'gauge',
      ask: () => (system.mdm.trouble() ? 1 : 0),
    },
    {
      name: 'wattline_seconds_to_ready',
      help: 'From process start to ready, s',
      kind: 'gauge',
      ask: () => ready().secondsToReady,
    },
    {
      name: 'wattline_seconds_to_first_bill',
      help: 'From process start to the first bill, s',
      kind: 'gauge',
      ask: () => ready().secondsToFirstBill,
    },
    {
      name: 'wattline_event_streams',
      help: 'Streams of events and of changes open',
      kind: 'gauge',
      ask: openStreams,
    },
  ];
}

function declare(register: Registry, { name, help, kind, label, ask }: Asked): void {
  const options = { name, help, registers: [register], labelNames: label === undefined ? [] : [label] };
  const record = (set: (value: number, labels: Record<string, string>) => void) => {
    const answer = ask();
    if (answer === null) return;
    if (typeof answer === 'number') return set(answer, {});
    for (const [word, value] of Object.entries(answer)) set(value, { [label ?? 'of']: word });
  };
  if (kind === 'gauge') {
    new Gauge({
      ...options,
      collect() {
        record((value, labels) => this.set(labels, value));
      },
    });
    return;
  }
  new Counter({
    ...options,
    collect() {
      // The rooms count; a counter here is set anew at each scrape.
      this.reset();
      record((value, labels) => this.inc(labels, value));
    },
  });
}

function countByState({ registry }: ApiContext['system']) {
  return registry
    .selectFrom('meter')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
}
