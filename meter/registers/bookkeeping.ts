/** What is kept of the registers over time: demand, billing periods and chosen profiles, all by the meter's own clock. */
import type { MeterClock } from '../clock/clock.ts';
import { meterError } from '../errors.ts';
import type { NonVolatile } from '../memory/non-volatile.ts';
import type { Quantities } from '../quantities/phasor.ts';
import { BillingBook, type BillingSchedule } from './billing.ts';
import { capturableQuantities, findCapturable } from './capturable.ts';
import { type CapturableQuantity, CaptureProfile, type CaptureReference } from './capture-profile.ts';
import type { CountedStretch, EnergyFollower } from './clock-edge.ts';
import { Demand, type DemandPeriod, DemandSet } from './demand.ts';
import type { EnergyKind } from './energy-kind.ts';
import { profileStatus } from './load-profile.ts';
import type { Metrology } from './metrology.ts';
import type { ProfileChoice } from './standard-profiles.ts';

/** How it is kept. */
export interface BookkeepingOptions {
  readonly demand?: Partial<DemandPeriod> & {
    /** Kinds of energy with a demand; default +A, -A and +S. */
    readonly kinds?: readonly EnergyKind[];
    readonly lockoutSeconds?: number;
  };
  /** Default the first of the month, 00:00. */
  readonly billing?: BillingSchedule;
  /** Chosen profiles by name. */
  readonly profiles?: Readonly<Record<string, ProfileChoice>>;
}

/** The books of one meter. */
export class Bookkeeping implements EnergyFollower {
  readonly demands: DemandSet;
  readonly billing: BillingBook;
  readonly #profiles = new Map<string, CaptureProfile>();
  readonly #clock: MeterClock;
  readonly #capturable: () => CapturableQuantity[];

  /** Begins at a meter time and follows the registers from there. */
  constructor(of: {
    readonly options: BookkeepingOptions;
    readonly metrology: Metrology;
    readonly clock: MeterClock;
    readonly phases: number;
    readonly meterMs: number;
    readonly quantities: () => Quantities;
  }) {
    const { options, metrology, clock, phases, meterMs, quantities } = of;
    const {
      kinds = ['delivered', 'received', 'apparentDelivered'],
      lockoutSeconds = 0,
      ...period
    } = options.demand ?? {};
    const { periodSeconds = metrology.intervalSeconds, numberOfPeriods = 1 } = period;
    this.demands = new DemandSet(
      kinds.map((kind) => new Demand(kind, { periodSeconds, numberOfPeriods }, meterMs)),
      lockoutSeconds,
    );
    const { energies } = metrology;
    this.billing = new BillingBook(
      { energies, demands: this.demands, zone: clock.zone, powerOnMs: () => metrology.poweredMs },
      options.billing ?? { dayOfMonth: 1, hour: 0, minute: 0 },
      meterMs,
    );
    this.#clock = clock;
    this.#capturable = () => capturableQuantities({ energies, demands: this.demands, phases, quantities });
    for (const [name, choice] of Object.entries(options.profiles ?? {}))
      this.#profiles.set(name, this.#profileOf(choice, meterMs));
    // Demand periods end before the month does: the last one belongs to it.
    metrology.edges.push(...this.demands.demands, ...this.#profiles.values(), this.billing);
    metrology.followers.push(this);
  }

  /** Chosen profiles by name. */
  get profiles(): ReadonlyMap<string, CaptureProfile> {
    return this.#profiles;
  }

  /** Billing periods and maxima as a memory holds them, and every change of them on it. */
  keep(memory: NonVolatile): void {
    this.billing.keep(memory);
    this.demands.keep(memory);
  }

  follow(stretch: CountedStretch): void {
    for (const demand of this.demands.demands) demand.follow(stretch);
    for (const profile of this.#profiles.values()) profile.pass(stretch.endMs - stretch.startMs);
  }

  /** Supply fails or returns: running entries are flagged. */
  power(isPowered: boolean): void {
    for (const profile of this.#profiles.values()) profile.stand(isPowered ? 0 : profileStatus.powerDown);
  }

  /** The clock moved: running entries are flagged. */
  clockMoved(): void {
    for (const profile of this.#profiles.values()) profile.flag(profileStatus.clockAdjusted);
  }

  /** What a list of capture objects refers to; undefined with the first that cannot be captured. */
  quantitiesOf(
    references: readonly CaptureReference[],
  ): { readonly quantities: CapturableQuantity[] } | { readonly unknown: CaptureReference } {
    const known = this.#capturable();
    const quantities: CapturableQuantity[] = [];
    for (const reference of references) {
      const found = findCapturable(known, reference);
      if (!found) return { unknown: reference };
      quantities.push(found);
    }
    return { quantities };
  }

  #profileOf({ capture, periodSeconds, capacity }: ProfileChoice, meterMs: number): CaptureProfile {
    const found = this.quantitiesOf(capture);
    if ('unknown' in found) {
      const { obis, classId } = found.unknown;
      throw meterError('meter/bad-spec', `profiles: ${obis} of class ${classId} cannot be captured`, {
        obis,
      });
    }
    const statusAt = (labelMs: number) =>
      this.#clock.zone.stretchAt(labelMs).isDaylightSaving ? profileStatus.daylightSaving : 0;
    return new CaptureProfile({ periodSeconds, capacity, quantities: found.quantities, statusAt }, meterMs);
  }
}
