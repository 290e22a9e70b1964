/** A rule pack: the thresholds of a region or code of practice as data, each with where it comes from. */
import { defaultPolicy, type MdmPolicy } from '../policy.ts';

/** Settings a pack may give; all others stay as the operator has them. */
export type PackSetting = Exclude<
  keyof MdmPolicy,
  'cacheOctets' | 'backlogOctets' | 'snapshotBlocks' | 'futureToleranceMs'
>;

/** How sure a threshold is: read in a public text, recalled without the text at hand, or the operator's own to set. */
export type Certainty = 'read' | 'recalled' | 'local';

/** A threshold with its source. */
export interface PackThreshold {
  readonly setting: PackSetting;
  readonly value: MdmPolicy[PackSetting];
  readonly certainty: Certainty;
  readonly source: string;
}

/** A pack. Every rule is always on: a pack says how strict, not whether. */
export interface RulePack {
  readonly id: string;
  readonly title: string;
  /** The text whose practice it follows. */
  readonly code: string;
  readonly thresholds: readonly PackThreshold[];
}

/** The settings of a pack over the defaults, and an operator's own over both. */
export function policyOf(pack: RulePack, own: Partial<MdmPolicy> = {}): MdmPolicy {
  const settings = Object.fromEntries(pack.thresholds.map(({ setting, value }) => [setting, value]));
  return { ...defaultPolicy, ...settings, ...own };
}
