/**
 * Conditions that a meter watches for, once, as data: what is measured, when it counts, how long it must last, and the codes by which
 * companion specifications know it (IS 15959-1 and -2 event tables; event codes of DSMR and IDIS package 2). Thresholds and
 * persistence times are settings: utilities write their own into the tender; those here are common ones, recalled.
 */
import type { Observation } from './observation.ts';

/** Logs of IS 15959, the last figure but one of 0.0.99.98.x.255. */
export const is15959Log = {
  voltage: 0,
  current: 1,
  power: 2,
  transaction: 3,
  other: 4,
  nonRollover: 5,
  control: 6,
} as const;

/** Logs of IDIS package 2, by the same figure. */
export const idisLog = { standard: 0, fraud: 1, disconnector: 2, powerQuality: 4 } as const;

/** A code, or one for each phase. */
export type PhaseCode = number | readonly [number, number, number];

/** Under which log and codes a specification keeps a condition; what never ends has no code for it. */
export interface ConditionCodes {
  readonly log: number;
  readonly occurred: PhaseCode;
  readonly restored?: PhaseCode;
}

/** A condition. */
export interface TamperCondition {
  readonly title: string;
  /** Watched in each phase by itself. */
  readonly isPerPhase: boolean;
  /** The figure that is compared; NaN when it cannot be told now: then nothing begins and nothing ends. */
  measure(seen: Observation, phase: number): number;
  /** `above` occurs over `threshold` and is restored at or below `release`; `below` the other way. */
  readonly when: 'above' | 'below';
  readonly threshold: number;
  readonly release: number;
  /** Seconds that it must last to occur, and to be restored. */
  readonly occurrenceS: number;
  readonly restorationS: number;
  readonly codes: Readonly<Partial<Record<'idis' | 'is15959', ConditionCodes>>>;
}

const quarterHourS = 900;
const fiveMinutesS = 300;
const contact = (isMade: boolean) => (isMade ? 1 : 0);

/** A contact or a sensor that only says yes or no. */
const yesOrNo = { isPerPhase: false, when: 'above', threshold: 0.5, release: 0.5 } as const;

/** Share of the rated voltage. */
const voltageShare = ({ phasors, ratedV }: Observation, phase: number) =>
  (phasors[phase]?.voltageV ?? 0) / ratedV;
/** Share of the basic current. */
const currentShare = ({ phasors, basicA }: Observation, phase: number) =>
  (phasors[phase]?.currentA ?? 0) / basicA;
const mostCurrentShare = (seen: Observation) =>
  Math.max(...seen.phasors.map((_, phase) => currentShare(seen, phase)));
const hasVoltage = (seen: Observation, phase: number) => voltageShare(seen, phase) > 0.6;
/** A phase is gone and no other one has risen: the supply lacks it, whatever zero sequence that gives. */
const isPhaseLost = (seen: Observation) =>
  seen.phasors.some((_, phase) => !hasVoltage(seen, phase)) &&
  seen.phasors.every((_, phase) => voltageShare(seen, phase) < 1.15);
/** Current from which its angle and its balance mean something. */
const leastCurrentShare = 0.1;

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean === 0 ? 0 : Math.max(...values.map((value) => Math.abs(value - mean))) / mean;
}

