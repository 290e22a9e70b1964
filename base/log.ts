/** Structured logs by pino. Keys, passwords and tokens are struck out wherever they stand. */
import { pino } from 'pino';

/** What a room may say; fields first, then one sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const secretNames = [
  'key',
  'keys',
  'ek',
  'ak',
  'dk',
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
];

/** A log that writes JSON lines to standard error, at `level`. */
export function jsonLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Log {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, redact: { paths, censor: '[struck out]' } },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** A log that says nothing: for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
