/** Who is read next: a bounded number of sessions at a time, the urgent first, never two with one meter. */

/** A queue of meters to be read. */
export interface SessionQueue<Reason, Outcome> {
  /**
   * Asks for a session. A meter that already waits is not queued twice: it moves ahead when the new request is urgent. A meter
   * that is being read is read once more afterwards, as what is wanted may be newer than what the session asks for.
   */
  request(serial: string, reason: Reason, isUrgent: boolean): Promise<Outcome>;
  /** Changes how many sessions run at a time. */
  setConcurrency(concurrency: number): void;
  /** Sessions running. */
  running(): number;
  /** Refuses what waits with `reason` and resolves when what runs has ended. */
  close(reason: unknown): Promise<void>;
}

interface Waiting<Reason, Outcome> {
  reason: Reason;
  readonly promise: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** A queue over `run`. */
export function createSessionQueue<Reason, Outcome>(
  run: (serial: string, reason: Reason) => Promise<Outcome>,
  initialConcurrency: number,
): SessionQueue<Reason, Outcome> {
  // Maps keep the order of insertion: first come, first read.
  const urgent = new Map<string, Waiting<Reason, Outcome>>();
  const ordinary = new Map<string, Waiting<Reason, Outcome>>();
  const running = new Map<string, Promise<void>>();
  let concurrency = initialConcurrency;
  let closed: { readonly reason: unknown } | undefined;

  const start = (serial: string, waiting: Waiting<Reason, Outcome>) => {
    const session = run(serial, waiting.reason)
      .then(waiting.resolve, waiting.reject)
      .finally(() => {
        running.delete(serial);
        pump();
      });
    running.set(serial, session);
  };
  const takeFrom = (lane: Map<string, Waiting<Reason, Outcome>>) => {
    for (const [serial, waiting] of lane) {
      if (running.size >= concurrency) return;
      if (running.has(serial)) continue;
      lane.delete(serial);
      start(serial, waiting);
    }
  };
  const pump = () => {
    if (closed) return;
    takeFrom(urgent);
    takeFrom(ordinary);
  };

  return {
    request(serial, reason, isUrgent) {
      if (closed) return Promise.reject(closed.reason);
      const found = urgent.get(serial) ?? ordinary.get(serial);
      const waiting = found ?? { reason, ...Promise.withResolvers<Outcome>() };
      if (isUrgent && ordinary.delete(serial)) waiting.reason = reason;
      if (isUrgent) urgent.set(serial, waiting);
      else if (!found) ordinary.set(serial, waiting);
      pump();
      return waiting.promise;
    },
    setConcurrency(next) {
      concurrency = next;
      pump();
    },
    running: () => running.size,
    async close(reason) {
      closed = { reason };
      for (const waiting of [...urgent.values(), ...ordinary.values()]) waiting.reject(reason);
      urgent.clear();
      ordinary.clear();
      await Promise.allSettled(running.values());
    },
  };
}
