/**
 * Instrument transformers before the meter as they are programmed into it: numerators and denominators of current and voltage (3000/5 A,
 * 11000/110 V). What the terminals see is multiplied by them, so that the meter shows and counts primary values.
 */
import assert from 'node:assert/strict';
import type { EnergyKind } from '../registers/energy-kind.ts';
import type { EnergyStep } from '../registers/energy-step.ts';
import type { PhaseQuantities, Phasor, Quantities } from './phasor.ts';
import type { WaveformSnapshot } from './waveform-snapshot.ts';

/** Primary over secondary, whole numbers from 1. */
export interface TransformerRatios {
  readonly currentNumerator: number;
  readonly currentDenominator: number;
  readonly voltageNumerator: number;
  readonly voltageDenominator: number;
}

/** Connected directly. */
export const noTransformers: TransformerRatios = {
  currentNumerator: 1,
  currentDenominator: 1,
  voltageNumerator: 1,
  voltageDenominator: 1,
};

/** Largest figure of a ratio: long-unsigned on the wire. */
export const mostRatio = 0xffff;

/** The ratios at work. What of an energy is less than one unit after division waits, so that nothing is lost however it is cut. */
export class TransformerRatio {
  #ratios: TransformerRatios;
  #numerator = 1n;
  #denominator = 1n;
  #waiting = new Map<EnergyKind, bigint>();

  constructor(ratios: TransformerRatios = noTransformers) {
    this.#ratios = ratios;
    this.configure(ratios);
  }

  get ratios(): TransformerRatios {
    return this.#ratios;
  }

  get current(): number {
    return this.#ratios.currentNumerator / this.#ratios.currentDenominator;
  }

  get voltage(): number {
    return this.#ratios.voltageNumerator / this.#ratios.voltageDenominator;
  }

  /** Other ratios; what waited under the old ones is dropped: less than a milliunit-second. */
  configure(ratios: TransformerRatios): void {
    for (const figure of Object.values(ratios))
      assert(
        Number.isInteger(figure) && figure >= 1 && figure <= mostRatio,
        `a ratio is of whole numbers, not ${figure}`,
      );
    this.#ratios = ratios;
    this.#numerator = BigInt(ratios.currentNumerator) * BigInt(ratios.voltageNumerator);
    this.#denominator = BigInt(ratios.currentDenominator) * BigInt(ratios.voltageDenominator);
    this.#waiting = new Map();
  }

  /** Phasors on the primary side. */
  phasors(seen: readonly Phasor[]): readonly Phasor[] {
    const { current, voltage } = this;
    if (current === 1 && voltage === 1) return seen;
    return seen.map((one) => ({
      ...one,
      voltageV: one.voltageV * voltage,
      currentA: one.currentA * current,
    }));
  }

  /** Quantities on the primary side. */
  quantities(seen: Quantities): Quantities {
    const { current, voltage } = this;
    const power = current * voltage;
    if (current === 1 && voltage === 1) return seen;
    return {
      ...seen,
      phases: seen.phases.map((phase) => ({
        voltageV: phase.voltageV * voltage,
        currentA: phase.currentA * current,
        ...powersOf(phase, power),
      })),
      ...powersOf(seen, power),
    };
  }

  /** Energies on the primary side. */
  step(seen: EnergyStep): EnergyStep {
    if (this.#numerator === this.#denominator) return seen;
    const further: Partial<Record<EnergyKind, number>> = {};
    for (const [kind, energy] of Object.entries(seen.further ?? {}) as [EnergyKind, number][])
      further[kind] = this.#energy(kind, energy);
    return {
      ...seen,
      deliveredMws: this.#energy('delivered', seen.deliveredMws),
      receivedMws: this.#energy('received', seen.receivedMws),
      ...(seen.further ? { further } : {}),
    };
  }

  /** A wave on the primary side. */
  snapshot(seen: WaveformSnapshot): WaveformSnapshot {
    const { current, voltage } = this;
    if (current === 1 && voltage === 1) return seen;
    return {
      ...seen,
      voltsPerCode: seen.voltsPerCode * voltage,
      ampsPerCode: seen.ampsPerCode * current,
      phases: seen.phases.map((phase) => ({
        ...phase,
        voltageHarmonicsV: phase.voltageHarmonicsV.map((volts) => volts * voltage),
        currentHarmonicsA: phase.currentHarmonicsA.map((amps) => amps * current),
      })),
      events: seen.events.map((event) => ({ ...event, extremeV: event.extremeV * voltage })),
    };
  }

  #energy(kind: EnergyKind, energy: number): number {
    const held = (this.#waiting.get(kind) ?? 0n) + BigInt(energy) * this.#numerator;
    const whole = held / this.#denominator;
    this.#waiting.set(kind, held - whole * this.#denominator);
    return Number(whole);
  }
}

type Powers = Pick<PhaseQuantities, 'activeW' | 'reactiveVar' | 'apparentVa'>;

function powersOf({ activeW, reactiveVar, apparentVa }: Powers, ratio: number): Powers {
  return { activeW: activeW * ratio, reactiveVar: reactiveVar * ratio, apparentVa: apparentVa * ratio };
}
