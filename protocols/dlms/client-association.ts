/** The client's application layer (Green Book 9.3 and 9.4): requests and APDUs in, APDUs and outcomes out, by a table of states. */
import { CodedError, type Failure, failure, type Result, success } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag } from './acse.ts';
import { type Apdu, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import { type ApduName, apduOfTag } from './apdu/tags.ts';
import type { ReplayGuard, SecurityKeys } from './association.ts';
import { decodeData } from './axdr.ts';
import type { ClientOptions, ClientOutcome, ClientRequest } from './client.ts';
import { type Exchange, type ServiceRequest, startExchange } from './client-exchange.ts';
import { type Agreement, buildAarq, checkOptions, drawChallenge, judgeAare } from './client-handshake.ts';
import { envelopeOverhead, unwrapApdu, wrapApdu } from './envelope.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { connectionGuard, meetsProtection, nextCounter } from './security.ts';

/** What an APDU of the server led to. */
export interface ClientReaction {
  readonly send?: Uint8Array;
  readonly outcome?: ClientOutcome;
}

/** One connection's application layer, whatever carries the APDUs. */
export interface ClientAssociation {
  request(request: ClientRequest): Result<Uint8Array>;
  receive(apdu: Uint8Array): ClientReaction;
}

/** `exchanging` waits for the answer to GET, SET or ACTION; `failed` is final. */
type State = 'idle' | 'associating' | 'proving' | 'associated' | 'exchanging' | 'releasing' | 'failed';

/** State x request: which requests a state takes, and the state after. */
const requestRules: Readonly<
  Partial<Record<State, Readonly<Partial<Record<ClientRequest['kind'], State>>>>>
> = {
  idle: { associate: 'associating' },
  associated: {
    get: 'exchanging',
    'get-list': 'exchanging',
    set: 'exchanging',
    action: 'exchanging',
    release: 'releasing',
  },
};

type Step = 'judge' | 'verify' | 'exchange' | 'released' | 'exception' | 'service-error' | 'ignore';

const refusals = { 'exception-response': 'exception', 'confirmed-service-error': 'service-error' } as const;

/** Notifications may come in between and answer nothing: a push listener takes those, not an exchange. */
const notifications = { 'data-notification': 'ignore', 'event-notification-request': 'ignore' } as const;

/** State x APDU -> step. What is not in the table fails the connection. */
const answerRules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: notifications,
  associating: { aare: 'judge', ...refusals, ...notifications },
  proving: { 'action-response': 'verify', ...refusals, ...notifications },
  associated: notifications,
  exchanging: {
    'get-response': 'exchange',
    'set-response': 'exchange',
    'action-response': 'exchange',
    ...refusals,
    ...notifications,
  },
  releasing: { rlre: 'released', ...refusals, ...notifications },
  failed: {},
};

/** Which envelope serves which key. */
const envelopes = {
  service: { global: 'glo', dedicated: 'ded' },
  general: { global: 'general-glo', dedicated: 'general-ded' },
} as const;

/** A client with no association yet. */
export function createClientAssociation(options: ClientOptions): ClientAssociation {
  return new AssociationState(options);
}

/** Holds the agreement and the exchange under way between APDUs. */
class AssociationState implements ClientAssociation {
  private readonly options: ClientOptions;
  private readonly guard: ReplayGuard;
  private readonly dedicatedGuard = connectionGuard();
  private state: State = 'idle';
  private challenge: Uint8Array | undefined;
  private agreement: Agreement | undefined;
  private exchange: Exchange | undefined;

  constructor(options: ClientOptions) {
    this.options = options;
    this.guard = options.replay ?? connectionGuard();
  }

  request(request: ClientRequest): Result<Uint8Array> {
    const next = requestRules[this.state]?.[request.kind];
    if (!next) {
      return failure('dlms/request-not-allowed', `${request.kind} cannot be asked while ${this.state}`);
    }
    try {
      const apdu = this.open(request);
      if (apdu.ok) this.state = next;
      return apdu;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return failure(error.code, error.message, error.where);
    }
  }

