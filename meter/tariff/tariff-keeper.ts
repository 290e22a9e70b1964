/** The tariff that runs and the one that waits: a passive calendar takes over at its instant by the meter's clock, or at once. */
import { type Result, success } from '@wattline/base';
import type { ClockEdge } from '../registers/clock-edge.ts';
import { fixedCalendar, type TariffCalendar } from './tariff-calendar.ts';
import { compileTariff, type TariffTables } from './tariff-tables.ts';

/** A passive tariff; `atMs` in meter time, null while no instant is set. */
export interface WaitingTariff {
  readonly tables: TariffTables;
  readonly atMs: number | null;
}

/** What a keeper is made of. */
export interface TariffKeeperOptions {
  readonly zone: string;
  /** Rates that have a register. */
  readonly rateCount: number;
  /** What runs in the beginning. */
  readonly calendar: TariffCalendar;
  /** Given each calendar that takes over. */
  readonly run: (calendar: TariffCalendar, meterMs: number) => void;
  /** Told when it has. */
  readonly activated: (meterMs: number) => void;
}

/** The keeper of one meter. */
export class TariffKeeper implements ClockEdge {
  readonly #of: TariffKeeperOptions;
  #active: TariffTables | undefined;
  #waiting: WaitingTariff | undefined;
  #calendar: TariffCalendar;
  #mask: number | undefined;

  constructor(of: TariffKeeperOptions) {
    this.#of = of;
    this.#calendar = of.calendar;
  }

  /** The rate that a mask of registers leaves alone to count; undefined while the calendar says which. */
  get mask(): number | undefined {
    return this.#mask;
  }

  /** One rate counts whatever the calendar says, from a meter time on; undefined gives it back to the calendar. */
  maskTo(rate: number | undefined, meterMs: number): void {
    this.#mask = rate;
    this.#run(meterMs);
  }

  /** Tables of the active tariff; undefined while the one that the meter came with runs. */
  get active(): TariffTables | undefined {
    return this.#active;
  }

  get waiting(): WaitingTariff | undefined {
    return this.#waiting;
  }

  get nextMs(): number {
    return this.#waiting?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the meter could run the tables. */
  check(tables: TariffTables): Result<TariffCalendar> {
    return compileTariff(tables, this.#of);
  }

  /** Puts a tariff aside; one with an instant that is past takes over at once. Undefined takes it away. */
  wait(waiting: WaitingTariff | undefined, meterMs: number): Result<void> {
    if (waiting) {
      const checked = this.check(waiting.tables);
      if (!checked.ok) return checked;
    }
    this.#waiting = waiting;
    this.reschedule(meterMs);
    return success(undefined);
  }

  reach(edgeMs: number): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#activate(waiting.tables, edgeMs);
  }

  reschedule(meterMs: number): void {
    if (this.nextMs <= meterMs) this.reach(meterMs);
  }

  #activate(tables: TariffTables, meterMs: number): void {
    const compiled = this.check(tables);
    if (!compiled.ok) return;
    this.#active = tables;
    this.#calendar = compiled.value;
    this.#run(meterMs);
    this.#of.activated(meterMs);
  }

  #run(meterMs: number): void {
    const calendar = this.#mask === undefined ? this.#calendar : fixedCalendar(this.#mask);
    this.#of.run(calendar, meterMs);
  }
}
