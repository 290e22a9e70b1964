/** The feed cycle: subscribers are told soon after something is stored, and asked again now and then when they did not take it. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';
import type { ChangeFeed } from '@wattline/mdm';

/** Pause after something was stored: what comes close together goes out together. */
export const newsMs = 1000;
/** Pause when nothing was stored: for subscribers that are due again, and for new ones. */
export const quietMs = 10_000;

export interface FeedCycleOptions {
  readonly feed: Pick<ChangeFeed, 'deliver' | 'watch'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Delivers the change feed from `start` on. */
export interface FeedCycle {
  start(): void;
  /** Cuts short what is under way; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** A feed cycle on the given clock; one delivery at a time. */
export function createFeedCycle({ feed, clock, log }: FeedCycleOptions): FeedCycle {
  const stop = new AbortController();
  let cancel = () => {};
  let unwatch = () => {};
  let hasNews = false;
  let running: Promise<void> | null = null;

  async function deliver(): Promise<void> {
    hasNews = false;
    try {
      // Who took pages may have more to come: there is a bound to a turn.
      if ((await feed.deliver(stop.signal)) > 0) hasNews = true;
    } catch (error) {
      log.error({ code: codeOf(error), error: messageOf(error) }, 'changes could not be delivered');
    }
  }

  function wait(): void {
    cancel();
    if (stop.signal.aborted) return;
    cancel = clock.after(hasNews ? newsMs : quietMs, () => {
      running = deliver().finally(() => {
        running = null;
        wait();
      });
    });
  }

  function noteNews(): void {
    if (hasNews) return;
    hasNews = true;
    if (!running) wait();
  }

  return {
    start() {
      unwatch = feed.watch(noteNews);
      wait();
    },
    async close() {
      stop.abort();
      unwatch();
      cancel();
      await running;
    },
  };
}
