/** The client's application layer (Green Book 9.3 and 9.4): requests and APDUs in, APDUs and outcomes out, by a table of states. */
import { CodedError, type Failure, failure, type Result, success } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag } from './acse.ts';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { type ConformanceName, hasConformance } from './apdu/conformance.ts';
import { type ApduName, apduOfTag, apduTags } from './apdu/tags.ts';
import type { ReplayGuard, SecurityKeys } from './association.ts';
import { decodeData } from './axdr.ts';
import type { ClientOptions, ClientOutcome, ClientRequest } from './client.ts';
import { startExchange } from './client-exchange.ts';
import { type Agreement, buildAarq, checkOptions, drawChallenge, judgeAare } from './client-handshake.ts';
import { proofAnswer, proofRequest } from './client-proof.ts';
import { encodeUnconfirmedWrite } from './client-short-names.ts';
import { type Exchange, maxIncoming } from './client-steps.ts';
import { envelopeOverhead, unwrapApdu, wrapApdu } from './envelope.ts';
import { createGeneralBlocks, type GeneralBlocks, isGeneralBlock } from './general-blocks.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { connectionGuard, meetsProtection, nextCounter } from './security.ts';

/** What an APDU of the server led to. */
export interface ClientReaction {
  readonly send?: readonly Uint8Array[];
  readonly outcome?: ClientOutcome;
}

/** One connection's application layer, whatever carries the APDUs. */
export interface ClientAssociation {
  request(request: ClientRequest): Result<Uint8Array>;
  receive(apdu: Uint8Array): ClientReaction;
  /** The APDU to send again after silence in a general block transfer. */
  again(): Uint8Array | undefined;
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
    'set-list': 'exchanging',
    'action-list': 'exchanging',
    access: 'exchanging',
    read: 'exchanging',
    write: 'exchanging',
    'write-unconfirmed': 'associated',
    release: 'releasing',
  },
};

/** Which agreed service carries a request. */
const serviceOf = {
  get: 'get',
  'get-list': 'get',
  set: 'set',
  'set-list': 'set',
  action: 'action',
  'action-list': 'action',
  access: 'access',
  read: 'read',
  write: 'write',
  'write-unconfirmed': 'unconfirmed-write',
} as const satisfies Partial<Record<ClientRequest['kind'], ConformanceName>>;

type Step = 'judge' | 'verify' | 'exchange' | 'released' | 'exception' | 'service-error' | 'ignore';

const refusals = { 'exception-response': 'exception', 'confirmed-service-error': 'service-error' } as const;

/** Notifications may come in between and answer nothing: a push listener takes those, not an exchange. */
const notifications = {
  'data-notification': 'ignore',
  'event-notification-request': 'ignore',
  'information-report-request': 'ignore',
} as const;

