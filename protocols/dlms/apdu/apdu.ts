/** All xDLMS APDUs by name: the table from which reading, writing, printing and dispatch are derived. */
import type { Result } from '@wattline/base';
import { AxdrWriter } from '../axdr-writer.ts';
import type { Codec, ValueOf } from '../codec.ts';
import { attempt, OctetReader } from '../octet-reader.ts';
import { generalBlockTransfer, generalCiphered, generalCiphering, generalSigning } from './general.ts';
import { confirmedServiceError, exceptionResponse, initiateRequest, initiateResponse } from './initiate.ts';
import { dataNotification, dataNotificationConfirm, eventNotificationRequest } from './notifications.ts';
import {
  accessRequest,
  accessResponse,
  actionRequest,
  actionResponse,
  getRequest,
  getResponse,
  setRequest,
  setResponse,
} from './services.ts';
import {
  informationReportRequest,
  readRequest,
  readResponse,
  unconfirmedWriteRequest,
  writeRequest,
  writeResponse,
} from './short-names.ts';
import { type ApduName, apduOfTag, apduTags } from './tags.ts';

/** Contents of each APDU after its tag; the ACSE APDUs are BER and have their own codec. */
export const apduCodecs = {
  'initiate-request': initiateRequest,
  'read-request': readRequest,
  'write-request': writeRequest,
  'initiate-response': initiateResponse,
  'read-response': readResponse,
  'write-response': writeResponse,
  'confirmed-service-error': confirmedServiceError,
  'data-notification': dataNotification,
  'data-notification-confirm': dataNotificationConfirm,
  'unconfirmed-write-request': unconfirmedWriteRequest,
  'information-report-request': informationReportRequest,
  'get-request': getRequest,
  'set-request': setRequest,
  'event-notification-request': eventNotificationRequest,
  'action-request': actionRequest,
  'get-response': getResponse,
  'set-response': setResponse,
  'action-response': actionResponse,
  'exception-response': exceptionResponse,
  'access-request': accessRequest,
  'access-response': accessResponse,
  'general-glo-ciphering': generalCiphered,
  'general-ded-ciphering': generalCiphered,
  'general-ciphering': generalCiphering,
  'general-signing': generalSigning,
  'general-block-transfer': generalBlockTransfer,
} as const;

type Codecs = typeof apduCodecs;
/** The name of an APDU of the table. */
export type XdlmsName = keyof Codecs;
/** The contents of the APDU called `N`. */
export type ApduValue<N extends XdlmsName> = ValueOf<Codecs[N]>;
/** An APDU in the clear. */
export type Apdu = { [N in XdlmsName]: { readonly apdu: N; readonly value: ApduValue<N> } }[XdlmsName];

/** Whether trailing octets are an error: real servers have been seen to append some. */
export interface ApduOptions {
  readonly tolerateTrailing?: boolean;
}

/** Octets of an APDU, tag first. */
export function encodeApdu<N extends XdlmsName>(apdu: N, value: ApduValue<N>): Uint8Array {
  const writer = new AxdrWriter();
  writer.u8(apduTags[apdu].tag);
  (apduCodecs[apdu] as unknown as Codec<ApduValue<N>>).write(writer, value);
  return writer.finish();
}

/**
 * The APDU of these octets, which must be in the clear and not ACSE.
 * Fails with `dlms/unknown-apdu` or the code of what is malformed; `where.offset` is the octet.
 */
export function decodeApdu(octets: Uint8Array, options: ApduOptions = {}): Result<Apdu> {
  return attempt(() => {
    const reader = new OctetReader(octets);
    const apdu = readApdu(reader);
    if (!options.tolerateTrailing) reader.expectEnd();
    return apdu;
  });
}

/** Reads tag and contents of an APDU in the clear. */
export function readApdu(reader: OctetReader): Apdu {
  const tag = reader.u8();
  const found = apduOfTag[tag];
  const name = found?.dress === 'plain' ? found.name : undefined;
  if (name === undefined || !isXdlms(name)) {
    reader.fail('dlms/unknown-apdu', `expected the tag of an APDU in the clear, found ${tag}`, -1);
  }
  return { apdu: name, value: apduCodecs[name].read(reader) } as Apdu;
}

/** Whether an APDU stands in the table (all but the ACSE APDUs do). */
export function isXdlms(name: ApduName): name is XdlmsName {
  return name in apduCodecs;
}
