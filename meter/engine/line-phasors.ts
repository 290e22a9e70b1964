/** What a window shows of the lines: the phasors of three phases, also where two elements measure three wires, and the signs of the neutral. */
import type { NeutralSigns } from '../events/observation.ts';
import { type Phasor, phaseQuantities, type Quantities } from '../quantities/phasor.ts';
import type { WindowReading } from './window-reading.ts';

/** Fundamental phasors by phase. `isLineToLine`: out of Uab, Ia and Ucb, Ic, against the star point of the three lines. */
export function phasorsOf({ phases }: WindowReading, isLineToLine: boolean): Phasor[] {
  if (!isLineToLine) {
    return phases.map(({ fundamentalV, fundamentalA, lagRad }) => {
      return { voltageV: fundamentalV, currentA: fundamentalA, angleRad: lagRad };
    });
  }
  const [ab, cb] = phases.map(({ fundamentalV, voltageAngleRad }) => turned(fundamentalV, voltageAngleRad));
  const [a, c] = phases.map(({ fundamentalA, voltageAngleRad, lagRad }) =>
    turned(fundamentalA, voltageAngleRad - lagRad),
  );
  if (!ab || !cb || !a || !c) return [];
  // The three voltages against the star point sum to nothing, and so do the three currents.
  const voltages = [
    sumOf(ab, 2 / 3, cb, -1 / 3),
    sumOf(ab, -1 / 3, cb, -1 / 3),
    sumOf(cb, 2 / 3, ab, -1 / 3),
  ];
  const currents = [a, sumOf(a, -1, c, -1), c];
  return voltages.map((u, phase) => phasorOf(u, currents[phase] as Complex));
}

/** What the meter shows of the window, with harmonics; the three lines of two elements by their fundamentals, their sums with harmonics. */
export function quantitiesOfReading(reading: WindowReading, phasors: readonly Phasor[]): Quantities {
  const { phases, activeW, reactiveVar, apparentVa, powerFactor, frequencyHz } = reading;
  return {
    ...{ activeW, reactiveVar, apparentVa, powerFactor, frequencyHz },
    phases:
      phases.length === phasors.length
        ? phases.map((phase) => ({
            voltageV: phase.voltageV,
            currentA: phase.currentA,
            activeW: phase.activeW,
            reactiveVar: phase.reactiveVar,
            apparentVa: phase.apparentVa,
          }))
        : phasors.map(phaseQuantities),
  };
}

/** Zero sequence of the voltages, direct voltage, order of the phases; the current of the neutral where it has a sensor. */
export function neutralSignsOf(reading: WindowReading, hasNeutral: boolean): NeutralSigns {
  const { phases, negativeSequence, zeroSequence, neutralA } = reading;
  const direct = phases.reduce((sum, phase) => sum + (phase.voltageHarmonicsV[0] ?? 0), 0) / phases.length;
  return {
    neutralDcV: Math.abs(direct),
    // Of reversed phases the negative sequence is the supply.
    zeroSequenceShare: zeroSequence / Math.max(1, negativeSequence),
    ...(phases.length > 1 ? { isSequenceReversed: negativeSequence > leastReversed } : {}),
    ...(hasNeutral ? { neutralA } : {}),
  };
}

/** Negative over positive sequence from which on the phases are reversed: a single phase alone gives 1. */
const leastReversed = 1.2;

interface Complex {
  readonly re: number;
  readonly im: number;
}

const turned = (size: number, angleRad: number): Complex => ({
  re: size * Math.cos(angleRad),
  im: size * Math.sin(angleRad),
});

function sumOf(one: Complex, share: number, other: Complex, otherShare: number): Complex {
  return { re: share * one.re + otherShare * other.re, im: share * one.im + otherShare * other.im };
}

function phasorOf(u: Complex, i: Complex): Phasor {
  const lag = Math.atan2(u.im, u.re) - Math.atan2(i.im, i.re);
  const angleRad = lag - 2 * Math.PI * Math.round(lag / (2 * Math.PI));
  return { voltageV: Math.hypot(u.re, u.im), currentA: Math.hypot(i.re, i.im), angleRad };
}
