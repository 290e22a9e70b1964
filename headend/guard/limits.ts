/** Counting: meters and watts in sliding windows over the grid, singles in a day, switches of one meter, turns in shedding. */
import type { Batch } from './batch.ts';
import { accountOf, directionOf } from './darkening.ts';
import { type GuardedMeter, type GuardState, isOpen, type Move } from './guard-state.ts';
import { type Reason, reasonOf } from './reasons.ts';
import { dayMs, type Limit, type Scope } from './settings.ts';

/** Meters and watts. */
export interface Load {
  readonly meters: number;
  readonly watts: number;
}

/** The limits that hold for a lane. */
export function limitsOf(
  { command, lane }: Pick<Batch, 'command' | 'lane'>,
  { settings }: GuardState,
): readonly Limit[] {
  if (lane === 'emergency') return settings.emergencyLimits;
  return accountOf(command) === 'service' ? settings.serviceLimits : settings.limits;
}

/** Moves that a command is counted together with. */
export function movesWith(command: Batch['command'], { moves }: Pick<GuardState, 'moves'>): readonly Move[] {
  const [direction, account] = [directionOf(command), accountOf(command)];
  return moves.filter((move) => move.direction === direction && accountOf(move.command) === account);
}

/**
 * Every limit that the batch would break: alone (it must be cut), or together with what counts in the window (it waits).
 * A move counts until a window has passed since the meter proved it, so whenever a delayed APDU takes effect, every window
 * around that instant holds.
 */
export function limitReasons(batch: Batch, state: GuardState, nowMs: number): Reason[] {
  const direction = directionOf(batch.command);
  if (direction === 'none') return [];
  const counted = movesWith(batch.command, state);
  return limitsOf(batch, state).flatMap((limit) => {
    const asked = loadBy(limit.scope, batch.meters, state);
    const inWindow = counted.filter((move) => isCounted(move, limit.windowMs, nowMs));
    const present = loadBy(
      limit.scope,
      inWindow.map(({ serial }) => serial),
      state,
    );
    return [...asked].flatMap(([place, load]) => {
      const where = { scope: limit.scope, place, meters: limit.meters, watts: limit.watts };
      if (isOver(load, limit)) return [reasonOf('guard/over-limit', where)];
      const both = sum(load, present.get(place));
      return isOver(both, limit) ? [reasonOf('guard/limit-window', where)] : [];
    });
  });
}

/** Whether a move counts in the window that ends now. */
export function isCounted(move: Move, windowMs: number, nowMs: number): boolean {
  return move.settledMs === undefined ? isOpen(move, nowMs) : move.settledMs > nowMs - windowMs;
}

/** What hangs on meters, by the places of a scope. */
export function loadBy(
  scope: Scope,
  serials: readonly string[],
  { meters }: Pick<GuardState, 'meters'>,
): Map<string, Load> {
  const loads = new Map<string, Load>();
  for (const serial of serials) {
    const meter = meters.get(serial);
    if (!meter) continue;
    const place = placeOf(meter, scope);
    loads.set(place, sum({ meters: 1, watts: meter.loadW }, loads.get(place)));
  }
  return loads;
}

/** The name of the place of a meter in a scope; the fleet is one place. */
export function placeOf(meter: GuardedMeter, scope: Scope): string {
  return scope === 'fleet' ? '' : meter[scope];
}

/** Whether a load is more than a limit lets through. */
export function isOver(load: Load, limit: Limit): boolean {
  return load.meters > limit.meters || load.watts > limit.watts;
}

/** Two loads together. */
export function sum(load: Load, other: Load = { meters: 0, watts: 0 }): Load {
  return { meters: load.meters + other.meters, watts: load.watts + other.watts };
}

/** Reasons of single meters: a switch under way, too many in a day, shed too lately. */
export function meterReasons(
  batch: Pick<Batch, 'command' | 'lane' | 'meters'>,
  state: GuardState,
  nowMs: number,
): Reason[] {
  const { settings, sheds } = state;
  const direction = directionOf(batch.command);
  if (direction === 'none') return [];
  const account = accountOf(batch.command);
  const moving = state.moves.filter((move) => move.direction !== 'none');
  return batch.meters.flatMap((serial) => {
    const own = moving.filter((move) => move.serial === serial && isCounted(move, dayMs, nowMs));
    const reasons: Reason[] = [];
    // A reconnection does not wait: its session outdates whatever is still on its way. Service that was cut off is gone on with.
    const isOther = (move: Move) => account === 'switch' || move.command !== batch.command;
    const isBusy = direction === 'dark' && own.some((move) => isOpen(move, nowMs) && isOther(move));
    if (isBusy) reasons.push(reasonOf('guard/meter-busy', { serial }));
    // Nor does it rest: what bounds darkening bounds what can be lit again.
    const switches = own.filter((move) => accountOf(move.command) === 'switch');
    const isWorn =
      direction === 'dark' && account === 'switch' && switches.length >= settings.switchesPerMeterDay;
    if (isWorn) reasons.push(reasonOf('guard/meter-rest', { serial }));
    const shedMs = batch.lane === 'shed' ? sheds.get(serial)?.lastMs : undefined;
    if (shedMs !== undefined && nowMs < shedMs + settings.shedRestMs) {
      reasons.push(reasonOf('guard/shed-rotation', { serial }));
    }
    return reasons;
  });
}

/** The caps on single switches: by person and by tenant. A day of singles is no way around two people. */
export function singlesReasons(
  batch: Batch,
  options: { readonly people: readonly string[]; readonly state: GuardState; readonly nowMs: number },
): Reason[] {
  const { people, state, nowMs } = options;
  const direction = directionOf(batch.command);
  const isSwitch = direction !== 'none' && accountOf(batch.command) === 'switch';
  if (batch.meters.length !== 1 || !isSwitch) return [];
  const { settings } = state;
  const singles = movesWith(batch.command, state).filter(
    (move) => move.isSingle && move.lane !== 'lawful' && isCounted(move, dayMs, nowMs),
  );
  const ofTenant = singles.filter(({ serial }) => state.meters.get(serial)?.tenant === batch.tenant);
  const reasons: Reason[] = [];
  if (ofTenant.length >= settings.singlesPerTenantDay[direction]) {
    reasons.push(reasonOf('guard/singles-cap', { tenant: batch.tenant }));
  }
  // Every person who consents pays with a single of their own, so that a cap cannot be handed around.
  for (const person of people) {
    const own = singles.filter((move) => move.people.includes(person));
    if (own.length >= settings.singlesPerPersonDay[direction]) {
      reasons.push(reasonOf('guard/singles-cap', { person }));
    }
  }
  return reasons;
}
