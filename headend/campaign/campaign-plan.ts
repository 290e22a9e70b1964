/** Which meters get an image when: a canary drawn from every kind of hardware, then a tenth, then the rest. A pure function of the seed. */
import type { Random } from '@wattline/base';
import type { Canary } from './canary-size.ts';

/** A meter that may take the image. */
export interface Candidate {
  readonly serial: string;
  /** Make, hardware revision, communication module: what faults follow. */
  readonly hardware: string;
}

/** Stages in order; serial numbers of each. */
export interface CampaignPlan {
  readonly stages: readonly { readonly name: string; readonly meters: readonly string[] }[];
  readonly alarmAt: number;
}

/** Meters of one kind of hardware that a canary has at least, as long as there are so many. */
const leastOfKind = 5;
const tenth = 0.1;

/** Draws the plan. Each kind is in the canary by its share of the fleet, a rare one with at least a few. */
export function planCampaign(candidates: readonly Candidate[], canary: Canary, random: Random): CampaignPlan {
  const kinds = new Map<string, string[]>();
  for (const { serial, hardware } of candidates) {
    const known = kinds.get(hardware) ?? [];
    known.push(serial);
    kinds.set(hardware, known);
  }
  const first: string[] = [];
  const rest: string[] = [];
  for (const serials of [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, list]) => shuffled(list, random))) {
    const share = Math.ceil((canary.meters * serials.length) / Math.max(1, candidates.length));
    const count = Math.min(serials.length, Math.max(leastOfKind, share));
    first.push(...serials.slice(0, count));
    rest.push(...serials.slice(count));
  }
  const others = shuffled(rest, random);
  const second = Math.min(others.length, Math.ceil(candidates.length * tenth));
  return {
    alarmAt: canary.alarmAt,
    stages: [
      { name: 'canary', meters: first },
      { name: '10 %', meters: others.slice(0, second) },
      { name: '100 %', meters: others.slice(second) },
    ],
  };
}

function shuffled(list: readonly string[], random: Random): string[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [copy[i], copy[j]] = [copy[j] as string, copy[i] as string];
  }
  return copy;
}
