/** The review of one local day of one channel: what the rules say, and what must be estimated. Pure. */
import { quality } from '@wattline/model';
import type { MdmPolicy } from './policy.ts';
import { type DayColumns, missing, type RuleOutcome, spike, sumCheck } from './rules/index.ts';

/** What the rules say of a day and what follows from it. */
export interface DayFinding {
  readonly verdicts: readonly { readonly rule: string; readonly outcome: RuleOutcome }[];
  /** Slots without a value to stand on: missing ones, and suspects that the register refutes. */
  readonly toEstimate: readonly number[];
  /** Of these, slots whose measured value is set aside. */
  readonly refuted: readonly number[];
  /** Suspects on which no register has spoken yet. */
  readonly undecided: readonly number[];
  /** What the slots to estimate must sum to; null when no register says, or when it contradicts the measured rest. */
  readonly remainder: number | null;
  /** Whether nothing is left open: all due, all known or estimated, the register heard. */
  readonly isComplete: boolean;
}

/** Runs the rules over a day and draws the conclusions. */
export function reviewDay(day: DayColumns, policy: MdmPolicy): DayFinding {
  const isWhole = day.dueFrom === 0 && day.dueTo === day.value.length;
  const register = isWhole ? day.registerDifference : null;
  const absent = missing.check(day, policy) as RuleOutcome;
  const sum = sumCheck.check(isWhole ? day : { ...day, registerDifference: null }, policy);
  const spikes = spike.check(day, policy);
  const suspects = spikes?.hasFailed ? spikes.slots : [];
  const hasPassed = sum !== null && !sum.hasFailed;
  // With gaps in the day the register still has room for a true peak unless the known values alone exceed it.
  const isRefuted = suspects.length > 0 && register !== null && sum?.hasFailed === true;
  const isConfirmed = suspects.length > 0 && register !== null && !isRefuted;
  const refuted = isRefuted ? suspects : [];
  const undecided = suspects.length > 0 && register === null ? suspects : [];
  const toEstimate = [...absent.slots, ...refuted].sort((a, b) => a - b);
  const verdicts: { rule: string; outcome: RuleOutcome }[] = [{ rule: missing.id, outcome: absent }];
  if (sum) verdicts.push({ rule: sumCheck.id, outcome: sum });
  if (spikes) {
    const why = isConfirmed
      ? '; the register has room for it, kept as measured'
      : isRefuted
        ? '; the register refutes it, estimated instead'
        : '; no register has spoken yet, marked suspect';
    const detail = spikes.hasFailed ? spikes.detail + why : spikes.detail;
    verdicts.push({ rule: spike.id, outcome: { ...spikes, detail } });
  }
  return {
    verdicts,
    toEstimate,
    refuted,
    undecided,
    remainder: register === null ? null : remainderOf(day, register, new Set(toEstimate)),
    isComplete: isWhole && (hasPassed || register !== null) && absent.slots.length === 0,
  };
}

/** What the register leaves for the slots to estimate; null when the measured rest exceeds it. */
function remainderOf(day: DayColumns, register: number, estimated: ReadonlySet<number>): number | null {
  let rest = register;
  for (let slot = 0; slot < day.value.length; slot++) {
    const isKnown = ((day.quality[slot] as number) & quality.missing) === 0;
    if (isKnown && !estimated.has(slot)) rest -= day.value[slot] as number;
  }
  return rest >= 0 ? rest : null;
}
