/** The validation rules in the order in which they are run; all of them always. What may enter at all is checked before. */
import {
  apparentBelowActive,
  bothDirections,
  checkMeter,
  currentWithoutEnergy,
  exportWithoutGeneration,
  powerFactorLow,
  voltageRange,
} from './cross-channel.ts';
import { clockDoubtful, energyWithoutSupply, unexplainedOutage } from './meter-state.ts';
import { meterStatus } from './meter-status.ts';
import { missing } from './missing.ts';
import { askedAndRefused, neverAsked } from './process.ts';
import type { Rule } from './rule.ts';
import { spike } from './spike.ts';
import { sumCheck } from './sum-check.ts';
import {
  frozen,
  highDay,
  highDemand,
  lowDay,
  lumped,
  registerBackwards,
  thirdPeak,
  zeroDay,
} from './value-checks.ts';

/** Rules whose outcome changes values: the review decides by them. */
export const decidingRules = [missing, sumCheck, spike, meterStatus] as const;

/** Rules whose outcome is kept and, where a person is needed, put on the worklist. */
export const watchingRules: readonly Rule[] = [
  clockDoubtful,
  unexplainedOutage,
  energyWithoutSupply,
  highDemand,
  thirdPeak,
  zeroDay,
  frozen,
  highDay,
  lowDay,
  lumped,
  registerBackwards,
  checkMeter,
  bothDirections,
  exportWithoutGeneration,
  apparentBelowActive,
  powerFactorLow,
  voltageRange,
  currentWithoutEnergy,
  neverAsked,
  askedAndRefused,
];

export const rules: readonly Rule[] = [...decidingRules, ...watchingRules];
export type { Columns, DayColumns, Rule, RuleGroup, RuleOutcome, RuleParameter } from './rule.ts';
export { meterStatus, missing, spike, sumCheck };
