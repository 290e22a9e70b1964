/** What a batch would do, before anybody signs it: meters and load at every place, against what the limits leave. */
import type { Batch } from './batch.ts';
import { directionOf } from './darkening.ts';
import type { GuardState } from './guard-state.ts';
import { isCounted, limitsOf, loadBy, movesWith } from './limits.ts';
import { type Scope, scopes } from './settings.ts';

/** One place and what the batch switches there. */
export interface PreviewPlace {
  readonly scope: Scope;
  readonly place: string;
  readonly meters: number;
  readonly watts: number;
  /** Least that any limit of the scope leaves now, before this batch; null for what can neither darken nor light: nothing limits it. */
  readonly metersLeft: number | null;
  readonly wattsLeft: number | null;
}

/**
 * Places in the order of scopes, then of names. Meters that are not enrolled are not counted but named. What a batch known by its
 * `hash` has moved already is not taken from what is left for it.
 */
export function previewBatch(
  batch: Pick<Batch, 'command' | 'lane' | 'meters'> & { readonly hash?: string },
  state: GuardState,
  nowMs: number,
): { readonly places: readonly PreviewPlace[]; readonly unknown: readonly string[] } {
  const moves = movesWith(batch.command, state).filter(({ hash }) => hash !== batch.hash);
  const isLimited = directionOf(batch.command) !== 'none';
  const places = scopes.flatMap((scope) => {
    const limits = limitsOf(batch, state).filter((limit) => limit.scope === scope);
    const taken = limits.map((limit) => {
      const counted = moves.filter((move) => isCounted(move, limit.windowMs, nowMs));
      const serials = counted.map(({ serial }) => serial);
      return { limit, loads: loadBy(scope, serials, state) };
    });
    const asked = [...loadBy(scope, batch.meters, state)].sort(([a], [b]) => (a < b ? -1 : 1));
    return asked.map(([place, load]): PreviewPlace => {
      const left = (what: 'meters' | 'watts') =>
        isLimited
          ? Math.min(...taken.map(({ limit, loads }) => limit[what] - (loads.get(place)?.[what] ?? 0)))
          : null;
      return { scope, place, ...load, metersLeft: left('meters'), wattsLeft: left('watts') };
    });
  });
  return { places, unknown: batch.meters.filter((serial) => !state.meters.has(serial)) };
}
