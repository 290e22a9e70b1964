/** What the meter sees of its circuit and of itself at one time: phasors, contacts, ratings. */
import type { Phasor, Quantities } from '../quantities/phasor.ts';

/** Contacts and sensors of the case. */
export interface Contacts {
  readonly magnet: boolean;
  readonly meterCoverOpen: boolean;
  readonly terminalCoverOpen: boolean;
  readonly communicationModuleOut: boolean;
}

/** All shut, nothing near. */
export const quietContacts: Contacts = {
  magnet: false,
  meterCoverOpen: false,
  terminalCoverOpen: false,
  communicationModuleOut: false,
};

/** What the meter is built for. */
export interface Ratings {
  readonly ratedV: number;
  /** Basic current (or rated current of a transformer-connected meter) and the highest, A. */
  readonly basicA: number;
  readonly maximumA: number;
  /** Contracted power, W; infinite when there is none. */
  readonly contractW: number;
  /** Energy may flow back: then a reversed current is no tamper. */
  readonly isBidirectional: boolean;
}

/** What sensors beside those of the phases say; all of it may be left out. */
export interface NeutralSigns {
  /** Current in the neutral, A; left out: what the phases would send through it. */
  readonly neutralA?: number;
  /** Direct voltage on the neutral, V. */
  readonly neutralDcV?: number;
  /** Zero sequence voltage as a share of the positive. */
  readonly zeroSequenceShare?: number;
  readonly isSequenceReversed?: boolean;
}

/** What a meter that samples saw beside its fundamental phasors. */
export interface SampledSigns {
  readonly neutral?: NeutralSigns;
  /** With harmonics: RMS values, P of all orders. */
  readonly quantities?: Quantities;
}

/** An observation. */
export interface Observation extends Ratings {
  readonly phasors: readonly Phasor[];
  readonly activeW: number;
  readonly powerFactor: number;
  readonly contacts: Contacts;
  readonly neutralDcV: number;
  readonly zeroSequenceShare: number;
  readonly isSequenceReversed?: boolean;
  /** What is left when the currents of phases and neutral are summed, as a share of the largest of them. */
  readonly residualShare: number;
}

/** Puts an observation together. Voltages are taken to stand 120 degrees apart. */
export function observe(of: {
  readonly phasors: readonly Phasor[];
  readonly quantities: Pick<Quantities, 'activeW' | 'powerFactor'>;
  readonly contacts: Contacts;
  readonly ratings: Ratings;
  readonly neutral?: NeutralSigns;
}): Observation {
  const { phasors, quantities, contacts, ratings, neutral = {} } = of;
  const { neutralDcV = 0, zeroSequenceShare = 0, isSequenceReversed, neutralA } = neutral;
  return {
    ...ratings,
    phasors,
    activeW: quantities.activeW,
    powerFactor: quantities.powerFactor,
    contacts,
    neutralDcV,
    zeroSequenceShare,
    ...(isSequenceReversed === undefined ? {} : { isSequenceReversed }),
    residualShare: neutralA === undefined ? 0 : residualShare(phasors, neutralA),
  };
}

/** How far the neutral current is from what the phases send through it, as a share of the largest current. */
function residualShare(phasors: readonly Phasor[], neutralA: number): number {
  let re = 0;
  let im = 0;
  let largest = neutralA;
  phasors.forEach(({ currentA, angleRad }, phase) => {
    const angle = (-2 * Math.PI * phase) / 3 - angleRad;
    re += currentA * Math.cos(angle);
    im += currentA * Math.sin(angle);
    largest = Math.max(largest, currentA);
  });
  return largest === 0 ? 0 : Math.abs(Math.hypot(re, im) - neutralA) / largest;
}
