/** protocols/dlms: DLMS/COSEM for both roles, sans I/O: codecs, application associations, push, frame trees. */
export * from './association.ts';
export { decodeData, encodeData } from './axdr.ts';
export { AxdrWriter } from './axdr-writer.ts';
export * from './client.ts';
export { createClientConnection } from './client-connection.ts';
export * from './cosem.ts';
export * from './data.ts';
export { type DateTime, type DateTimeOptions, decodeDateTime, encodeDateTime } from './date-time.ts';
export { type DlmsErrorCode, dlmsErrors } from './errors.ts';
export { decodeFrame, type FrameKeys, type FrameNode } from './frame-tree.ts';
export type { HdlcOptions } from './hdlc/parameters.ts';
export { formatObis, parseObis } from './obis.ts';
export {
  decodeEntryRange,
  decodeRange,
  type EntryRange,
  encodeEntryRange,
  encodeRange,
} from './profile-access.ts';
export {
  decodeProfileColumns,
  type ProfileColumn,
  type ProfileColumns,
  type ProfileOptions,
} from './profile-columns.ts';
export {
  createPushReceiver,
  decodePush,
  encodePush,
  type Push,
  type PushKeys,
  type PushMessage,
  type PushReceiver,
  type PushReceiverOptions,
} from './push.ts';
export * from './server.ts';
export { createServerConnection } from './server-connection.ts';
