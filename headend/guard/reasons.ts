/** Every reason the guard gives, once: the code, the verdict it leads to, and what it means. */
import type { Where } from '@wattline/base';

/** `quarantine`: the batch is held and may pass later as it is. `deny`: it never will. */
export type Verdict = 'allow' | 'quarantine' | 'deny';

/** Codes, the verdict each leads to, and what a person reads. */
export const guardReasons = {
  'guard/red-switch': ['deny', 'The red switch is pulled: nothing is switched until two people release it.'],
  'guard/cancelled': ['deny', 'The batch was cancelled.'],
  'guard/expired': ['deny', 'The deadline of the batch has passed.'],
  'guard/deadline-too-far': ['deny', 'The deadline lies further away than a batch may wait.'],
  'guard/already-allowed': ['deny', 'The batch was allowed once; an approval serves once.'],
  'guard/key-reused': ['deny', 'The idempotency key belongs to another batch.'],
  'guard/batch-shape': [
    'deny',
    'A batch names from one meter to as many as the setting says, each once, in order.',
  ],
  'guard/meter-unknown': ['deny', 'A meter of the batch is not enrolled.'],
  'guard/other-tenant': ['deny', 'A meter of the batch belongs to another tenant.'],
  'guard/life-support': ['deny', 'Somebody at the meter is registered on life support.'],
  'guard/over-limit': ['deny', 'The batch alone is more than a limit lets through: it must be cut.'],
  'guard/lane-command': ['deny', 'The lane does not take this command.'],
  'guard/rule-unknown': ['deny', 'No rule of this name, signed by two people, stands for the tenant.'],
  'guard/rule-not-in-force': ['deny', 'The rule of the lawful lane is not in force now.'],
  'guard/evidence-missing': ['deny', 'A meter has no signed evidence from the ledger of debts.'],
  'guard/evidence-short': ['deny', 'The evidence of a meter does not meet the rule.'],
  'guard/emergency-not-in-force': ['deny', 'No emergency declared by three people is in force.'],
  'guard/weather-hold': ['quarantine', 'A weather hold covers a meter of the batch.'],
  'guard/outside-hours': ['quarantine', 'The rule of the lawful lane does not disconnect at this hour.'],
  'guard/limit-window': [
    'quarantine',
    'Too much was switched within the window of a limit: the batch waits its turn.',
  ],
  'guard/singles-cap': ['quarantine', 'The cap on single switches in a day is reached.'],
  'guard/meter-rest': ['quarantine', 'The meter was switched as often as it may be in a day.'],
  'guard/meter-busy': ['quarantine', 'The meter has a switch under way whose end is not proved.'],
  'guard/shed-rotation': ['quarantine', 'The meter was shed lately: others have their turn first.'],
  'guard/people-missing': ['quarantine', 'More people must approve, each freshly.'],
  'guard/cancel-window': ['quarantine', 'The time in which anybody may cancel has not passed.'],
  'guard/clock-doubtful': ['quarantine', 'The clock was moved: no window can be reckoned.'],
} as const satisfies Record<string, readonly [Exclude<Verdict, 'allow'>, string]>;

/** A code of {@link guardReasons}. */
export type GuardCode = keyof typeof guardReasons;

/** Why a batch does not pass (now). */
export interface Reason {
  readonly code: GuardCode;
  readonly message: string;
  readonly where: Where;
}

/** A reason with the text of its code and what it is about. */
export function reasonOf(code: GuardCode, where: Where = {}): Reason {
  return { code, message: guardReasons[code][1], where };
}

/** The verdict a list of reasons leads to: any that denies denies, any other holds, none allows. */
export function verdictOf(reasons: readonly Reason[]): Verdict {
  if (reasons.some(({ code }) => guardReasons[code][0] === 'deny')) return 'deny';
  return reasons.length > 0 ? 'quarantine' : 'allow';
}
