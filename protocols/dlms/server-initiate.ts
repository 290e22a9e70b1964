/** The InitiateRequest in an AARQ (Green Book 9.3.2): out of its seal, its counter accepted, its proposals judged. */
import { type Result, success } from '@wattline/base';
import type { Aarq } from './acse.ts';
import { type ApduValue, decodeApdu } from './apdu/apdu.ts';
import { apduOfTag } from './apdu/tags.ts';
import type { Protection, ReplayGuard } from './association.ts';
import type { DlmsErrorCode } from './errors.ts';
import { acceptCounter, canSeal, connectionGuard, meetsProtection, openApdu } from './security.ts';
import type { ClientPolicy } from './server.ts';
import { authenticationFailed, type Refusal } from './server-judgement.ts';

/** A client that takes less could not be answered in blocks under full protection. */
const leastPduSize = 48;
/** DLMS version in use since 1998. */
export const dlmsVersion = 6;
/** An InitiateRequest as it was protected, and the guard of its sender. */
export interface OpenedInitiate {
  readonly initiate: ApduValue<'initiate-request'>;
  readonly protection: Protection;
  readonly guard: ReplayGuard;
}

/** The InitiateRequest, out of its envelope when it has one. */
export function openInitiate(aarq: Aarq, policy: ClientPolicy, offered: number): OpenedInitiate | Refusal {
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
  return checkInitiate(initiate, offered) ?? { initiate, protection, guard };
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
