/** Every error code of the dlms room, once: what it means and whose mistake it is. */
import { CodedError } from '@wattline/base';

/** Codes of failures and events; the text is what a person reads in the documentation. */
export const dlmsErrors = {
  'dlms/truncated': 'The octets end before the value they announce.',
  'dlms/trailing-octets': 'Octets follow the end of a complete value.',
  'dlms/bad-length': 'A length field is malformed, or larger than its container.',
  'dlms/bad-tag': 'A type or alternative tag is not one the standard allows at this place.',
  'dlms/bad-value': 'A field holds a value outside its range.',
  'dlms/too-deep': 'Data is nested deeper than the decoder allows.',
  'dlms/too-many-elements': 'An array or structure announces more elements than the decoder allows.',
  'dlms/bad-date-time': 'A date-time is malformed or names no instant.',
  'dlms/bad-obis': 'A logical name is not six numbers from 0 to 255.',
  'dlms/bad-profile': 'A profile buffer is not an array of structures of one width.',
  'dlms/unknown-apdu': 'The first octet names no APDU known here.',
  'dlms/bad-wrapper': 'A wrapper header (IEC 62056-47) is malformed.',
  'dlms/frame-too-long': 'A frame announces more octets than the receiver agreed to take.',
  'dlms/bad-hdlc-frame': 'An HDLC frame (IEC 62056-46) is malformed.',
  'dlms/bad-checksum': 'A frame check sequence does not match its octets.',
  'dlms/link-disconnected': 'The server refused the HDLC link or gave it up (DM or FRMR).',
  'dlms/unknown-framing': 'The octets are neither wrapper, HDLC nor an APDU.',
  'dlms/unknown-client-sap': 'An association was asked for from a client SAP that has no policy.',
  'dlms/unknown-server-sap': 'A frame is addressed to a server SAP that is not here.',
  'dlms/unknown-device': 'A gateway has no device of this address behind it.',
  'dlms/context-refused': 'The application context does not fit the policy of the client.',
  'dlms/mechanism-refused': 'The authentication mechanism is not the one of the policy, or not supported.',
  'dlms/weak-mechanism': 'The mechanism is weak, and the setting that would allow it is missing.',
  'dlms/authentication-failed': 'The peer did not prove that it holds the secret.',
  'dlms/reflected-challenge': 'The peer sent back our own challenge as its own.',
  'dlms/weak-challenge': 'The challenge of the peer is shorter than 8 or longer than 64 octets.',
  'dlms/unprotected': 'An APDU carries less protection than the association demands.',
  'dlms/decryption-failed':
    'The authentication tag does not match: wrong key, wrong system title or altered octets.',
  'dlms/bad-certificate': 'A certificate cannot be read, is not valid or not signed by its issuer.',
  'dlms/bad-signature': 'A signature is not that of the peer over the octets it came with.',
  'dlms/key-agreement':
    'Keys of a key agreement are malformed, of another curve or not signed by the originator.',
  'dlms/key-wrap': 'A wrapped key does not open under the key encryption key, or has a wrong length.',
  'dlms/bad-telegram': 'A P1 telegram is malformed, or its check sum does not match.',
  'dlms/bad-mbus-frame': 'An M-Bus frame is malformed, or its check sum or segment does not match.',
  'dlms/security-suite':
    'The security control octet names a suite or a key set that the association does not use.',
  'dlms/counter-replayed': 'The invocation counter is not above the last one accepted.',
  'dlms/counter-exhausted': 'The invocation counter has no number left: the key must be changed.',
  'dlms/keys-missing': 'Ciphering was asked for without keys, counter or system title.',
  'dlms/unknown-system-title': 'No keys are known for this system title.',
  'dlms/system-title-mismatch': 'The system title is not the one expected, or not eight octets.',
  'dlms/association-rejected': 'The server refused the association.',
  'dlms/not-associated': 'A service was asked for outside an application association.',
  'dlms/service-not-supported': 'The service was not negotiated or is not supported.',
  'dlms/version-too-low': 'The peer speaks a DLMS version below 6.',
  'dlms/pdu-too-short': 'The peer takes APDUs too short to answer in.',
  'dlms/exception-response': 'The server answered with an exception-response.',
  'dlms/confirmed-service-error': 'The server answered with a confirmedServiceError.',
  'dlms/unexpected-answer': 'The answer does not belong to the request.',
  'dlms/block-out-of-order': 'A data block does not carry the expected number.',
  'dlms/transfer-too-long': 'A block transfer grew beyond the limit.',
  'dlms/request-not-allowed': 'The client connection cannot take this request in its present state.',
} as const;
/** A code of {@link dlmsErrors}. */
export type DlmsErrorCode = keyof typeof dlmsErrors;

/** A coded error of this room, to be thrown inside a codec and turned into a value at its door. */
export function dlmsError(
  code: DlmsErrorCode,
  message: string,
  where: Readonly<Record<string, string | number | boolean | null>> = {},
): CodedError {
  return new CodedError(code, message, where);
}
