/** How the server answers an AARQ (Green Book 9.3.2, 9.4.4): checks in order, each with its diagnostic, then an AARE. */
import { equalBytes, type Result, success } from '@wattline/base';
import { type Aarq, authenticationUnit, type Diagnostic, encodeAcse, type UserDiagnostic } from './acse.ts';
import { type ApduValue, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { ownConformance, shortNameConformance } from './apdu/conformance.ts';
import { apduOfTag } from './apdu/tags.ts';
import type { Protection, ReplayGuard, SecurityKeys } from './association.ts';
import type { DlmsErrorCode } from './errors.ts';
import { challengeLength, type Handshake, hlsMechanisms, isChallenge, isEquipped } from './mechanisms.ts';
import {
  acceptCounter,
  canSeal,
  connectionGuard,
  meetsProtection,
  nextCounter,
  openApdu,
  sealApdu,
} from './security.ts';
import type { ClientPolicy, LogicalDevice, ServerOptions } from './server.ts';

/** Default of the largest APDU, octets. */
export const defaultMaxPduSize = 1024;
/** A client that takes less could not be answered in blocks under full protection. */
const leastPduSize = 48;
/** DLMS version in use since 1998. */
const dlmsVersion = 6;
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

/** A refusal with the reason for the peer and the code for the log. */
interface Refusal {
  readonly reason: Diagnostic['reason'];
  readonly source?: Diagnostic['source'];
  readonly code: DlmsErrorCode;
  readonly message: string;
  /** Told inside the AARE when the xDLMS part is at fault. */
  readonly initiateError?: 'dlms-version-too-low' | 'incompatible-conformance' | 'pdu-size-too-short';
}

/** The answer to an AARQ, with the association it opens or the event it leaves. */
export interface Negotiation {
  readonly aare: Uint8Array;
  readonly association?: Association;
  readonly refusal?: { readonly code: DlmsErrorCode; readonly message: string };
}

/** What the server knows when an AARQ comes in. */
export interface Setting {
  readonly device: LogicalDevice;
  readonly options: ServerOptions;
  readonly clientSap: number;
  readonly serverSap: number;
  /** The last challenge sent on this connection: it must not come back as the client's own. */
  readonly lastChallenge: Uint8Array | undefined;
}

/** Judges an AARQ. */
export function negotiate(aarq: Aarq, setting: Setting): Negotiation {
  const policy = setting.device.policy(setting.clientSap);
  const refusal = checkAarq(aarq, policy, setting);
  if (refusal || !policy) return reject(aarq, refusal ?? noPolicy(setting));
  const opened = openInitiate(aarq, policy);
  if ('reason' in opened) return reject(aarq, opened);
  return accept(aarq, { ...setting, policy, opened });
}

/** An AARE that refuses without an AARQ to refer to: it could not be read. */
export function rejectUnread(message: string, code: DlmsErrorCode): Negotiation {
  return reject({}, { reason: 'no-reason-given', code, message });
}

function noPolicy({ clientSap }: Setting): Refusal {
  return {
    reason: 'no-reason-given',
    code: 'dlms/unknown-client-sap',
    message: `no policy for client SAP ${clientSap}`,
  };
}

/** Everything that can be judged before a key is used. */
function checkAarq(aarq: Aarq, policy: ClientPolicy | undefined, setting: Setting): Refusal | undefined {
  const version = aarq.protocolVersion;
  if (version && ((version[1] ?? 0) & 0x80) === 0) {
    return {
      reason: 'no-common-acse-version',
      source: 'acse-service-provider',
      code: 'dlms/context-refused',
      message: 'the AARQ asks for another version of ACSE than 1',
    };
  }
  const context = aarq.applicationContextName;
  const isShort = isShortContext(context);
  if (context === undefined || context === 'unknown' || (isShort && !setting.device.shortNames)) {
    return contextRefused(`expected a context with logical names, found ${context ?? 'none'}`);
  }
  if (setting.serverSap !== setting.device.serverSap) {
    return {
      reason: 'called-ap-title-not-recognized',
      code: 'dlms/unknown-server-sap',
      message: `no logical device at server SAP ${setting.serverSap}`,
    };
  }
  if (!policy) return noPolicy(setting);
  if (policy.protection !== 'none' && !isCipheringContext(context)) {
    return contextRefused(`client ${policy.name} must use a context with ciphering`);
  }
  return (
    checkMechanism(aarq, policy) ?? checkTitle(aarq, policy, setting) ?? checkSecret(aarq, policy, setting)
  );
}

function isShortContext(context: Aarq['applicationContextName']): boolean {
  return context === 'sn' || context === 'sn-ciphering';
}

function isCipheringContext(context: Aarq['applicationContextName']): boolean {
  return context === 'ln-ciphering' || context === 'sn-ciphering';
}

/** What is offered in a context. */
function offeredIn(context: Aarq['applicationContextName']): number {
  return isShortContext(context) ? shortNameConformance : ownConformance;
}

function contextRefused(message: string): Refusal {
  return { reason: 'application-context-name-not-supported', code: 'dlms/context-refused', message };
}

function checkMechanism(aarq: Aarq, policy: ClientPolicy): Refusal | undefined {
  const offered = aarq.mechanismName ?? 'none';
  if (offered !== 'unknown' && offered === policy.mechanism && isEquipped(offered, policy)) return undefined;
  return {
    reason:
      aarq.mechanismName === undefined
        ? 'authentication-mechanism-name-required'
        : 'authentication-mechanism-name-not-recognised',
    code: 'dlms/mechanism-refused',
    message: `expected mechanism ${policy.mechanism}, found ${offered}`,
  };
}

/** A client under our own title would make us seal under its counters: AES-GCM does not survive that. */
function checkTitle(aarq: Aarq, policy: ClientPolicy, setting: Setting): Refusal | undefined {
  const isNeeded =
    isCipheringContext(aarq.applicationContextName) || hlsMechanisms[policy.mechanism]?.needsTitles === true;
  if (!isNeeded) return undefined;
  const title = aarq.callingApTitle;
  if (title?.length === 8 && !equalBytes(title, setting.device.systemTitle)) return undefined;
  return {
    reason: 'calling-ap-title-not-recognized',
    code: 'dlms/system-title-mismatch',
    message: `expected the client's own system title of 8 octets, found ${title?.length ?? 'none'}`,
  };
}

function checkSecret(aarq: Aarq, policy: ClientPolicy, setting: Setting): Refusal | undefined {
  const value = aarq.callingAuthenticationValue;
  if (policy.mechanism === 'none') return undefined;
  if (policy.mechanism === 'lls') {
    if (value && policy.secret && equalBytes(value, policy.secret)) return undefined;
    return authenticationFailed('dlms/authentication-failed', 'the password is wrong');
  }
  const length = value?.length ?? 0;
  if (!isChallenge(value)) {
    return authenticationFailed(
      'dlms/weak-challenge',
      `expected a challenge of 8 to 64 octets, found ${length}`,
    );
  }
  if (setting.lastChallenge && equalBytes(value, setting.lastChallenge)) {
    return authenticationFailed('dlms/reflected-challenge', "the challenge is this server's own");
  }
  return undefined;
}

function authenticationFailed(code: DlmsErrorCode, message: string): Refusal {
  return { reason: 'authentication-failure', code, message };
}

interface OpenedInitiate {
  readonly initiate: ApduValue<'initiate-request'>;
  readonly protection: Protection;
  readonly guard: ReplayGuard;
}

/** The InitiateRequest, out of its envelope when it has one. */
function openInitiate(aarq: Aarq, policy: ClientPolicy): OpenedInitiate | Refusal {
  const octets = aarq.userInformation;
  const title = aarq.callingApTitle;
  const guard = (title && policy.replayOf?.(title)) ?? policy.replay ?? connectionGuard();
  if (!octets) return authenticationFailed('dlms/bad-value', 'the AARQ carries no InitiateRequest');
  const unsealed = unsealInitiate(octets, aarq, policy);
  if (!unsealed.ok) return authenticationFailed(unsealed.error.code as DlmsErrorCode, unsealed.error.message);
  const { plain, protection, invocationCounter } = unsealed.value;
  if (!meetsProtection(protection, policy.protection)) {
    return authenticationFailed(
      'dlms/unprotected',
      `expected an InitiateRequest protected by ${policy.protection}, found ${protection}`,
    );
  }
  const decoded = decodeApdu(plain);
  if (!decoded.ok)
    return {
      reason: 'no-reason-given',
      code: decoded.error.code as DlmsErrorCode,
      message: decoded.error.message,
    };
  if (decoded.value.apdu !== 'initiate-request') {
    return {
      reason: 'no-reason-given',
      code: 'dlms/bad-tag',
      message: 'the AARQ carries no InitiateRequest',
    };
  }
  if (invocationCounter !== undefined) {
    const accepted = acceptCounter(guard, invocationCounter);
    if (!accepted.ok) return authenticationFailed('dlms/counter-replayed', accepted.error.message);
  }
  const initiate = decoded.value.value;
  const dedicatedLength = initiate.dedicatedKey?.length;
  if (dedicatedLength !== undefined && policy.keys && dedicatedLength !== policy.keys.ek.length) {
    const message = `expected a dedicated key of ${policy.keys.ek.length} octets, found ${dedicatedLength}`;
    return { reason: 'no-reason-given', code: 'dlms/bad-value', message };
  }
  return checkInitiate(initiate, offeredIn(aarq.applicationContextName)) ?? { initiate, protection, guard };
}

function unsealInitiate(
  octets: Uint8Array,
  aarq: Aarq,
  policy: ClientPolicy,
): Result<{ plain: Uint8Array; protection: Protection; invocationCounter: number | undefined }> {
  const isSealed = apduOfTag[octets[0] ?? 0]?.dress === 'glo';
  if (!isSealed) return success({ plain: octets, protection: 'none', invocationCounter: undefined });
  const { keys } = policy;
  const systemTitle = aarq.callingApTitle;
  if (!keys || !systemTitle || !canSeal(keys, systemTitle)) {
    return {
      ok: false,
      error: { code: 'dlms/keys-missing', message: `client ${policy.name} has no keys here`, where: {} },
    };
  }
  return openApdu(octets, 'initiate-request', { keys, systemTitle });
}

function checkInitiate(initiate: ApduValue<'initiate-request'>, offered: number): Refusal | undefined {
  const refuse = (
    initiateError: NonNullable<Refusal['initiateError']>,
    code: DlmsErrorCode,
    message: string,
  ): Refusal => ({ reason: 'no-reason-given', code, message, initiateError });
  if (initiate.proposedDlmsVersionNumber < dlmsVersion) {
    const found = initiate.proposedDlmsVersionNumber;
    return refuse('dlms-version-too-low', 'dlms/version-too-low', `expected DLMS version 6, found ${found}`);
  }
  if ((initiate.proposedConformance & offered) === 0) {
    return refuse('incompatible-conformance', 'dlms/service-not-supported', 'no service in common');
  }
  const size = initiate.clientMaxReceivePduSize;
  if (size !== 0 && size < leastPduSize) {
    return refuse(
      'pdu-size-too-short',
      'dlms/pdu-too-short',
      `expected at least ${leastPduSize} octets, found ${size}`,
    );
  }
  return undefined;
}

function accept(
  aarq: Aarq,
  from: Setting & { readonly policy: ClientPolicy; readonly opened: OpenedInitiate },
): Negotiation {
  const { device, options, policy, opened } = from;
  const { initiate, protection } = opened;
  const hls = hlsMechanisms[policy.mechanism];
  const isShort = isShortContext(aarq.applicationContextName);
  const conformance = initiate.proposedConformance & offeredIn(aarq.applicationContextName);
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
