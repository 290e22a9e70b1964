/** DataNotification-Confirm (Green Book 9.3.9.3): what answers a push that asked to be confirmed, sealed as pushes are. */
import { type Result, success } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { encodeDateTime } from './date-time.ts';
import { enclosePush, openPush, type PushEnvelope, type PushKeys } from './push.ts';
import { nextCounter } from './security.ts';

/** Which push is confirmed, and by whom. */
export interface PushConfirm extends PushEnvelope {
  /** The invoke id of the push. */
  readonly invokeId: number;
  /** When it was taken, UTC ms, written as wall clock `offsetMinutes` east of UTC; left out when undefined. */
  readonly instantMs?: number;
  readonly offsetMinutes?: number;
}

/**
 * The wrapper frame of a confirmation, from client SAP to server SAP.
 * @throws CodedError `dlms/counter-exhausted`
 */
export function encodePushConfirm(confirm: PushConfirm): Uint8Array {
  const { invokeId, instantMs, offsetMinutes = 0, clientSap, serverSap } = confirm;
  const invocationCounter = confirm.protection === 'none' ? 0 : nextCounter(confirm.counter);
  const apdu = encodeApdu('data-notification-confirm', {
    longInvokeIdAndPriority: invokeId,
    dateTime: instantMs === undefined ? new Uint8Array(0) : encodeDateTime(instantMs, offsetMinutes),
  });
  // A push goes from server to client; its confirmation goes back.
  const back = { ...confirm, clientSap: serverSap, serverSap: clientSap };
  return enclosePush(back, apdu, invocationCounter);
}

/**
 * The invoke id that a frame confirms, and who sealed it. Fails as `decodePush`; whether the push was asked to be confirmed at all
 * is the caller's to know.
 */
export function decodePushConfirm(
  octets: Uint8Array,
  keys: PushKeys,
): Result<{ readonly invokeId: number; readonly systemTitle: Uint8Array }> {
  const opened = openPush(octets, keys, 'data-notification-confirm');
  if (!opened.ok) return opened;
  const { value, systemTitle } = opened.value;
  return success({ invokeId: value.longInvokeIdAndPriority & 0xffffff, systemTitle });
}
