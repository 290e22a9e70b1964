/** Sessions of the management client: which script a move of a batch needs, with which keys it is sealed, and what its end proves. */
import type { KeyObject } from 'node:crypto';
import { type Clock, fromHex, type Random, toHex } from '@wattline/base';
import { createClientConnection, type SecurityKeys } from '@wattline/protocols/dlms';
import { parametersOf } from '../guard/batch.ts';
import { standingReasons } from '../guard/decide.ts';
import type { Filing, GuardState, LedgerEntry, Move } from '../guard/guard-state.ts';
import type { GuardTime } from '../guard/proposal.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import { keyLengthOf } from '../keys/key-vault.ts';
import { isPublishedKey } from '../keys/published-keys.ts';
import type { EnrolledMeter } from './enrolment.ts';
import type { SignerErrorCode } from './errors.ts';
import { firmwareTransferScript } from './image-scripts.ts';
import type { SignerImages } from './images.ts';
import { keyScript } from './key-script.ts';
import type { SignerMessage, SignerReply, WireEnd } from './messages.ts';
import { meterObjectsOf } from './meter-objects.ts';
import { refuse } from './replies.ts';
import { inAssociation, type Script, type ScriptTask } from './script.ts';
import { scriptOf, settleScript } from './scripts.ts';
import { type ClientPair, openPair } from './sealed-pair.ts';
import type { SignerKeys } from './signer-keys.ts';
import { createSigningSession, type SessionStep, type SigningSession } from './signing-session.ts';

/** What sessions are given. */
export interface SignerSessionsOptions {
  meterOf(serial: string): EnrolledMeter | undefined;
  readonly state: GuardState;
  readonly time: () => GuardTime;
  /** Resolves when the lines are in the ledger. */
  readonly write: (...entries: LedgerEntry[]) => Promise<void>;
  readonly counters: InvocationCounters;
  readonly keys: SignerKeys;
  readonly images: SignerImages;
  readonly random: Random;
  readonly clock: Clock;
  readonly systemTitle: Uint8Array;
  /** Opens the reader's keys that the head-end sends along. */
  readonly channelKey: KeyObject;
}

/** Sessions by the names they were given. */
export interface SignerSessions {
  open(message: Extract<SignerMessage, { kind: 'open' }>): Promise<SignerReply>;
  octets(id: string, text: string): Promise<SignerReply>;
  close(id: string): void;
  isTaken(serial: string): boolean;
  count(): number;
}

const sessionsMax = 64;
/** A session that nobody carries octets for ends after the first, and every one after the second. */
const idleMs = 120_000;
const longestMs = 3_600_000;

interface OpenSession {
  readonly session: SigningSession;
  readonly meter: EnrolledMeter;
  readonly hash: string;
  readonly wasSealed: boolean;
  readonly sealedWith: 'current' | 'pending';
  readonly endMs: number;
  idleUntilMs: number;
}

/** What a session is opened for. */
interface Opening {
  readonly filing: Filing;
  readonly hash: string;
  readonly move: Move;
  readonly meter: EnrolledMeter;
  readonly reader: string | undefined;
  readonly mayAct: boolean;
  readonly sealedWith: 'current' | 'pending';
}

