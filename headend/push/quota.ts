/** So many in a minute for each name, with a bound on how many names are remembered. */
import type { Clock } from '@wattline/base';

/** Counts by name within the running minute. */
export interface Quota {
  /** Whether one more of `name` is within the quota. */
  take(name: string): boolean;
}

const minuteMs = 60_000;
const namesMax = 4096;

/** A quota of `perMinute` for each name; when too many names are about the minute begins anew. */
export function createQuota(clock: Clock, perMinute: number): Quota {
  const taken = new Map<string, number>();
  let minute = -1;
  return {
    take(name) {
      const now = Math.floor(clock.monotonic() / minuteMs);
      if (now !== minute || taken.size >= namesMax) {
        taken.clear();
        minute = now;
      }
      const count = (taken.get(name) ?? 0) + 1;
      taken.set(name, count);
      return count <= perMinute;
    },
  };
}
