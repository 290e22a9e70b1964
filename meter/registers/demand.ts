/**
 * Demand (Blue Book 4.3.4, class 5) and maximum demand: mean power over a period, by fixed blocks or by a window that slides in
 * sub-periods; the highest mean with its time, in total and by rate, and its reset with lock-out.
 */
import assert from 'node:assert/strict';
import type { NonVolatile } from '../memory/non-volatile.ts';
import { type ClockEdge, type CountedStretch, type EnergyFollower, nextMultiple } from './clock-edge.ts';
import type { EnergyKind } from './energy-kind.ts';

/** How demand is formed. */
export interface DemandPeriod {
  /** Length of a sub-period, seconds; divides a day. */
  readonly periodSeconds: number;
  /** Sub-periods of a window: 1 is a block, more is a sliding window. */
  readonly numberOfPeriods: number;
}

/** A maximum: whole W, var or VA, and the end of the period that had it by meter time; 0 and 0 when there was none. */
export interface Maximum {
  readonly value: number;
  readonly atMs: number;
}

const noMaximum: Maximum = { value: 0, atMs: 0 };

/** The demand of one kind of energy. */
export class Demand implements ClockEdge, EnergyFollower {
  readonly kind: EnergyKind;
  #period: DemandPeriod;
  /** Energies of the sub-periods that are over, newest first, at most one less than the window has. */
  #ended: readonly number[] = [];
  #energy = 0;
  #startMs: number;
  #nextMs: number;
  #rate = 1;
  #lastValue = 0;
  #lastMs = 0;
  #maxima: Maximum[] = [];
  /** Told when a maximum grew. */
  onMaximum: (() => void) | undefined;

  constructor(kind: EnergyKind, period: DemandPeriod, meterMs: number) {
    checkPeriod(period);
    this.kind = kind;
    this.#period = period;
    this.#startMs = meterMs;
    this.#nextMs = nextMultiple(meterMs, period.periodSeconds * 1000);
  }

