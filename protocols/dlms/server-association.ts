/** The server's application layer (Green Book 9.3 and 9.4): APDUs in, APDUs and events out, by a table of states. */
import { CodedError, type Failure } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag } from './acse.ts';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import { apduOfTag } from './apdu/tags.ts';
import { envelopeOf } from './envelope.ts';
import type { DlmsErrorCode } from './errors.ts';
import { createGeneralBlocks, type GeneralBlocks, isGeneralBlock } from './general-blocks.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { meetsProtection, nextCounter } from './security.ts';
import type { LogicalDevice, ServerEvent, ServerOptions } from './server.ts';
import {
  createServerEnvelope,
  type Dressing,
  type Request,
  roomFor,
  type ServerEnvelope,
} from './server-envelope.ts';
import { exceptionTo, refusalOf } from './server-exception.ts';
import { type Association, negotiate, rejectUnread, sealInitiate } from './server-handshake.ts';
import { proofAnswer, proofOf } from './server-proof.ts';
import { isHighPriority, mayServe, rules, type State, serveStep } from './server-rules.ts';
import { createServices, type Services } from './server-services.ts';

/** Addresses of an APDU: SAPs of the two sides. */
export interface Addresses {
  readonly clientSap: number;
  readonly serverSap: number;
}

/** What one APDU led to: at most one answer, in more than one block when `more` is there. */
export interface ServerReaction {
  readonly answer?: Uint8Array;
  readonly more?: readonly Uint8Array[];
  /** More blocks are to come before there is anything to answer. */
  readonly isPartial?: boolean;
  readonly events: readonly ServerEvent[];
}

/** Octets of a request or an answer in blocks of a general transfer. */
const maxInBlocks = 1 << 20;
const defaultBlockWindow = 10;

/** One connection's application layer, whatever carries the APDUs. */
export interface ServerAssociation {
  receive(apdu: Uint8Array, from: Addresses): ServerReaction;
  /**
   * A request taken out of its envelope now, so that counters keep their order, and served when `run` is called; undefined for
   * what must keep its place or where priorities were not agreed to: that is `receive`'s.
   */
  admit?(apdu: Uint8Array, from: Addresses): Admitted | undefined;
}

/** A request that waits to be served. */
export interface Admitted {
  readonly isUrgent: boolean;
  run(): ServerReaction;
}

/** A server with no association yet. */
export function createServerAssociation(device: LogicalDevice, options: ServerOptions): ServerAssociation {
  return new AssociationState(device, options);
}

/** Holds the association and the transfer under way between APDUs. */
class AssociationState implements ServerAssociation {
  private readonly device: LogicalDevice;
  private readonly options: ServerOptions;
  private readonly envelope: ServerEnvelope;
  private state: State = 'idle';
  private association: Association | undefined;
  private clientSap = -1;
  private services: Services | undefined;
  private blocks: GeneralBlocks | undefined;
  private lastChallenge: Uint8Array | undefined;

  constructor(device: LogicalDevice, options: ServerOptions) {
    this.device = device;
    this.options = options;
    this.envelope = createServerEnvelope(device, options.random);
  }

  receive(apdu: Uint8Array, from: Addresses): ServerReaction {
    return this.guarded(() =>
      isAcseTag(apdu[0]) ? this.receiveAcse(apdu, from) : this.receiveService(apdu, from),
    );
  }

  admit(octets: Uint8Array, from: Addresses): Admitted | undefined {
    const { association } = this;
    const isOurs = from.clientSap === this.clientSap && from.serverSap === association?.serverSap;
    const isOrdered = isAcseTag(octets[0]) || isGeneralBlock(octets) || this.state !== 'associated';
    if (!association || !isOurs || isOrdered) return undefined;
    if (!hasConformance(association.conformance, 'priority-mgmt-supported')) return undefined;
    const request = this.guarded(() => this.envelope.read(octets, association));
    const serve = () => {
      if ('events' in request) return request;
      this.blocks?.begin();
      if (!request.ok) return this.except(request.error);
      return this.inBlocks(this.serve(request.value, association), association);
    };
    const isUrgent = 'ok' in request && request.ok && isHighPriority(request.value.apdu);
    return { isUrgent, run: () => this.guarded(serve) };
  }

