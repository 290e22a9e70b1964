/** Coded errors of the applications: one table for the room. */
import { CodedError, type Where } from '@wattline/base';

/** Every code of the room and what it means. */
export const appsErrors = {
  'apps/tariff-invalid': 'a tariff that cannot be rated by; `where.field` names the place',
  'apps/tariff-changed':
    'a tariff version that is kept already, with another body; prices change by a new version',
  'apps/unknown-tariff': 'no tariff of that id, or no such version of it',
  'apps/unknown-usage-point': 'no usage point of that id',
  'apps/unknown-bill': 'no bill of that id',
  'apps/no-meter': 'a usage point without a meter has no bill',
  'apps/bad-month': 'a month is written as 2026-10',
  'apps/month-not-begun': 'the month has not begun at the usage point',
  'apps/month-before-installation': 'the month ended before the meter was installed',
  'apps/replay-differs': 'a bill computed again from what was known then is not the bill kept',
  'apps/bill-contended': 'other runs kept versions of the same bill faster than this one could',
} as const;
export type AppsErrorCode = keyof typeof appsErrors;

/** A coded error of the room. */
export function appsError(code: AppsErrorCode, message: string, where: Where = {}): CodedError {
  return new CodedError(code, message, where);
}
