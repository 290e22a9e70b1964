/** The only place that knows the machine's clock and timers. Every other room is given a {@link Clock}. */

/** A clock: instants are UTC in milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  /** The present instant, ms. */
  now(): number;
  /** A monotonic reading in ms, for durations of real work. */
  monotonic(): number;
  /** Resolves after `ms` of this clock's time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms` of this clock's time; the function returned cancels it. */
  after(ms: number, action: () => void): () => void;
}

const longestTimerMs = 2 ** 31 - 1;

/** A clock bound to the machine's: at the machine's instant `wallMs` it shows `townMs`, and it runs `speed` times as fast. */
export interface ClockAnchor {
  readonly townMs: number;
  readonly wallMs: number;
  readonly speed: number;
}

/** The machine's own clock, or one anchored to it; processes that share an anchor show the same time. */
export function realClock(anchor: ClockAnchor = { townMs: 0, wallMs: 0, speed: 1 }): Clock {
  const { townMs, wallMs, speed } = anchor;
  return {
    now: () => Math.floor(townMs + (Date.now() - wallMs) * speed),
    monotonic: () => performance.now(),
    after: (ms, action) => armTimer(ms / speed, action),
    sleep: (ms, signal) => sleepWith((action) => armTimer(ms / speed, action), signal),
  };
}

/** A clock that moves only when told: for tests and for the simulated world on virtual time. */
export interface VirtualClock extends Clock {
  /** Moves to `ms` later, running what falls due in order. */
  advance(ms: number): Promise<void>;
}

/** A {@link VirtualClock} that stands at `startMs` until advanced. */
export function virtualClock(startMs = 0): VirtualClock {
  let present = startMs;
  let order = 0;
  const due: { at: number; order: number; action: () => void }[] = [];
  const after = (ms: number, action: () => void) => {
    const entry = { at: present + Math.max(0, ms), order: order++, action };
    due.push(entry);
    return () => {
      const index = due.indexOf(entry);
      if (index >= 0) due.splice(index, 1);
    };
  };
  return {
    now: () => present,
    monotonic: () => present,
    after,
    sleep: (ms, signal) => sleepWith((action) => after(ms, action), signal),
    async advance(ms) {
      const end = present + ms;
      for (;;) {
        await settle();
        due.sort((a, b) => a.at - b.at || a.order - b.order);
        const next = due[0];
        if (!next || next.at > end) break;
        due.shift();
        present = Math.max(present, next.at);
        next.action();
      }
      present = end;
      await settle();
    },
  };
}

/** Lets promises already resolved run their continuations. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function armTimer(ms: number, action: () => void): () => void {
  if (ms > longestTimerMs) {
    // A longer wait than the platform's timers can hold is taken in legs.
    let cancel = () => {};
    cancel = armTimer(longestTimerMs, () => {
      cancel = armTimer(ms - longestTimerMs, action);
    });
    return () => cancel();
  }
  const timer = setTimeout(action, Math.max(0, ms));
  return () => clearTimeout(timer);
}

function sleepWith(arm: (action: () => void) => () => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = arm(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
