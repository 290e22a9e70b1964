/** Every error code of the network room, once: what it means. */
import { CodedError, type Where } from '@wattline/base';

/** Codes and what a person reads in the documentation. */
export const networkErrors = {
  'network/unreachable': 'Nobody answers at the address, or the serial port cannot be opened.',
  'network/port-taken': 'Another program listens on the port.',
  'network/cannot-listen': 'The address cannot be listened on.',
  'network/closed': 'The link was closed here.',
  'network/closed-by-peer': 'The other end closed the link.',
  'network/lost': 'The link broke: reset, cable unplugged, port gone.',
  'network/idle': 'Nothing came for the time that a link may be silent.',
  'network/overflow': 'The other end does not take what it is sent.',
  'network/refused': 'The other end sent what cannot be followed.',
  'network/too-long': 'More octets in one piece than a datagram carries.',
  'network/bad-serial-setting': 'The serial port does not take the speed or format.',
} as const;

/** A code of {@link networkErrors}. */
export type NetworkErrorCode = keyof typeof networkErrors;

/** A coded error of this room. */
export function networkError(
  code: NetworkErrorCode,
  message: string,
  where: Where = {},
  cause?: unknown,
): CodedError {
  return new CodedError(code, message, where, cause);
}