/** To add a condition, add a row. */
export const tamperConditions = {
  magnet: {
    ...yesOrNo,
    title: 'Strong magnetic field',
    measure: ({ contacts }) => contact(contacts.magnet),
    occurrenceS: 10,
    restorationS: 60,
    codes: {
      idis: { log: idisLog.fraud, occurred: 42, restored: 43 },
      is15959: { log: is15959Log.other, occurred: 201, restored: 202 },
    },
  },
  meterCover: {
    ...yesOrNo,
    title: 'Meter cover open',
    measure: ({ contacts }) => contact(contacts.meterCoverOpen),
    occurrenceS: 0,
    restorationS: 0,
    codes: {
      idis: { log: idisLog.fraud, occurred: 44, restored: 45 },
      is15959: { log: is15959Log.nonRollover, occurred: 251 },
    },
  },
  terminalCover: {
    ...yesOrNo,
    title: 'Terminal cover open',
    measure: ({ contacts }) => contact(contacts.terminalCoverOpen),
    occurrenceS: 0,
    restorationS: 0,
    codes: { idis: { log: idisLog.fraud, occurred: 40, restored: 41 } },
  },
  communicationModule: {
    ...yesOrNo,
    title: 'Communication module removed',
    measure: ({ contacts }) => contact(contacts.communicationModuleOut),
    occurrenceS: 10,
    restorationS: 10,
    codes: { is15959: { log: is15959Log.other, occurred: 209, restored: 210 } },
  },
  voltageMissing: {
    title: 'Voltage missing',
    isPerPhase: true,
    // A phase is missing only where another one is there: without any it is a power failure.
    measure: (seen, phase) =>
      seen.phasors.some((_, other) => other !== phase && hasVoltage(seen, other))
        ? voltageShare(seen, phase)
        : Number.NaN,
    when: 'below',
    threshold: 0.5,
    release: 0.6,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: {
      idis: { log: idisLog.powerQuality, occurred: [82, 83, 84], restored: [85, 86, 87] },
      is15959: { log: is15959Log.voltage, occurred: [1, 3, 5], restored: [2, 4, 6] },
    },
  },
  overVoltage: {
    title: 'Voltage high',
    isPerPhase: true,
    measure: voltageShare,
    when: 'above',
    threshold: 1.15,
    release: 1.1,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: {
      idis: { log: idisLog.powerQuality, occurred: [79, 80, 81], restored: [85, 86, 87] },
      is15959: { log: is15959Log.voltage, occurred: 7, restored: 8 },
    },
  },
  lowVoltage: {
    title: 'Voltage low',
    isPerPhase: true,
    // Below the share of a missing phase it is that, and no low voltage besides.
    measure: (seen, phase) => (voltageShare(seen, phase) < 0.5 ? Number.NaN : voltageShare(seen, phase)),
    when: 'below',
    threshold: 0.8,
    release: 0.85,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: {
      idis: { log: idisLog.powerQuality, occurred: [76, 77, 78], restored: [85, 86, 87] },
      is15959: { log: is15959Log.voltage, occurred: 9, restored: 10 },
    },
  },
  voltageUnbalance: {
    title: 'Voltage unbalance',
    isPerPhase: false,
    measure: (seen) =>
      seen.phasors.length > 1 && seen.phasors.every((_, phase) => hasVoltage(seen, phase))
        ? spread(seen.phasors.map(({ voltageV }) => voltageV))
        : Number.NaN,
    when: 'above',
    threshold: 0.1,
    release: 0.05,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: {
      idis: { log: idisLog.powerQuality, occurred: 90 },
      is15959: { log: is15959Log.voltage, occurred: 11, restored: 12 },
    },
  },
  phaseSequence: {
    title: 'Phase sequence reversed',
    isPerPhase: false,
    measure: ({ isSequenceReversed }) =>
      isSequenceReversed === undefined ? Number.NaN : contact(isSequenceReversed),
    when: 'above',
    threshold: 0.5,
    release: 0.5,
    occurrenceS: 60,
    restorationS: 60,
    codes: { idis: { log: idisLog.powerQuality, occurred: 88 } },
  },
  currentReversal: {
    title: 'Current reversed',
    isPerPhase: true,
    // The cosine of the angle, by which current flows back; of an importing meter alone.
    measure: (seen, phase) =>
      !seen.isBidirectional && hasVoltage(seen, phase) && currentShare(seen, phase) > leastCurrentShare
        ? Math.cos(seen.phasors[phase]?.angleRad ?? 0)
        : Number.NaN,
    when: 'below',
    threshold: -0.1,
    release: 0,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: {
      idis: { log: idisLog.fraud, occurred: 91 },
      is15959: { log: is15959Log.current, occurred: [51, 53, 55], restored: [52, 54, 56] },
    },
  },
  currentOpen: {
    title: 'Current circuit open',
    isPerPhase: true,
    // No current in one phase, and the neutral does not carry what three phases of which one idles would send through it.
    measure: (seen, phase) =>
      seen.phasors.length > 1 &&
      hasVoltage(seen, phase) &&
      mostCurrentShare(seen) > leastCurrentShare &&
      seen.residualShare > 0.1
        ? currentShare(seen, phase)
        : Number.NaN,
    when: 'below',
    threshold: 0.01,
    release: 0.02,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: { is15959: { log: is15959Log.current, occurred: [57, 59, 61], restored: [58, 60, 62] } },
  },
  currentUnbalance: {
    title: 'Current unbalance',
    isPerPhase: false,
    measure: (seen) =>
      seen.phasors.length > 1 && mostCurrentShare(seen) > leastCurrentShare
        ? spread(seen.phasors.map(({ currentA }) => currentA))
        : Number.NaN,
    when: 'above',
    threshold: 0.5,
    release: 0.3,
    occurrenceS: quarterHourS,
    restorationS: quarterHourS,
    codes: { is15959: { log: is15959Log.current, occurred: 63, restored: 64 } },
  },
  currentBypass: {
    title: 'Current short or bypass',
    isPerPhase: false,
    // Currents of phases and neutral sum to nothing when all of them pass the meter.
    measure: (seen) =>
      seen.phasors.length > 1 && mostCurrentShare(seen) > leastCurrentShare ? seen.residualShare : Number.NaN,
    when: 'above',
    threshold: 0.3,
    release: 0.15,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: { is15959: { log: is15959Log.current, occurred: 65, restored: 66 } },
  },
  overCurrent: {
    title: 'Over current',
    isPerPhase: true,
    measure: ({ phasors, maximumA }, phase) => (phasors[phase]?.currentA ?? 0) / maximumA,
    when: 'above',
    threshold: 1.2,
    release: 1,
    occurrenceS: 60,
    restorationS: 60,
    codes: { is15959: { log: is15959Log.current, occurred: 67, restored: 68 } },
  },
  earthLoad: {
    title: 'Earth load',
    isPerPhase: false,
    measure: (seen) =>
      seen.phasors.length === 1 && mostCurrentShare(seen) > leastCurrentShare
        ? seen.residualShare
        : Number.NaN,
    when: 'above',
    threshold: 0.15,
    release: 0.1,
    occurrenceS: fiveMinutesS,
    restorationS: fiveMinutesS,
    codes: { is15959: { log: is15959Log.current, occurred: 69, restored: 70 } },
  },
  neutralDisturbance: {
    title: 'Neutral disturbed',
    isPerPhase: false,
    // Direct or high-frequency voltage on the neutral lifts what the meter sees far above any supply.
    measure: (seen) =>
      Math.max(
        seen.neutralDcV / seen.ratedV,
        ...seen.phasors.map((_, phase) => voltageShare(seen, phase) - 1),
      ),
    when: 'above',
    threshold: 0.45,
    release: 0.3,
    occurrenceS: 60,
    restorationS: 60,
    codes: { is15959: { log: is15959Log.other, occurred: 203, restored: 204 } },
  },
  missingNeutral: {
    title: 'Neutral missing',
    isPerPhase: false,
    // One phase: current without voltage. Three: the star point wanders off, and what one phase loses another one gains.
    measure: (seen) => {
      if (seen.phasors.length > 1) return isPhaseLost(seen) ? Number.NaN : seen.zeroSequenceShare;
      return voltageShare(seen, 0) < 0.3 && currentShare(seen, 0) > leastCurrentShare ? 1 : 0;
    },
    when: 'above',
    threshold: 0.2,
    release: 0.1,
    occurrenceS: 60,
    restorationS: 60,
    codes: {
      idis: { log: idisLog.powerQuality, occurred: 89 },
      is15959: { log: is15959Log.other, occurred: 207, restored: 208 },
    },
  },
  lowPowerFactor: {
    title: 'Power factor very low',
    isPerPhase: false,
    measure: (seen) => (mostCurrentShare(seen) > leastCurrentShare ? Math.abs(seen.powerFactor) : Number.NaN),
    when: 'below',
    threshold: 0.5,
    release: 0.7,
    occurrenceS: 2 * quarterHourS,
    restorationS: 2 * quarterHourS,
    codes: { is15959: { log: is15959Log.other, occurred: 205, restored: 206 } },
  },
  overload: {
    title: 'Overload',
    isPerPhase: false,
    measure: ({ activeW, contractW }) => Math.abs(activeW) / contractW,
    when: 'above',
    threshold: 1.05,
    release: 1,
    occurrenceS: quarterHourS,
    restorationS: quarterHourS,
    codes: { is15959: { log: is15959Log.other, occurred: 215, restored: 216 } },
  },
} as const satisfies Readonly<Record<string, TamperCondition>>;

export type ConditionName = keyof typeof tamperConditions;
