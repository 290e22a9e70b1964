/** Load profile 1 (OBIS 1.0.99.1.0.255): energy of each interval with a status, labelled with the interval's end. */
import { ColumnRing } from './column-ring.ts';

/** Bits of the status of an entry: AMR profile status of the IDIS package 2 companion specification. */
export const profileStatus = {
  criticalError: 0x01,
  clockInvalid: 0x02,
  dataNotValid: 0x04,
  daylightSaving: 0x08,
  clockAdjusted: 0x20,
  powerDown: 0x80,
} as const;

/** One interval as captured. */
export interface LoadProfileEntry {
  /** End of the interval by the meter's clock, UTC ms. */
  readonly labelMs: number;
  /** Bits of {@link profileStatus}. */
  readonly status: number;
  readonly deliveredWh: number;
  readonly receivedWh: number;
}

/** Columns of the ring. */
export const loadProfileColumn = { label: 0, status: 1, delivered: 2, received: 3 } as const;

/** The buffer. Every interval has its entry; only a defect of the memory leaves one out. */
export class LoadProfile {
  readonly ring: ColumnRing;

  /** Holds the last `capacity` intervals. */
  constructor(capacity: number) {
    this.ring = new ColumnRing(capacity, ['float64', 'uint8', 'uint32', 'uint32']);
  }

  append({ labelMs, status, deliveredWh, receivedWh }: LoadProfileEntry): void {
    this.ring.append([labelMs, status, deliveredWh, receivedWh]);
  }

  /** All entries held, oldest first. */
  entries(): LoadProfileEntry[] {
    const { ring } = this;
    return Array.from({ length: ring.length }, (_, entry) => ({
      labelMs: ring.at(loadProfileColumn.label, entry),
      status: ring.at(loadProfileColumn.status, entry),
      deliveredWh: ring.at(loadProfileColumn.delivered, entry),
      receivedWh: ring.at(loadProfileColumn.received, entry),
    }));
  }
}
