/** The signer: the only holder of the management client's keys. It decides, keeps the ledger, and seals; it knows no socket. */
import { type Clock, fromHex, type Random } from '@wattline/base';
import { createClientConnection } from '@wattline/protocols/dlms';
import type { Registry } from '@wattline/store/registry';
import { type Approval, isApproved, isEvidenced } from '../guard/approval.ts';
import { type Batch, batchHash } from '../guard/batch.ts';
import { hashOf } from '../guard/canonical-json.ts';
import { type Decision, decide, standingReasons } from '../guard/decide.ts';
import { createGuardClock } from '../guard/guard-clock.ts';
import {
  createGuardBook,
  type GuardState,
  type Hold,
  isOpen,
  type LawfulRule,
} from '../guard/guard-state.ts';
import { openLedger } from '../guard/ledger.ts';
import { previewBatch } from '../guard/preview.ts';
import type { Proposal } from '../guard/proposal.ts';
import { type InvocationCounters, openInvocationCounters } from '../keys/invocation-counters.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import type { Enrolment } from './enrolment.ts';
import { type SignerErrorCode, signerErrors } from './errors.ts';
import type { EmergencyDeclaration, SignerMessage, SignerReply, WireEnd } from './messages.ts';
import { readMessage } from './read-message.ts';
import { isScripted, scriptOf, settleScript } from './scripts.ts';
import { createSigningSession, type SessionStep, type SigningSession } from './signing-session.ts';

/** What the signer is given. */
export interface SignerOptions {
  /** Its own registry, on its own disk; stays the caller's. */
  readonly registry: Registry;
  readonly enrolment: Enrolment;
  /** The vault that sealed the keys of the enrolment. */
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly random: Random;
}

/** The signer as its channel sees it. */
export interface Signer {
  /** Answers one message out of JSON; messages are worked off one after the other. Never rejects for what a peer sent. */
  handle(message: unknown): Promise<SignerReply>;
  /** What it knows, to be looked at. */
  readonly state: GuardState;
}

const sessionsMax = 64;
const sessionMs = 120_000;
const holdsMax = 10_000;
/** Approvals kept of one batch. */
const approvalsMax = 64;

interface OpenSession {
  readonly session: SigningSession;
  readonly serial: string;
  readonly hash: string;
  readonly wasSealed: boolean;
  readonly untilMs: number;
}

