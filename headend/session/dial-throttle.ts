/** So many links opened in a second: a fleet that comes back after an outage must not be met by ten thousand dials at once. */
import type { Clock } from '@wattline/base';
import type { Dialer } from '@wattline/network';

/** A dialer that opens at most `perSecond` links a second, evenly; who waits keeps its place. */
export function throttleDials(
  dialer: Dialer,
  { clock, perSecond }: { clock: Clock; perSecond: number },
): Dialer {
  const pauseMs = 1000 / perSecond;
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    async dial(address, timeoutMs) {
      const nowMs = clock.monotonic();
      // A tenth of a second's worth may go at once, so that a quiet head-end is not slowed.
      nextMs = Math.max(nextMs + pauseMs, nowMs - 100);
      if (nextMs > nowMs) await clock.sleep(nextMs - nowMs);
      return dialer.dial(address, timeoutMs);
    },
  };
}
