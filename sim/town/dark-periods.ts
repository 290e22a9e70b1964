/** When premises are without supply: the outages of their feeder and transformer, overlaps joined. */
import type { Period } from '@wattline/base';
import type { World } from '../world/world.ts';

/** Where premises hang in the network. */
export interface SupplyPlace {
  readonly feeder: string;
  readonly transformer: string;
}

/** No outage is longer; one that begins after the period may still join one within it. */
const longestOutageMs = 86_400_000;

/** Dark periods that touch the period, in order, disjoint; each in its full length. */
export function darkPeriods(world: World, place: SupplyPlace, { startMs, endMs }: Period): Period[] {
  const joined: { startMs: number; endMs: number }[] = [];
  for (const outage of world.outages(startMs, endMs + longestOutageMs)) {
    if (outage.element !== place.feeder && outage.element !== place.transformer) continue;
    const last = joined.at(-1);
    if (last && outage.startMs <= last.endMs) last.endMs = Math.max(last.endMs, outage.endMs);
    else joined.push({ startMs: outage.startMs, endMs: outage.endMs });
  }
  return joined.filter((period) => period.startMs < endMs && period.endMs > startMs);
}
