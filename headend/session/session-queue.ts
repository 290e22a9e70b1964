/**
 * Who is read next: a bounded number of sessions at a time in all and on each route, the urgent first, never two with one meter.
 * Within a priority routes take turns, so that a slow concentrator holds up its own meters alone.
 */
import { headendError } from '../errors.ts';

/** 0 overtakes everything (a person waits), 1 follows an event, 2 is the schedule, 3 is what has time: history, meters that failed often. */
export type Priority = 0 | 1 | 2 | 3;

/** What is asked for with a session. */
export interface SessionRequest<Reason> {
  readonly serial: string;
  readonly reason: Reason;
  readonly priority: Priority;
  /** Monotonic ms after which it is worth nothing any more; it is then refused without a session. */
  readonly deadlineMs?: number;
}

/** A queue of meters to be read. */
export interface SessionQueue<Reason, Outcome> {
  /**
   * Asks for a session. A meter that already waits is not queued twice: it moves ahead when the new request has priority. A meter
   * that is being read is read once more afterwards, as what is wanted may be newer than what the session asks for.
   * Rejects with `headend/deadline-passed` when its turn comes too late.
   */
  request(request: SessionRequest<Reason>): Promise<Outcome>;
  /** Changes how many sessions run at a time. */
  setConcurrency(concurrency: number): void;
  /** Sessions running. */
  running(): number;
  /** Sessions waiting. */
  waiting(): number;
  /** Looks again who may start: a budget or a window has opened. */
  pump(): void;
  /** Refuses what waits with `reason` and resolves when what runs has ended. */
  close(reason: unknown): Promise<void>;
}

/** How a queue is bounded. */
export interface QueueOptions {
  readonly concurrency: number;
  /** The route of a meter: its concentrator, cell or gateway; undefined when it has none of its own. */
  readonly routeOf?: (serial: string) => string | undefined;
  /** Sessions at a time on one route; no bound without. */
  readonly routeSessions?: number;
  /** Whether a route may begin a session of this priority now: airtime left, window open. */
  readonly mayStart?: (route: string, priority: Priority) => boolean;
  /** Monotonic ms, for deadlines. */
  readonly monotonic?: () => number;
}

interface Waiting<Reason, Outcome> {
  reason: Reason;
  priority: Priority;
  deadlineMs: number;
  readonly promise: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** Meters of one route; maps keep the order of insertion: first come, first read. */
interface Route<Reason, Outcome> {
  readonly name: string | undefined;
  running: number;
  readonly lanes: readonly Map<string, Waiting<Reason, Outcome>>[];
}

const priorities = [0, 1, 2, 3] as const satisfies readonly Priority[];

/** A queue over `run`. */
export function createSessionQueue<Reason, Outcome>(
  run: (serial: string, reason: Reason) => Promise<Outcome>,
  options: QueueOptions,
): SessionQueue<Reason, Outcome> {
  const { routeOf = () => undefined, routeSessions = Number.POSITIVE_INFINITY } = options;
  const { mayStart = () => true, monotonic = () => 0 } = options;
  const routes = new Map<string | undefined, Route<Reason, Outcome>>();
  /** By priority: the routes that have somebody waiting, in turn. */
  const turns = priorities.map(() => new Set<Route<Reason, Outcome>>());
  const running = new Map<string, Promise<void>>();
  let waitingCount = 0;
  let { concurrency } = options;
  let closed: { readonly reason: unknown } | undefined;

  const routeFor = (serial: string) => {
    const name = routeOf(serial);
    const known = routes.get(name);
    if (known) return known;
    const route: Route<Reason, Outcome> = { name, running: 0, lanes: priorities.map(() => new Map()) };
    routes.set(name, route);
    return route;
  };
  const laneOf = (route: Route<Reason, Outcome>, priority: Priority) =>
    route.lanes[priority] as Map<string, Waiting<Reason, Outcome>>;
  const find = (route: Route<Reason, Outcome>, serial: string) =>
    route.lanes.find((lane) => lane.has(serial))?.get(serial);
  const enqueue = (route: Route<Reason, Outcome>, serial: string, waiting: Waiting<Reason, Outcome>) => {
    laneOf(route, waiting.priority).set(serial, waiting);
    turns[waiting.priority]?.add(route);
    waitingCount++;
  };
  const dequeue = (route: Route<Reason, Outcome>, serial: string, priority: Priority) => {
    const lane = laneOf(route, priority);
    lane.delete(serial);
    if (lane.size === 0) turns[priority]?.delete(route);
    waitingCount--;
  };
  const start = (route: Route<Reason, Outcome>, serial: string, waiting: Waiting<Reason, Outcome>) => {
    route.running++;
    const session = run(serial, waiting.reason)
      .then(waiting.resolve, waiting.reject)
      .finally(() => {
        running.delete(serial);
        route.running--;
        pump();
      });
    running.set(serial, session);
  };
  /** Starts the first of a lane that may; whether one was found. */
  const startOneOf = (route: Route<Reason, Outcome>, priority: Priority): boolean => {
    const isUnnamed = route.name === undefined;
    if (!isUnnamed && (route.running >= routeSessions || !mayStart(route.name, priority))) return false;
    for (const [serial, waiting] of laneOf(route, priority)) {
      if (running.has(serial)) continue;
      dequeue(route, serial, priority);
      if (monotonic() > waiting.deadlineMs) {
        waiting.reject(headendError('headend/deadline-passed', `meter ${serial} had no turn in time`));
        return true;
      }
      start(route, serial, waiting);
      return true;
    }
    return false;
  };
  const pump = () => {
    if (closed) return;
    for (const priority of priorities) {
      const turn = turns[priority] as Set<Route<Reason, Outcome>>;
      // One round after another until a whole round starts nobody.
      for (let isMoving = true; isMoving; ) {
        isMoving = false;
        for (const route of [...turn]) {
          if (running.size >= concurrency) return;
          if (!startOneOf(route, priority)) continue;
          isMoving = true;
          // To the end of the turn, if anybody of it still waits.
          if (turn.delete(route) && laneOf(route, priority).size > 0) turn.add(route);
        }
      }
    }
  };

  return {
    request({ serial, reason, priority, deadlineMs = Number.POSITIVE_INFINITY }) {
      if (closed) return Promise.reject(closed.reason);
      const route = routeFor(serial);
      const found = find(route, serial);
      if (!found) {
        const waiting = { reason, priority, deadlineMs, ...Promise.withResolvers<Outcome>() };
        enqueue(route, serial, waiting);
        pump();
        return waiting.promise;
      }
      found.deadlineMs = Math.max(found.deadlineMs, deadlineMs);
      if (priority < found.priority) {
        dequeue(route, serial, found.priority);
        found.reason = reason;
        found.priority = priority;
        enqueue(route, serial, found);
      }
      pump();
      return found.promise;
    },
    setConcurrency(next) {
      concurrency = next;
      pump();
    },
    running: () => running.size,
    waiting: () => waitingCount,
    pump,
    async close(reason) {
      closed = { reason };
      for (const { lanes } of routes.values()) {
        for (const lane of lanes) {
          for (const waiting of lane.values()) waiting.reject(reason);
          lane.clear();
        }
      }
      waitingCount = 0;
      await Promise.allSettled(running.values());
    },
  };
}
