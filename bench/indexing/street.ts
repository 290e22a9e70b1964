/**
 * A street whose voltages are real as far as data go: three phases of a real transformer (B01), and real loads (A04) behind services
 * that drop voltage. Ten meters hang on each phase, five of them on a service cable they share; some are written down at another phase.
 */
import type { Random } from '@wattline/base';
import type { MeterTrace } from '@wattline/mdm';
import type { RealMeter } from '../vee/real-series.ts';
import type { PhaseVoltages } from './real-voltages.ts';

/** Ohm of a meter's own service and of the cable that five share: 25 m of 16 mm2 and 20 m of 35 mm2, both ways, aluminium. */
const ownOhm = 0.1;
const sharedOhm = 0.035;
const perPhase = 10;
const perCable = 5;
const slotsPerDay = 96;
/** Of the stretch, known at the transformer. */
const leastKnown = 0.8;

export interface StreetOptions {
  readonly days: number;
  /** Meters written down at another phase. */
  readonly wrong: number;
  /** What the meters' voltage is told in, V. */
  readonly resolutionV: number;
  /** Whether their energy is laid beside it. */
  readonly hasEnergy: boolean;
}

/** A meter of the street and where it hangs. */
export type StreetMeter = MeterTrace & { readonly truth: string };

/** A street over a random stretch of the record. */
export function streetOf(
  { phases }: PhaseVoltages,
  loads: readonly RealMeter[],
  random: Random,
  { days, wrong, resolutionV, hasEnergy }: StreetOptions,
): StreetMeter[] {
  const slots = days * slotsPerDay;
  const from = stretchOf(phases[0], slots, random);
  const meters = phases.flatMap((phase, number): StreetMeter[] => {
    const energies = Array.from({ length: perPhase }, () => loadOf(loads, slots, random));
    const amperes = energies.map((energy) => amperesOf(energy, random));
    return energies.map((energy, meter) => {
      const cable = Math.floor(meter / perCable) * perCable;
      const voltage = Float64Array.from({ length: slots }, (_, slot) => {
        let shared = 0;
        for (let other = cable; other < cable + perCable; other++)
          shared += (amperes[other] as Float64Array)[slot] as number;
        const own = (amperes[meter] as Float64Array)[slot] as number;
        const volts = (phase[from + slot] as number) - ownOhm * own - sharedOhm * shared;
        return Math.round(volts / resolutionV) * resolutionV;
      });
      const node = `L${number + 1}`;
      const dark = new Uint8Array(slots);
      return { id: `${node}-${meter}`, node, truth: node, voltage, dark, ...(hasEnergy ? { energy } : {}) };
    });
  });
  const misplaced = new Set<number>();
  while (misplaced.size < wrong) misplaced.add(random.below(meters.length));
  return meters.map((meter, index) => {
    if (!misplaced.has(index)) return meter;
    const phase = (Number(meter.truth.slice(1)) + random.below(2)) % phases.length;
    return { ...meter, node: `L${phase + 1}` };
  });
}

/** Where a stretch begins that is known well enough. */
function stretchOf(phase: Float64Array, slots: number, random: Random): number {
  for (;;) {
    const from = random.below(phase.length - slots);
    const known = phase
      .subarray(from, from + slots)
      .reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : 1), 0);
    if (known >= leastKnown * slots) return from;
  }
}

/** Wh by quarter-hour of some real meter, from some day on, again from its first day when they are used up. */
function loadOf(loads: readonly RealMeter[], slots: number, random: Random): Float64Array {
  const { days } = loads[random.below(loads.length)] as RealMeter;
  const numbers = [...days.keys()].sort((a, b) => a - b);
  const first = random.below(numbers.length);
  return Float64Array.from({ length: slots }, (_, slot) => {
    const number = numbers[(first + Math.floor(slot / slotsPerDay)) % numbers.length] as number;
    return (days.get(number) as Float64Array)[slot % slotsPerDay] as number;
  });
}

/** Mean current at 240 V and a power factor between 0.85 and 1 that nobody measures. */
function amperesOf(energy: Float64Array, random: Random): Float64Array {
  return energy.map((wh) => (wh * 4) / 240 / (0.85 + 0.15 * random.next()));
}
