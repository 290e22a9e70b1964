/** Where events go: the log that the companion specification names, unless a filter holds them back; alarms and counts beside. */
import type { NonVolatile } from '../memory/non-volatile.ts';
import type { ColumnRing } from '../registers/column-ring.ts';
import {
  codeIn,
  type EventName,
  type EventScheme,
  type EventSchemeName,
  eventSchemes,
} from './event-codes.ts';
import { EventLog, type EventSnapshot } from './event-log.ts';

/** What goes with an event. */
export interface EventDetail {
  /** From 0, of events that have a code for each phase. */
  readonly phase?: number;
  readonly snapshot?: EventSnapshot;
}

/** An event that raises an alarm. */
export interface Alarm {
  readonly event: EventName;
  readonly log: number;
  readonly code: number;
  /** Meter time. */
  readonly atMs: number;
}

const nothingHeldBack: ReadonlySet<EventName> = new Set();
const heldName = 'events/tamper-count';

/** Logs by number, made when something is first written to them: most meters see little. */
export class EventRecorder {
  readonly scheme: EventScheme;
  /** Occurrences of conditions since the meter was made: the cumulative tamper count (0.0.94.91.0.255). */
  tamperCount = 0;
  /** Told of every event that the alarm filter lets pass. */
  onAlarm: ((alarm: Alarm) => void) | undefined;
  readonly #keep: ((log: number, ring: ColumnRing) => void) | undefined;
  readonly #logs: EventLog[] = [];
  #last = 0;
  #memory: NonVolatile | undefined;
  /** Events that are not logged (capture filter) and events that raise no alarm (alarm filter). */
  #notCaptured: ReadonlySet<EventName> = nothingHeldBack;
  #notAlarmed: ReadonlySet<EventName> = nothingHeldBack;

  /** `keep` is given the buffer of each log when it is made. */
  constructor(scheme: EventSchemeName, keep?: (log: number, ring: ColumnRing) => void) {
    this.scheme = eventSchemes[scheme];
    this.#keep = keep;
  }

  /** Takes the count that a memory holds, and keeps every change of it there. */
  keep(memory: NonVolatile): void {
    this.tamperCount = Number(memory.read(heldName) ?? 0);
    this.#memory = memory;
  }

  /** The log of a number. */
  log(number: number): EventLog {
    const known = this.#logs[number];
    if (known) return known;
    const made = new EventLog();
    this.#logs[number] = made;
    this.#keep?.(number, made.ring);
    return made;
  }

  /** The standard log. */
  get standard(): EventLog {
    return this.log(0);
  }

  /** Code of the last event in any log, 0 before the first. */
  get lastCode(): number {
    return this.#last;
  }

  /** Logs and alarms an event at a meter time; false when the scheme does not know it or the capture filter holds it back. */
  record(event: EventName, atMs: number, { phase = 0, snapshot }: EventDetail = {}): boolean {
    if (event.endsWith('Occurred')) this.#count();
    const found = codeIn(this.scheme, event, phase);
    if (!found) return false;
    if (!this.#notAlarmed.has(event)) this.onAlarm?.({ event, atMs, ...found });
    if (this.#notCaptured.has(event)) return false;
    this.#last = found.code;
    this.log(found.log).record(found.code, atMs, snapshot);
    return true;
  }

  #count(): void {
    this.tamperCount++;
    this.#memory?.write(heldName, String(this.tamperCount));
    this.#memory?.sync();
  }

  /** What the filters hold back. */
  get filters(): { readonly notCaptured: EventName[]; readonly notAlarmed: EventName[] } {
    return { notCaptured: [...this.#notCaptured], notAlarmed: [...this.#notAlarmed] };
  }

  /** Events that are logged no more, and such that raise no alarm; each call replaces what was set. */
  filter(of: {
    readonly notCaptured?: Iterable<EventName>;
    readonly notAlarmed?: Iterable<EventName>;
  }): void {
    if (of.notCaptured) this.#notCaptured = new Set(of.notCaptured);
    if (of.notAlarmed) this.#notAlarmed = new Set(of.notAlarmed);
  }
}
