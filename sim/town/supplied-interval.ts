/** How the energy of one world interval flows while it lasts: evenly over the time with supply, exact at its end. */

import type { Period } from '@wattline/base';
import { milliwattSecondsPerWattHour } from '@wattline/meter';

/** Energy of an interval of the world and what of it has flowed. */
export interface SuppliedInterval extends Period {
  /** Mean power over the time with supply, W; negative when received. */
  readonly meanW: number;
  /** Energy from the last call (or the start) up to `atMs`, whole milliwatt-seconds. Calls go forward in time, within supply. */
  flow(atMs: number): { readonly deliveredMws: number; readonly receivedMws: number };
}

/** An interval of `deliveredWh` and `receivedWh` that was dark in `dark`. */
export function suppliedInterval(
  of: Period & {
    readonly deliveredWh: number;
    readonly receivedWh: number;
    readonly dark: readonly Period[];
  },
): SuppliedInterval {
  const { startMs, endMs, dark } = of;
  const delivered = of.deliveredWh * milliwattSecondsPerWattHour;
  const received = of.receivedWh * milliwattSecondsPerWattHour;
  const suppliedMs = suppliedUntil(endMs, startMs, dark);
  let deliveredDone = 0;
  let receivedDone = 0;
  return {
    startMs,
    endMs,
    meanW: suppliedMs === 0 ? 0 : (delivered - received) / suppliedMs,
    flow(atMs) {
      const passedMs = suppliedUntil(atMs, startMs, dark);
      const share = (total: number) =>
        passedMs === suppliedMs ? total : Math.floor(total * (passedMs / suppliedMs));
      const deliveredMws = share(delivered) - deliveredDone;
      const receivedMws = share(received) - receivedDone;
      deliveredDone += deliveredMws;
      receivedDone += receivedMws;
      return { deliveredMws, receivedMws };
    },
  };
}

function suppliedUntil(atMs: number, startMs: number, dark: readonly Period[]): number {
  let suppliedMs = atMs - startMs;
  for (const period of dark) {
    suppliedMs -= Math.max(0, Math.min(atMs, period.endMs) - Math.max(startMs, period.startMs));
  }
  return suppliedMs;
}
