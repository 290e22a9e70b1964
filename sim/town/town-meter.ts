/** A meter at its premises: the world's energy flows through it, outages darken it, faults befall it; one path for past and present. */
import assert from 'node:assert/strict';
import type { Period, Random } from '@wattline/base';
import { type Meter, type Phasor, type ProfileDefect, phasorOfPower } from '@wattline/meter';
import type { MeterFault } from '../world/meter-fault.ts';
import type { Premises } from '../world/premises.ts';
import type { EnergyRange } from '../world/supplied-energy.ts';
import type { World } from '../world/world.ts';
import { darkPeriods } from './dark-periods.ts';
import { type SuppliedInterval, suppliedInterval } from './supplied-interval.ts';

/** Intervals of energy, outages and faults asked of the world at a time. */
const windowIntervals = 192;
const faultWindowMs = 40 * 86_400_000;

/** Supply as it is about the place: nominal voltage and frequency by the first word of the zone. */
const supplies: Readonly<Record<string, { readonly nominalV: number; readonly frequencyHz: number }>> = {
  America: { nominalV: 120, frequencyHz: 60 },
};
const usualSupply = { nominalV: 230, frequencyHz: 50 };
/** Share of the apparent power that is active, current lagging: homes, and what else draws. */
const powerFactors = { home: 0.97, other: 0.92 };
const powerFactorOf = ({ kind }: Premises) => (kind === 'home' ? powerFactors.home : powerFactors.other);

const hourMs = 3_600_000;
/** A meter hangs in a cupboard: half way between the air outside and a room. */
const roomC = 20;
const cupboardC = (outsideC: number) => (outsideC + roomC) / 2;

/** What the world holds ready for a stretch of intervals. */
interface Window extends Period {
  readonly firstInterval: number;
  readonly energy: EnergyRange;
  readonly dark: readonly Period[];
}

/** Faults of a meter, asked of the world stretch by stretch. */
export function faultsOf(world: World, premisesIndex: number): (period: Period) => readonly MeterFault[] {
  let known: Period = { startMs: 0, endMs: 0 };
  let faults: readonly MeterFault[] = [];
  return ({ startMs, endMs }) => {
    if (startMs < known.startMs || endMs > known.endMs) {
      known = { startMs, endMs: endMs + faultWindowMs };
      faults = world.faults(premisesIndex, known);
    }
    return faults;
  };
}

/** The defects of a meter's profile memory, as the meter asks for them. */
export function defectsOf(
  world: World,
  premisesIndex: number,
): (startMs: number) => ProfileDefect | undefined {
  const faults = faultsOf(world, premisesIndex);
  return (startMs) => {
    for (const fault of faults({ startMs, endMs: startMs + 1 })) {
      if (fault.kind === 'profile-gap' && startMs >= fault.startMs && startMs < fault.endMs)
        return { kind: 'lost' };
      if (fault.kind === 'profile-spike' && startMs === fault.startMs)
        return { kind: 'factor', factor: fault.factor };
    }
    return undefined;
  };
}

/** A meter where it hangs. */
export class TownMeter {
  readonly premises: Premises;
  readonly meter: Meter;
  readonly #world: World;
  readonly #intervalMs: number;
  readonly #faults: (period: Period) => readonly MeterFault[];
  readonly #random: Random;
  #atMs: number;
  #window: Window | undefined;
  #interval: SuppliedInterval | undefined;
  #feltUntilMs = Number.NEGATIVE_INFINITY;

  /** `meter` stands at the start of the world, or wherever `meter.countedToMs` says. */
  constructor(of: {
    readonly world: World;
    readonly premises: Premises;
    readonly meter: Meter;
    readonly random: Random;
  }) {
    this.premises = of.premises;
    this.meter = of.meter;
    this.#world = of.world;
    this.#intervalMs = of.world.options.intervalSeconds * 1000;
    this.#faults = faultsOf(of.world, of.premises.index);
    this.#random = of.random;
    this.#atMs = of.meter.countedToMs;
  }

  /** Whether it answers at an instant: it has supply and nothing is wrong with the way to it. */
  isReachable(atMs: number): boolean {
    return this.meter.isPowered && !this.#isCutOff(atMs);
  }

  /** Whether a push would arrive: the way is right, supply or not, as a last gasp lives on what is stored. */
  canPush(atMs: number): boolean {
    return !this.#isCutOff(atMs);
  }

