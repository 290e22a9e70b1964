/** The buffer of one event log (OBIS 0.0.99.98.e.255): when, what, and what the meter measured at that time. */
import { ColumnRing } from '../registers/column-ring.ts';

/** What is kept with an event (IS 15959 tamper snapshot): voltages, currents, power factor, energy. */
export interface EventSnapshot {
  readonly voltageV: readonly number[];
  readonly currentA: readonly number[];
  /** -1 to 1. */
  readonly powerFactor: number;
  readonly deliveredWh: number;
}

/** Columns of the ring; voltages in 0.1 V and currents in 0.01 A by phase, the power factor as thousandths above -1000. */
export const eventLogColumn = {
  label: 0,
  code: 1,
  voltage: 2,
  current: 5,
  powerFactor: 8,
  delivered: 9,
} as const;

const mostPhases = 3;
const capacity = 500;

/** An entry as it stands in the log. */
export interface EventEntry {
  /** Meter time. */
  readonly labelMs: number;
  readonly code: number;
}

/** The buffer: the last 500 events. */
export class EventLog {
  readonly ring = new ColumnRing(capacity, [
    'float64',
    'uint16',
    ...new Array<'uint16'>(mostPhases).fill('uint16'),
    ...new Array<'uint32'>(mostPhases).fill('uint32'),
    'uint16',
    'float64',
  ]);
  #last = 0;

  /** Code of the last event, 0 before the first. */
  get lastCode(): number {
    return this.#last;
  }

  record(code: number, labelMs: number, snapshot?: EventSnapshot): void {
    this.#last = code;
    const perPhase = (values: readonly number[] | undefined, scale: number) =>
      Array.from({ length: mostPhases }, (_, phase) => Math.round((values?.[phase] ?? 0) * scale));
    this.ring.append([
      labelMs,
      code,
      ...perPhase(snapshot?.voltageV, 10),
      ...perPhase(snapshot?.currentA, 100),
      Math.round((snapshot?.powerFactor ?? 0) * 1000) + 1000,
      snapshot?.deliveredWh ?? 0,
    ]);
  }

  /** All entries held, oldest first. */
  entries(): EventEntry[] {
    return Array.from({ length: this.ring.length }, (_, entry) => ({
      labelMs: this.ring.at(eventLogColumn.label, entry),
      code: this.ring.at(eventLogColumn.code, entry),
    }));
  }

  /** Forgets all entries. */
  clear(): void {
    this.ring.clear();
  }
}