/**
 * Opens the signer over its ledger: what was held, allowed, sealed, counted or stopped before is so still.
 * @throws CodedError `guard/ledger-broken`
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { registry, enrolment, vault, clock, random } = options;
  const { installation } = enrolment;
  const book = createGuardBook(enrolment);
  const { state } = book;
  const ledger = await openLedger(registry, ({ entry, atMs }) => book.apply(entry, atMs));
  const time = createGuardClock(clock, { floorMs: ledger.lastMs(), stepMs: state.settings.clockStepMs });
  const counters = await openInvocationCounters({ registry, writer: createRegistryWriter(registry) });
  const sessions = new Map<string, OpenSession>();
  const recorded = new Set<string>();
  const write = (...entries: Parameters<typeof ledger.append>[1][]) =>
    ledger.append(time().nowMs, ...entries);
  await write({ kind: 'started', installation });

  const proposalOf = (batch: Batch, hash: string, more: readonly Approval[] = []): Proposal => {
    const kept = state.filings.get(hash)?.approvals ?? [];
    return {
      batch,
      hash,
      approvals: [...kept, ...more],
      evidenced: new Set(
        batch.evidence
          ?.filter((evidence) => isEvidenced(evidence, batch.tenant, state.people))
          .map(({ serial }) => serial),
      ),
    };
  };

  const decisionReply = (hash: string, decision: Decision): SignerReply => {
    const filing = state.filings.get(hash);
    const { verdict, reasons } = decision;
    const isAllowed = filing?.isAllowed === true;
    return { kind: 'decision', hash, verdict, reasons, isAllowed, consentedMs: filing?.consentedMs ?? null };
  };

  /** Decides on a filed batch and writes down what follows. */
  const progress = async (hash: string): Promise<SignerReply> => {
    const filing = state.filings.get(hash);
    if (!filing) return refuse('signer/unknown');
    const proposal = proposalOf(filing.batch, hash);
    let decision = decide(proposal, state, time());
    if (filing.isAllowed || filing.isCancelled) return decisionReply(hash, decision);
    if (decision.isConsented && filing.consentedMs === undefined && decision.verdict !== 'deny') {
      await write({ kind: 'consented', hash });
      decision = decide(proposal, state, time());
    }
    if (decision.verdict === 'allow') await write({ kind: 'allowed', hash, people: decision.people });
    else await recordRefusal(hash, decision);
    return decisionReply(hash, decision);
  };

  const recordRefusal = async (hash: string, { verdict, reasons }: Decision) => {
    const codes = [...new Set(reasons.map(({ code }) => code))];
    const name = `${hash} ${codes.join(' ')}`;
    if (verdict !== 'deny' || recorded.has(name)) return;
    recorded.add(name);
    await write({ kind: 'refused', hash, codes });
  };

  const file = async (batch: Batch, approvals: readonly Approval[]): Promise<SignerReply> => {
    const hash = batchHash(batch, installation);
    if (!isScripted(batch.command)) return refuse('signer/no-script', batch.command);
    const filing = state.filings.get(hash);
    const genuine = approvals.filter((approval) => isApproved(hash, approval, state.people));
    const known = new Set(filing?.approvals.map(({ signature }) => signature));
    const fresh = genuine.filter(({ signature }) => !known.has(signature));
    const proposal = proposalOf(batch, hash, fresh);
    const decision = decide(proposal, state, time());
    const isSomebodys =
      genuine.length > 0 || proposal.evidenced.size > 0 || (decision.isConsented && batch.lane !== 'lawful');
    if (filing === undefined && (decision.verdict === 'deny' || !isSomebodys)) {
      // What nobody signed leaves no trace: a flood of it must not fill the ledger.
      if (genuine.length > 0) await recordRefusal(hash, decision);
      return decisionReply(hash, decision);
    }
    const hasRoom = (filing?.approvals.length ?? 0) + fresh.length <= approvalsMax;
    if (filing === undefined || (fresh.length > 0 && hasRoom && filing.consentedMs === undefined)) {
      await write({ kind: 'filed', hash, batch, approvals: fresh });
    }
    return progress(hash);
  };

  /** People who signed exactly this, freshly, each key once; undefined when they are too few or it served already. */
  const authorities = (
    hash: string,
    approvals: readonly Approval[],
    needed: { readonly count: number; readonly tenant?: string },
  ): readonly string[] | undefined => {
    const { nowMs, isDoubtful } = time();
    const { people, settings, spent } = state;
    const byKey = new Map<string, string>();
    for (const approval of approvals) {
      const person = people.get(approval.person);
      const isFresh =
        approval.atMs > nowMs - settings.batchStepUpMs && approval.atMs <= nowMs + settings.approvalSkewMs;
      if (!person?.roles.includes('authority') || !isFresh || !isApproved(hash, approval, people)) continue;
      if (needed.tenant !== undefined && !person.tenants.includes(needed.tenant)) continue;
      byKey.set(person.publicKey, person.id);
    }
    return isDoubtful || spent.has(hash) || byKey.size < needed.count ? undefined : [...byKey.values()];
  };

  const open = async (hash: string, serial: string): Promise<SignerReply> => {
    const filing = state.filings.get(hash);
    const move = state.moves.find(
      (one) => one.hash === hash && one.serial === serial && one.settledMs === undefined,
    );
    const meter = enrolment.meters.get(serial);
    if (!filing?.isAllowed || !move || !meter) return refuse('signer/not-allowed');
    dropOldSessions();
    const isTaken = [...sessions.values()].some((session) => session.serial === serial);
    if (isTaken || sessions.size >= sessionsMax) return refuse('signer/busy');
    const { batch } = filing;
    const wasSealed = move.sealedMs !== undefined;
    const standing = () => standingReasons({ batch, hash }, { serial, state, time: time() });
    const reasons = standing();
    if (reasons.length > 0 && !wasSealed)
      return sessionReply('', { send: [], end: { kind: 'held', reasons } });
    const task = {
      batch,
      wasSealed,
      nowMs: () => time().nowMs,
      shedDurationMs: state.settings.shedDurationMs,
    };
    // What may no longer be switched may still be looked at, to prove what an APDU sealed earlier has done.
    const script = reasons.length > 0 ? settleScript(task) : scriptOf(task);
    if (!script) return refuse('signer/no-script', batch.command);
    const scope = `${serial}/management`;
    const sent = counters.sent(scope);
    const session = createSigningSession({
      connection: connectionTo(meter, sent, counters),
      script,
      command: batch.command,
      reserve: () => sent.ready(),
      async gate() {
        const against = standing();
        const isStillOurs = state.moves.some((one) => one.hash === hash && one.serial === serial);
        if (against.length === 0 && isStillOurs) await write({ kind: 'sealed', hash, serial });
        return against;
      },
    });
    const id = Buffer.from(random.bytes(16)).toString('hex');
    sessions.set(id, { session, serial, hash, wasSealed, untilMs: clock.monotonic() + sessionMs });
    return sessionReply(id, await session.start());
  };

  const connectionTo = (
    meter: { readonly serial: string; readonly systemTitle: string; readonly sealed: string },
    counter: ReturnType<InvocationCounters['sent']>,
    { accepted }: InvocationCounters,
  ) =>
    createClientConnection({
      clientSap: 1,
      serverSap: 1,
      mechanism: 'gmac',
      protection: 'ae',
      systemTitle: vault.systemTitle,
      serverSystemTitle: fromHex(meter.systemTitle),
      keys: vault.open({ serial: meter.serial, client: 'management' }, meter.sealed),
      counter,
      replay: accepted(`${meter.serial}/management`),
      random,
    });

  const sessionReply = async (id: string, step: SessionStep): Promise<SignerReply> => {
    const send = step.send.map((octets) => Buffer.from(octets).toString('base64'));
    if (!step.end) return { kind: 'session', session: id, send };
    const ended = sessions.get(id);
    sessions.delete(id);
    const { end } = step;
    if (ended && end.kind === 'ended' && end.isSwitched !== undefined) {
      const { hash, serial, wasSealed } = ended;
      const { result } = end;
      // What was sealed earlier may have worked and been undone on site since: it counts as switched.
      const isSwitched = end.isSwitched || wasSealed;
      await write({ kind: 'settled', hash, serial, isSwitched, result });
    }
    return { kind: 'session', session: id, send, end: wireEnd(end) };
  };

  const octets = async (id: string, text: string): Promise<SignerReply> => {
    dropOldSessions();
    const found = sessions.get(id);
    if (!found) return refuse('signer/unknown');
    return sessionReply(id, await found.session.receive(new Uint8Array(Buffer.from(text, 'base64'))));
  };

  const dropOldSessions = () => {
    for (const [id, { untilMs }] of sessions) if (clock.monotonic() > untilMs) sessions.delete(id);
  };

  const declare = async (
    declaration: EmergencyDeclaration,
    approvals: readonly Approval[],
  ): Promise<SignerReply> => {
    const hash = hashOf('emergency', installation, declaration);
    const { tenant, reason } = declaration;
    const people = authorities(hash, approvals, { count: state.settings.emergencyPeople, tenant });
    if (!people) return refuse('signer/not-authorised');
    await write({ kind: 'emergency', hash, tenant, reason, people });
    return done();
  };

  const rule = async (body: LawfulRule, approvals: readonly Approval[]): Promise<SignerReply> => {
    const hash = hashOf('rule', installation, body);
    const people = authorities(hash, approvals, { count: state.settings.rulePeople, tenant: body.tenant });
    const known = state.rules.get(body.id);
    if (!people || (known && known.tenant !== body.tenant)) return refuse('signer/not-authorised');
    await write({ kind: 'rule', hash, rule: body, people });
    return done();
  };

  const release = async (approvals: readonly Approval[]): Promise<SignerReply> => {
    const hash = hashOf('release', installation, { pulls: state.pulls });
    const people = authorities(hash, approvals, { count: state.settings.releasePeople });
    if (!people || !state.isRedSwitchPulled) return refuse('signer/not-authorised');
    await write({ kind: 'red-switch-released', hash, people });
    return done();
  };

  const addHold = async (hold: Hold, by: string): Promise<SignerReply> => {
    if (state.holds.size >= holdsMax) return refuse('signer/busy');
    const id = hashOf('hold', installation, { hold, after: ledger.head() }).slice(0, 16);
    await write({ kind: 'hold', id, hold, by });
    return done(id);
  };

  const lift = async (id: string, approvals: readonly Approval[]): Promise<SignerReply> => {
    if (!state.holds.has(id)) return refuse('signer/unknown');
    const hash = hashOf('lift', installation, { id });
    const people = authorities(hash, approvals, { count: state.settings.releasePeople });
    if (!people) return refuse('signer/not-authorised');
    await write({ kind: 'hold-lifted', hash, id, people });
    return done();
  };

  const cancel = async (hash: string, by: string): Promise<SignerReply> => {
    const filing = state.filings.get(hash);
    if (!filing) return refuse('signer/unknown');
    if (!filing.isCancelled) await write({ kind: 'cancelled', hash, by });
    return done();
  };

  const handlers: {
    readonly [kind in SignerMessage['kind']]: (
      message: Extract<SignerMessage, { kind: kind }>,
    ) => Promise<SignerReply>;
  } = {
    file: ({ batch, approvals }) => file(batch, approvals),
    progress: ({ hash }) => progress(hash),
    async preview({ batch }) {
      const hash = batchHash(batch, installation);
      const { reasons } = decide(proposalOf(batch, hash), state, time());
      return { kind: 'preview', hash, reasons, ...previewBatch(batch, state, time().nowMs) };
    },
    cancel: ({ hash, by }) => cancel(hash, by),
    async 'red-switch'({ by }) {
      if (!state.isRedSwitchPulled) await write({ kind: 'red-switch', by });
      return done();
    },
    release: ({ approvals }) => release(approvals),
    emergency: ({ declaration, approvals }) => declare(declaration, approvals),
    rule: ({ rule: body, approvals }) => rule(body, approvals),
    hold: ({ hold, by }) => addHold(hold, by),
    lift: ({ id, approvals }) => lift(id, approvals),
    open: ({ hash, serial }) => open(hash, serial),
    octets: ({ session, octets: text }) => octets(session, text),
    async close({ session }) {
      sessions.delete(session);
      return done();
    },
    async status() {
      const { nowMs, isDoubtful } = time();
      return {
        kind: 'status',
        installation,
        nowMs,
        isClockDoubtful: isDoubtful,
        isRedSwitchPulled: state.isRedSwitchPulled,
        pulls: state.pulls,
        openMoves: state.moves.filter((move) => isOpen(move, nowMs)).length,
        sessions: sessions.size,
        ledgerHead: ledger.head(),
      };
    },
  };

  // One after the other: between a decision and its line in the ledger nothing else may be decided.
  let queue: Promise<unknown> = Promise.resolve();
  return {
    state,
    handle(message) {
      const read = readMessage(message);
      if (!read.ok) {
        return Promise.resolve({ kind: 'refused', code: read.error.code, message: read.error.message });
      }
      const handler = handlers[read.value.kind] as (message: SignerMessage) => Promise<SignerReply>;
      const answer = queue.then(() => handler(read.value));
      queue = answer.catch(() => undefined);
      return answer;
    },
  };
}

function wireEnd(end: NonNullable<SessionStep['end']>): WireEnd {
  return end.kind === 'ended' ? { kind: 'ended', isDone: end.isDone, result: end.result } : end;
}

function refuse(code: SignerErrorCode, detail = ''): SignerReply {
  return { kind: 'refused', code, message: detail ? `${signerErrors[code]} ${detail}` : signerErrors[code] };
}

function done(id: string | null = null): SignerReply {
  return { kind: 'done', id };
}
