/**
 * What the meter counts: energy into registers, registers into profiles at the boundaries of its own clock.
 * A profile value is the register at the end minus the register at the start of its interval, so registers and profiles cannot differ.
 */
import assert from 'node:assert/strict';
import type { MeterClock } from '../clock/clock.ts';
import type { RateStretch, TariffCalendar } from '../tariff/tariff-calendar.ts';
import type { ClockEdge, CountedStretch, EnergyFollower } from './clock-edge.ts';
import { DailyProfile } from './daily-profile.ts';
import { type EnergyKind, energyKindNames } from './energy-kind.ts';
import { EnergySet } from './energy-set.ts';
import { type EnergyStep, shareOf } from './energy-step.ts';
import { type EntryLabel, labelOf } from './entry-label.ts';
import { LoadProfile, profileStatus } from './load-profile.ts';
import type { RateRegisters } from './register.ts';

/** A defect of the profile memory, for the simulated world: the entry is lost, or what it holds is wrong by a factor. */
export type ProfileDefect = { readonly kind: 'lost' } | { readonly kind: 'factor'; readonly factor: number };

/** What metrology is made of. */
export interface MetrologyOptions {
  readonly clock: MeterClock;
  readonly calendar: TariffCalendar;
  /** Capture period of load profile 1. */
  readonly intervalSeconds: number;
  /** True instant at which the meter is first energised. */
  readonly startMs: number;
  /** Readings it comes with, whole units by kind and rate, rate 1 first. */
  readonly initial: Readonly<Partial<Record<EnergyKind, readonly number[]>>>;
  readonly rateCount: number;
  /** Intervals and midnights held. */
  readonly intervalCapacity: number;
  readonly midnightCapacity: number;
  /** Which instant names an entry, default the end. */
  readonly label?: EntryLabel;
  /** Whether current flows now; asked at each edge. Behind an open switch no energy passes, whatever the step says. */
  readonly isConducting?: () => boolean;
  /** Asked once for each interval by its start, meter time. */
  readonly defectAt?: (intervalStartMs: number) => ProfileDefect | undefined;
}

/** A shift below this is no adjustment worth a flag. */
const leastFlaggedShiftMs = 1000;
/** A step back over the start of an interval by up to this lengthens the interval; a longer one begins a new one. */
const longestStretchMs = 60_000;

/** Registers and profiles, and how far they have come. */
export class Metrology {
  readonly energies: EnergySet;
  readonly delivered: RateRegisters;
  readonly received: RateRegisters;
  readonly dailyProfile: DailyProfile;
  /** Told of each load profile that takes over, and how often that happened: the place to have it outlive the process. */
  onLoadProfile: ((profile: LoadProfile, count: number) => void) | undefined;
  /** Energy of the last interval captured, Wh. */
  lastDeliveredWh = 0;
  lastReceivedWh = 0;
  /** Time with supply since it was made, ms. */
  poweredMs = 0;
  /** Edges of the clock beside intervals, midnights and rates, and those who follow the energy. */
  readonly edges: ClockEdge[] = [];
  readonly followers: EnergyFollower[] = [];
  readonly #options: MetrologyOptions;
  #loadProfile: LoadProfile;
  #profiles = 0;
  #intervalMs: number;
  #trueMs: number;
  #intervalStartMs: number;
  #intervalEndMs: number;
  #nextMidnightMs: number;
  #calendar: TariffCalendar;
  #rate: RateStretch;
  #status = 0;
  #standing = 0;
  #startDeliveredWh: number;
  #startReceivedWh: number;
  #isPowered = true;
  #downSinceMs = 0;

