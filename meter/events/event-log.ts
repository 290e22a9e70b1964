/** The event log (OBIS 0.0.99.98.0.255): what happened to the meter, by the standard event codes of IDIS package 2. */
import { ColumnRing } from '../registers/column-ring.ts';

/** Event codes; to add an event, add a row. */
export const eventCode = {
  powerDown: 1,
  powerUp: 2,
  /** The clock was set; the entry carries the new time. */
  clockSet: 5,
  statusRegisterCleared: 8,
  terminalCoverRemoved: 40,
  remoteDisconnection: 62,
  remoteConnection: 63,
} as const;
export type EventName = keyof typeof eventCode;

/** Columns of the ring. */
export const eventLogColumn = { label: 0, code: 1 } as const;

const capacity = 500;

/** The buffer: the last 500 events. */
export class EventLog {
  readonly ring = new ColumnRing(capacity, ['float64', 'uint8']);
  #last = 0;

  /** Code of the last event, 0 before the first. */
  get lastCode(): number {
    return this.#last;
  }

  record(event: EventName, labelMs: number): void {
    this.#last = eventCode[event];
    this.ring.append([labelMs, this.#last]);
  }

  /** All entries held, oldest first. */
  entries(): { readonly labelMs: number; readonly code: number }[] {
    return Array.from({ length: this.ring.length }, (_, entry) => ({
      labelMs: this.ring.at(eventLogColumn.label, entry),
      code: this.ring.at(eventLogColumn.code, entry),
    }));
  }
}
