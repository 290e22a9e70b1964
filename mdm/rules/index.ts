/** The validation rules in the order in which they are run. */
import { meterStatus } from './meter-status.ts';
import { missing } from './missing.ts';
import { spike } from './spike.ts';
import { sumCheck } from './sum-check.ts';

export const rules = [missing, sumCheck, spike, meterStatus] as const;
export type { DayColumns, Rule, RuleOutcome, RuleParameter } from './rule.ts';
export { meterStatus, missing, spike, sumCheck };
