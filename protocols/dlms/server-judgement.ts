/** What a server checks of an AARQ before it uses a key (Green Book 9.3.2, 9.4.4), in order, each with its diagnostic. */
import { equalBytes } from '@wattline/base';
import type { Aarq, Diagnostic } from './acse.ts';
import { conformanceOf, ownConformance, shortNameConformance } from './apdu/conformance.ts';
import type { DlmsErrorCode } from './errors.ts';
import { hlsMechanisms, isChallenge, isEquipped, isWeak } from './mechanisms.ts';
import type { ClientPolicy, LogicalDevice, ServerOptions } from './server.ts';

/** A refusal with the reason for the peer and the code for the log. */
export interface Refusal {
  readonly reason: Diagnostic['reason'];
  readonly source?: Diagnostic['source'];
  readonly code: DlmsErrorCode;
  readonly message: string;
  /** Told inside the AARE when the xDLMS part is at fault. */
  readonly initiateError?: 'dlms-version-too-low' | 'incompatible-conformance' | 'pdu-size-too-short';
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

/** Nobody is known at this SAP. */
export function noPolicy({ clientSap }: Setting): Refusal {
  return {
    reason: 'no-reason-given',
    code: 'dlms/unknown-client-sap',
    message: `no policy for client SAP ${clientSap}`,
  };
}

const attributeZero = conformanceOf('attribute0-supported-with-get', 'attribute0-supported-with-set');

/** Everything that can be judged before a key is used. */
export function checkAarq(
  aarq: Aarq,
  policy: ClientPolicy | undefined,
  setting: Setting,
): Refusal | undefined {
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

/** Objects go by short names. */
export function isShortContext(context: Aarq['applicationContextName']): boolean {
  return context === 'sn' || context === 'sn-ciphering';
}

/** APDUs may be ciphered. */
export function isCipheringContext(context: Aarq['applicationContextName']): boolean {
  return context === 'ln-ciphering' || context === 'sn-ciphering';
}

/** What is offered in a context; attribute 0 by a device that can say which attributes there are. */
export function offeredIn(context: Aarq['applicationContextName'], device: LogicalDevice): number {
  if (isShortContext(context)) return shortNameConformance;
  return device.attributes ? ownConformance : ownConformance & ~attributeZero;
}

function contextRefused(message: string): Refusal {
  return { reason: 'application-context-name-not-supported', code: 'dlms/context-refused', message };
}

function checkMechanism(aarq: Aarq, policy: ClientPolicy): Refusal | undefined {
  if (isWeak(policy) && !policy.allowsWeak) {
    return {
      reason: 'authentication-mechanism-name-not-recognised',
      code: 'dlms/weak-mechanism',
      message: `mechanism ${policy.mechanism} of client ${policy.name} is weak, and its policy does not say that it may be`,
    };
  }
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

/** Refused for what the client could not prove. */
export function authenticationFailed(code: DlmsErrorCode, message: string): Refusal {
  return { reason: 'authentication-failure', code, message };
}
