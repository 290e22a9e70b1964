/** The server's application layer (Green Book 9.3 and 9.4): APDUs in, APDUs and events out, by a table of states. */
import { CodedError, type Failure, failure, type Result, success } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag } from './acse.ts';
import { type Apdu, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import { type ApduName, apduOfTag } from './apdu/tags.ts';
import { envelopeOf, envelopeOverhead, type Unwrapped, unwrapApdu, wrapApdu } from './envelope.ts';
import type { DlmsErrorCode } from './errors.ts';
import { createGeneralBlocks, type GeneralBlocks, isGeneralBlock } from './general-blocks.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { meetsProtection, nextCounter, strongerProtection } from './security.ts';
import type { LogicalDevice, ServerEvent, ServerOptions } from './server.ts';
import { type Association, negotiate, rejectUnread, sealInitiate } from './server-handshake.ts';
import { proofAnswer, proofOf } from './server-proof.ts';
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
}

/** `pending`: the AARE was sent, the client has still to prove itself (HLS pass 3). */
type State = 'idle' | 'pending' | 'associated';

/** What is done with an APDU. */
type Step =
  | 'associate'
  | 'release'
  | 'prove'
  | 'get'
  | 'set'
  | 'action'
  | 'access'
  | 'read'
  | 'write'
  | 'write-unconfirmed';

/** State x APDU -> step. What is not in the table is refused with an exception-response. */
const rules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: { aarq: 'associate', rlrq: 'release' },
  pending: {
    aarq: 'associate',
    rlrq: 'release',
    'action-request': 'prove',
    'read-request': 'prove',
  },
  associated: {
    aarq: 'associate',
    rlrq: 'release',
    'get-request': 'get',
    'set-request': 'set',
    'action-request': 'action',
    'access-request': 'access',
    'read-request': 'read',
    'write-request': 'write',
    'unconfirmed-write-request': 'write-unconfirmed',
  },
};

/** How a request came dressed, so that its answer goes the same way. */
type Dressing = Pick<Unwrapped, 'envelope' | 'protection' | 'keys'>;

/** A request out of its envelope. */
interface Request {
  readonly apdu: Apdu;
  readonly dress: Dressing;
}

type ServiceError = 'operation-not-possible' | 'service-not-supported' | 'other-reason' | 'deciphering-error';

/** Which exception answers which failure; others are `other-reason`. */
const exceptionOf: Readonly<Partial<Record<DlmsErrorCode, ServiceError>>> = {
  'dlms/not-associated': 'operation-not-possible',
  'dlms/unprotected': 'operation-not-possible',
  'dlms/unknown-server-sap': 'operation-not-possible',
  'dlms/service-not-supported': 'service-not-supported',
  'dlms/unknown-apdu': 'service-not-supported',
  'dlms/decryption-failed': 'deciphering-error',
  'dlms/security-suite': 'deciphering-error',
  'dlms/keys-missing': 'deciphering-error',
  'dlms/system-title-mismatch': 'deciphering-error',
};

/** A server with no association yet. */
export function createServerAssociation(device: LogicalDevice, options: ServerOptions): ServerAssociation {
  return new AssociationState(device, options);
}

/** Holds the association and the transfer under way between APDUs. */
class AssociationState implements ServerAssociation {
  private readonly device: LogicalDevice;
  private readonly options: ServerOptions;
  private state: State = 'idle';
  private association: Association | undefined;
  private clientSap = -1;
  private services: Services | undefined;
  private blocks: GeneralBlocks | undefined;
  private lastChallenge: Uint8Array | undefined;
  private lastCounter: number | undefined;

  constructor(device: LogicalDevice, options: ServerOptions) {
    this.device = device;
    this.options = options;
  }

  receive(apdu: Uint8Array, from: Addresses): ServerReaction {
    try {
      return isAcseTag(apdu[0]) ? this.receiveAcse(apdu, from) : this.receiveService(apdu, from);
    } catch (error) {
      // A counter that has run out cannot seal an answer: the peer hears nothing, the log hears why.
      if (!(error instanceof CodedError)) throw error;
      this.forget();
      return refused(error);
    }
  }

