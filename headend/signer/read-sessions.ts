/**
 * Reading for makes with one client alone: the head-end asks in APDUs in the clear, the signer parses each, seals what it built from it, and
 * gives the meter's answers back opened. Meters that have a reader of their own are never read here.
 */
import { type Clock, fromHex, type Random, toHex } from '@wattline/base';
import {
  type ClientConnection,
  type ClientRequest,
  createClientConnection,
  type GetResult,
} from '@wattline/protocols/dlms';
import type { InvocationCounters, SentCounter } from '../keys/invocation-counters.ts';
import type { EnrolledMeter } from './enrolment.ts';
import type { ReadAnswer, SignerReply } from './messages.ts';
import { readAsked } from './read-apdu.ts';
import { refuse } from './replies.ts';
import type { SignerKeys } from './signer-keys.ts';

/** What reading is given. */
export interface ReadSessionsOptions {
  meterOf(serial: string): EnrolledMeter | undefined;
  /** Whether a command has a session with the meter: a meter has one at a time. */
  isTaken(serial: string): boolean;
  readonly counters: InvocationCounters;
  readonly keys: SignerKeys;
  readonly random: Random;
  readonly clock: Clock;
  readonly systemTitle: Uint8Array;
}

/** Sessions that read. */
export interface ReadSessions {
  open(serial: string): Promise<SignerReply>;
  ask(id: string, apdu: string): Promise<SignerReply>;
  octets(id: string, octets: string): Promise<SignerReply>;
  /** Whether a session of this name is one of these. */
  has(id: string): boolean;
  isTaken(serial: string): boolean;
  /** Ends a session; octets that tell the meter so when it was associated. */
  close(id: string): SignerReply | undefined;
}

/** Fewer than all sessions, so that reading never keeps a command waiting for a place. */
const sessionsMax = 32;
const idleMs = 60_000;
/** Largest APDU offered to a meter, octets: its answer in base64 fits into a message of the channel. */
const maxPduSize = 16_384;

interface OpenRead {
  readonly connection: ClientConnection;
  readonly sent: SentCounter;
  readonly serial: string;
  isAssociated: boolean;
  untilMs: number;
}

export function createReadSessions(options: ReadSessionsOptions): ReadSessions {
  const { meterOf, counters, keys, random, clock, systemTitle } = options;
  const sessions = new Map<string, OpenRead>();
  const dropOld = () => {
    for (const [id, { untilMs }] of sessions) if (clock.monotonic() > untilMs) sessions.delete(id);
  };
  const found = (id: string) => {
    dropOld();
    const session = sessions.get(id);
    if (session) session.untilMs = clock.monotonic() + idleMs;
    return session;
  };
  const isTaken = (serial: string) => {
    dropOld();
    return [...sessions.values()].some((session) => session.serial === serial);
  };
  /** Seals a request of our own making. */
  const send = async (
    id: string,
    { connection, sent }: OpenRead,
    request: ClientRequest,
  ): Promise<SignerReply> => {
    await sent.ready();
    const octets = connection.request(request);
    if (octets.ok) return { kind: 'session', session: id, send: [base64(octets.value)] };
    return { kind: 'refused', code: octets.error.code, message: octets.error.message };
  };

  return {
    isTaken,
    has: (id) => sessions.has(id),
    close(id) {
      const session = sessions.get(id);
      if (!session) return undefined;
      sessions.delete(id);
      const octets = session.isAssociated ? session.connection.request({ kind: 'release' }) : undefined;
      return { kind: 'session', session: id, send: octets?.ok ? [base64(octets.value)] : [] };
    },
    async open(serial) {
      const meter = meterOf(serial);
      if (meter?.hasOneClient !== true)
        return refuse('signer/not-allowed', 'the meter has a reader of its own');
      if (isTaken(serial) || options.isTaken(serial) || sessions.size >= sessionsMax)
        return refuse('signer/busy');
      const sent = counters.sent(`${serial}/management`);
      const connection = createClientConnection({
        ...{ clientSap: 1, serverSap: 1, mechanism: 'gmac', protection: 'ae', random, systemTitle },
        ...{ serverSystemTitle: fromHex(meter.systemTitle), maxPduSize },
        keys: keys.management(meter).current,
        counter: sent,
        replay: counters.accepted(`${serial}/management`),
      });
      const id = toHex(random.bytes(16));
      const session = { connection, sent, serial, isAssociated: false, untilMs: clock.monotonic() + idleMs };
      sessions.set(id, session);
      return send(id, session, { kind: 'associate' });
    },
    async ask(id, apdu) {
      const session = found(id);
      if (!session?.isAssociated) return refuse('signer/unknown');
      const asked = readAsked(new Uint8Array(Buffer.from(apdu, 'base64')));
      if (!asked.ok) return { kind: 'refused', code: asked.error.code, message: asked.error.message };
      const [reference, ...more] = asked.value;
      if (reference && more.length === 0) return send(id, session, { kind: 'get', reference });
      return send(id, session, { kind: 'get-list', references: asked.value });
    },
    async octets(id, octets) {
      const session = found(id);
      if (!session) return refuse('signer/unknown');
      const { send: replies, outcome } = session.connection.receive(
        new Uint8Array(Buffer.from(octets, 'base64')),
      );
      const reply = { kind: 'session', session: id, send: replies.map(base64) } as const;
      if (outcome?.kind === 'failure') {
        sessions.delete(id);
        const { code, message } = outcome.failure;
        return { ...reply, end: { kind: 'failed', code, message } };
      }
      if (outcome?.kind === 'associated') {
        session.isAssociated = true;
        return { ...reply, answers: [] };
      }
      if (outcome?.kind === 'get') return { ...reply, answers: [answerOf(outcome.result)] };
      return outcome?.kind === 'get-list' ? { ...reply, answers: outcome.results.map(answerOf) } : reply;
    },
  };
}

function answerOf(result: GetResult): ReadAnswer {
  return result.ok ? { encoded: base64(result.encoded) } : { refused: result.result };
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
