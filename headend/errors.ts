/** Every error code of the head-end, once: what it means. Sources name codes only through {@link headendError} and its kin. */
import { CodedError, type Failure, type Where } from '@wattline/base';

/** Codes and what a person reads in the documentation. */
export const headendErrors = {
  'headend/shipment-unreadable':
    'The shipment file as a whole is no JSON array or no CSV with the documented columns.',
  'headend/shipment-recipient': 'A recipient of sealed shipments, or the private key of one, is none.',
  'headend/shipment-not-ours': 'A sealed shipment has no line for this recipient.',
  'headend/shipment-altered': 'A sealed shipment was changed on its way, or sealed otherwise than described.',
  'headend/signer-needed':
    'A meter with one client is read through the signer, which takes no such question or is not there.',
  'headend/row-malformed': 'A row of the shipment is no object, or has more or fewer cells than the header.',
  'headend/unknown-field': 'A row carries a field that the shipment format does not have.',
  'headend/field-missing': 'A row lacks a field.',
  'headend/field-invalid': 'A field of a row is outside what it may hold.',
  'headend/duplicate-serial': 'The serial number stands twice in the file.',
  'headend/duplicate-system-title':
    'The system title belongs to another meter, in the file or in the registry.',
  'headend/usage-point-taken': 'Another meter stands at the usage point.',
  'headend/replaces-another':
    'The meter that a row replaces does not stand at its usage point, or its last reads are no pairs.',
  'headend/usage-point-mismatch': 'Meter and usage point of one row name different usage points.',
  'headend/interval-changed': 'The capture period differs from the one the channels were made with.',
  'headend/profile-unknown': 'No mapping stands for the companion profile of the meter.',
  'headend/key-reused': 'A key stands more than once: twice in a meter, or in two meters.',
  'headend/key-default': 'A key is a published example or a pattern, not a secret.',
  'headend/key-file-invalid': 'The key file does not hold 32 octets.',
  'headend/key-token-failed':
    'The PKCS#11 token does not give the key: no pkcs11-tool, no module or token, a wrong PIN, or no such key.',
  'headend/key-unsealable': 'A sealed key does not open with this key file.',
  'headend/counter-exhausted':
    'All 2^32 - 1 numbers of an invocation counter are used: the key must be changed.',
  'headend/counter-block-exhausted':
    'A request used more invocation counters than were reserved ahead of it.',
  'headend/meter-unknown': 'No meter of this serial number or system title is provisioned.',
  'headend/timeout': 'The meter said nothing for the time a request may be silent.',
  'headend/session-deadline': 'The session took longer than a session may.',
  'headend/held-unknown': 'No sender of this system title is held.',
  'headend/held-mismatch': 'The row of a shipment is of another system title than the sender that is held.',
  'headend/held-refused': 'The row with which a held meter was to be approved cannot stand.',
  'headend/meter-leased': 'Another head-end on this registry is in a session with the meter.',
  'headend/link-closed': 'The link ended before the answer was complete.',
  'headend/image-refused': 'A firmware image is not what its signed manifest says.',
  'headend/campaign-exists': 'The id belongs to another campaign.',
  'headend/campaign-unknown': 'No campaign of this id was started.',
  'headend/no-candidates': 'No meter of the hardware that the image is made for lacks it.',
  'headend/deadline-passed': 'A session was wanted until an instant that passed before its turn came.',
  'headend/answer-too-long': 'The meter sent more octets than a session may receive.',
  'headend/closing': 'The head-end is closing.',
  'headend/attribute-refused': 'The meter refused to give an attribute.',
  'headend/object-not-found': 'No class tried has the object.',
  'headend/value-undecodable': 'An attribute does not hold the Data that was expected.',
  'headend/interval-mismatch':
    'The meter captures its load profile at another pace than the registry says; its entries would be taken for another length.',
  'headend/profile-columns': 'A profile does not capture what the mapping of the meter needs.',
  'headend/scaler-unsupported': 'The scaler or unit of a captured value does not fit its reading type.',
  'headend/entry-clock-invalid': 'The clock of a profile entry names no instant.',
  'headend/entry-outside-range': 'A profile entry lies outside the range that was asked for.',
  'headend/entry-off-grid': 'The clock of a profile entry is not on the boundary of an interval.',
  'headend/entry-out-of-order': 'A profile entry is not later than the one before it.',
  'headend/entry-value-invalid': 'A value of a profile entry is no integer from 0 to 2^53 - 1.',
  'headend/clock-drift': 'The clock of the meter differs from ours by more than the policy allows.',
  'headend/progress-failed': 'Meter data management could not say what is missing.',
  'headend/delivery-failed': 'Meter data management did not take the readings.',
  'headend/unexpected': 'Something failed that has no code of its own.',
  'headend/push-unprotected': 'A push came without protection: anyone could have sent it.',
  'headend/push-replayed': 'A push came twice in one delivery.',
  'headend/push-body': 'The body of a push is not what the push setup of the meter describes.',
  'headend/push-event-unknown': 'A push carries an event code that the mapping does not know.',
  'headend/push-datagram': 'A datagram holds something else than one wrapped push.',
  'headend/push-quota': 'A peer pushed more than a link or a host may.',
} as const;

/** A code of {@link headendErrors}. */
export type HeadendErrorCode = keyof typeof headendErrors;

/** A coded error of this room. */
export function headendError(
  code: HeadendErrorCode,
  message: string,
  where: Where = {},
  cause?: unknown,
): CodedError {
  return new CodedError(code, message, where, cause);
}

/** A coded failure of this room as data. */
export function headendFailure(code: HeadendErrorCode, message: string, where: Where = {}): Failure {
  return { code, message, where };
}
