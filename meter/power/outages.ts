/** What a meter keeps of power failures: how many, how long, the long ones apart, and a log of those (OBIS 0.0.96.7.x, 1.0.99.97.0). */
import type { NonVolatile } from '../memory/non-volatile.ts';
import { ColumnRing } from '../registers/column-ring.ts';

/** An outage from here on is a long one, seconds; companion specifications set 180 s. */
export const usualLongOutageS = 180;

/** Columns of the log: end by meter time, and duration in seconds. */
export const outageLogColumn = { label: 0, duration: 1 } as const;
const logCapacity = 100;
const heldName = 'outages/held';

/** Counts and seconds as text: all, the last, long ones, the last long one, all long ones. */
type Held = readonly [number, number, number, number, number];

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
  #memory: NonVolatile | undefined;

  /** Takes the registers that a memory holds, and keeps every change of them there. */
  keep(memory: NonVolatile): void {
    const held = memory.read(heldName);
    if (held !== undefined) {
      const [count, lastSeconds, longCount, lastLongSeconds, longSeconds] = JSON.parse(held) as Held;
      Object.assign(this, { count, lastSeconds, longCount, lastLongSeconds, longSeconds });
    }
    this.#memory = memory;
  }

  /** Supply failed. */
  begin(): void {
    this.count++;
    this.#save();
  }

  /** Supply is back. */
  end(meterMs: number, seconds: number): void {
    this.lastSeconds = seconds;
    if (seconds >= this.longFromS) {
      this.longCount++;
      this.lastLongSeconds = seconds;
      this.longSeconds += seconds;
      this.log.append([meterMs, seconds]);
    }
    this.#save();
  }

  #save(): void {
    const { count, lastSeconds, longCount, lastLongSeconds, longSeconds } = this;
    const held: Held = [count, lastSeconds, longCount, lastLongSeconds, longSeconds];
    this.#memory?.write(heldName, JSON.stringify(held));
    this.#memory?.sync();
  }
}
