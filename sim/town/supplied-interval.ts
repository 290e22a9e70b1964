/** How the energy of one world interval flows while it lasts: evenly over the time with supply, exact at its end, at one power factor. */

import type { Period } from '@wattline/base';
import { type EnergyKind, type EnergyStep, milliwattSecondsPerWattHour } from '@wattline/meter';

/** What flows: the energies of a step. */
export type Flow = Pick<EnergyStep, 'deliveredMws' | 'receivedMws'> & Required<Pick<EnergyStep, 'further'>>;

/** Energy of an interval of the world and what of it has flowed. */
export interface SuppliedInterval extends Period {
  /** Mean power over the time with supply, W; negative when received. */
  readonly meanW: number;
  /** Energy from the last call (or the start) up to `atMs`, whole milliunit-seconds. Calls go forward in time, within supply. */
  flow(atMs: number): Flow;
}

/** An interval of `deliveredWh` and `receivedWh`, both with current that lags by `powerFactor`, that was dark in `dark`. */
export function suppliedInterval(
  of: Period & {
    readonly deliveredWh: number;
    readonly receivedWh: number;
    /** Above 0, up to 1. */
    readonly powerFactor: number;
    readonly dark: readonly Period[];
  },
): SuppliedInterval {
  const { startMs, endMs, dark } = of;
  const delivered = of.deliveredWh * milliwattSecondsPerWattHour;
  const received = of.receivedWh * milliwattSecondsPerWattHour;
  const suppliedMs = suppliedUntil(endMs, startMs, dark);
  const totals = energiesOf({ delivered, received }, of.powerFactor);
  const done = totals.map(() => 0);
  return {
    startMs,
    endMs,
    meanW: suppliedMs === 0 ? 0 : (delivered - received) / suppliedMs,
    flow(atMs) {
      const passedMs = suppliedUntil(atMs, startMs, dark);
      const share = (total: number) =>
        passedMs === suppliedMs ? total : Math.floor(total * (passedMs / suppliedMs));
      const flow = { deliveredMws: 0, receivedMws: 0, further: {} as Record<string, number> };
      for (let index = 0; index < totals.length; index++) {
        const [kind, total] = totals[index] as (typeof totals)[number];
        const mws = share(total) - (done[index] as number);
        done[index] = (done[index] as number) + mws;
        if (kind === 'delivered') flow.deliveredMws = mws;
        else if (kind === 'received') flow.receivedMws = mws;
        else flow.further[kind] = mws;
      }
      return flow;
    },
  };
}

/** All that an interval counts: current lags as `phasorOfPower` has it, so that quadrant II takes what goes with received energy. */
function energiesOf(
  active: { readonly delivered: number; readonly received: number },
  powerFactor: number,
): (readonly [EnergyKind, number])[] {
  const tangent = Math.tan(Math.acos(powerFactor));
  const further = [
    ['reactiveQ1', active.delivered * tangent],
    ['reactiveQ2', active.received * tangent],
    ['apparentDelivered', active.delivered / powerFactor],
    ['apparentReceived', active.received / powerFactor],
  ] as const;
  return [
    ['delivered', active.delivered],
    ['received', active.received],
    ...further.filter(([, total]) => total > 0).map(([kind, total]) => [kind, Math.round(total)] as const),
  ];
}

function suppliedUntil(atMs: number, startMs: number, dark: readonly Period[]): number {
  let suppliedMs = atMs - startMs;
  for (const period of dark) {
    suppliedMs -= Math.max(0, Math.min(atMs, period.endMs) - Math.max(startMs, period.startMs));
  }
  return suppliedMs;
}
