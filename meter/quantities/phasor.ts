/** Quantities of sinusoidal voltage and current per phase (IEEE 1459-2010, 3.1): P, Q, S, power factor; no waveform. */
import assert from 'node:assert/strict';

/** One phase as RMS phasors: current lags voltage by `angleRad` (inductive is positive; beyond a quarter turn power flows back). */
export interface Phasor {
  readonly voltageV: number;
  readonly currentA: number;
  readonly angleRad: number;
}

/** What a phase shows. `activeW` is positive when delivered (+A), negative when received (-A). */
export interface PhaseQuantities {
  readonly voltageV: number;
  readonly currentA: number;
  readonly activeW: number;
  readonly reactiveVar: number;
  readonly apparentVa: number;
}

/** How S of several phases is found: the root of P squared and Q squared of the sums, or the sum of those of the phases (IEEE 1459-2010, 3.2.2). */
export type ApparentMethod = 'vector' | 'arithmetic';

/** What the meter shows: its phases and their sums. */
export interface Quantities {
  readonly phases: readonly PhaseQuantities[];
  readonly activeW: number;
  readonly reactiveVar: number;
  readonly apparentVa: number;
  /** P / S, -1 to 1; 1 without load. */
  readonly powerFactor: number;
  readonly frequencyHz: number;
}

/** Relative room for rounding in S^2 >= P^2 + Q^2. */
const rounding = 1e-9;

/** P, Q and S of one phase. */
export function phaseQuantities({ voltageV, currentA, angleRad }: Phasor): PhaseQuantities {
  assert(voltageV >= 0 && currentA >= 0 && Number.isFinite(angleRad), 'a phasor has RMS values and an angle');
  const apparentVa = voltageV * currentA;
  const activeW = activePowerW(voltageV, currentA, angleRad);
  const reactiveVar = apparentVa * Math.sin(angleRad);
  assertTriangle({ activeW, reactiveVar, apparentVa });
  return { voltageV, currentA, activeW, reactiveVar, apparentVa };
}

/** P of one phase, W; positive is delivered (+A). */
export function activePowerW(voltageV: number, currentA: number, angleRad: number): number {
  return voltageV * currentA * Math.cos(angleRad);
}

/** Sums over the phases: powers add with their signs, so that a phase that gives back offsets one that takes. */
export function quantitiesOf(
  phasors: readonly Phasor[],
  frequencyHz: number,
  method: ApparentMethod = 'arithmetic',
): Quantities {
  assert(phasors.length === 1 || phasors.length === 3, 'a meter has one phase or three');
  const phases = phasors.map(phaseQuantities);
  const sum = (pick: (phase: PhaseQuantities) => number) =>
    phases.reduce((all, phase) => all + pick(phase), 0);
  const activeW = sum((phase) => phase.activeW);
  const reactiveVar = sum((phase) => phase.reactiveVar);
  const apparentVa =
    method === 'vector' ? Math.hypot(activeW, reactiveVar) : sum((phase) => phase.apparentVa);
  assertTriangle({ activeW, reactiveVar, apparentVa });
  const powerFactor = apparentVa === 0 ? 1 : activeW / apparentVa;
  return { phases, activeW, reactiveVar, apparentVa, powerFactor, frequencyHz };
}

/** The phasor that carries `activeW` (negative: received) at a voltage and a power factor above 0 and up to 1, lagging. */
export function phasorOfPower(of: {
  readonly activeW: number;
  readonly voltageV: number;
  readonly powerFactor: number;
}): Phasor {
  const { activeW, voltageV, powerFactor } = of;
  assert(voltageV > 0 && powerFactor > 0 && powerFactor <= 1, 'a voltage, and a power factor up to 1');
  const lag = Math.acos(powerFactor);
  return {
    voltageV,
    currentA: Math.abs(activeW) / (voltageV * powerFactor),
    angleRad: activeW < 0 ? Math.PI - lag : lag,
  };
}

/** The energy of a power over a time as the integer the registers take, milliwatt-seconds, rounded once. */
export function milliwattSeconds(activeW: number, durationMs: number): number {
  return Math.round(activeW * durationMs);
}

function assertTriangle(of: Pick<Quantities, 'activeW' | 'reactiveVar' | 'apparentVa'>): void {
  const { activeW, reactiveVar, apparentVa } = of;
  const limit = apparentVa ** 2 * (1 + rounding) + rounding;
  assert(activeW ** 2 + reactiveVar ** 2 <= limit, 'S^2 >= P^2 + Q^2');
}
