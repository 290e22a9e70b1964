/** Remote data over time: loading, ready, late (an older value while refreshing fails) or wrong. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Answer, Problem } from './problem.ts';

/** What a screen knows of something remote. */
export type Remote<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T; readonly atMs: number }
  | { readonly state: 'late'; readonly value: T; readonly atMs: number; readonly problem: Problem }
  | { readonly state: 'wrong'; readonly problem: Problem };

/** Something remote that is fetched, and fetched again. */
export interface Resource<T> {
  readonly remote: ReadonlySignal<Remote<T>>;
  /** Fetches now; a fetch under way is dropped. */
  refresh(): void;
  /** Ends fetching. */
  stop(): void;
}

/** The machine's clock and timer, as arguments. */
export interface Timer {
  now(): number;
  after(ms: number, action: () => void): () => void;
}

/** The browser's own. */
export const browserTimer: Timer = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/** After a failure the next try comes sooner than the usual refresh. */
const retryMs = 5_000;

/** Starts to fetch; with `everyMs` fetches again and again, otherwise again only after a failure once a value was there. */
export function createResource<T>(
  load: (signal: AbortSignal) => Promise<Answer<T>>,
  options: { readonly timer: Timer; readonly everyMs?: number },
): Resource<T> {
  const { timer, everyMs } = options;
  const remote = signal<Remote<T>>({ state: 'loading' });
  let underWay: AbortController | undefined;
  let cancelTimer = () => {};

  const settle = (answer: Answer<T>) => {
    const was = remote.peek();
    if (answer.ok) {
      remote.value = { state: 'ready', value: answer.value, atMs: timer.now() };
    } else if (was.state === 'ready' || was.state === 'late') {
      remote.value = { state: 'late', value: was.value, atMs: was.atMs, problem: answer.problem };
    } else {
      remote.value = { state: 'wrong', problem: answer.problem };
    }
    const waitMs = answer.ok ? everyMs : everyMs === undefined ? undefined : Math.min(retryMs, everyMs);
    if (waitMs !== undefined) cancelTimer = timer.after(waitMs, fetchNow);
  };

  const fetchNow = () => {
    cancelTimer();
    underWay?.abort();
    const mine = new AbortController();
    underWay = mine;
    void load(mine.signal).then((answer) => {
      if (!mine.signal.aborted) settle(answer);
    });
  };

  fetchNow();
  return {
    remote,
    refresh() {
      // Who asks sees that it loads; a retry by the clock changes nothing until it knows more.
      if (remote.peek().state === 'wrong') remote.value = { state: 'loading' };
      fetchNow();
    },
    stop() {
      cancelTimer();
      underWay?.abort();
    },
  };
}

/** The value of what is ready or late, otherwise undefined. */
export function knownValue<T>(remote: Remote<T>): T | undefined {
  return remote.state === 'ready' || remote.state === 'late' ? remote.value : undefined;
}