  private receiveAcse(apdu: Uint8Array, from: Addresses): ServerReaction {
    const decoded = decodeAcse(apdu);
    if (!decoded.ok) {
      const { code, message } = decoded.error;
      this.forget();
      return {
        answer: rejectUnread(message, code as DlmsErrorCode).aare,
        events: refused(decoded.error).events,
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
      const unwrapped = this.unwrap(userInformation, association);
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
    const request = this.readRequest(octets, association);
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
    const room = this.blocks ? maxInBlocks : association.maxSend - envelopeOverhead(dress.envelope);
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

  /** Takes a request out of its envelope and judges protection, counter and form, in this order. */
  private readRequest(octets: Uint8Array, association: Association): Result<Request> {
    const { policy } = association;
    const unwrapped = this.unwrap(octets, association);
    if (!unwrapped.ok) return unwrapped;
    const { plain, protection } = unwrapped.value;
    if (!meetsProtection(protection, policy.protection)) {
      return failure(
        'dlms/unprotected',
        `expected an APDU protected by ${policy.protection}, found ${protection}`,
        { client: policy.name },
      );
    }
    const decoded = decodeApdu(plain);
    return decoded.ok ? success({ apdu: decoded.value, dress: unwrapped.value }) : decoded;
  }

  private unwrap(octets: Uint8Array, association: Association): Result<Unwrapped> {
    const { policy, clientTitle: systemTitle, guard, dedicated } = association;
    const global = policy.keys && { keys: policy.keys, guard };
    const unwrapped = unwrapApdu(octets, {
      systemTitle,
      global,
      dedicated,
      broadcastGuard: policy.broadcastReplay,
    });
    if (unwrapped.ok) this.lastCounter = unwrapped.value.invocationCounter ?? this.lastCounter;
    return unwrapped;
  }

  /** Dresses an answer as its request was, with the protection of both request and policy. */
  private answer(plain: Uint8Array, dress: Dressing, { policy }: Association): ServerReaction {
    const { envelope, keys } = dress;
    const protection = strongerProtection(policy.protection, dress.protection);
    const isException = apduOfTag[plain[0] ?? 0]?.name === 'exception-response';
    if (envelope === 'plain' || protection === 'none' || !keys || isException) {
      return { answer: plain, events: [] };
    }
    const sealer = { keys, systemTitle: this.device.systemTitle };
    const invocationCounter = nextCounter(this.device.counter(policy));
    return { answer: wrapApdu(plain, sealer, { envelope, protection, invocationCounter }), events: [] };
  }

  /** The exception-response to a failure, and its event. */
  private except(error: Failure): ServerReaction {
    const { events } = refused(error);
    if (error.code === 'dlms/counter-replayed') {
      const answer = encodeApdu('exception-response', {
        stateError: 'service-not-allowed',
        serviceError: 'invocation-counter-error',
        invocationCounter: this.lastCounter ?? 0,
      });
      return { answer, events };
    }
    const isUnknown = error.code === 'dlms/unknown-apdu' || error.code === 'dlms/service-not-supported';
    const answer = encodeApdu('exception-response', {
      stateError: isUnknown ? 'service-unknown' : 'service-not-allowed',
      serviceError: exceptionOf[error.code as DlmsErrorCode] ?? 'other-reason',
    });
    return { answer, events };
  }

  private forget(): void {
    this.state = 'idle';
    this.association = undefined;
    this.services = undefined;
    this.blocks = undefined;
    this.clientSap = -1;
  }
}

function refused(error: { readonly code: string; readonly message: string }): {
  readonly events: readonly ServerEvent[];
} {
  return { events: [{ kind: 'refused', code: error.code, message: error.message }] };
}

/** Which steps need a service of the agreement; GET, SET and ACTION belong to logical names as such. */
function mayServe(step: Step, { conformance, isShort }: Association): boolean {
  switch (step) {
    case 'access':
      return hasConformance(conformance, 'access');
    case 'read':
      return hasConformance(conformance, 'read');
    case 'write':
      return hasConformance(conformance, 'write');
    case 'write-unconfirmed':
      return hasConformance(conformance, 'unconfirmed-write');
    default:
      return !isShort;
  }
}

/** The answer of the service an APDU asks for; undefined when it is none, or wants no answer. */
function serveStep(services: Services, apdu: Apdu, room: number): Uint8Array | undefined {
  switch (apdu.apdu) {
    case 'get-request':
      return services.get(apdu.value, room);
    case 'set-request':
      return services.set(apdu.value);
    case 'action-request':
      return services.action(apdu.value, room);
    case 'access-request':
      return services.access(apdu.value, room);
    case 'read-request':
      return services.read(apdu.value, room);
    case 'write-request':
      return services.write(apdu.value);
    case 'unconfirmed-write-request':
      services.write(apdu.value);
      return undefined;
    default:
      return undefined;
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
