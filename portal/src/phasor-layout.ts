/** Where the tips of phasors lie in a diagram: voltages by their angle to L1, currents behind their voltage. */
import type { MeterMoment } from '@wattline/model';

/** A phasor; the centre is 0, the largest voltage reaches 1 and the largest current three quarters of it. y points down. */
export interface PhasorTip {
  readonly phase: number;
  readonly kind: 'voltage' | 'current';
  readonly x: number;
  readonly y: number;
}

const currentReach = 0.75;

/** The tips; without a wave there are no angles, and so no diagram. */
export function phasorTips({ phases, wave }: MeterMoment): PhasorTip[] {
  if (!wave) return [];
  const mostOf = (pick: (phase: MeterMoment['phases'][number]) => number | null) =>
    Math.max(1e-9, ...phases.map((phase) => pick(phase) ?? 0));
  const mostV = mostOf(({ voltageV }) => voltageV);
  const mostA = mostOf(({ currentA }) => currentA);
  return wave.phases.flatMap(({ voltageAngleDeg, lagDeg }, phase) => {
    const { voltageV, currentA } = phases[phase] ?? { voltageV: 0, currentA: 0 };
    return [
      { phase, kind: 'voltage', ...tipAt((voltageV ?? 0) / mostV, voltageAngleDeg) },
      {
        phase,
        kind: 'current',
        ...tipAt((currentReach * (currentA ?? 0)) / mostA, voltageAngleDeg - lagDeg),
      },
    ] as const;
  });
}

function tipAt(length: number, degrees: number): { readonly x: number; readonly y: number } {
  const rad = (degrees * Math.PI) / 180;
  return { x: length * Math.cos(rad), y: 0 - length * Math.sin(rad) };
}
