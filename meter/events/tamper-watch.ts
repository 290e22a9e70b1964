/** The detector at work in a meter: what was seen last, what holds, and the events that come of it. */
import type { Phasor, Quantities } from '../quantities/phasor.ts';
import type { EventName } from './event-codes.ts';
import type { EventSnapshot } from './event-log.ts';
import type { EventDetail } from './event-recorder.ts';
import { type Contacts, type NeutralSigns, observe, quietContacts, type Ratings } from './observation.ts';
import type { ConditionName } from './tamper-conditions.ts';
import { type ConditionSettings, type DetectorState, detectTamper, quietState } from './tamper-detector.ts';

/** What the watch tells its meter. */
export type RecordEvent = (event: EventName, atMs: number, detail: EventDetail) => void;

interface Seen {
  readonly phasors: readonly Phasor[];
  readonly quantities: Quantities;
  readonly neutral: NeutralSigns;
}

/** The watch of one meter; it asks nothing of memory while nothing happens. */
export class TamperWatch {
  readonly ratings: Ratings;
  settings: ConditionSettings = {};
  readonly #record: RecordEvent;
  readonly #deliveredWh: () => number;
  #state: DetectorState = quietState;
  #contacts: Contacts = quietContacts;
  #seen: Seen | undefined;

  constructor(of: {
    readonly ratings: Ratings;
    readonly record: RecordEvent;
    readonly deliveredWh: () => number;
  }) {
    this.ratings = of.ratings;
    this.#record = of.record;
    this.#deliveredWh = of.deliveredWh;
  }

  get contacts(): Contacts {
    return this.#contacts;
  }

  /** What the circuit shows from now on; until it is told the watch looks at contacts alone. */
  show(phasors: readonly Phasor[], quantities: Quantities, neutral: NeutralSigns = {}): void {
    this.#seen = { phasors, quantities, neutral };
  }

  /** What the contacts of the case say from now on. */
  sense(contacts: Partial<Contacts>): void {
    this.#contacts = { ...this.#contacts, ...contacts };
  }

  /** Conditions that hold, of any phase. */
  isActive(condition: ConditionName): boolean {
    return [...this.#state.active].some((key) => key.startsWith(`${condition}/`));
  }

  /** Time passed with what was shown and sensed; instants in meter time. */
  pass(startMs: number, endMs: number): void {
    if (!this.#seen && this.#contacts === quietContacts) return;
    const { phasors = [], quantities, neutral } = this.#seen ?? {};
    const seen = observe({
      phasors,
      quantities: quantities ?? { activeW: 0, powerFactor: 1 },
      contacts: this.#contacts,
      ratings: this.ratings,
      ...(neutral ? { neutral } : {}),
    });
    const { state, transitions } = detectTamper(this.#state, seen, { startMs, endMs }, this.settings);
    this.#state = state;
    for (const { condition, phase, isOccurrence, atMs } of transitions) {
      this.#record(`${condition}${isOccurrence ? 'Occurred' : 'Restored'}`, atMs, {
        phase,
        snapshot: this.#snapshot(),
      });
    }
  }

  #snapshot(): EventSnapshot {
    const { phasors = [], quantities } = this.#seen ?? {};
    return {
      voltageV: phasors.map(({ voltageV }) => voltageV),
      currentA: phasors.map(({ currentA }) => currentA),
      powerFactor: quantities?.powerFactor ?? 1,
      deliveredWh: this.#deliveredWh(),
    };
  }
}