  get period(): DemandPeriod {
    return this.#period;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Start of the running sub-period, meter time. */
  get startMs(): number {
    return this.#startMs;
  }

  /**
   * The window as it would stand if the running sub-period ended now (current_average_value), cut to whole units. A window that has not
   * run for its whole length yet is divided by its whole length all the same: demand is never said higher than what was taken.
   */
  get current(): number {
    const { periodSeconds, numberOfPeriods } = this.#period;
    const energy = this.#ended.reduce((sum, ended) => sum + ended, this.#energy);
    return Math.floor(energy / 1000 / (periodSeconds * numberOfPeriods));
  }

  /** The window at the last end of a sub-period: last_average_value and capture_time. */
  get last(): Maximum {
    return { value: this.#lastValue, atMs: this.#lastMs };
  }

  /** The highest demand since the last reset: in total, or of periods that ended in a rate from 1. */
  maximum(rate = 0): Maximum {
    return this.#maxima[rate] ?? noMaximum;
  }

  follow(stretch: CountedStretch): void {
    this.#energy += stretch.energy(this.kind);
    this.#rate = stretch.rate;
  }

  reach(edgeMs: number): void {
    const value = this.current;
    this.#lastValue = value;
    this.#lastMs = edgeMs;
    const isTotal = value > this.maximum().value;
    const isOfRate = value > this.maximum(this.#rate).value;
    if (isTotal) this.#maxima[0] = { value, atMs: edgeMs };
    if (isOfRate) this.#maxima[this.#rate] = { value, atMs: edgeMs };
    if (isTotal || isOfRate) this.onMaximum?.();
    const { numberOfPeriods, periodSeconds } = this.#period;
    if (numberOfPeriods > 1) this.#ended = [this.#energy, ...this.#ended].slice(0, numberOfPeriods - 1);
    this.#energy = 0;
    this.#startMs = edgeMs;
    this.#nextMs = edgeMs + periodSeconds * 1000;
  }

  /** What was counted stays in the running sub-period; sub-periods that are over are not mixed with a time that is another. */
  reschedule(meterMs: number): void {
    if (meterMs >= this.#startMs && meterMs < this.#nextMs) return;
    this.#ended = [];
    this.#startMs = meterMs;
    this.#nextMs = nextMultiple(meterMs, this.#period.periodSeconds * 1000);
  }

  /** All maxima, the total first, then the rates. */
  get maxima(): readonly Maximum[] {
    return Array.from(this.#maxima, (maximum) => maximum ?? noMaximum);
  }

  /** Takes maxima that were kept. */
  restore(maxima: readonly Maximum[]): void {
    this.#maxima = [...maxima];
  }

  /** The maxima begin anew; the window goes on. Returns the total that was. */
  resetMaximum(): Maximum {
    const was = this.maximum();
    this.#maxima = [];
    return was;
  }

  /** Another period or window: demand begins anew at a meter time, maxima stay. */
  configure(period: DemandPeriod, meterMs: number): void {
    checkPeriod(period);
    this.#period = period;
    this.#ended = [];
    this.#energy = 0;
    this.#startMs = meterMs;
    this.#nextMs = nextMultiple(meterMs, period.periodSeconds * 1000);
  }
}

/** Whether demand can be formed so: a sub-period divides a day, a window has 1 to 60 of them. */
export function isDemandPeriod({ periodSeconds, numberOfPeriods }: DemandPeriod): boolean {
  const isDivisor = Number.isInteger(periodSeconds) && periodSeconds >= 60 && 86_400 % periodSeconds === 0;
  return isDivisor && Number.isInteger(numberOfPeriods) && numberOfPeriods >= 1 && numberOfPeriods <= 60;
}

function checkPeriod(period: DemandPeriod): void {
  assert(isDemandPeriod(period), 'a sub-period divides a day, a window has 1 to 60 of them');
}

const heldName = 'demand/maxima';

/** Maxima and resets as text. */
interface HeldDemand {
  readonly maxima: readonly (readonly [EnergyKind, readonly Maximum[]])[];
  readonly cumulative: readonly (readonly [EnergyKind, number])[];
  readonly resetCount: number;
  readonly lastResetMs: number | null;
}

/** The demands of a meter and their common reset. */
export class DemandSet {
  readonly demands: readonly Demand[];
  /** Seconds after a reset in which another by hand is refused. */
  lockoutSeconds: number;
  resetCount = 0;
  /** Meter time. */
  lastResetMs: number | undefined;
  /** Sum of the maxima at all resets, by kind: the cumulative maximum demand (OBIS value group D, 2). */
  readonly cumulative = new Map<EnergyKind, number>();
  #memory: NonVolatile | undefined;

  constructor(demands: readonly Demand[], lockoutSeconds = 0) {
    this.demands = demands;
    this.lockoutSeconds = lockoutSeconds;
  }

  of(kind: EnergyKind): Demand | undefined {
    return this.demands.find((demand) => demand.kind === kind);
  }

  /** Whether a reset by command would be refused at a meter time. */
  isLockedOut(atMs: number): boolean {
    if (this.lastResetMs === undefined) return false;
    const sinceMs = atMs - this.lastResetMs;
    return sinceMs >= 0 && sinceMs < this.lockoutSeconds * 1000;
  }

  /** Resets at a meter time; a command is refused while the lock-out lasts, a billing date is not. */
  reset(atMs: number, by: 'command' | 'billing'): 'locked-out' | undefined {
    if (by === 'command' && this.isLockedOut(atMs)) return 'locked-out';
    for (const demand of this.demands) {
      const { value } = demand.resetMaximum();
      this.cumulative.set(demand.kind, (this.cumulative.get(demand.kind) ?? 0) + value);
    }
    this.resetCount++;
    this.lastResetMs = atMs;
    this.#save();
    return undefined;
  }

  /** Takes the maxima and resets that a memory holds, and keeps every change of them there. */
  keep(memory: NonVolatile): void {
    const held = memory.read(heldName);
    if (held !== undefined) {
      const { maxima, cumulative, resetCount, lastResetMs } = JSON.parse(held) as HeldDemand;
      for (const [kind, own] of maxima) this.of(kind)?.restore(own);
      for (const [kind, value] of cumulative) this.cumulative.set(kind, value);
      this.resetCount = resetCount;
      this.lastResetMs = lastResetMs ?? undefined;
    }
    this.#memory = memory;
    for (const demand of this.demands) demand.onMaximum = () => this.#save();
  }

  #save(): void {
    const held: HeldDemand = {
      maxima: this.demands.map((demand) => [demand.kind, demand.maxima]),
      cumulative: [...this.cumulative],
      resetCount: this.resetCount,
      lastResetMs: this.lastResetMs ?? null,
    };
    this.#memory?.write(heldName, JSON.stringify(held));
    this.#memory?.sync();
  }
}
