/** The server's application layer (Green Book 9.3 and 9.4): APDUs in, APDUs and events out, by a table of states. */
import { CodedError, type Failure, failure, type Result, success } from '@wattline/base';
import { decodeAcse, encodeAcse, isAcseTag } from './acse.ts';
import { type Apdu, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { type ApduName, apduOfTag } from './apdu/tags.ts';
import { encodeData } from './axdr.ts';
import type { Data } from './data.ts';
import { envelopeOf, envelopeOverhead, type Unwrapped, unwrapApdu, wrapApdu } from './envelope.ts';
import type { DlmsErrorCode } from './errors.ts';
import { hlsMechanisms } from './mechanisms.ts';
import { meetsProtection, nextCounter, strongerProtection } from './security.ts';
import type { LogicalDevice, ServerEvent, ServerOptions } from './server.ts';
import { type Association, negotiate, rejectUnread, sealInitiate } from './server-handshake.ts';
import { createServices, type Services } from './server-services.ts';

/** Addresses of an APDU: SAPs of the two sides. */
export interface Addresses {
  readonly clientSap: number;
  readonly serverSap: number;
}

/** What one APDU led to: at most one answer. */
export interface ServerReaction {
  readonly answer?: Uint8Array;
  readonly events: readonly ServerEvent[];
}

/** One connection's application layer, whatever carries the APDUs. */
export interface ServerAssociation {
  receive(apdu: Uint8Array, from: Addresses): ServerReaction;
}

/** `pending`: the AARE was sent, the client has still to prove itself (HLS pass 3). */
type State = 'idle' | 'pending' | 'associated';

/** What is done with an APDU. */
type Step = 'associate' | 'release' | 'prove' | 'get' | 'set' | 'action';

/** State x APDU -> step. What is not in the table is refused with an exception-response. */
const rules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: { aarq: 'associate', rlrq: 'release' },
  pending: { aarq: 'associate', rlrq: 'release', 'action-request': 'prove' },
  associated: {
    aarq: 'associate',
    rlrq: 'release',
    'get-request': 'get',
    'set-request': 'set',
    'action-request': 'action',
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
    let sealed: Uint8Array | undefined;
    if (userInformation && envelopeOf(userInformation) === 'glo') {
      const { policy } = association;
      const unwrapped = this.unwrap(userInformation, association);
      if (!unwrapped.ok) return this.except(unwrapped.error);
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
    const request = this.readRequest(octets, association);
    if (!request.ok) return this.except(request.error);
    return this.serve(request.value, association);
  }

  private serve(request: Request, association: Association): ServerReaction {
    const { apdu, dress } = request;
    const step = rules[this.state][apdu.apdu];
    const { services } = this;
    if (step === 'prove' && apdu.apdu === 'action-request') {
      return this.prove(apdu.value, dress, association);
    }
    const room = association.maxSend - envelopeOverhead(dress.envelope);
    if (services && step === 'get' && apdu.apdu === 'get-request') {
      return this.answer(services.get(apdu.value, room), dress, association);
    }
    if (services && step === 'set' && apdu.apdu === 'set-request') {
      return this.answer(services.set(apdu.value), dress, association);
    }
    if (services && step === 'action' && apdu.apdu === 'action-request') {
      return this.answer(services.action(apdu.value, room), dress, association);
    }
    return this.except({
      code: this.state === 'pending' ? 'dlms/not-associated' : 'dlms/service-not-supported',
      message: `${apdu.apdu} is not taken while the association is ${this.state}`,
      where: {},
    });
  }

  /** HLS pass 3: the client's answer to our challenge, and pass 4, ours to its own (Green Book 9.2.7.4). */
  private prove(
    request: Extract<Apdu, { apdu: 'action-request' }>['value'],
    dress: Dressing,
    association: Association,
  ): ServerReaction {
    const { handshake, policy } = association;
    const hls = hlsMechanisms[policy.mechanism];
    const proof = proofOf(request);
    if (!hls || !handshake || !proof) {
      return this.except({
        code: 'dlms/not-associated',
        message: 'expected reply_to_HLS_authentication, found another action',
        where: {},
      });
    }
    const id = request.value.invokeIdAndPriority;
    const verdict = hls.verify(handshake, 'client', proof);
    if (!verdict.isRight) {
      const reaction = this.answer(actionAnswer(id, undefined), dress, association);
      this.forget();
      const message = `client ${policy.name} did not answer the challenge of ${policy.mechanism}`;
      return { ...reaction, events: [{ kind: 'refused', code: 'dlms/authentication-failed', message }] };
    }
    // The counter inside the proof was drawn by the same client: none at or below it may come again.
    if (verdict.invocationCounter !== undefined) association.guard.accept(verdict.invocationCounter);
    const pass4 = hls.prove(handshake, 'server', () => nextCounter(this.device.counter(policy)));
    const event = this.establish(association);
    return { ...this.answer(actionAnswer(id, pass4), dress, association), events: [event] };
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
    const unwrapped = unwrapApdu(octets, { systemTitle, global, dedicated });
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
    this.clientSap = -1;
  }
}

function refused(error: { readonly code: string; readonly message: string }): {
  readonly events: readonly ServerEvent[];
} {
  return { events: [{ kind: 'refused', code: error.code, message: error.message }] };
}

/** The proof in reply_to_HLS_authentication: method 1 of an association object, class 15, any instance. */
function proofOf(request: Extract<Apdu, { apdu: 'action-request' }>['value']): Uint8Array | undefined {
  if (request.choice !== 'action-request-normal') return undefined;
  const { methodDescriptor, methodInvocationParameters: parameter } = request.value;
  const isReply = methodDescriptor.classId === 15 && methodDescriptor.method === 1;
  return isReply && parameter?.type === 'octet-string' ? parameter.value : undefined;
}

function actionAnswer(id: number, proof: Uint8Array | undefined): Uint8Array {
  const value: Data | undefined = proof && { type: 'octet-string', value: proof };
  return encodeApdu('action-response', {
    choice: 'action-response-normal',
    value: {
      invokeIdAndPriority: id,
      singleResponse: {
        result: value ? 'success' : 'other-reason',
        returnParameters: value && { choice: 'data', value: encodeData(value) },
      },
    },
  });
}