  constructor(options: MetrologyOptions) {
    const { clock, calendar, intervalSeconds, startMs, rateCount } = options;
    assert(rateCount >= calendar.rateCount, 'every rate of the calendar has a register');
    this.#options = options;
    this.#intervalMs = intervalSeconds * 1000;
    this.energies = new EnergySet(rateCount, options.initial);
    this.delivered = this.energies.of('delivered');
    this.received = this.energies.of('received');
    this.#loadProfile = new LoadProfile(options.intervalCapacity);
    this.dailyProfile = new DailyProfile(options.midnightCapacity, this.delivered.rateCount);
    this.#trueMs = startMs;
    const meterMs = clock.at(startMs);
    this.#intervalStartMs = Math.floor(meterMs / this.#intervalMs) * this.#intervalMs;
    this.#intervalEndMs = this.#intervalStartMs + this.#intervalMs;
    this.#calendar = calendar;
    this.#rate = calendar.stretchAt(meterMs);
    const today = clock.zone.dayAt(meterMs);
    this.#nextMidnightMs = today.endMs;
    this.#startDeliveredWh = this.delivered.total.wattHours;
    this.#startReceivedWh = this.received.wattHours;
    // Until now the meter had no supply: the rest of a begun interval is a part of one.
    if (meterMs !== this.#intervalStartMs) this.#status = profileStatus.powerDown;
    if (today.startMs === meterMs) this.#captureMidnight(meterMs);
  }

  /** Load profile 1, of entries of one length. */
  get loadProfile(): LoadProfile {
    return this.#loadProfile;
  }

  /** Capture period of load profile 1. */
  get intervalSeconds(): number {
    return this.#intervalMs / 1000;
  }

  /** True instant up to which everything is counted. */
  get countedToMs(): number {
    return this.#trueMs;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** The rate that counts now. */
  get activeRate(): number {
    return this.#rate.rate;
  }

  /** Status of the running interval: bits of `profileStatus` without daylight saving. */
  get status(): number {
    return this.#status;
  }

  /** Bits that stand in every entry from now on, or no longer. */
  flag(bits: number, isSet: boolean): void {
    this.#standing = isSet ? this.#standing | bits : this.#standing & ~bits;
    if (isSet) this.#status |= bits;
  }

  /** The calendar that switches the rates from a meter time on; its rates have registers. */
  useCalendar(calendar: TariffCalendar, meterMs: number): void {
    assert(calendar.rateCount <= this.energies.rateCount, 'every rate of the calendar has a register');
    this.#calendar = calendar;
    this.#rate = calendar.stretchAt(meterMs);
  }

  /**
   * Another capture period from a meter time on. The profile begins anew, since what it holds is of another length (Blue Book 4.3.6), and
   * the begun interval is a part of one.
   */
  captureEvery(seconds: number, meterMs: number): void {
    this.#intervalMs = seconds * 1000;
    this.#loadProfile = new LoadProfile(this.#options.intervalCapacity);
    this.onLoadProfile?.(this.#loadProfile, ++this.#profiles);
    this.#intervalStartMs = Math.floor(meterMs / this.#intervalMs) * this.#intervalMs;
    this.#intervalEndMs = this.#intervalStartMs + this.#intervalMs;
    this.#startDeliveredWh = this.delivered.total.wattHours;
    this.#startReceivedWh = this.received.wattHours;
    if (meterMs !== this.#intervalStartMs) this.#status |= profileStatus.dataNotValid;
  }

  /** Counts energy; steps follow each other without gap while the meter is powered. */
  accumulate({ startMs, endMs, deliveredMws, receivedMws, further }: EnergyStep): void {
    assert(this.#isPowered, 'a meter without supply counts nothing');
    assert(
      startMs === this.#trueMs && endMs > startMs,
      `expected a step from ${this.#trueMs}, found ${startMs} to ${endMs}`,
    );
    const { clock, isConducting } = this.#options;
    const fromMs = clock.at(startMs);
    const toMs = clock.at(endMs);
    const spanMs = toMs - fromMs;
    const whole = { delivered: deliveredMws, received: receivedMws, ...further };
    // A clock that loses may stand still for a millisecond: its energy counts all the same.
    if (spanMs <= 0) {
      const isOpen = isConducting !== undefined && !isConducting();
      const energy = (kind: EnergyKind) => (isOpen ? 0 : (whole[kind] ?? 0));
      this.#count({ startMs: fromMs, endMs: fromMs, rate: this.#rate.rate, energy });
    }
    this.#walk(fromMs, toMs, (atMs, edgeMs) => {
      // The share is exactly 1 at the last edge, so that nothing is lost by cutting.
      const from = (atMs - fromMs) / spanMs;
      const to = (edgeMs - fromMs) / spanMs;
      const isOpen = isConducting !== undefined && !isConducting();
      const energy = (kind: EnergyKind) => (isOpen ? 0 : shareOf(whole[kind] ?? 0, from, to));
      this.#count({ startMs: atMs, endMs: edgeMs, rate: this.#rate.rate, energy });
    });
    this.#trueMs = endMs;
  }

  /** Supply fails at the instant counted up to. */
  powerDown(): void {
    assert(this.#isPowered, 'supply fails once');
    this.#isPowered = false;
    this.#downSinceMs = this.#trueMs;
    this.#status |= profileStatus.powerDown;
  }

  /** Supply returns: the intervals that passed are captured with what they had; returns the seconds without supply. */
  powerUp(atMs: number): number {
    assert(!this.#isPowered && atMs >= this.#trueMs, 'supply returns after it failed');
    const { clock } = this.#options;
    this.#walk(clock.at(this.#trueMs), clock.at(atMs), () => {});
    this.#trueMs = atMs;
    this.#isPowered = true;
    if (clock.at(atMs) === this.#intervalStartMs) this.#status &= ~profileStatus.powerDown;
    return Math.round((atMs - this.#downSinceMs) / 1000);
  }

  /** The clock is set so that it is ahead of true time by `offsetMs`; counts as done at the instant counted up to. */
  setClock(offsetMs: number): void {
    const { clock } = this.#options;
    const beforeMs = clock.at(this.#trueMs);
    clock.set(this.#trueMs, offsetMs);
    const afterMs = clock.at(this.#trueMs);
    const isFlagged = Math.abs(afterMs - beforeMs) >= leastFlaggedShiftMs;
    if (isFlagged) this.#status |= profileStatus.clockAdjusted;
    if (afterMs >= this.#intervalEndMs) this.#leap(afterMs);
    else if (afterMs < this.#intervalStartMs - longestStretchMs) {
      this.#captureInterval();
      this.#intervalStartMs = Math.floor(afterMs / this.#intervalMs) * this.#intervalMs;
      this.#intervalEndMs = this.#intervalStartMs + this.#intervalMs;
      this.#status |= profileStatus.clockAdjusted;
    }
    this.#nextMidnightMs = clock.zone.dayAt(afterMs).endMs;
    this.#rate = this.#calendar.stretchAt(afterMs);
    for (const edge of this.edges) edge.reschedule(afterMs);
  }

  #count(stretch: CountedStretch): void {
    this.poweredMs += stretch.endMs - stretch.startMs;
    for (const kind of energyKindNames) this.energies.add(kind, stretch.energy(kind), stretch.rate);
    for (const follower of this.followers) follower.follow(stretch);
  }

  /** Time goes on from one meter time to another: `pass` is told each stretch, then what ends there is captured. */
  #walk(fromMs: number, toMs: number, pass: (atMs: number, edgeMs: number) => void): void {
    const { clock } = this.#options;
    for (let atMs = fromMs; atMs < toMs; ) {
      if (atMs >= this.#rate.endMs || atMs < this.#rate.startMs) this.#rate = this.#calendar.stretchAt(atMs);
      let edgeMs = Math.min(toMs, this.#intervalEndMs, this.#nextMidnightMs, this.#rate.endMs);
      for (const edge of this.edges) edgeMs = Math.min(edgeMs, edge.nextMs);
      pass(atMs, edgeMs);
      for (const edge of this.edges) {
        if (edge.nextMs <= edgeMs) edge.reach(edgeMs);
        assert(edge.nextMs > edgeMs, 'an edge that is reached has a later one after it');
      }
      if (edgeMs === this.#intervalEndMs) this.#captureInterval();
      if (edgeMs === this.#nextMidnightMs) {
        this.#captureMidnight(edgeMs);
        this.#nextMidnightMs = clock.zone.dayAt(edgeMs).endMs;
      }
      atMs = edgeMs;
    }
  }

  /** The clock jumped forward over boundaries: each has its entry, flagged, so that the profile stays gapless. */
  #leap(toMs: number): void {
    const { intervalCapacity, clock } = this.#options;
    const skipped = Math.floor((toMs - this.#intervalEndMs) / this.#intervalMs);
    this.#captureInterval();
    if (skipped > intervalCapacity) {
      this.#intervalStartMs += (skipped - intervalCapacity) * this.#intervalMs;
      this.#intervalEndMs = this.#intervalStartMs + this.#intervalMs;
    }
    while (this.#intervalEndMs <= toMs) {
      this.#status = profileStatus.clockAdjusted | profileStatus.dataNotValid;
      this.#captureInterval();
    }
    this.#status = profileStatus.clockAdjusted;
    const today = clock.zone.dayAt(toMs);
    if (today.startMs >= this.#nextMidnightMs)
      this.#captureMidnight(today.startMs, profileStatus.clockAdjusted);
  }

  #captureInterval(): void {
    const { clock, defectAt, label = 'end' } = this.#options;
    const interval = { startMs: this.#intervalStartMs, endMs: this.#intervalEndMs };
    const labelMs = labelOf(interval, label);
    const deliveredWh = this.delivered.total.wattHours - this.#startDeliveredWh;
    const receivedWh = this.received.wattHours - this.#startReceivedWh;
    const defect = defectAt?.(this.#intervalStartMs);
    if (defect?.kind !== 'lost') {
      const factor = defect?.factor ?? 1;
      this.loadProfile.append({
        labelMs,
        status: this.#status | daylightBit(clock, labelMs),
        deliveredWh: deliveredWh * factor,
        receivedWh: receivedWh * factor,
      });
    }
    this.lastDeliveredWh = deliveredWh;
    this.lastReceivedWh = receivedWh;
    this.#startDeliveredWh += deliveredWh;
    this.#startReceivedWh += receivedWh;
    this.#intervalStartMs = interval.endMs;
    this.#intervalEndMs = interval.endMs + this.#intervalMs;
    this.#status = this.#standing | (this.#isPowered ? 0 : profileStatus.powerDown);
  }

  #captureMidnight(atMs: number, flags = 0): void {
    const { delivered, received } = this;
    const { clock, label = 'end' } = this.#options;
    const yesterday = label === 'end' ? undefined : clock.zone.dayAt(atMs - 1);
    const labelMs = yesterday?.startMs ?? atMs;
    this.dailyProfile.append({
      labelMs,
      status: flags | (this.#isPowered ? 0 : profileStatus.powerDown) | daylightBit(clock, labelMs),
      deliveredWh: delivered.total.wattHours,
      receivedWh: received.wattHours,
      ratesWh: Array.from({ length: delivered.rateCount }, (_, index) => delivered.rate(index + 1)),
    });
  }
}

function daylightBit(clock: MeterClock, atMs: number): number {
  return clock.zone.stretchAt(atMs).isDaylightSaving ? profileStatus.daylightSaving : 0;
}
