/** The review of one local day of one channel: what the rules say, and what must be estimated. Pure. */
import { quality } from '@wattline/model';
import type { MdmPolicy } from '../policy.ts';
import {
  type DayColumns,
  meterStatus,
  missing,
  type Rule,
  type RuleOutcome,
  spike,
  sumCheck,
  watchingRules,
} from '../rules/index.ts';

/** A rule with what it said. */
export interface RuleVerdict {
  readonly rule: Rule;
  readonly outcome: RuleOutcome;
}

/** What the rules say of a day and what follows from it. */
export interface DayFinding {
  readonly verdicts: readonly RuleVerdict[];
  /** Slots without a value to stand on: missing ones, and suspects that the register refutes. */
  readonly toEstimate: readonly number[];
  /** Of these, slots whose measured value is set aside. */
  readonly refuted: readonly number[];
  /** Suspects on which no register has spoken yet. */
  readonly undecided: readonly number[];
  /** Values the meter doubts and the register bears out. */
  readonly confirmed: readonly number[];
  /** What the slots to estimate must sum to; null when no register says, or when it contradicts the measured rest. */
  readonly remainder: number | null;
}

/** What the register says of a suspect. */
type Decision = 'refuted' | 'confirmed' | 'undecided';

const consequences: Readonly<Record<Decision, string>> = {
  refuted: '; the register refutes it, estimated instead',
  confirmed: '; the register bears it out, kept as measured',
  undecided: '; no register has spoken yet, marked suspect',
};

/** Runs the rules over a day and draws the conclusions. */
export function reviewDay(day: DayColumns, policy: MdmPolicy): DayFinding {
  const isWhole = day.dueFrom === 0 && day.dueTo === day.value.length;
  const register = isWhole ? day.registerDifference : null;
  const absent = missing.check(day, policy) as RuleOutcome;
  const sum = sumCheck.check(isWhole ? day : { ...day, registerDifference: null }, policy);
  const spikes = spike.check(day, policy);
  const doubts = meterStatus.check(day, policy) as RuleOutcome;
  const verdicts: RuleVerdict[] = [{ rule: missing, outcome: absent }];
  if (sum) verdicts.push({ rule: sumCheck, outcome: sum });
  const decided = { refuted: new Set<number>(), confirmed: new Set<number>(), undecided: new Set<number>() };
  const decide = (rule: Rule, outcome: RuleOutcome, decision: Decision) => {
    const detail = outcome.hasFailed ? outcome.detail + consequences[decision] : outcome.detail;
    verdicts.push({ rule, outcome: { ...outcome, detail } });
    for (const slot of outcome.slots) decided[decision].add(slot);
  };
  if (spikes) decide(spike, spikes, decideOnSpike(day, register, policy));
  decide(meterStatus, doubts, decideOnDoubt(register, sum));
  for (const rule of watchingRules) {
    const outcome = rule.check(day, policy);
    if (outcome) verdicts.push({ rule, outcome });
  }
  const refuted = [...decided.refuted].sort((a, b) => a - b);
  const toEstimate =
    refuted.length === 0 ? absent.slots : [...absent.slots, ...refuted].sort((a, b) => a - b);
  return {
    verdicts,
    toEstimate,
    refuted,
    undecided: [...decided.undecided],
    confirmed: doubts.slots.filter((slot) => decided.confirmed.has(slot) && !decided.refuted.has(slot)),
    remainder:
      register === null || toEstimate.length === 0 ? null : remainderOf(day, register, new Set(toEstimate)),
  };
}

/** A spike is too much: the register refutes it when the known values exceed it, and else has room for it. */
function decideOnSpike(day: DayColumns, register: number | null, policy: MdmPolicy): Decision {
  if (register === null) return 'undecided';
  const room = register - sumOf(day, new Set());
  return room < -policy.sumToleranceWh ? 'refuted' : 'confirmed';
}

/** A doubted value may be too little as well: only a day that agrees to the watt-hour bears it out. */
function decideOnDoubt(register: number | null, sum: RuleOutcome | null): Decision {
  if (register === null) return 'undecided';
  return sum && !sum.hasFailed ? 'confirmed' : 'refuted';
}

/** What the register leaves for the slots to estimate; null when the measured rest exceeds it. */
function remainderOf(day: DayColumns, register: number, estimated: ReadonlySet<number>): number | null {
  const rest = register - sumOf(day, estimated);
  return rest >= 0 ? rest : null;
}

/** Sum of the known values, those of `without` left out. */
function sumOf(day: DayColumns, without: ReadonlySet<number>): number {
  let sum = 0;
  for (let slot = 0; slot < day.value.length; slot++) {
    const isKnown = ((day.quality[slot] as number) & quality.missing) === 0;
    if (isKnown && !without.has(slot)) sum += day.value[slot] as number;
  }
  return sum;
}