  private open(request: ClientRequest): Result<Uint8Array> {
    switch (request.kind) {
      case 'associate': {
        const checked = checkOptions(this.options);
        if (!checked.ok) return checked;
        this.challenge = drawChallenge(this.options);
        return success(buildAarq(this.options, this.challenge));
      }
      case 'release':
        return success(encodeAcse('rlrq', { reason: 'normal' }));
      default:
        return this.openService(request);
    }
  }

  private openService(request: ServiceRequest): Result<Uint8Array> {
    const { agreement, options } = this;
    const service = request.kind === 'get-list' ? 'get' : request.kind;
    if (!agreement || !hasConformance(agreement.conformance, service)) {
      return failure('dlms/service-not-supported', `the server did not agree to ${service}`);
    }
    const { protection, envelope = 'service' } = options;
    const overhead = protection === 'none' ? 0 : envelopeOverhead(envelopes[envelope].global);
    const room = agreement.maxSend - overhead;
    const exchange = startExchange(request, room);
    if (!exchange.ok) return exchange;
    this.exchange = exchange.value;
    return success(this.dress(exchange.value.first));
  }

  receive(octets: Uint8Array): ClientReaction {
    try {
      const reaction = isAcseTag(octets[0]) ? this.receiveAcse(octets) : this.receiveService(octets);
      if (reaction.outcome?.kind === 'failure') this.state = 'failed';
      return reaction;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.state = 'failed';
      return failed(error);
    }
  }

  private receiveAcse(octets: Uint8Array): ClientReaction {
    const decoded = decodeAcse(octets);
    if (!decoded.ok) return failed(decoded.error);
    const acse = decoded.value;
    const step = answerRules[this.state][acse.apdu];
    if (step === 'judge' && acse.apdu === 'aare') return this.judge(acse.value);
    if (step === 'released') {
      this.state = 'idle';
      this.agreement = undefined;
      return { outcome: { kind: 'released' } };
    }
    return failed(this.unexpected(acse.apdu));
  }

  private judge(aare: Parameters<typeof judgeAare>[0]): ClientReaction {
    const { options, challenge, guard } = this;
    const judged = judgeAare(aare, { options, challenge, guard });
    if (!judged.ok) return failed(judged.error);
    this.agreement = judged.value;
    const { handshake } = judged.value;
    const hls = hlsMechanisms[options.mechanism];
    if (!handshake || !hls) return this.associated(judged.value);
    this.state = 'proving';
    // Pass 3: our answer to the server's challenge.
    const proof = hls.prove(handshake, 'client', () => this.nextCounter());
    const request = encodeApdu('action-request', {
      choice: 'action-request-normal',
      value: {
        invokeIdAndPriority: 0xc1,
        methodDescriptor: { classId: 15, obis: '0.0.40.0.0.255', method: 1 },
        methodInvocationParameters: { type: 'octet-string', value: proof },
      },
    });
    return { send: this.dress(request) };
  }

  /** Pass 4: the server's answer to our challenge must be right, or it is not the server. */
  private verify(apdu: Extract<Apdu, { apdu: 'action-response' }>): ClientReaction {
    const { handshake } = this.agreement ?? {};
    const hls = hlsMechanisms[this.options.mechanism];
    const { value: response } = apdu;
    if (!this.agreement || !handshake || !hls || response.choice !== 'action-response-normal') {
      return failed(this.unexpected(apdu.apdu));
    }
    const { result, returnParameters } = response.value.singleResponse;
    if (result !== 'success') {
      return failed(coded('dlms/authentication-failed', `the server refused our proof: ${result}`));
    }
    const data = returnParameters?.choice === 'data' ? decodeData(returnParameters.value) : undefined;
    const proof = data?.ok && data.value.value.type === 'octet-string' ? data.value.value.value : undefined;
    const verdict = proof && hls.verify(handshake, 'server', proof);
    if (!verdict?.isRight) {
      return failed(coded('dlms/authentication-failed', 'the server did not answer our challenge'));
    }
    // A number drawn for the proof may lie below that of its envelope, which was accepted before.
    if (verdict.invocationCounter !== undefined) this.guard.accept(verdict.invocationCounter);
    return this.associated(this.agreement);
  }

  private associated(agreement: Agreement): ClientReaction {
    this.state = 'associated';
    const { serverTitle: serverSystemTitle, maxSend: maxPduSize } = agreement;
    return { outcome: { kind: 'associated', serverSystemTitle, maxPduSize } };
  }

