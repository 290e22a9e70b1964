/** What went wrong with a ClickHouse server: which code of ours it is, and whether another try can help. */
import { ClickHouseError } from '@clickhouse/client';
import { type CodedError, codeOf, messageOf } from '@wattline/base';
import { type StoreErrorCode, storeError } from '../errors.ts';

/** ClickHouse's exception codes that are told apart; the names are ClickHouse's. */
const serverCodes: Readonly<Record<string, { readonly code: StoreErrorCode; readonly mayPass: boolean }>> = {
  // UNKNOWN_DATABASE
  81: { code: 'store/no-database', mayPass: false },
  // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED
  192: { code: 'store/server-refused', mayPass: false },
  193: { code: 'store/server-refused', mayPass: false },
  194: { code: 'store/server-refused', mayPass: false },
  497: { code: 'store/server-refused', mayPass: false },
  516: { code: 'store/server-refused', mayPass: false },
  // CLUSTER_DOESNT_EXIST, NO_ELEMENTS_IN_CONFIG (a macro), QUERY_IS_PROHIBITED (no distributed DDL)
  701: { code: 'store/no-cluster', mayPass: false },
  170: { code: 'store/no-cluster', mayPass: false },
  139: { code: 'store/no-cluster', mayPass: false },
  392: { code: 'store/no-cluster', mayPass: false },
  // NOT_ENOUGH_SPACE
  243: { code: 'store/disk-full', mayPass: false },
  // TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, SOCKET_TIMEOUT, NETWORK_ERROR, MEMORY_LIMIT_EXCEEDED, TABLE_IS_READ_ONLY,
  // TOO_MANY_PARTS, ALL_CONNECTION_TRIES_FAILED, TOO_FEW_LIVE_REPLICAS, UNKNOWN_STATUS_OF_INSERT, ALL_REPLICAS_ARE_STALE,
  // SERVER_OVERLOADED, KEEPER_EXCEPTION
  159: { code: 'store/server-busy', mayPass: true },
  202: { code: 'store/server-busy', mayPass: true },
  209: { code: 'store/server-busy', mayPass: true },
  210: { code: 'store/server-busy', mayPass: true },
  241: { code: 'store/server-busy', mayPass: true },
  242: { code: 'store/server-busy', mayPass: true },
  252: { code: 'store/server-busy', mayPass: true },
  279: { code: 'store/server-busy', mayPass: true },
  285: { code: 'store/server-busy', mayPass: true },
  319: { code: 'store/server-busy', mayPass: true },
  369: { code: 'store/server-busy', mayPass: true },
  745: { code: 'store/server-busy', mayPass: true },
  999: { code: 'store/server-busy', mayPass: true },
};

/** Codes of Node for a server that is not there or went away. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Codes of Node and OpenSSL for a certificate that is not believed. */
const trustCodes = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A failure, and whether the same request may succeed a little later. */
export interface ServerFailure {
  readonly error: CodedError;
  readonly mayPass: boolean;
}

/** The coded error of a failed request to the server that people know as `server`. */
export function serverFailure(thrown: unknown, server: string, statement: string): ServerFailure {
  const where = { server, statement: statement.slice(0, 200) };
  const particulars = `${server}: ${messageOf(thrown)}`;
  if (thrown instanceof ClickHouseError) {
    const { code, mayPass } = serverCodes[thrown.code] ?? { code: 'store/query-failed', mayPass: false };
    const error = storeError(code, particulars, { ...where, serverCode: thrown.code }, thrown);
    return { error, mayPass };
  }
  const systemCode = codeOf(thrown);
  if (trustCodes.has(systemCode)) {
    const what = `${particulars} (${systemCode})`;
    return { error: storeError('store/server-untrusted', what, where, thrown), mayPass: false };
  }
  // The client says that a request took too long in words alone.
  const isGone = networkCodes.has(systemCode) || /timeout|socket hang up/i.test(messageOf(thrown));
  return { error: storeError('store/unreachable', particulars, where, thrown), mayPass: isGone };
}
