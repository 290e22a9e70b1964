/** One client session with a meter over a link: dial, associate, ask, release; whatever happens, it ends with one outcome. */
import { type Clock, CodedError, codeOf, messageOf, type Random, type Result } from '@wattline/base';
import type { Address, Dialer, Link } from '@wattline/network';
import {
  type AttributeDescriptor,
  type ClientConnection,
  type ClientOptions,
  type ClientOutcome,
  type ClientRequest,
  createClientConnection,
  type GetResult,
} from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { ExchangeOutcome } from '../headend.ts';
import { createFrameJournal, type FrameJournal } from './frame-journal.ts';

/** An associated session, as the one who reads sees it. */
export interface Session {
  /** The system title the meter answered with, when it sent one. */
  readonly serverSystemTitle: Uint8Array | undefined;
  /**
   * The A-XDR octets of an attribute.
   * @throws CodedError `headend/attribute-refused` (with the Data-Access-Result in `where.result`), `headend/timeout`,
   * `headend/session-deadline`, `headend/link-closed`, `headend/answer-too-long`, `headend/closing` or a code of the dlms room;
   * after any but the first the session is over.
   */
  get(reference: AttributeDescriptor): Promise<Uint8Array>;
  /**
   * Several attributes in one round trip where the meter takes lists (GET-WITH-LIST), else one after the other; a refusal of one
   * stands in its place. Throws as `get` does for all else.
   */
  getMany(references: readonly AttributeDescriptor[]): Promise<(Uint8Array | CodedError)[]>;
  /** Anything else a client may ask; fails as `get` does, but a refusal of the meter is in the outcome. */
  ask(request: ClientRequest): Promise<ClientOutcome>;
}

