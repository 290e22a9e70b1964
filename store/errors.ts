/** The coded errors of the store: one table, each with what it means and what to do about it. */
import { CodedError, codeOf, messageOf, type Where } from '@wattline/base';

/** Every code this room gives out. */
export const storeErrors = {
  'store/disk-full': 'The disk is full: free space on it, then go on; nothing acknowledged was lost.',
  'store/read-only':
    'The directory cannot be written: make it writable for this user or choose another data directory.',
  'store/sync-failed':
    'The disk failed to make a write durable; what it holds is unknown, so the log takes no more. Check the disk, then restart.',
  'store/log-closed': 'The write-ahead log is closed.',
  'store/log-failed': 'The write-ahead log has failed before and takes no more until it is opened again.',
  'store/log-damaged':
    'Octets of the write-ahead log changed after they were synced; the records around them were kept, the damaged file set aside.',
  'store/log-torn-tail':
    'The last write to the log was cut off before it was acknowledged; the tail was removed.',
  'store/record-too-large': 'A log record is larger than a segment may be: deliver smaller batches.',
  'store/engine-busy':
    'The embedded ClickHouse holds another data directory in this process, or another process holds this one.',
  'store/engine-missing':
    'The embedded ClickHouse (chdb) has no build for this platform: use a ClickHouse server by URL, or WSL2 on Windows.',
  'store/registry-unavailable':
    'The registry cannot be opened: check the path or the URL, and that the server runs and lets this user in.',
  'store/query-failed': 'The readings store refused a query.',
  'store/bad-setting': 'A setting of the readings store does not say what it should.',
  'store/unreachable':
    'The ClickHouse server does not answer: check the address, that it runs and whether it speaks http or https there; readings wait in the log.',
  'store/server-untrusted':
    'The certificate of the ClickHouse server is not to be trusted: set readingsCa to the certificate (PEM) of the authority that signed it, and call the server by a name that it is made out to; readings wait in the log.',
  'store/server-refused':
    'The ClickHouse server does not let this user in or do this: check user, password and grants.',
  'store/server-busy':
    'The ClickHouse server could not do it now and was asked several times; readings wait in the log.',
  'store/server-too-old': 'The ClickHouse server is too old for the tables of the store.',
  'store/no-database':
    'The database is not there: create it on the ClickHouse server (on a cluster on each).',
  'store/no-cluster':
    'The ClickHouse server knows no such cluster, or has no macros (shard, replica), keeper or distributed DDL for it.',
} as const;
export type StoreErrorCode = keyof typeof storeErrors;

/** An error of the table: its advice, then the particulars. */
export function storeError(
  code: StoreErrorCode,
  particulars: string,
  where: Where = {},
  cause?: unknown,
): CodedError {
  return new CodedError(code, `${storeErrors[code]} (${particulars})`, where, cause);
}

const readOnlyCodes = new Set(['EROFS', 'EACCES', 'EPERM']);
const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** The coded error of a failed file operation; `otherwise` is the code when it is neither full nor read-only. */
export function fileError(error: unknown, path: string, otherwise: StoreErrorCode): CodedError {
  if (error instanceof CodedError && error.code in storeErrors) return error;
  const systemCode = codeOf(error);
  const code = fullCodes.has(systemCode)
    ? 'store/disk-full'
    : readOnlyCodes.has(systemCode)
      ? 'store/read-only'
      : otherwise;
  return storeError(code, messageOf(error), { path, systemCode }, error);
}
