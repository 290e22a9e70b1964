/** Emergency load shedding: whose turn it is to be limited, so that nobody is shed twice before others were shed once. */
import { isHeld } from './decide.ts';
import type { GuardState } from './guard-state.ts';
import { isCounted, isOver, limitsOf, loadBy, meterReasons, movesWith, placeOf, sum } from './limits.ts';

/** What is wanted. */
export interface ShedTarget {
  readonly tenant: string;
  /** Load to be taken off, W. */
  readonly watts: number;
  /** Power left to each home, W. */
  readonly limitW: number;
}

/** Meters to limit next and the load that takes off, which may fall short of the target when limits or holds leave no more. */
export interface ShedPlan {
  readonly meters: readonly string[];
  readonly watts: number;
}

/**
 * Chooses meters in turn: those shed least often, then those shed longest ago, then by serial number. Leaves out life support,
 * weather holds, meters that rest, and whatever would pass a limit. The plan is a proposal: the batch made of it is decided anew.
 */
export function planShedding(target: ShedTarget, state: GuardState, nowMs: number): ShedPlan {
  const { tenant, limitW } = target;
  const shed = { command: 'limiter', lane: 'shed' } as const;
  const accounts = limitsOf(shed, state).map((limit) => {
    const counted = movesWith(shed.command, state).filter((move) => isCounted(move, limit.windowMs, nowMs));
    const serials = counted.map(({ serial }) => serial);
    return { limit, loads: loadBy(limit.scope, serials, state) };
  });
  const turn = (serial: string) => state.sheds.get(serial) ?? { count: 0, lastMs: 0 };
  const candidates = [...state.meters.values()]
    .filter((meter) => meter.tenant === tenant && !meter.isLifeSupport && meter.loadW > limitW)
    .filter((meter) => ![...state.holds.values()].some((hold) => isHeld(meter, hold, nowMs)))
    .sort((a, b) => {
      const [first, second] = [turn(a.serial), turn(b.serial)];
      return first.count - second.count || first.lastMs - second.lastMs || (a.serial < b.serial ? -1 : 1);
    });
  const meters: string[] = [];
  let watts = 0;
  for (const meter of candidates) {
    if (watts >= target.watts || meters.length >= state.settings.batchMeters) break;
    const single = { ...shed, meters: [meter.serial] };
    if (meterReasons(single, state, nowMs).length > 0) continue;
    const load = { meters: 1, watts: meter.loadW };
    const after = accounts.map(({ limit, loads }) => ({
      limit,
      loads,
      place: placeOf(meter, limit.scope),
      both: sum(load, loads.get(placeOf(meter, limit.scope))),
    }));
    if (after.some(({ limit, both }) => isOver(both, limit))) continue;
    for (const { loads, place, both } of after) loads.set(place, both);
    meters.push(meter.serial);
    watts += meter.loadW - limitW;
  }
  return { meters: meters.sort(), watts };
}