  /** Lives up to `toMs`. A past that is replayed (`isSilent`) pushes nothing. */
  advance(toMs: number, isSilent: boolean): void {
    const { meter } = this;
    while (this.#atMs < toMs) {
      const dark = this.#windowAt(this.#atMs).dark.find((period) => period.endMs > this.#atMs);
      if (dark && dark.startMs <= this.#atMs) {
        if (meter.isPowered) meter.powerDown({ isSilent });
        this.#atMs = Math.min(dark.endMs, toMs);
        if (this.#atMs === dark.endMs) meter.powerUp(this.#atMs, { isSilent });
        continue;
      }
      const interval = this.#intervalAt(this.#atMs);
      this.#feel();
      const endMs = Math.min(toMs, interval.endMs, dark?.startMs ?? toMs);
      meter.accumulate({ startMs: this.#atMs, endMs, ...interval.flow(endMs) });
      this.#atMs = endMs;
      // At the first instant of an outage, not at the next step.
      if (endMs === dark?.startMs) meter.powerDown({ isSilent });
    }
  }

  /** Shows voltage, current and power of the present moment: the interval's mean power with a flicker of the seed. */
  show(): void {
    const { premises, meter } = this;
    if (!meter.isPowered) return;
    const { nominalV, frequencyHz } = supplies[premises.zone.split('/')[0] ?? ''] ?? usualSupply;
    const activeW = this.#intervalAt(this.#atMs).meanW * Math.max(0, 1 + 0.05 * this.#random.normal());
    const phasors = Array.from(
      { length: premises.phases },
      (): Phasor =>
        phasorOfPower({
          activeW: activeW / premises.phases,
          voltageV: nominalV * (1 + 0.01 * this.#random.normal()),
          powerFactor: powerFactorOf(premises),
        }),
    );
    meter.show(phasors, frequencyHz + 0.02 * this.#random.normal());
  }

  /** Once an hour the crystal of the clock has another temperature. */
  #feel(): void {
    if (!this.meter.spec.crystal || this.#atMs < this.#feltUntilMs) return;
    this.#feltUntilMs = (Math.floor(this.#atMs / hourMs) + 1) * hourMs;
    this.meter.feel(cupboardC(this.#world.weatherAt(this.#atMs).temperatureC));
  }

  #isCutOff(atMs: number): boolean {
    return this.#faults({ startMs: atMs, endMs: atMs + 1 }).some(
      (fault) => fault.kind === 'unreachable' && atMs >= fault.startMs && atMs < fault.endMs,
    );
  }

  #windowAt(atMs: number): Window {
    if (this.#window && atMs >= this.#window.startMs && atMs < this.#window.endMs) return this.#window;
    const world = this.#world;
    const firstInterval = Math.floor((atMs - world.options.startMs) / this.#intervalMs);
    const startMs = world.options.startMs + firstInterval * this.#intervalMs;
    const endMs = startMs + windowIntervals * this.#intervalMs;
    this.#window = {
      startMs,
      endMs,
      firstInterval,
      energy: world.energyRange(this.premises.index, firstInterval, firstInterval + windowIntervals),
      dark: darkPeriods(world, this.premises, { startMs, endMs }),
    };
    return this.#window;
  }

  /** The interval that holds the instant; it remembers what has flowed. */
  #intervalAt(atMs: number): SuppliedInterval {
    if (this.#interval && atMs >= this.#interval.startMs && atMs < this.#interval.endMs)
      return this.#interval;
    const { startMs: windowStartMs, energy, dark } = this.#windowAt(atMs);
    const index = Math.floor((atMs - windowStartMs) / this.#intervalMs);
    const startMs = windowStartMs + index * this.#intervalMs;
    const endMs = startMs + this.#intervalMs;
    const [deliveredWh, receivedWh] = [energy.deliveredWh[index], energy.receivedWh[index]];
    assert(deliveredWh !== undefined && receivedWh !== undefined, 'the window holds its intervals');
    const touching = dark.filter((period) => period.startMs < endMs && period.endMs > startMs);
    this.#interval = suppliedInterval({
      ...{ startMs, endMs, deliveredWh, receivedWh, dark: touching },
      powerFactor: powerFactorOf(this.premises),
    });
    return this.#interval;
  }
}
