/** protocols/dlms: DLMS/COSEM for both roles, sans I/O: codecs, application associations, push, frame trees. */
export { applicationContext, mechanismId } from './acse.ts';
export { type Apdu, decodeApdu, encodeApdu } from './apdu/apdu.ts';
export { ownConformance } from './apdu/conformance.ts';
export * from './association.ts';
export { decodeData, encodeData } from './axdr.ts';
export { AxdrWriter } from './axdr-writer.ts';
export { type CaptureTree, describeCapture } from './capture-tree.ts';
export * from './client.ts';
export { createClientConnection } from './client-connection.ts';
export * from './cosem.ts';
export * from './data.ts';
export { type DateTime, type DateTimeOptions, decodeDateTime, encodeDateTime } from './date-time.ts';
export { generateKeyPair, publicKeyOfCertificate, publicKeyOfChain } from './elliptic.ts';
export { type DlmsErrorCode, dlmsErrors } from './errors.ts';
export type { FrameNode } from './frame-node.ts';
export { decodeFrame, type FrameKeys } from './frame-tree.ts';
export { decodeGateway, encodeGateway, type GatewayAddress, type GatewayFrame } from './gateway.ts';
export {
  type CipheringKey,
  type CipheringKeys,
  type CipheringOpened,
  type CipheringRequest,
  openGeneralCiphering,
  sealGeneralCiphering,
} from './general-ciphering.ts';
export { frameCheck } from './hdlc/fcs.ts';
export type { HdlcOptions } from './hdlc/parameters.ts';
export { createHdlcUiCutter, type HdlcUiCutter, type UiPiece } from './hdlc/ui.ts';
export {
  type AgreedKey,
  type AgreementSide,
  type AgreementStart,
  answerAgreement,
  finishAgreement,
  startAgreement,
} from './key-agreement.ts';
export {
  decodeKeyTransfer,
  encodeKeyTransfer,
  type KeyUpdate,
  unwrapKey,
  wrapKey,
} from './key-transfer.ts';
export { createMbusReceiver, type MbusReceiver } from './mbus.ts';
export {
  type MbusKeyAddress,
  type MbusUserKey,
  openMbusUserKey,
  sealMbusUserKey,
} from './mbus-user-key.ts';
export { formatObis, parseObis } from './obis.ts';
export { createP1Receiver, decodeP1, type P1Receiver, type P1Telegram } from './p1.ts';
export {
  decodeEntryRange,
  decodeRange,
  type EntryRange,
  encodeEntryRange,
  encodeRange,
} from './profile-access.ts';
export { createProfileDecoder, decodeProfileColumns } from './profile-columns.ts';
export type { ProfileColumn, ProfileColumns, ProfileOptions } from './profile-values.ts';
export {
  createPushReceiver,
  decodeOpenedPush,
  decodePush,
  type EventMessage,
  encodeEvent,
  encodePush,
  encodeReport,
  type Push,
  type PushKeys,
  type PushMessage,
  type PushReceiver,
  type PushReceiverOptions,
  type ReportMessage,
} from './push.ts';
export { decodePushCapture, type PushCapture, type PushQuirk, type SealedPush } from './push-capture.ts';
export { decodePushConfirm, encodePushConfirm, type PushConfirm } from './push-confirm.ts';
export { openPushSeal, type PushSeal, readPushSeal } from './push-seal.ts';
export { type PushValue, valuesOfPush } from './push-values.ts';
export { type Opened, open as openSealed, seal as sealPlain } from './security.ts';
export * from './server.ts';
export { createServerConnection } from './server-connection.ts';
export {
  decodeObjectList,
  objectListName,
  resolveShortName,
  shortNameOfAttribute,
  shortNameOfMethod,
} from './short-names.ts';
export { unitSymbol } from './units.ts';
export { createWrapperCutter, encodeWrapper, isWrapped, type WrapperFrame } from './wrapper.ts';
