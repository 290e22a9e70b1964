/** Profiles of companion specifications as lists of capture objects: block load and instantaneous (IS 15959), power quality (IDIS). */
import type { CaptureReference } from './capture-profile.ts';

/** A profile by its capture objects. */
export interface ProfileChoice {
  /** 0: on command alone. */
  readonly periodSeconds: number;
  readonly capacity: number;
  readonly capture: readonly CaptureReference[];
}

const register = (obis: string): CaptureReference => ({ classId: 3, obis, attribute: 2 });
const byPhase = (phases: number, groups: readonly number[], d: number) =>
  groups.slice(0, phases).map((c) => register(`1.0.${c}.${d}.0.255`));

const voltage = [32, 52, 72];
const current = [31, 51, 71];
const dayS = 86_400;

/** Thirty-five days of blocks: mean voltages, energies of the block. */
export function blockLoadProfile(phases: number, periodSeconds: number): ProfileChoice {
  return {
    periodSeconds,
    capacity: (35 * dayS) / periodSeconds,
    capture: [
      ...byPhase(phases, voltage, 27),
      ...byPhase(phases, current, 27),
      ...[1, 2, 9, 10].map((c) => register(`1.0.${c}.29.0.255`)),
    ],
  };
}

/** The moment: captured on command, the last one alone is kept. */
export function instantaneousProfile(phases: number): ProfileChoice {
  return {
    periodSeconds: 0,
    capacity: 1,
    capture: [
      ...byPhase(phases, voltage, 7),
      ...byPhase(phases, current, 7),
      ...[13, 14, 16, 3, 9].map((c) => register(`1.0.${c}.7.0.255`)),
      ...[1, 2, 9].map((c) => register(`1.0.${c}.8.0.255`)),
      { classId: 4, obis: '1.0.1.6.0.255', attribute: 2 },
    ],
  };
}

/** Ten-minute values for ten days: mean, highest and lowest voltage by phase, power factor, frequency. */
export function powerQualityProfile(phases: number): ProfileChoice {
  const periodSeconds = 600;
  return {
    periodSeconds,
    capacity: (10 * dayS) / periodSeconds,
    capture: [
      ...[27, 6, 3].flatMap((d) => byPhase(phases, voltage, d)),
      register('1.0.13.27.0.255'),
      register('1.0.14.27.0.255'),
    ],
  };
}