  private receiveService(octets: Uint8Array): ClientReaction {
    const name = apduOfTag[octets[0] ?? 0]?.name;
    if (name && answerRules[this.state][name] === 'ignore') return {};
    const opened = this.undress(octets);
    if (!opened.ok) return failed(opened.error);
    const apdu = opened.value;
    const step = answerRules[this.state][apdu.apdu];
    if (step === 'exchange') return this.step(apdu);
    if (step === 'verify' && apdu.apdu === 'action-response') return this.verify(apdu);
    if (step === 'exception' && apdu.apdu === 'exception-response')
      return failed(exceptionFailure(apdu.value));
    if (step === 'service-error' && apdu.apdu === 'confirmed-service-error') {
      const { choice: service, value: error } = apdu.value;
      return failed(coded('dlms/confirmed-service-error', `${service}: ${error.choice} ${error.value}`));
    }
    return failed(this.unexpected(apdu.apdu));
  }

  private step(apdu: Apdu): ClientReaction {
    if (!this.exchange) return failed(this.unexpected(apdu.apdu));
    const step = this.exchange.take(apdu);
    if (step.kind === 'failed') return failed(step.failure);
    if (step.kind === 'send') return { send: this.dress(step.apdu) };
    this.exchange = undefined;
    this.state = 'associated';
    return { outcome: step.outcome };
  }

  /** Seals a request as the options say; the proofs of HLS go under the global key. */
  private dress(plain: Uint8Array): Uint8Array {
    const { protection, systemTitle, envelope = 'service' } = this.options;
    const isDedicated = this.options.dedicatedKey !== undefined && this.state !== 'proving';
    const keys = isDedicated ? this.dedicatedKeys() : this.options.keys;
    if (protection === 'none' || !keys || !systemTitle) return plain;
    return wrapApdu(
      plain,
      { keys, systemTitle },
      {
        envelope: envelopes[envelope][isDedicated ? 'dedicated' : 'global'],
        protection,
        invocationCounter: this.nextCounter(),
      },
    );
  }

  private dedicatedKeys(): SecurityKeys | undefined {
    const { keys, dedicatedKey } = this.options;
    return keys && dedicatedKey && { ...keys, ek: dedicatedKey };
  }

  private nextCounter(): number {
    const { counter } = this.options;
    if (!counter) throw new CodedError('dlms/keys-missing', 'ciphering needs a counter');
    return nextCounter(counter);
  }

  /** Opens an answer and demands of it the protection we asked with; only refusals may come in the clear. */
  private undress(octets: Uint8Array): Result<Apdu> {
    const { keys, protection } = this.options;
    const dedicated = this.dedicatedKeys();
    const unwrapped = unwrapApdu(octets, {
      systemTitle: this.agreement?.serverTitle,
      global: keys && { keys, guard: this.guard },
      dedicated: dedicated && { keys: dedicated, guard: this.dedicatedGuard },
    });
    if (!unwrapped.ok) return unwrapped;
    const isRefusal = (apduOfTag[octets[0] ?? 0]?.name ?? '') in refusals;
    if (!meetsProtection(unwrapped.value.protection, protection) && !isRefusal) {
      return failure(
        'dlms/unprotected',
        `expected protection ${protection}, found ${unwrapped.value.protection}`,
      );
    }
    return decodeApdu(unwrapped.value.plain, { tolerateTrailing: true });
  }

  private unexpected(name: ApduName): Failure {
    return coded('dlms/unexpected-answer', `${name} answers nothing while ${this.state}`);
  }
}

function failed(error: Failure): ClientReaction {
  const { code, message, where } = error;
  return { outcome: { kind: 'failure', failure: { code, message, where } } };
}

function coded(code: string, message: string): Failure {
  return { code, message, where: {} };
}

function exceptionFailure(value: Extract<Apdu, { apdu: 'exception-response' }>['value']): Failure {
  const { stateError, serviceError, invocationCounter = null } = value;
  return {
    code: 'dlms/exception-response',
    message: `the server answered ${stateError}, ${serviceError}`,
    where: { stateError, serviceError, invocationCounter },
  };
}
