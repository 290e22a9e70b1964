/** The review of one local day of one channel: what the rules say, and what must be estimated. Pure. */
import { quality } from '@wattline/model';
import type { MdmPolicy } from '../policy.ts';
import {
  type DayColumns,
  decidingRules,
  meterStatus,
  missing,
  type Rule,
  type RuleOutcome,
  spike,
  sumCheck,
  watchingRules,
} from '../rules/index.ts';
import { passed } from '../rules/rule.ts';

/** A rule with what it said. */
export interface RuleVerdict {
  readonly rule: Rule;
  readonly outcome: RuleOutcome;
}

/** What the rules say of a day and what follows from it. */
export interface DayFinding {
  /** What failed, or passed with something to say. */
  readonly verdicts: readonly RuleVerdict[];
  /** The rules that passed without a word, as {@link packPasses} packs them. */
  readonly passes: number;
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
  const verdicts: RuleVerdict[] = [];
  let passes = 0;
  const say = (rule: Rule, outcome: RuleOutcome | null, place: number) => {
    if (outcome === passed) passes += 2 ** place;
    else if (outcome) verdicts.push({ rule, outcome });
  };
  say(missing, absent, 0);
  say(sumCheck, sum, 1);
  const spikeDecision = spikes ? decideOnSpike(day, register, policy) : 'undecided';
  say(spike, spikes && consequenceOf(spikes, spikeDecision), 2);
  const doubtDecision = decideOnDoubt(register, sum);
  say(meterStatus, consequenceOf(doubts, doubtDecision), 3);
  watchingRules.forEach((rule, index) => {
    say(rule, rule.check(day, policy), decidingRules.length + index);
  });
  const isQuiet = absent.slots.length === 0 && doubts.slots.length === 0 && !spikes?.slots.length;
  if (isQuiet) return { verdicts, passes, ...nothingToDo };
  const slotsOf = (decision: Decision) => [
    ...(spikeDecision === decision ? (spikes?.slots ?? []) : []),
    ...(doubtDecision === decision ? doubts.slots : []),
  ];
  const refuted = [...new Set(slotsOf('refuted'))].sort((a, b) => a - b);
  const isRefuted = new Set(refuted);
  const confirmed = doubtDecision === 'confirmed' ? doubts.slots.filter((slot) => !isRefuted.has(slot)) : [];
  const toEstimate =
    refuted.length === 0 ? absent.slots : [...absent.slots, ...refuted].sort((a, b) => a - b);
  return {
    verdicts,
    passes,
    toEstimate,
    refuted,
    undecided: [...new Set(slotsOf('undecided'))],
    confirmed,
    remainder:
      register === null || toEstimate.length === 0 ? null : remainderOf(day, register, new Set(toEstimate)),
  };
}

const nothingToDo = { toEstimate: [], refuted: [], undecided: [], confirmed: [], remainder: null } as const;

function consequenceOf(outcome: RuleOutcome, decision: Decision): RuleOutcome {
  return outcome.hasFailed ? { ...outcome, detail: outcome.detail + consequences[decision] } : outcome;
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
