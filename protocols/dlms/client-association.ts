/** The client's application layer (Green Book 9.3 and 9.4): requests and APDUs in, APDUs and outcomes out, by a table of states. */
import { CodedError, type Failure, failure, type Result, success } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag, withRightLengths } from './acse.ts';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import { type ApduName, apduOfTag } from './apdu/tags.ts';
import type { ReplayGuard } from './association.ts';
import { decodeData } from './axdr.ts';
import type { ClientOptions, ClientOutcome, ClientRequest } from './client.ts';
import { type ClientEnvelope, createClientEnvelope } from './client-envelope.ts';
import { startExchange } from './client-exchange.ts';
import { type Agreement, buildAarq, checkOptions, drawChallenge, judgeAare } from './client-handshake.ts';
import { proofAnswer, proofRequest } from './client-proof.ts';
import { answerRules, requestRules, type State, serviceOf } from './client-rules.ts';
import { encodeUnconfirmedWrite } from './client-short-names.ts';
import { type Exchange, invokeIdAndPriority, maxIncoming } from './client-steps.ts';
import { fromDeltas } from './delta-values.ts';
import { createGeneralBlocks, type GeneralBlocks, isGeneralBlock } from './general-blocks.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { connectionGuard } from './security.ts';

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

/** A client with no association yet. */
export function createClientAssociation(options: ClientOptions): ClientAssociation {
  return new AssociationState(options);
}

/** Holds the agreement and the exchange under way between APDUs. */
class AssociationState implements ClientAssociation {
  private readonly options: ClientOptions;
  private readonly guard: ReplayGuard;
  private readonly envelope: ClientEnvelope;
  private state: State = 'idle';
  private challenge: Uint8Array | undefined;
  private agreement: Agreement | undefined;
  /** How pass 3 goes with short names: by Read as the standard has it, or once more by Write for servers that take nothing else. */
  private proofBy: 'read' | 'write' = 'read';
  private exchange: Exchange | undefined;
  private blocks: GeneralBlocks | undefined;

  constructor(options: ClientOptions) {
    this.options = options;
    this.guard = options.replay ?? connectionGuard();
    this.envelope = createClientEnvelope(options, this.guard);
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
    // Lists are a service of their own in the conformance block (Green Book 9.4.6.1).
    const isList =
      request.kind === 'get-list' || request.kind === 'set-list' || request.kind === 'action-list';
    if (isList && !hasConformance(agreement.conformance, 'multiple-references')) {
      return failure('dlms/service-not-supported', 'the server did not agree to multiple-references');
    }
    const overhead = this.envelope.overhead(request.kind === 'access');
    const room = this.blocks ? maxIncoming : agreement.maxSend - overhead;
    this.blocks?.begin();
    if (request.kind === 'write-unconfirmed') {
      const apdu = encodeUnconfirmedWrite(request.items, room);
      return apdu.ok ? this.inBlocks(this.dress(apdu.value), agreement) : apdu;
    }
    const exchange = startExchange(request, {
      room,
      id: invokeIdAndPriority(options.priority),
      conformance: agreement.conformance,
    });
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
    const decoded = decodeAcse(withRightLengths(octets));
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
    if (!judged.value.handshake) return this.associated(judged.value);
    this.state = 'proving';
    this.proofBy = 'read';
    return this.prove();
  }

  /** Pass 3: our answer to the server's challenge. */
  private prove(): ClientReaction {
    const { options, agreement } = this;
    const hls = hlsMechanisms[options.mechanism];
    if (!hls || !agreement?.handshake) return failed(this.unexpected('aare'));
    const proof = hls.prove(agreement.handshake, 'client', () => this.envelope.nextCounter());
    const how = options.referencing === 'sn' ? this.proofBy : 'action';
    return { send: [this.dress(proofRequest(proof, how))] };
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
    const opened = this.envelope.undress(octets, this.agreement?.serverTitle);
    if (!opened.ok) return failed(opened.error);
    const apdu = opened.value;
    const step = answerRules[this.state][apdu.apdu];
    if (step === 'exchange') return this.step(apdu);
    if (step === 'verify') return this.verify(apdu);
    if (step === 'exception' && apdu.apdu === 'exception-response') {
      const mayWrite = this.options.referencing === 'sn' && this.proofBy === 'read';
      if (this.state !== 'proving' || !mayWrite) return failed(exceptionFailure(apdu.value));
      this.proofBy = 'write';
      return this.prove();
    }
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
    return this.whole(step.outcome);
  }

  /** A buffer in delta values comes to the caller whole. */
  private whole(outcome: ClientOutcome): ClientReaction {
    const hasDeltas = hasConformance(this.agreement?.conformance ?? 0, 'delta-value-encoding');
    if (!hasDeltas || outcome.kind !== 'get' || !outcome.result.ok) return { outcome };
    const encoded = fromDeltas(outcome.result.encoded);
    return encoded.ok
      ? { outcome: { kind: 'get', result: { ok: true, encoded: encoded.value } } }
      : failed(encoded.error);
  }

  private dress(plain: Uint8Array): Uint8Array {
    const isProof = this.state === 'proving';
    return this.envelope.dress(plain, { serverTitle: this.agreement?.serverTitle, isProof });
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