export function createSignerSessions(options: SignerSessionsOptions): SignerSessions {
  const { meterOf, state, time, write, counters, keys, images, random, clock, systemTitle, channelKey } =
    options;
  const sessions = new Map<string, OpenSession>();
  /** Meters that refused their pending pair last: the current one is tried next, and so on in turn. */
  const refusedPending = new Set<string>();
  const moveOf = (hash: string, serial: string) =>
    state.moves.find((one) => one.hash === hash && one.serial === serial && one.settledMs === undefined);

  /** The end of a move that the meter has proved: who asks again has not heard the answer. */
  const endOf = (hash: string, serial: string) =>
    state.moves.find((one) => one.hash === hash && one.serial === serial && one.end)?.end;

  const isTaken = (serial: string) =>
    [...sessions.values()].some((session) => session.meter.serial === serial);

  const open: SignerSessions['open'] = async ({ hash, serial, reader }) => {
    const filing = state.filings.get(hash);
    const move = moveOf(hash, serial);
    const meter = meterOf(serial);
    const known = move ? undefined : endOf(hash, serial);
    if (known) return replyTo('', { send: [], end: { kind: 'ended', isSwitched: undefined, ...known } });
    if (!filing?.isAllowed || !move || !meter) return refuse('signer/not-allowed');
    dropOldSessions();
    if (isTaken(serial) || sessions.size >= sessionsMax) return refuse('signer/busy');
    const { batch } = filing;
    const wasSealed = move.sealedMs !== undefined;
    const standing = () => standingReasons({ batch, hash }, { serial, state, time: time() });
    const reasons = standing();
    const held = () => replyTo('', { send: [], end: { kind: 'held', reasons } });
    if (reasons.length > 0 && !wasSealed) return held();
    const hasPending = keys.management(meter).pending !== undefined;
    const sealedWith = hasPending && !refusedPending.has(serial) ? 'pending' : 'current';
    const mayAct = reasons.length === 0;
    const script = await scriptFor({ filing, hash, move, meter, reader, mayAct, sealedWith });
    if (script === undefined) return mayAct ? refuse('signer/no-script', batch.command) : held();
    if (typeof script === 'string') return refuse(script);
    let isInLedger = false;
    const sent = counters.sent(`${serial}/management`);
    // The script may have drawn a pair meanwhile.
    const { current, pending } = keys.management(meter);
    const session = createSigningSession({
      connection: createClientConnection({
        ...{ clientSap: 1, serverSap: 1, mechanism: 'gmac', protection: 'ae', random, systemTitle },
        serverSystemTitle: fromHex(meter.systemTitle),
        keys: sealedWith === 'pending' && pending ? pending : current,
        counter: sent,
        replay: counters.accepted(`${serial}/management`),
      }),
      script,
      command: batch.command,
      reserve: () => sent.ready(),
      async gate() {
        const against = standing();
        if (against.length > 0 || isInLedger || !moveOf(hash, serial)) return against;
        // Once for a session: an image is a thousand requests.
        await write({ kind: 'sealed', hash, serial });
        isInLedger = true;
        return against;
      },
      async prove({ proved: name }) {
        if (name === 'master') await keys.commit(meter, 'master');
        await write({ kind: 'part', hash, serial, name });
      },
      async onAssociated() {
        if (sealedWith === 'pending') await keys.commit(meter, 'management');
      },
    });
    const id = toHex(random.bytes(16));
    const nowMs = clock.monotonic();
    const ends = { endMs: nowMs + longestMs, idleUntilMs: nowMs + idleMs };
    sessions.set(id, { session, meter, hash, wasSealed, sealedWith, ...ends });
    return replyTo(id, await session.start());
  };

  /** The script of a move; a code when it cannot be, undefined when there is none. */
  const scriptFor = async (opening: Opening): Promise<Script | SignerErrorCode | undefined> => {
    const { filing, move, meter, mayAct } = opening;
    const { batch } = filing;
    const task: ScriptTask = {
      batch,
      wasSealed: move.sealedMs !== undefined,
      nowMs: () => time().nowMs,
      shedDurationMs: state.settings.shedDurationMs,
      objects: meterObjectsOf(meter.profile),
    };
    if (batch.command === 'key-change') return keyScriptFor(task, opening);
    if (!mayAct) return settleScript(task);
    if (batch.command !== 'firmware-transfer') return scriptOf(task);
    const image = images.of(batch);
    if (!image) return 'signer/image-missing';
    const { digest } = parametersOf(batch, 'firmware-transfer').manifest;
    const wasInitiated = state.images.get(meter.serial) === digest;
    return inAssociation(() => firmwareTransferScript({ ...task, image, wasInitiated }));
  };

  const keyScriptFor = async (task: ScriptTask, opening: Opening): Promise<Script | SignerErrorCode> => {
    const { hash, move, meter, mayAct, sealedWith } = opening;
    const remaining = parametersOf(task.batch, 'key-change').of.filter((name) => !move.parts?.includes(name));
    const before = keys.master(meter);
    if (!before) return 'signer/no-master-key';
    let reader: SecurityKeys | undefined;
    if (opening.reader !== undefined) {
      const pair = openPair(channelKey, opening.reader, { hash, serial: meter.serial });
      const { current } = keys.management(meter);
      if (!pair || !isFit(pair, [current, before.current])) return 'signer/bad-reader-keys';
      reader = { suite: current.suite, ...pair };
    }
    // On disk before a session begins that could bring them to the meter; an association with the pending pair is its proof.
    const left = sealedWith === 'pending' ? remaining.filter((name) => name !== 'management') : remaining;
    // The master key only when nothing else is left.
    const next = left.find((name) => name === 'management' || (name === 'master' && left.length === 1));
    if (mayAct && (next === 'management' || next === 'master')) await keys.begin(meter, next);
    return inAssociation(() =>
      keyScript({
        ...task,
        ...{ remaining, reader, sealedWith, mayAct },
        management: keys.management(meter),
        master: keys.master(meter) ?? before,
        wasMasterSent: before.pending !== undefined,
      }),
    );
  };

  const replyTo = async (id: string, step: SessionStep): Promise<SignerReply> => {
    const send = step.send.map((octets) => Buffer.from(octets).toString('base64'));
    const { end, progress } = step;
    if (!end) return { kind: 'session', session: id, send, ...(progress ? { progress } : {}) };
    const ended = sessions.get(id);
    sessions.delete(id);
    if (ended) await settle(ended, end);
    return { kind: 'session', session: id, send, end: wireEnd(end) };
  };

  const settle = async (ended: OpenSession, end: NonNullable<SessionStep['end']>) => {
    const { hash, meter, wasSealed, session, sealedWith } = ended;
    const { serial } = meter;
    if (sealedWith === 'pending' && !session.isAssociated()) refusedPending.add(serial);
    else refusedPending.delete(serial);
    if (end.kind !== 'ended' || end.more || end.isSwitched === undefined) return;
    // What was sealed earlier may have worked and been undone on site since: it counts as switched.
    const isSwitched = end.isSwitched || wasSealed;
    await write({ kind: 'settled', hash, serial, isSwitched, isDone: end.isDone, result: end.result });
  };

  const dropOldSessions = () => {
    const nowMs = clock.monotonic();
    for (const [id, { endMs, idleUntilMs }] of sessions) {
      if (nowMs > Math.min(endMs, idleUntilMs)) sessions.delete(id);
    }
  };

  return {
    open,
    async octets(id, text) {
      dropOldSessions();
      const found = sessions.get(id);
      if (!found) return refuse('signer/unknown');
      found.idleUntilMs = clock.monotonic() + idleMs;
      return replyTo(id, await found.session.receive(new Uint8Array(Buffer.from(text, 'base64'))));
    },
    close(id) {
      const closed = sessions.get(id);
      sessions.delete(id);
      // Silence proves nothing, and the other pair may be the one the meter holds.
      if (closed && closed.sealedWith === 'pending' && !closed.session.isAssociated()) {
        refusedPending.add(closed.meter.serial);
      } else if (closed) refusedPending.delete(closed.meter.serial);
    },
    isTaken(serial) {
      dropOldSessions();
      return isTaken(serial);
    },
    count: () => sessions.size,
  };
}

/** As long as the suite wants them, not known to everybody, not the same twice, and none of those that switch. */
function isFit(reader: ClientPair, others: readonly [management: SecurityKeys, master: Uint8Array]): boolean {
  const [management, master] = others;
  const own = [reader.ek, reader.ak];
  const all = [...own, management.ek, management.ak, master].map(toHex);
  const isUnlike = own.every((key) => all.filter((other) => other === toHex(key)).length === 1);
  const isLong = own.every(({ length }) => length === keyLengthOf(management.suite));
  return isLong && isUnlike && !own.some(isPublishedKey);
}

function wireEnd(end: NonNullable<SessionStep['end']>): WireEnd {
  if (end.kind !== 'ended') return end;
  const { isDone, result, more, needs } = end;
  if (!more) return { kind: 'ended', isDone, result };
  return { kind: 'more', when: more, result, ...(needs ? { needs } : {}) };
}
