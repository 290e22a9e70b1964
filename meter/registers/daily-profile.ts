/** Load profile 2 (OBIS 1.0.99.2.0.255): the registers as they stood at each local midnight. */
import { ColumnRing } from './column-ring.ts';

/** The registers at one midnight. */
export interface DailyProfileEntry {
  readonly labelMs: number;
  readonly status: number;
  readonly deliveredWh: number;
  readonly receivedWh: number;
  /** Delivered by rate, rate 1 first. */
  readonly ratesWh: readonly number[];
}

/** Columns of the ring; the rates follow from `firstRate` on. */
export const dailyProfileColumn = { label: 0, status: 1, delivered: 2, received: 3, firstRate: 4 } as const;

/** The buffer. */
export class DailyProfile {
  readonly ring: ColumnRing;

  /** Holds the last `capacity` midnights of a meter with `rateCount` rates. */
  constructor(capacity: number, rateCount: number) {
    const rates = new Array<'float64'>(rateCount).fill('float64');
    this.ring = new ColumnRing(capacity, ['float64', 'uint8', 'float64', 'float64', ...rates]);
  }

  append({ labelMs, status, deliveredWh, receivedWh, ratesWh }: DailyProfileEntry): void {
    this.ring.append([labelMs, status, deliveredWh, receivedWh, ...ratesWh]);
  }
}
