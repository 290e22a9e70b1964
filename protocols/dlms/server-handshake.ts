/** How the server answers an AARQ (Green Book 9.3.2, 9.4.4): checks in order, each with its diagnostic, then an AARE. */
import { type Aarq, authenticationUnit, encodeAcse, type UserDiagnostic } from './acse.ts';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import type { Protection, ReplayGuard, SecurityKeys } from './association.ts';
import type { DlmsErrorCode } from './errors.ts';
import { challengeLength, type Handshake, hlsMechanisms } from './mechanisms.ts';
import { connectionGuard, nextCounter, sealApdu } from './security.ts';
import type { ClientPolicy, LogicalDevice } from './server.ts';
import { dlmsVersion, type OpenedInitiate, openInitiate } from './server-initiate.ts';
import {
  checkAarq,
  isCipheringContext,
  isShortContext,
  noPolicy,
  offeredIn,
  type Refusal,
  type Setting,
} from './server-judgement.ts';

/** Default of the largest APDU, octets. */
export const defaultMaxPduSize = 1024;
/** VAA name of associations with logical names. */
const logicalNameVaa = 7;
/** VAA name of associations with short names. */
const shortNameVaa = 0xfa00;

/** What an association, pending or established, knows. */
export interface Association {
  readonly policy: ClientPolicy;
  readonly serverSap: number;
  /** Objects go by short names. */
  readonly isShort: boolean;
  readonly clientTitle: Uint8Array | undefined;
  readonly conformance: number;
  /** Largest APDU the client takes, octets. */
  readonly maxSend: number;
  readonly guard: ReplayGuard;
  /** Set while the client has still to prove itself. */
  readonly handshake: Handshake | undefined;
  /** A key the client chose for this association alone, with its own counter. */
  readonly dedicated: { readonly keys: SecurityKeys; readonly guard: ReplayGuard } | undefined;
  readonly initiateResponse: Uint8Array;
}

/** The answer to an AARQ, with the association it opens or the event it leaves. */
export interface Negotiation {
  readonly aare: Uint8Array;
  readonly association?: Association;
  readonly refusal?: { readonly code: DlmsErrorCode; readonly message: string };
}

/** Judges an AARQ. */
export function negotiate(aarq: Aarq, setting: Setting): Negotiation {
  const policy = setting.device.policy(setting.clientSap);
  const refusal = checkAarq(aarq, policy, setting);
  if (refusal || !policy) return reject(aarq, refusal ?? noPolicy(setting));
  const opened = openInitiate(aarq, policy, offeredIn(aarq.applicationContextName, setting.device));
  if ('reason' in opened) return reject(aarq, opened);
  return accept(aarq, { ...setting, policy, opened });
}

/** An AARE that refuses without an AARQ to refer to: it could not be read. */
export function rejectUnread(message: string, code: DlmsErrorCode): Negotiation {
  return reject({}, { reason: 'no-reason-given', code, message });
}

function accept(
  aarq: Aarq,
  from: Setting & { readonly policy: ClientPolicy; readonly opened: OpenedInitiate },
): Negotiation {
  const { device, options, policy, opened } = from;
  const { initiate, protection } = opened;
  const hls = hlsMechanisms[policy.mechanism];
  const isShort = isShortContext(aarq.applicationContextName);
  const conformance = initiate.proposedConformance & offeredIn(aarq.applicationContextName, device);
  const initiateResponse = encodeApdu('initiate-response', {
    negotiatedQualityOfService: undefined,
    negotiatedDlmsVersionNumber: dlmsVersion,
    negotiatedConformance: conformance,
    serverMaxReceivePduSize: options.maxPduSize ?? defaultMaxPduSize,
    vaaName: isShort ? shortNameVaa : logicalNameVaa,
  });
  const serverChallenge = hls && options.random.bytes(challengeLength(policy.mechanism));
  const isTitled = isCipheringContext(aarq.applicationContextName) || hls?.needsTitles === true;
  const aare = encodeAcse('aare', {
    applicationContextName: aarq.applicationContextName,
    result: 'accepted',
    resultSourceDiagnostic: {
      source: 'acse-service-user',
      reason: hls ? 'authentication-required' : 'null',
    },
    respondingApTitle: isTitled ? device.systemTitle : undefined,
    responderAcseRequirements: hls && authenticationUnit,
    mechanismName: hls && policy.mechanism,
    respondingAuthenticationValue: serverChallenge,
    userInformation: sealInitiate(initiateResponse, { device, policy, protection }),
  });
  return {
    aare,
    association: {
      policy,
      serverSap: from.serverSap,
      isShort,
      clientTitle: aarq.callingApTitle,
      conformance,
      maxSend: initiate.clientMaxReceivePduSize || 0xffff,
      guard: opened.guard,
      handshake: handshakeOf(aarq, from, serverChallenge),
      dedicated: dedicatedOf(initiate, policy),
      initiateResponse,
    },
  };
}

function handshakeOf(
  aarq: Aarq,
  from: { readonly device: LogicalDevice; readonly policy: ClientPolicy },
  serverChallenge: Uint8Array | undefined,
): Handshake | undefined {
  if (!serverChallenge || !aarq.callingAuthenticationValue) return undefined;
  return {
    clientTitle: aarq.callingApTitle,
    serverTitle: from.device.systemTitle,
    clientChallenge: aarq.callingAuthenticationValue,
    serverChallenge,
    secret: from.policy.secret,
    keys: from.policy.keys,
    signing: from.policy.signing,
  };
}

function dedicatedOf(
  initiate: ApduValue<'initiate-request'>,
  policy: ClientPolicy,
): Association['dedicated'] {
  const ek = initiate.dedicatedKey;
  if (!ek || !policy.keys || ek.length !== policy.keys.ek.length) return undefined;
  return { keys: { ...policy.keys, ek }, guard: connectionGuard() };
}

/** Seals an InitiateResponse as the request was. */
export function sealInitiate(
  initiateResponse: Uint8Array,
  by: { readonly device: LogicalDevice; readonly policy: ClientPolicy; readonly protection: Protection },
): Uint8Array {
  const { device, policy, protection } = by;
  if (protection === 'none' || !policy.keys) return initiateResponse;
  const sealer = { keys: policy.keys, systemTitle: device.systemTitle };
  const invocationCounter = nextCounter(device.counter(policy));
  return sealApdu(initiateResponse, sealer, { protection, invocationCounter, dress: 'glo' });
}

function reject(aarq: Aarq, refusal: Refusal): Negotiation {
  const { reason, source = 'acse-service-user', code, message, initiateError } = refusal;
  const context = aarq.applicationContextName;
  const isKnownContext = context !== undefined && context !== 'unknown';
  const aare = encodeAcse('aare', {
    applicationContextName: isKnownContext ? context : 'ln',
    result: 'rejected-permanent',
    resultSourceDiagnostic: { source, reason: reason as UserDiagnostic },
    userInformation:
      initiateError &&
      encodeApdu('confirmed-service-error', {
        choice: 'initiate-error',
        value: { choice: 'initiate', value: initiateError },
      }),
  });
  return { aare, refusal: { code, message } };
}
