/**
 * The one detector of tamper and supply conditions: a pure function of state, observation and time. A condition occurs when it has lasted
 * through its occurrence time and is restored when it has been gone through its restoration time; the meter goes on measuring.
 */
import type { Observation } from './observation.ts';
import { type ConditionName, type TamperCondition, tamperConditions } from './tamper-conditions.ts';

/** A condition that changed. `atMs` is the instant at which its time was over. */
export interface Transition {
  readonly condition: ConditionName;
  /** From 0; 0 for what concerns the meter as a whole. */
  readonly phase: number;
  readonly isOccurrence: boolean;
  readonly atMs: number;
}

/** What the detector remembers; never changed, replaced. */
export interface DetectorState {
  /** Conditions that hold, as `name/phase`. */
  readonly active: ReadonlySet<string>;
  /** Since when the opposite of what holds has been seen, ms. */
  readonly pending: ReadonlyMap<string, number>;
}

/** Nothing holds, nothing is under way; all meters share it. */
export const quietState: DetectorState = { active: new Set(), pending: new Map() };

/** Thresholds and times that a meter has set for itself. */
export type ConditionSettings = Readonly<
  Partial<
    Record<
      ConditionName,
      Partial<Pick<TamperCondition, 'threshold' | 'release' | 'occurrenceS' | 'restorationS'>>
    >
  >
>;

const names = Object.keys(tamperConditions) as ConditionName[];

/** Takes what was seen throughout [startMs, endMs); returns the same state when nothing moved. */
export function detectTamper(
  state: DetectorState,
  seen: Observation,
  during: { readonly startMs: number; readonly endMs: number },
  settings: ConditionSettings = {},
): { readonly state: DetectorState; readonly transitions: readonly Transition[] } {
  let active: Set<string> | undefined;
  let pending: Map<string, number> | undefined;
  const transitions: Transition[] = [];
  for (const condition of names) {
    const own = settings[condition];
    const declared: TamperCondition = own
      ? { ...tamperConditions[condition], ...own }
      : tamperConditions[condition];
    const phases = declared.isPerPhase ? seen.phasors.length : 1;
    for (let phase = 0; phase < phases; phase++) {
      const key = `${condition}/${phase}`;
      const isActive = state.active.has(key);
      const isMoving = isCounter(declared, declared.measure(seen, phase), isActive);
      const since = state.pending.get(key);
      if (!isMoving) {
        if (since === undefined) continue;
        pending ??= new Map(state.pending);
        pending.delete(key);
        continue;
      }
      const fromMs = since ?? during.startMs;
      const dueMs = fromMs + (isActive ? declared.restorationS : declared.occurrenceS) * 1000;
      if (dueMs > during.endMs) {
        if (since !== undefined) continue;
        pending ??= new Map(state.pending);
        pending.set(key, fromMs);
        continue;
      }
      pending ??= new Map(state.pending);
      pending.delete(key);
      active ??= new Set(state.active);
      if (isActive) active.delete(key);
      else active.add(key);
      transitions.push({ condition, phase, isOccurrence: !isActive, atMs: dueMs });
    }
  }
  if (!active && !pending) return { state, transitions };
  transitions.sort((a, b) => a.atMs - b.atMs);
  return { state: { active: active ?? state.active, pending: pending ?? state.pending }, transitions };
}

/** Whether the figure speaks against what holds. What cannot be told speaks for nothing. */
function isCounter({ when, threshold, release }: TamperCondition, value: number, isActive: boolean): boolean {
  if (Number.isNaN(value)) return false;
  if (when === 'above') return isActive ? value <= release : value > threshold;
  return isActive ? value >= release : value < threshold;
}