/** State x APDU -> step. What is not in the table fails the connection. */
const answerRules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: notifications,
  associating: { aare: 'judge', ...refusals, ...notifications },
  proving: { 'action-response': 'verify', 'read-response': 'verify', ...refusals, ...notifications },
  associated: notifications,
  exchanging: {
    'get-response': 'exchange',
    'set-response': 'exchange',
    'action-response': 'exchange',
    'access-response': 'exchange',
    'read-response': 'exchange',
    'write-response': 'exchange',
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
  private blocks: GeneralBlocks | undefined;

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

  private openService(
    request: Exclude<ClientRequest, { kind: 'associate' | 'release' }>,
  ): Result<Uint8Array> {
    const { agreement, options } = this;
    const service = serviceOf[request.kind];
    if (!agreement || !hasConformance(agreement.conformance, service)) {
      return failure('dlms/service-not-supported', `the server did not agree to ${service}`);
    }
    const { protection } = options;
    const envelope = request.kind === 'access' ? 'general' : (options.envelope ?? 'service');
    const overhead = protection === 'none' ? 0 : envelopeOverhead(envelopes[envelope].global);
    const room = this.blocks ? maxIncoming : agreement.maxSend - overhead;
    this.blocks?.begin();
    if (request.kind === 'write-unconfirmed') {
      const apdu = encodeUnconfirmedWrite(request.items, room);
      return apdu.ok ? this.inBlocks(this.dress(apdu.value), agreement) : apdu;
    }
    const exchange = startExchange(request, room);
    if (!exchange.ok) return exchange;
    this.exchange = exchange.value;
    return this.inBlocks(this.dress(exchange.value.first), agreement);
  }

  /** A request that does not fit goes in blocks; one opens it, the server's window takes the others. */
  private inBlocks(apdu: Uint8Array, { maxSend }: Agreement): Result<Uint8Array> {
    if (!this.blocks || apdu.length <= maxSend) return success(apdu);
    const sent = this.blocks.send(apdu, 1);
    return sent.ok ? success(sent.value[0] ?? apdu) : sent;
  }

  again(): Uint8Array | undefined {
    return this.state === 'exchanging' ? this.blocks?.again() : undefined;
  }

  receive(octets: Uint8Array): ClientReaction {
    try {
      // A request without an answer is confirmed by an empty frame where the link wants one.
      if (octets.length === 0 && this.state === 'associated') return {};
      const reaction = this.dispatch(octets);
      if (reaction.outcome?.kind === 'failure') this.state = 'failed';
      return reaction;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.state = 'failed';
      return failed(error);
    }
  }

  private dispatch(octets: Uint8Array): ClientReaction {
    if (isAcseTag(octets[0])) return this.receiveAcse(octets);
    return isGeneralBlock(octets) ? this.receiveBlock(octets) : this.receiveService(octets);
  }

  /** A block of an answer, or the confirmation of blocks of our request. */
  private receiveBlock(octets: Uint8Array): ClientReaction {
    const { blocks } = this;
    if (!blocks || this.state !== 'exchanging') return failed(this.unexpected('general-block-transfer'));
    const decoded = decodeApdu(octets);
    if (!decoded.ok) return failed(decoded.error);
    if (decoded.value.apdu !== 'general-block-transfer') return failed(this.unexpected(decoded.value.apdu));
    const step = blocks.take(decoded.value.value);
    if (!step.ok) return failed(step.error);
    const { send, whole } = step.value;
    if (!whole) return send.length > 0 ? { send } : {};
    if (isGeneralBlock(whole) || isAcseTag(whole[0])) {
      return failed(this.unexpected('general-block-transfer'));
    }
    blocks.begin();
    return this.receiveService(whole);
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
      this.blocks = undefined;
      return { outcome: { kind: 'released' } };
    }
    return failed(this.unexpected(acse.apdu));
  }

  private judge(aare: Parameters<typeof judgeAare>[0]): ClientReaction {
    const { options, challenge, guard } = this;
    const judged = judgeAare(aare, { options, challenge, guard });
    if (!judged.ok) return failed(judged.error);
    this.agreement = judged.value;
    this.blocks = generalBlocksOf(judged.value, options);
    const { handshake } = judged.value;
    const hls = hlsMechanisms[options.mechanism];
    if (!handshake || !hls) return this.associated(judged.value);
    this.state = 'proving';
    // Pass 3: our answer to the server's challenge.
    const proof = hls.prove(handshake, 'client', () => this.nextCounter());
    return { send: [this.dress(proofRequest(proof, options.referencing ?? 'ln'))] };
  }

  /** Pass 4: the server's answer to our challenge must be right, or it is not the server. */
  private verify(apdu: Apdu): ClientReaction {
    const { handshake } = this.agreement ?? {};
    const hls = hlsMechanisms[this.options.mechanism];
    const answer = proofAnswer(apdu);
    if (!this.agreement || !handshake || !hls || !answer) return failed(this.unexpected(apdu.apdu));
    if (answer.result !== 'success') {
      return failed(coded('dlms/authentication-failed', `the server refused our proof: ${answer.result}`));
    }
    const data = answer.encoded && decodeData(answer.encoded);
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
    if (step === 'verify') return this.verify(apdu);
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
    if (step.kind === 'send') return { send: [this.dress(step.apdu)] };
    this.exchange = undefined;
    this.state = 'associated';
    return { outcome: step.outcome };
  }

  /** Seals a request as the options say; the proofs of HLS go under the global key. */
  private dress(plain: Uint8Array): Uint8Array {
    const { protection, systemTitle } = this.options;
    // ACCESS has no envelope of its own.
    const isBare = apduTags['access-request'].tag === plain[0];
    const envelope = isBare ? 'general' : (this.options.envelope ?? 'service');
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
        isBroadcast: this.options.isBroadcast === true && !isDedicated && this.state !== 'proving',
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

function generalBlocksOf(agreement: Agreement, options: ClientOptions): GeneralBlocks | undefined {
  const { generalBlockWindow: window } = options;
  if (window === undefined || !hasConformance(agreement.conformance, 'general-block-transfer')) {
    return undefined;
  }
  return createGeneralBlocks({ room: agreement.maxSend, window, maxLength: maxIncoming });
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
