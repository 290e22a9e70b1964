/** Billing snapshots: registers and maxima as they stood at the end of each billing period, by schedule and by command. */
import assert from 'node:assert/strict';
import type { LocalZone } from '../clock/local-zone.ts';
import type { NonVolatile } from '../memory/non-volatile.ts';
import type { ClockEdge } from './clock-edge.ts';
import type { DemandSet, Maximum } from './demand.ts';
import { type EnergyKind, energyKindNames } from './energy-kind.ts';
import type { EnergySet } from './energy-set.ts';

/** When periods end by themselves: on a day of each month at a time of the wall clock. */
export interface BillingSchedule {
  /** 1 to 28: every month has it. */
  readonly dayOfMonth: number;
  readonly hour: number;
  readonly minute: number;
}

/** A snapshot. */
export interface BillingSnapshot {
  /** Meter time; 00:00 of the first closes the month before. */
  readonly atMs: number;
  readonly cause: 'schedule' | 'command';
  /** Whole units by kind: the total first, then the rates. Kinds that count nothing are left out. */
  readonly energies: ReadonlyMap<EnergyKind, readonly number[]>;
  /** Maxima of the period by kind: the total first, then the rates. */
  readonly maxima: ReadonlyMap<EnergyKind, readonly Maximum[]>;
  /** Mean power factor of the period in thousandths: kWh over kVAh; undefined when apparent energy is not counted. */
  readonly powerFactorThousandths: number | undefined;
  /** Minutes with supply in the period. */
  readonly powerOnMinutes: number;
}

/** What a snapshot is taken of. */
export interface BillingSource {
  readonly energies: EnergySet;
  readonly demands: DemandSet;
  readonly zone: LocalZone;
  /** Milliseconds with supply since the meter was made. */
  powerOnMs(): number;
}

const monthsHeld = 12;
const heldName = 'billing/snapshots';

/** Snapshots as text: maps as lists of pairs. */
interface Held {
  readonly count: number;
  readonly snapshots: readonly (Pick<BillingSnapshot, 'atMs' | 'cause' | 'powerOnMinutes'> & {
    readonly energies: readonly (readonly [EnergyKind, readonly number[]])[];
    readonly maxima: readonly (readonly [EnergyKind, readonly Maximum[]])[];
    readonly powerFactorThousandths: number | null;
  })[];
}

/** The snapshots of a meter: the last twelve. */
export class BillingBook implements ClockEdge {
  readonly #source: BillingSource;
  #schedule: BillingSchedule;
  #nextMs: number;
  #snapshots: readonly BillingSnapshot[] = [];
  #count = 0;
  #powerOnBeforeMs: number;
  #memory: NonVolatile | undefined;
  /** Told after each snapshot. */
  onSnapshot: ((snapshot: BillingSnapshot) => void) | undefined;

  constructor(source: BillingSource, schedule: BillingSchedule, meterMs: number) {
    this.#source = source;
    this.#schedule = schedule;
    this.#nextMs = nextBilling(schedule, source.zone, meterMs);
    this.#powerOnBeforeMs = source.powerOnMs();
  }

  get schedule(): BillingSchedule {
    return this.#schedule;
  }

