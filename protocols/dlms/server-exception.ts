/** The exception-response to a failure (Green Book 9.3.5), and the event that tells the log of it. */
import type { Failure } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import type { DlmsErrorCode } from './errors.ts';
import type { ServerEvent } from './server.ts';

type ServiceError = 'operation-not-possible' | 'service-not-supported' | 'other-reason' | 'deciphering-error';

/** Which exception answers which failure; others are `other-reason`. */
const exceptionOf: Readonly<Partial<Record<DlmsErrorCode, ServiceError>>> = {
  'dlms/not-associated': 'operation-not-possible',
  'dlms/unprotected': 'operation-not-possible',
  'dlms/unknown-server-sap': 'operation-not-possible',
  'dlms/service-not-supported': 'service-not-supported',
  'dlms/unknown-apdu': 'service-not-supported',
  'dlms/decryption-failed': 'deciphering-error',
  'dlms/security-suite': 'deciphering-error',
  'dlms/keys-missing': 'deciphering-error',
  'dlms/system-title-mismatch': 'deciphering-error',
  'dlms/bad-signature': 'deciphering-error',
  'dlms/key-agreement': 'deciphering-error',
  'dlms/key-wrap': 'deciphering-error',
};

/** The exception-response to a failure; `lastCounter` is what a client that counts wrongly is told. */
export function exceptionTo(error: Failure, lastCounter: number | undefined): Uint8Array {
  if (error.code === 'dlms/counter-replayed') {
    return encodeApdu('exception-response', {
      stateError: 'service-not-allowed',
      serviceError: 'invocation-counter-error',
      invocationCounter: lastCounter ?? 0,
    });
  }
  const isUnknown = error.code === 'dlms/unknown-apdu' || error.code === 'dlms/service-not-supported';
  return encodeApdu('exception-response', {
    stateError: isUnknown ? 'service-unknown' : 'service-not-allowed',
    serviceError: exceptionOf[error.code as DlmsErrorCode] ?? 'other-reason',
  });
}

/** The event of a failure. */
export function refusalOf(error: { readonly code: string; readonly message: string }): ServerEvent {
  return { kind: 'refused', code: error.code, message: error.message };
}
