/** Every error code of the meter room, once: what it means. */
import { CodedError, type Where } from '@wattline/base';

/** Codes and what a person reads in the documentation. */
export const meterErrors = {
  'meter/bad-spec': 'A field of the specification of a meter is outside what it may hold.',
  'meter/profile-unknown': 'No companion profile of this name is built in.',
  'meter/bad-tariff': 'The tables of a tariff name what is not there.',
  'meter/counter-exhausted':
    'All 2^32 - 1 numbers of an invocation counter are used: the key must be changed.',
  'meter/firmware-malformed': 'An image of firmware is not in its format.',
  'meter/parameter-unknown': 'A meter has no parameter of this name.',
  'meter/parameter-denied': 'The role of the client may not change the parameter.',
  'meter/parameter-refused': 'The value of a parameter cannot be taken.',
  'meter/recording-unreadable': 'A recorded waveform (CSV, COMTRADE) is not in its format.',
  'meter/calibration-seal-broken': 'A calibration does not carry the signature of its laboratory.',
  'meter/memory-full': 'What a meter must not forget does not fit into its storage.',
  'meter/memory-unreadable': 'The file of the non-volatile memory cannot be read or written.',
} as const;

/** A code of {@link meterErrors}. */
export type MeterErrorCode = keyof typeof meterErrors;

/** A coded error of this room. */
export function meterError(
  code: MeterErrorCode,
  message: string,
  where: Where = {},
  cause?: unknown,
): CodedError {
  return new CodedError(code, message, where, cause);
}