  /** A counter that has run out cannot seal an answer: the peer hears nothing, the log hears why. */
  private guarded<T>(act: () => T): T | ServerReaction {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.forget();
      return { events: [refusalOf(error)] };
    }
  }

  private receiveAcse(apdu: Uint8Array, from: Addresses): ServerReaction {
    const decoded = decodeAcse(apdu);
    if (!decoded.ok) {
      const { code, message } = decoded.error;
      this.forget();
      return {
        answer: rejectUnread(message, code as DlmsErrorCode).aare,
        events: [refusalOf(decoded.error)],
      };
    }
    const { value: acse } = decoded;
    const step = rules[this.state][acse.apdu];
    if (step === 'associate' && acse.apdu === 'aarq') return this.associate(acse.value, from);
    if (step === 'release' && acse.apdu === 'rlrq') return this.release(acse.value.userInformation, from);
    return this.except({
      code: 'dlms/unknown-apdu',
      message: `a server takes no ${acse.apdu}`,
      where: { offset: 0 },
    });
  }

  /** An AARQ opens anew, whatever was there before. */
  private associate(aarq: Parameters<typeof negotiate>[0], from: Addresses): ServerReaction {
    this.forget();
    const { device, options, lastChallenge } = this;
    const { aare, association, refusal } = negotiate(aarq, { device, options, lastChallenge, ...from });
    if (!association) return { answer: aare, events: refusal ? [{ kind: 'refused', ...refusal }] : [] };
    this.association = association;
    this.blocks = generalBlocksOf(association, options);
    this.clientSap = from.clientSap;
    this.lastChallenge = association.handshake?.serverChallenge;
    this.state = association.handshake ? 'pending' : 'associated';
    return { answer: aare, events: this.state === 'associated' ? [this.establish(association)] : [] };
  }

  private establish(association: Association): ServerEvent {
    this.state = 'associated';
    this.services = createServices(this.device, association);
    return { kind: 'associated', client: association.policy.name, mechanism: association.policy.mechanism };
  }

  /** RLRQ: when it carries an InitiateRequest under seal, the seal must be right. */
  private release(userInformation: Uint8Array | undefined, from: Addresses): ServerReaction {
    const association = from.clientSap === this.clientSap ? this.association : undefined;
    if (!association) return { answer: encodeAcse('rlre', { reason: 'normal' }), events: [] };
    const { policy } = association;
    let sealed: Uint8Array | undefined;
    // Some clients release without user information; what carries one must be able to prove itself.
    if (userInformation && (policy.protection !== 'none' || envelopeOf(userInformation) === 'glo')) {
      const unwrapped = this.envelope.unwrap(userInformation, association);
      if (!unwrapped.ok) return this.except(unwrapped.error);
      if (!meetsProtection(unwrapped.value.protection, policy.protection)) {
        const message = `expected an RLRQ protected by ${policy.protection}, found ${unwrapped.value.protection}`;
        return this.except({ code: 'dlms/unprotected', message, where: { client: policy.name } });
      }
      sealed = sealInitiate(association.initiateResponse, {
        device: this.device,
        policy,
        protection: unwrapped.value.protection,
      });
    }
    this.forget();
    return {
      answer: encodeAcse('rlre', { reason: 'normal', userInformation: sealed }),
      events: [{ kind: 'released' }],
    };
  }

  private receiveService(octets: Uint8Array, from: Addresses): ServerReaction {
    const { association } = this;
    if (!association || from.clientSap !== this.clientSap || from.serverSap !== association.serverSap) {
      const isKnown = apduOfTag[octets[0] ?? 0] !== undefined;
      return this.except({
        code: isKnown ? 'dlms/not-associated' : 'dlms/unknown-apdu',
        message: `client SAP ${from.clientSap} has no association with server SAP ${from.serverSap}`,
        where: {},
      });
    }
    if (isGeneralBlock(octets)) return this.receiveBlock(octets, association);
    this.blocks?.begin();
    return this.inBlocks(this.receiveRequest(octets, association), association);
  }

  private receiveRequest(octets: Uint8Array, association: Association): ServerReaction {
    const request = this.envelope.read(octets, association);
    if (!request.ok) return this.except(request.error);
    return this.serve(request.value, association);
  }

  /** A block of a request, or the confirmation of blocks of our answer. */
  private receiveBlock(octets: Uint8Array, association: Association): ServerReaction {
    const { blocks } = this;
    if (!blocks) {
      const message = 'general-block-transfer was not agreed to';
      return this.except({ code: 'dlms/service-not-supported', message, where: {} });
    }
    const decoded = decodeApdu(octets);
    if (!decoded.ok) return this.except(decoded.error);
    if (decoded.value.apdu !== 'general-block-transfer') return { events: [] };
    const step = blocks.take(decoded.value.value);
    if (!step.ok) return this.except(step.error);
    const { send, whole } = step.value;
    if (!whole) return { ...inOrder(send), events: [], isPartial: send.length === 0 };
    if (isGeneralBlock(whole) || isAcseTag(whole[0])) {
      const message = 'expected the APDU of a service in blocks';
      return this.except({ code: 'dlms/unknown-apdu', message, where: { offset: 0 } });
    }
    return this.inBlocks(this.receiveRequest(whole, association), association, true);
  }

  /** An answer that does not fit, or whose request came in blocks, goes in blocks. */
  private inBlocks(reaction: ServerReaction, { maxSend }: Association, cameInBlocks = false): ServerReaction {
    const { answer, events } = reaction;
    if (!this.blocks || !answer || (!cameInBlocks && answer.length <= maxSend)) return reaction;
    const sent = this.blocks.send(answer);
    return sent.ok ? { ...inOrder(sent.value), events } : this.except(sent.error);
  }

  private serve(request: Request, association: Association): ServerReaction {
    const { apdu, dress } = request;
    const step = rules[this.state][apdu.apdu];
    const { services } = this;
    if (step === 'prove') return this.prove(apdu, dress, association);
    const isAgreed = step !== undefined && mayServe(step, association);
    const room = this.blocks ? maxInBlocks : roomFor(dress, association);
    const answer = services && isAgreed ? serveStep(services, apdu, room) : undefined;
    if (answer) return this.answer(answer, dress, association);
    // What needs no answer gets none, also when it came too late or is not understood.
    if (apdu.apdu === 'unconfirmed-write-request') return { events: [] };
    return this.except({
      code: this.state === 'pending' ? 'dlms/not-associated' : 'dlms/service-not-supported',
      message: `${apdu.apdu} is not taken while the association is ${this.state}`,
      where: {},
    });
  }

  /** HLS pass 3: the client's answer to our challenge, and pass 4, ours to its own (Green Book 9.2.7.4). */
  private prove(apdu: Apdu, dress: Dressing, association: Association): ServerReaction {
    const { handshake, policy } = association;
    const hls = hlsMechanisms[policy.mechanism];
    const proof = proofOf(apdu, association.isShort);
    if (!hls || !handshake || !proof) {
      return this.except({
        code: 'dlms/not-associated',
        message: 'expected reply_to_HLS_authentication, found another action',
        where: {},
      });
    }
    const answerProof = (own: Uint8Array | undefined) => proofAnswer(apdu, association.isShort, own);
    const verdict = hls.verify(handshake, 'client', proof);
    if (!verdict.isRight) {
      const reaction = this.answer(answerProof(undefined), dress, association);
      this.forget();
      const message = `client ${policy.name} did not answer the challenge of ${policy.mechanism}`;
      return { ...reaction, events: [{ kind: 'refused', code: 'dlms/authentication-failed', message }] };
    }
    // The counter inside the proof was drawn by the same client: none at or below it may come again.
    if (verdict.invocationCounter !== undefined) association.guard.accept(verdict.invocationCounter);
    const pass4 = hls.prove(handshake, 'server', () => nextCounter(this.device.counter(policy)));
    const event = this.establish(association);
    return { ...this.answer(answerProof(pass4), dress, association), events: [event] };
  }

  private answer(plain: Uint8Array, dress: Dressing, association: Association): ServerReaction {
    return { answer: this.envelope.dress(plain, dress, association), events: [] };
  }

  private except(error: Failure): ServerReaction {
    return { answer: exceptionTo(error, this.envelope.lastCounter), events: [refusalOf(error)] };
  }

  private forget(): void {
    this.state = 'idle';
    this.association = undefined;
    this.services = undefined;
    this.blocks = undefined;
    this.clientSap = -1;
  }
}

function generalBlocksOf(
  { conformance, maxSend }: Association,
  { generalBlockWindow = defaultBlockWindow }: ServerOptions,
): GeneralBlocks | undefined {
  if (!hasConformance(conformance, 'general-block-transfer')) return undefined;
  return createGeneralBlocks({ room: maxSend, window: generalBlockWindow, maxLength: maxInBlocks });
}

function inOrder(blocks: readonly Uint8Array[]): Pick<ServerReaction, 'answer' | 'more'> {
  const [answer, ...more] = blocks;
  return answer ? { answer, more } : {};
}
