/** protocols/iec62056-21: the optical opening that leads to DLMS over HDLC (mode E), both roles, sans I/O. */
export {
  createOpeningClient,
  type OpeningClient,
  type OpeningOptions,
  type OpeningOutcome,
  type OpeningStep,
} from './client.ts';
export { type OpeningErrorCode, openingErrors } from './errors.ts';
export { type LineSetting, openingLine, withEvenParity } from './line.ts';
export {
  type Baud,
  baudOfCharacter,
  decodeIdentification,
  encodeIdentification,
  type Identification,
  type OptionSelect,
} from './messages.ts';
export {
  createOpeningServer,
  type OpeningMeter,
  type OpeningServer,
  type ServerOpeningEvent,
  type ServerOpeningStep,
} from './server.ts';