  /** Snapshots taken since the meter was made: the billing period counter (OBIS 1.0.0.1.0.255). */
  get count(): number {
    return this.#count;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Newest last. */
  get snapshots(): readonly BillingSnapshot[] {
    return this.#snapshots;
  }

  reach(edgeMs: number): void {
    this.#take(edgeMs, 'schedule');
    this.#nextMs = nextBilling(this.#schedule, this.#source.zone, edgeMs);
  }

  /** A billing date that a clock set forward jumps over is billed when the clock arrives; one that comes again is not billed twice. */
  reschedule(meterMs: number): void {
    if (meterMs >= this.#nextMs) this.#take(this.#nextMs, 'schedule');
    const last = this.#snapshots.at(-1);
    const fromMs = last?.cause === 'schedule' ? Math.max(meterMs, last.atMs) : meterMs;
    this.#nextMs = nextBilling(this.#schedule, this.#source.zone, fromMs);
  }

  /** Ends the period now; refused while the lock-out of the maximum demand lasts. */
  close(atMs: number): 'locked-out' | undefined {
    const { demands } = this.#source;
    if (demands.isLockedOut(atMs)) return 'locked-out';
    this.#take(atMs, 'command');
    return undefined;
  }

  /** Takes the snapshots that a memory holds, and keeps every further one there. */
  keep(memory: NonVolatile): void {
    const held = memory.read(heldName);
    if (held !== undefined) {
      const { count, snapshots } = JSON.parse(held) as Held;
      this.#count = count;
      this.#snapshots = snapshots.map((one) => ({
        ...one,
        energies: new Map(one.energies),
        maxima: new Map(one.maxima),
        powerFactorThousandths: one.powerFactorThousandths ?? undefined,
      }));
    }
    this.#memory = memory;
  }

  /** Another schedule from a meter time on. */
  configure(schedule: BillingSchedule, meterMs: number): void {
    this.#schedule = schedule;
    this.#nextMs = nextBilling(schedule, this.#source.zone, meterMs);
  }

  #take(atMs: number, cause: BillingSnapshot['cause']): void {
    const { energies, demands, powerOnMs } = this.#source;
    const rates = Array.from({ length: energies.rateCount + 1 }, (_, rate) => rate);
    const onMs = powerOnMs();
    const counted = energyKindNames.filter((kind) => energies.read(kind) > 0);
    const snapshot: BillingSnapshot = {
      atMs,
      cause,
      energies: new Map(counted.map((kind) => [kind, rates.map((rate) => energies.read(kind, rate))])),
      maxima: new Map(
        demands.demands.map((demand) => [demand.kind, rates.map((rate) => demand.maximum(rate))]),
      ),
      powerFactorThousandths: meanPowerFactor(energies, this.#snapshots.at(-1)),
      powerOnMinutes: Math.floor((onMs - this.#powerOnBeforeMs) / 60_000),
    };
    this.#powerOnBeforeMs = onMs;
    this.#snapshots = [...this.#snapshots, snapshot].slice(-monthsHeld);
    this.#count++;
    demands.reset(atMs, cause === 'schedule' ? 'billing' : 'command');
    const rows = this.#snapshots.map((one) => ({
      ...one,
      ...{ energies: [...one.energies], maxima: [...one.maxima] },
      powerFactorThousandths: one.powerFactorThousandths ?? null,
    }));
    this.#memory?.write(heldName, JSON.stringify({ count: this.#count, snapshots: rows } satisfies Held));
    this.#memory?.sync();
    this.onSnapshot?.(snapshot);
  }
}

function meanPowerFactor(energies: EnergySet, before: BillingSnapshot | undefined): number | undefined {
  const since = (kind: EnergyKind) => energies.read(kind) - (before?.energies.get(kind)?.[0] ?? 0);
  const apparent = since('apparentDelivered');
  return apparent === 0 ? undefined : Math.min(1000, Math.round((since('delivered') * 1000) / apparent));
}

/** The first billing instant after a meter time, by the wall clock. */
export function nextBilling(schedule: BillingSchedule, zone: LocalZone, meterMs: number): number {
  const { dayOfMonth, hour, minute } = schedule;
  assert(isBillingSchedule(schedule), 'a billing day is 1 to 28, and a time of day');
  const here = Temporal.Instant.fromEpochMilliseconds(meterMs).toZonedDateTimeISO(zone.name);
  const inMonth = (month: Temporal.ZonedDateTime) =>
    month.with({
      day: dayOfMonth,
      hour,
      minute,
      second: 0,
      millisecond: 0,
      microsecond: 0,
      nanosecond: 0,
    }).epochMilliseconds;
  const thisMonthMs = inMonth(here);
  return thisMonthMs > meterMs ? thisMonthMs : inMonth(here.with({ day: 1 }).add({ months: 1 }));
}

/** Whether every month has such an instant. */
export function isBillingSchedule({ dayOfMonth, hour, minute }: BillingSchedule): boolean {
  const isWithin = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  return isWithin(dayOfMonth, 1, 28) && isWithin(hour, 0, 23) && isWithin(minute, 0, 59);
}