/** What a session needs. */
export interface ConversationOptions {
  readonly dialer: Dialer;
  readonly address: Address;
  /** How to associate, or who does so for us. */
  readonly client: Omit<ClientOptions, 'random'> | SessionConnection;
  readonly random: Random;
  /** The clock of the instants in the record. */
  readonly clock: Clock;
  /** The clock of deadlines. */
  readonly deadlines: Clock;
  readonly dialTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Times that octets are sent again after silence, where framing allows it (HDLC, general block transfer). Default 0. */
  readonly retries?: number;
  readonly sessionTimeoutMs: number;
  readonly sessionOctets: number;
  readonly journalOctets: number;
  /** Awaited before each request: reserves invocation counters. */
  readonly beforeRequest?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** The client's side of an association whose octets another process makes and opens, in the order they are given to it. */
export interface SessionConnection {
  request(request: ClientRequest): Promise<Result<Uint8Array>>;
  receive(octets: Uint8Array): Promise<ReturnType<ClientConnection['receive']>>;
  /** Told once, when the session is over, however it ended. */
  close(): void;
}

/** How a session went. `error` is what was thrown when the outcome is not `answer`. */
export interface Conversation {
  readonly outcome: ExchangeOutcome['outcome'];
  readonly code: string | null;
  readonly message: string | null;
  readonly error: unknown;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  readonly digest: string | null;
  readonly hex: string | null;
}

/** Dials, associates, lets `talk` ask, and releases. Never throws: the record says how it ended. */
export async function converse(
  options: ConversationOptions,
  talk: (session: Session) => Promise<void>,
): Promise<Conversation> {
  const startedMs = options.clock.now();
  const journal = createFrameJournal(options.journalOctets);
  let dialogue: Dialogue | undefined;
  let error: unknown;
  try {
    dialogue = await openDialogue(options, journal);
    await talk(await associate(dialogue));
    await release(dialogue);
  } catch (thrown) {
    error = thrown ?? headendError('headend/unexpected', 'a session ended without a reason');
  } finally {
    dialogue?.close(error !== undefined);
  }
  return {
    ...(error === undefined ? { outcome: 'answer', code: null, message: null } : refusalOf(error)),
    error,
    startedMs,
    endedMs: options.clock.now(),
    octetsSent: dialogue?.octetsSent() ?? 0,
    octetsReceived: journal.octets(),
    digest: journal.digest(),
    hex: journal.hex(),
  };
}

const refusals = new Set([
  'dlms/association-rejected',
  'dlms/authentication-failed',
  'dlms/context-refused',
  'dlms/mechanism-refused',
  'dlms/exception-response',
  'dlms/confirmed-service-error',
  'headend/attribute-refused',
  'headend/object-not-found',
]);
const timeouts = new Set(['headend/timeout', 'headend/session-deadline']);

/** Sorts an error into the outcome of the exchange. */
function refusalOf(error: unknown): Pick<Conversation, 'outcome' | 'code' | 'message'> {
  const code = error instanceof CodedError ? codeOf(error) : 'headend/unexpected';
  const message = messageOf(error);
  if (code === 'network/unreachable') return { outcome: 'unreachable', code, message };
  if (timeouts.has(code)) return { outcome: 'timeout', code, message };
  return { outcome: refusals.has(code) ? 'refusal' : 'failure', code, message };
}

async function associate(dialogue: Dialogue): Promise<Session> {
  const outcome = await dialogue.ask({ kind: 'associate' });
  const serverSystemTitle = outcome.kind === 'associated' ? outcome.serverSystemTitle : undefined;
  let takesLists = true;
  const getOne = async (reference: AttributeDescriptor) => {
    const answer = await dialogue.ask({ kind: 'get', reference });
    if (answer.kind !== 'get') throw unexpectedAnswer('get', answer);
    return encodedOf(reference, answer.result);
  };
  const getList = async (references: readonly AttributeDescriptor[]) => {
    const answer = await dialogue.ask({ kind: 'get-list', references });
    if (answer.kind !== 'get-list') throw unexpectedAnswer('get-list', answer);
    const { results } = answer;
    if (results.length !== references.length) {
      const what = `expected ${references.length} results of a list, found ${results.length}`;
      throw headendError('headend/value-undecodable', what);
    }
    return results.map((result, i) => encodedOf(references[i] as AttributeDescriptor, result));
  };
  return {
    serverSystemTitle,
    ask: (request) => dialogue.ask(request),
    async get(reference) {
      const encoded = await getOne(reference);
      if (encoded instanceof CodedError) throw encoded;
      return encoded;
    },
    async getMany(references) {
      try {
        if (takesLists && references.length > 1) return await getList(references);
      } catch (error) {
        // Refused before an octet was sent: the meter did not agree to lists.
        if (codeOf(error) !== 'dlms/service-not-supported') throw error;
        takesLists = false;
      }
      const answers: (Uint8Array | CodedError)[] = [];
      for (const reference of references) answers.push(await getOne(reference));
      return answers;
    },
  };
}

function encodedOf(
  { classId, obis, attribute }: AttributeDescriptor,
  answer: GetResult,
): Uint8Array | CodedError {
  if (answer.ok) return answer.encoded;
  const { result } = answer;
  const what = `the meter answered '${result}' for attribute ${attribute} of ${obis} (class ${classId})`;
  return headendError('headend/attribute-refused', what, { classId, obis, attribute, result });
}

/** What was read is read, whether or not the meter confirms that the association is over. */
async function release(dialogue: Dialogue): Promise<void> {
  try {
    await dialogue.ask({ kind: 'release' });
  } catch (error) {
    if (codeOf(error) === 'headend/closing') throw error;
  }
}

function unexpectedAnswer(asked: string, outcome: ClientOutcome): CodedError {
  return headendError('headend/unexpected', `expected the outcome of ${asked}, found ${outcome.kind}`);
}

/** Why nothing more is asked after a session that went its way. */
const sessionOver = headendError('headend/link-closed', 'the session is over');

const sessionFailed = { code: 'network/closed', message: 'the session failed' } as const;

/** Requests over one link, one at a time. */
interface Dialogue {
  ask(request: ClientRequest): Promise<ClientOutcome>;
  octetsSent(): number;
  /** Closes the link; a session that failed may leave answers on their way. */
  close(hasFailed: boolean): void;
}

interface Pending {
  readonly resolve: (outcome: ClientOutcome) => void;
  readonly reject: (error: unknown) => void;
}

async function openDialogue(options: ConversationOptions, journal: FrameJournal): Promise<Dialogue> {
  const link = await dial(options);
  const { client, random } = options;
  const connection = 'request' in client ? client : createClientConnection({ ...client, random });
  return createDialogue(link, connection, options, journal);
}

/** A link that opens after we gave up is closed at once. */
async function dial({ dialer, address, dialTimeoutMs, signal }: ConversationOptions): Promise<Link> {
  signal?.throwIfAborted();
  const link = await dialer.dial(address, dialTimeoutMs);
  if (signal?.aborted) {
    link.close();
    throw signal.reason;
  }
  return link;
}

function createDialogue(
  link: Link,
  connection: ClientConnection | SessionConnection,
  options: ConversationOptions,
  journal: FrameJournal,
): Dialogue {
  const { deadlines, requestTimeoutMs, retries = 0, sessionTimeoutMs, sessionOctets, signal } = options;
  let pending: Pending | undefined;
  let ended: unknown;
  let octetsSent = 0;
  let disarm = () => {};

  const send = (octets: Uint8Array) => {
    octetsSent += octets.length;
    link.send(octets);
  };
  const end = (error: unknown) => {
    ended ??= error;
    disarm();
    pending?.reject(ended);
    pending = undefined;
  };
  /** The meter has this long to say something more; then it is asked again as often as the options say. */
  const arm = (retriesLeft = retries) => {
    disarm();
    disarm = deadlines.after(requestTimeoutMs, () => {
      const again = retriesLeft > 0 && 'retry' in connection ? connection.retry?.() : undefined;
      if (!again) {
        return end(headendError('headend/timeout', `${link.peer} was silent for ${requestTimeoutMs} ms`));
      }
      arm(retriesLeft - 1);
      send(again);
    });
  };
  const take = (octets: Uint8Array) => {
    if (ended !== undefined) return;
    journal.add(octets);
    if (journal.octets() > sessionOctets) {
      const what = `expected at most ${sessionOctets} octets in a session, found more`;
      return end(headendError('headend/answer-too-long', what));
    }
    const step = connection.receive(octets);
    if ('then' in step) void step.then(follow).catch(end);
    else follow(step);
  };
  const follow = ({ send: replies, outcome }: ReturnType<ClientConnection['receive']>) => {
    if (ended !== undefined) return;
    for (const reply of replies) send(reply);
    if (!outcome) {
      if (pending) arm();
      return;
    }
    if (outcome.kind === 'failure') {
      const { code, message, where } = outcome.failure;
      return end(new CodedError(code, message, where));
    }
    disarm();
    pending?.resolve(outcome);
    pending = undefined;
  };

  link.receive((octets) => {
    try {
      take(octets);
    } catch (error) {
      end(error);
    }
  });
  void link.closed.then(({ code, message }) => {
    // Most links end after their session: an error that nobody takes is not made.
    if (ended !== undefined) return;
    const what = `${link.peer}: ${message}`;
    // A closed UDP port is found out only now.
    end(
      code === 'network/unreachable' ? new CodedError(code, what) : headendError('headend/link-closed', what),
    );
  });
  const cancelDeadline = deadlines.after(sessionTimeoutMs, () =>
    end(headendError('headend/session-deadline', `the session lasted ${sessionTimeoutMs} ms`)),
  );
  const onAbort = () => end(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });

  return {
    octetsSent: () => octetsSent,
    async ask(request) {
      await options.beforeRequest?.();
      if (ended !== undefined) throw ended;
      const made = connection.request(request);
      const octets = 'then' in made ? await made : made;
      if (ended !== undefined) throw ended;
      if (!octets.ok) throw new CodedError(octets.error.code, octets.error.message, octets.error.where);
      return new Promise((resolve, reject) => {
        pending = { resolve, reject };
        arm();
        send(octets.value);
      });
    },
    close(hasFailed) {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
      if (pending) end(headendError('headend/link-closed', 'the session is over'));
      else end(sessionOver);
      if ('close' in connection) connection.close();
      link.close(hasFailed ? sessionFailed : undefined);
    },
  };
}
