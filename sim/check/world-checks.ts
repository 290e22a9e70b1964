/** The checkers of the seeded world: what the stack holds is compared with what the world was, which nobody told the stack. */
import { billCheck } from './bill-check.ts';
import type { Checker, CheckFinding, CheckSubject } from './checker.ts';
import { completenessCheck } from './completeness-check.ts';
import { energyCheck } from './energy-check.ts';
import { exchangeCheck } from './exchange-check.ts';
import { faultCheck } from './fault-check.ts';
import { registerCheck } from './register-check.ts';

/** A checker with its finding. */
export type CheckReport = Pick<Checker, 'name' | 'holds'> & CheckFinding;

/** All of them. */
export interface WorldChecks {
  readonly isRight: boolean;
  readonly checks: readonly CheckReport[];
}

const checkers: readonly Checker[] = [
  energyCheck,
  registerCheck,
  completenessCheck,
  faultCheck,
  exchangeCheck,
  billCheck,
];

/** Runs every checker. A checker that compared nothing has shown nothing: that is no fault, and is told by its count. */
export async function checkWorld(subject: CheckSubject): Promise<WorldChecks> {
  const checks: CheckReport[] = [];
  for (const { name, holds, run } of checkers) checks.push({ name, holds, ...(await run(subject)) });
  return { isRight: checks.every(({ wrong }) => wrong === 0), checks };
}
