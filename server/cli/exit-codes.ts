/** What the process ends with: one table of exit codes, and which code of an error means which. */
import { codeOf, type Where } from '@wattline/base';
import { CommanderError } from 'commander';
import { statusOf } from '../errors.ts';

/** Exit codes; the same for every command. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  badInput: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each exit code means, for help and README. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'the check or the command failed',
  2: 'wrong usage',
  3: 'the server or the meter cannot be reached',
  4: 'refused: authentication, authorisation, guard',
  5: 'bad input',
};

const byCode: Readonly<Record<string, ExitCode>> = {
  'server/bad-usage': 2,
  'server/worker-needs-postgres': 2,
  'network/bad-serial-setting': 2,
  'server/not-running': 3,
  'server/unreachable': 3,
  'network/unreachable': 3,
  'store/unreachable': 3,
  'iec62056-21/no-answer': 3,
  'headend/timeout': 3,
  'headend/session-deadline': 3,
  'iec62056-21/no-mode-e': 4,
  'iec62056-21/refused': 4,
  'headend/attribute-refused': 4,
  'command/signer-refused': 4,
  'store/server-refused': 4,
  'store/server-untrusted': 4,
  'command/not-done': 1,
  'dlms/association-rejected': 4,
  'dlms/authentication-failed': 4,
  'dlms/link-disconnected': 4,
  'dlms/context-refused': 4,
  'dlms/mechanism-refused': 4,
  'dlms/decryption-failed': 4,
  'dlms/exception-response': 4,
  'dlms/confirmed-service-error': 4,
  'server/no-file': 5,
  'server/bad-address': 5,
  'server/bad-start': 5,
  'server/bad-config': 5,
  'store/bad-setting': 5,
  'store/no-database': 5,
  'store/no-cluster': 5,
  'system/bad-retention': 5,
  'server/no-shipment': 5,
  'base/bad-hex': 5,
  'dlms/bad-obis': 5,
  'iec62056-21/bad-address': 5,
  'meter/recording-unreadable': 5,
};

const byStatus: Readonly<Record<number, ExitCode>> = {
  400: 5,
  401: 4,
  403: 4,
  404: 5,
  413: 5,
  415: 5,
  421: 4,
};

/** The exit code for anything thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const code = codeOf(error);
  if (Object.hasOwn(byCode, code)) return byCode[code] as ExitCode;
  // What a load file may be refused for is the person's input.
  if (/^sim\/(load-|bad-option)/.test(code)) return exitCodes.badInput;
  const status = statusOf(code) ?? (error as { where?: Where } | null)?.where?.status;
  return (typeof status === 'number' ? byStatus[status] : undefined) ?? exitCodes.failed;
}
