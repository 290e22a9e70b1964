/** How the client opens an association (Green Book 9.3.2): its AARQ, and what it demands of the AARE. */
import { equalBytes, failure, type Result, success } from '@wattline/base';
import { type Aare, authenticationUnit, encodeAcse } from './acse.ts';
import { type ApduValue, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { proposedConformance } from './apdu/conformance.ts';
import { apduOfTag } from './apdu/tags.ts';
import type { ReplayGuard } from './association.ts';
import { canCipher } from './ciphering-setup.ts';
import type { ClientOptions } from './client.ts';
import { isKeyPair } from './elliptic.ts';
import {
  challengeLength,
  type Handshake,
  hlsMechanisms,
  isChallenge,
  isEquipped,
  isWeak,
} from './mechanisms.ts';
import { acceptCounter, canSeal, meetsProtection, nextCounter, openApdu, sealApdu } from './security.ts';

const defaultMaxPduSize = 1024;
const dlmsVersion = 6;
/** A server that takes less could not be asked anything under full protection. */
const leastPduSize = 48;

/** What both sides agreed to. */
export interface Agreement {
  readonly serverTitle: Uint8Array | undefined;
  readonly conformance: number;
  /** Largest APDU the server takes, octets. */
  readonly maxSend: number;
  /** Set when the client has still to prove itself. */
  readonly handshake: Handshake | undefined;
}

/** Whether the options hold all that the mechanism and the protection need. */
export function checkOptions(options: ClientOptions): Result<null> {
  const { mechanism, protection, keys, counter, systemTitle } = options;
  const hls = hlsMechanisms[mechanism];
  if (mechanism !== 'none' && mechanism !== 'lls' && !hls) {
    return failure('dlms/mechanism-refused', `mechanism ${mechanism} is not supported`);
  }
  if (isWeak(options) && !options.allowsWeak) {
    const message = `mechanism ${mechanism} is weak: it needs the setting allowsWeak on both sides`;
    return failure('dlms/weak-mechanism', message);
  }
  if (!isEquipped(mechanism, options)) {
    return failure('dlms/keys-missing', `mechanism ${mechanism} needs a secret or keys`);
  }
  const isSealing = protection !== 'none' || hls?.needsKeys === true;
  if (isSealing && (!counter || !canSeal(keys, systemTitle))) {
    return failure(
      'dlms/keys-missing',
      'ciphering needs keys of the suite, a counter and a system title of 8 octets',
    );
  }
  if (hls?.needsTitles && systemTitle?.length !== 8) {
    return failure('dlms/keys-missing', `mechanism ${mechanism} needs a system title of 8 octets`);
  }
  if (options.isSigned && (protection === 'none' || !options.signing || !isKeyPair(options.signing.own))) {
    // A signature alone has no counter: what was signed once could be sent again.
    return failure('dlms/keys-missing', 'signing needs a signing pair, and goes with ciphering');
  }
  const { envelope, ciphering, signing } = options;
  if (envelope === 'ciphering') {
    const scheme = ciphering?.scheme ?? 'identified';
    if (protection === 'none' || !keys || !canCipher(scheme, { setup: ciphering ?? {}, keys, signing })) {
      return failure('dlms/keys-missing', `General-Ciphering by ${scheme} needs its keys and a protection`);
    }
  }
  if (options.dedicatedKey && options.dedicatedKey.length !== keys?.ek.length) {
    return failure('dlms/keys-missing', 'a dedicated key goes with global keys of the same length');
  }
  return success(null);
}

/** The client's challenge, when the mechanism has one. */
export function drawChallenge(options: ClientOptions): Uint8Array | undefined {
  return hlsMechanisms[options.mechanism] && options.random.bytes(challengeLength(options.mechanism));
}

/** The AARQ of checked options. */
export function buildAarq(options: ClientOptions, challenge: Uint8Array | undefined): Uint8Array {
  const { mechanism, protection, systemTitle } = options;
  const isCiphered = protection !== 'none';
  const isTitled = isCiphered || hlsMechanisms[mechanism]?.needsTitles === true;
  const isAuthenticated = mechanism !== 'none';
  return encodeAcse('aarq', {
    applicationContextName: `${options.referencing ?? 'ln'}${isCiphered ? '-ciphering' : ''}`,
    callingApTitle: isTitled ? systemTitle : undefined,
    senderAcseRequirements: isAuthenticated ? authenticationUnit : undefined,
    mechanismName: isAuthenticated ? mechanism : undefined,
    callingAuthenticationValue: mechanism === 'lls' ? options.secret : challenge,
    userInformation: initiate(options),
  });
}

function initiate(options: ClientOptions): Uint8Array {
  const { protection, keys, counter, systemTitle } = options;
  const plain = encodeApdu('initiate-request', {
    // Never in the clear: whoever hears it could speak with it.
    dedicatedKey: protection === 'none' ? undefined : options.dedicatedKey,
    responseAllowed: undefined,
    proposedQualityOfService: undefined,
    proposedDlmsVersionNumber: dlmsVersion,
    proposedConformance: proposedConformance(options),
    clientMaxReceivePduSize: options.maxPduSize ?? defaultMaxPduSize,
  });
  if (protection === 'none' || !keys || !counter || !systemTitle) return plain;
  return sealApdu(
    plain,
    { keys, systemTitle },
    { protection, invocationCounter: nextCounter(counter), dress: 'glo' },
  );
}

/** Judges an AARE: result, titles, mechanism, challenge and the InitiateResponse inside. */
export function judgeAare(
  aare: Aare,
  asked: {
    readonly options: ClientOptions;
    readonly challenge: Uint8Array | undefined;
    readonly guard: ReplayGuard;
  },
): Result<Agreement> {
  const { options, challenge, guard } = asked;
  const rejection = rejectionOf(aare);
  if (rejection) return rejection;
  const title = judgeTitle(aare, options);
  if (!title.ok) return title;
  const handshake = judgeChallenge(aare, { options, challenge, serverTitle: title.value });
  if (!handshake.ok) return handshake;
  const response = openInitiateResponse(aare, { options, guard, serverTitle: title.value });
  if (!response.ok) return response;
  const { negotiatedDlmsVersionNumber: version, serverMaxReceivePduSize: size } = response.value;
  if (version < dlmsVersion) {
    return failure('dlms/version-too-low', `expected DLMS version 6, found ${version}`);
  }
  if (size !== 0 && size < leastPduSize) {
    return failure(
      'dlms/pdu-too-short',
      `expected a server that takes ${leastPduSize} octets, found ${size}`,
    );
  }
  return success({
    serverTitle: title.value,
    conformance: response.value.negotiatedConformance & proposedConformance(options),
    maxSend: size || 0xffff,
    handshake: handshake.value,
  });
}

function rejectionOf(aare: Aare): ReturnType<typeof failure> | undefined {
  if (aare.result === 'accepted') return undefined;
  const { source, reason } = aare.resultSourceDiagnostic ?? {};
  const inside = aare.userInformation && decodeApdu(aare.userInformation);
  const error =
    inside?.ok && inside.value.apdu === 'confirmed-service-error'
      ? String(inside.value.value.value.value)
      : null;
  return failure('dlms/association-rejected', `the server answered ${aare.result}: ${error ?? reason}`, {
    result: aare.result ?? null,
    source: source ?? null,
    diagnostic: reason ?? null,
    serviceError: error,
  });
}

function judgeTitle(aare: Aare, options: ClientOptions): Result<Uint8Array | undefined> {
  const expected = options.serverSystemTitle;
  const found = aare.respondingApTitle;
  const isNeeded = options.protection !== 'none' || hlsMechanisms[options.mechanism]?.needsTitles === true;
  if (found && expected && !equalBytes(found, expected)) {
    return failure(
      'dlms/system-title-mismatch',
      'the server answered under another system title than expected',
    );
  }
  const title = found ?? expected;
  if (isNeeded && title?.length !== 8) {
    return failure(
      'dlms/system-title-mismatch',
      `expected a system title of 8 octets, found ${title?.length ?? 'none'}`,
    );
  }
  // Both sides under one title would share the numbers that must never repeat under a key.
  if (isNeeded && title && options.systemTitle && equalBytes(title, options.systemTitle)) {
    return failure('dlms/system-title-mismatch', "the server answered under the client's own system title");
  }
  return success(title);
}

function judgeChallenge(
  aare: Aare,
  asked: {
    readonly options: ClientOptions;
    readonly challenge: Uint8Array | undefined;
    readonly serverTitle: Uint8Array | undefined;
  },
): Result<Handshake | undefined> {
  const { options, challenge, serverTitle } = asked;
  const isPending = aare.resultSourceDiagnostic?.reason === 'authentication-required';
  if (!challenge) {
    return isPending
      ? failure('dlms/association-rejected', 'the server demands authentication', {
          diagnostic: 'authentication-required',
        })
      : success(undefined);
  }
  if (!isPending || aare.mechanismName !== options.mechanism) {
    return failure(
      'dlms/authentication-failed',
      `the server does not take part in mechanism ${options.mechanism}`,
    );
  }
  const stoc = aare.respondingAuthenticationValue;
  const length = stoc?.length ?? 0;
  if (!isChallenge(stoc)) {
    return failure('dlms/weak-challenge', `expected a challenge of 8 to 64 octets, found ${length}`);
  }
  if (equalBytes(stoc, challenge)) {
    return failure('dlms/reflected-challenge', "the server sent back the client's own challenge");
  }
  return success({
    clientTitle: options.systemTitle,
    serverTitle,
    clientChallenge: challenge,
    serverChallenge: stoc,
    secret: options.secret,
    keys: options.keys,
    signing: options.signing,
  });
}

function openInitiateResponse(
  aare: Aare,
  by: {
    readonly options: ClientOptions;
    readonly guard: ReplayGuard;
    readonly serverTitle: Uint8Array | undefined;
  },
): Result<ApduValue<'initiate-response'>> {
  const { options, guard, serverTitle } = by;
  let plain = aare.userInformation;
  if (!plain) return failure('dlms/unexpected-answer', 'the AARE carries no InitiateResponse');
  const isSealed = apduOfTag[plain[0] ?? 0]?.dress === 'glo';
  if (isSealed && options.keys && serverTitle) {
    const sealer = { keys: options.keys, systemTitle: serverTitle };
    const opened = openApdu(plain, 'initiate-response', sealer);
    if (!opened.ok) return opened;
    const accepted = acceptCounter(guard, opened.value.invocationCounter);
    if (!accepted.ok) return accepted;
    if (!meetsProtection(opened.value.protection, options.protection)) {
      return failure('dlms/unprotected', `expected protection ${options.protection}`);
    }
    plain = opened.value.plain;
  } else if (options.protection !== 'none') {
    return failure('dlms/unprotected', 'the InitiateResponse came in the clear');
  }
  const decoded = decodeApdu(plain);
  if (!decoded.ok) return decoded;
  return decoded.value.apdu === 'initiate-response'
    ? success(decoded.value.value)
    : failure('dlms/unexpected-answer', `expected an InitiateResponse, found ${decoded.value.apdu}`);
}
