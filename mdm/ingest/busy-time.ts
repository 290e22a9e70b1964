/** How long anything was under way: the time over which a rate of readings is honest. */
import type { Clock } from '@wattline/base';

/** Counts overlapping work once. */
export class BusyTime {
  private readonly clock: Clock;
  private underWay = 0;
  private sinceMs = 0;
  private totalMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs `work` and counts its time. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay++ === 0) this.sinceMs = this.clock.monotonic();
    try {
      return await work();
    } finally {
      if (--this.underWay === 0) this.totalMs += this.clock.monotonic() - this.sinceMs;
    }
  }

  /** Milliseconds so far. */
  ms(): number {
    return this.totalMs + (this.underWay > 0 ? this.clock.monotonic() - this.sinceMs : 0);
  }
}
