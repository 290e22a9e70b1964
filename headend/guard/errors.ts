/** Error codes of the guard that are no reasons of a decision, once: what they mean. */
import { CodedError, type Where } from '@wattline/base';

export const guardErrors = {
  'guard/ledger-broken':
    'A line of the ledger does not follow the one before: it was altered, left out or put in.',
  'guard/batch-malformed': 'A batch is not what the guard takes.',
} as const;

/** A code of {@link guardErrors}. */
export type GuardErrorCode = keyof typeof guardErrors;

/** A coded error of the guard. */
export function guardError(code: GuardErrorCode, detail: string, where: Where = {}): CodedError {
  return new CodedError(code, `${guardErrors[code]} ${detail}`, where);
}
