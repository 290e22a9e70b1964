/** The energies that a meter counts (OBIS value group C, IEC 62056-6-1): active both ways, reactive by quadrant, apparent both ways. */

/** Kinds by name with the figure of value group C and the unit; to add a kind, add a row. */
export const energyKinds = {
  delivered: { title: '+A', c: 1, unit: 'Wh' },
  received: { title: '-A', c: 2, unit: 'Wh' },
  reactiveQ1: { title: 'R, quadrant I (inductive, delivered)', c: 5, unit: 'varh' },
  reactiveQ2: { title: 'R, quadrant II (capacitive, received)', c: 6, unit: 'varh' },
  reactiveQ3: { title: 'R, quadrant III (inductive, received)', c: 7, unit: 'varh' },
  reactiveQ4: { title: 'R, quadrant IV (capacitive, delivered)', c: 8, unit: 'varh' },
  apparentDelivered: { title: '+S', c: 9, unit: 'VAh' },
  apparentReceived: { title: '-S', c: 10, unit: 'VAh' },
} as const;

export type EnergyKind = keyof typeof energyKinds;

/** Names in the order of the table. */
export const energyKindNames = Object.keys(energyKinds) as EnergyKind[];

/** Energy beyond +A and -A in a step; whole milliunit-seconds (mvars, mVAs) from 0. What is left out is zero. */
export type FurtherEnergy = Readonly<Partial<Record<Exclude<EnergyKind, 'delivered' | 'received'>, number>>>;

/** Powers, W, var (positive inductive) and VA, of constant phasors as energy of all kinds over a time, rounded once each. */
export function energyOf(
  power: { readonly activeW: number; readonly reactiveVar: number; readonly apparentVa: number },
  durationMs: number,
): { readonly deliveredMws: number; readonly receivedMws: number; readonly further: FurtherEnergy } {
  const active = Math.round(Math.abs(power.activeW) * durationMs);
  const isDelivered = power.activeW >= 0;
  const further: FurtherEnergy = {
    [quadrantOf(isDelivered, power.reactiveVar >= 0)]: Math.round(Math.abs(power.reactiveVar) * durationMs),
    [isDelivered ? 'apparentDelivered' : 'apparentReceived']: Math.round(power.apparentVa * durationMs),
  };
  return { deliveredMws: isDelivered ? active : 0, receivedMws: isDelivered ? 0 : active, further };
}

/** The quadrant by the directions of P and Q (IEC 62053-23, annex C). */
export function quadrantOf(
  isDelivered: boolean,
  isReactivePositive: boolean,
): 'reactiveQ1' | 'reactiveQ2' | 'reactiveQ3' | 'reactiveQ4' {
  if (isReactivePositive) return isDelivered ? 'reactiveQ1' : 'reactiveQ2';
  return isDelivered ? 'reactiveQ4' : 'reactiveQ3';
}
