/** What a checker of the world is. */
import type { Period } from '@wattline/base';
import type { System } from '@wattline/system';
import type { World } from '../world/world.ts';

/** What a checker looks at. */
export interface CheckSubject {
  readonly world: World;
  readonly system: Pick<System, 'mdm' | 'registry' | 'billing' | 'zone'>;
  /** Whole local days that are over. */
  readonly period: Period;
}

/** What a checker found. */
export interface CheckFinding {
  /** How many things were compared. */
  readonly compared: number;
  /** How many were wrong. */
  readonly wrong: number;
  /** The first few of those, a sentence each. */
  readonly examples: readonly string[];
}

/** A checker: what must hold, in one sentence, and how it is looked at. */
export interface Checker {
  readonly name: string;
  readonly holds: string;
  run(subject: CheckSubject): Promise<CheckFinding>;
}
