/** What a meter keeps of power failures: how many, how long, the long ones apart, and a log of those (OBIS 0.0.96.7.x, 1.0.99.97.0). */
import { ColumnRing } from '../registers/column-ring.ts';

/** An outage from here on is a long one, seconds; companion specifications set 180 s. */
export const usualLongOutageS = 180;

/** Columns of the log: end by meter time, and duration in seconds. */
export const outageLogColumn = { label: 0, duration: 1 } as const;
const logCapacity = 100;

/** The outages of a meter. */
export class Outages {
  /** From this on an outage is long, seconds. */
  longFromS = usualLongOutageS;
  /** All failures, and the duration of the last, s. */
  count = 0;
  lastSeconds = 0;
  /** Long failures, the duration of the last, and of all, s. */
  longCount = 0;
  lastLongSeconds = 0;
  longSeconds = 0;
  readonly log = new ColumnRing(logCapacity, ['float64', 'uint32']);

  /** Supply failed. */
  begin(): void {
    this.count++;
  }

  /** Supply is back. */
  end(meterMs: number, seconds: number): void {
    this.lastSeconds = seconds;
    if (seconds < this.longFromS) return;
    this.longCount++;
    this.lastLongSeconds = seconds;
    this.longSeconds += seconds;
    this.log.append([meterMs, seconds]);
  }
}
