/** The signer: the only holder of the management client's keys. It decides, keeps the ledger, and seals; it knows no socket. */
import { type Clock, messageOf, type Random } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';
import { type Approval, isApproved, isEvidenced } from '../guard/approval.ts';
import { type Batch, batchHash } from '../guard/batch.ts';
import { type Decision, decide } from '../guard/decide.ts';
import { createGuardBook } from '../guard/guard-book.ts';
import { createGuardClock } from '../guard/guard-clock.ts';
import { type GuardState, isOpen, type LedgerEntry } from '../guard/guard-state.ts';
import { openLedger } from '../guard/ledger.ts';
import { previewBatch } from '../guard/preview.ts';
import type { Proposal } from '../guard/proposal.ts';
import { openInvocationCounters } from '../keys/invocation-counters.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import type { RestoreWitness } from '../keys/restore-witness.ts';
import { recipientOf } from '../keys/sealed-box.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { createAuthority } from './authority.ts';
import type { Enrolment } from './enrolment.ts';
import { createSignerImages, isVouched } from './images.ts';
import type { SignerMessage, SignerReply } from './messages.ts';
import { createPushSeals } from './push-seals.ts';
import { readMessage } from './read-message.ts';
import { createReadSessions } from './read-sessions.ts';
import { done, refuse } from './replies.ts';
import { isScripted } from './scripts.ts';
import { openSignerKeys } from './signer-keys.ts';
import { createSignerSessions } from './signer-sessions.ts';

/** What the signer is given. */
export interface SignerOptions {
  /** Its own registry, on its own disk; stays the caller's. */
  readonly registry: Registry;
  readonly enrolment: Enrolment;
  /** Reads the enrolment anew when it has changed; undefined when it has not. */
  readonly changedEnrolment?: () => Enrolment | undefined;
  /** The vault that sealed the keys of the enrolment. */
  readonly vault: KeyVault;
  /** Notices a registry restored from a backup: counters jump, and the red switch is pulled. */
  readonly witness?: RestoreWitness;
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

/** Approvals kept of one batch. */
const approvalsMax = 64;

/**
 * Opens the signer over its ledger: what was held, allowed, sealed, counted or stopped before is so still.
 * @throws CodedError `guard/ledger-broken`
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { registry, vault, clock, random } = options;
  let { enrolment } = options;
  let enrolmentProblem: string | null = null;
  const { installation } = enrolment;
  const book = createGuardBook(enrolment);
  const { state } = book;
  const ledger = await openLedger(registry, ({ entry, atMs }) => book.apply(entry, atMs));
  const time = createGuardClock(clock, { floorMs: ledger.lastMs(), stepMs: state.settings.clockStepMs });
  const { witness } = options;
  const counters = await openInvocationCounters({
    ...{ registry, writer: createRegistryWriter(registry) },
    ...(witness ? { witness } : {}),
  });
  const keys = await openSignerKeys({ registry, vault, random, nowMs: () => time().nowMs });
  const images = createSignerImages();
  const recorded = new Set<string>();
  const write = (...entries: LedgerEntry[]) => ledger.append(time().nowMs, ...entries);
  await write({ kind: 'started', installation });
  // A ledger out of a backup knows nothing of what was switched since: people look before anything goes on.
  if (witness?.wasRestored && !state.isRedSwitchPulled)
    await write({ kind: 'red-switch', by: 'a restored ledger' });
  const sessions = createSignerSessions({
    meterOf: (serial) => enrolment.meters.get(serial),
    ...{ state, time, write, counters, keys, images, random, clock, systemTitle: vault.systemTitle },
    channelKey: vault.channelKey,
  });

  const reads = createReadSessions({
    meterOf: (serial) => enrolment.meters.get(serial),
    isTaken: (serial) => sessions.isTaken(serial),
    ...{ counters, keys, random, clock, systemTitle: vault.systemTitle },
  });

  const pushes = createPushSeals({ meterOf: (serial) => enrolment.meters.get(serial), keys, clock });

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
    if (!isVouched(batch, state.people)) return refuse('signer/manifest-refused');
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

  const authority = createAuthority({ installation, state, time, write, head: () => ledger.head() });

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
      return { kind: 'preview', hash, reasons, ...previewBatch({ ...batch, hash }, state, time().nowMs) };
    },
    cancel: ({ hash, by }) => cancel(hash, by),
    async 'red-switch'({ by }) {
      if (!state.isRedSwitchPulled) await write({ kind: 'red-switch', by });
      return done();
    },
    release: ({ approvals }) => authority.release(approvals),
    emergency: ({ declaration, approvals }) => authority.declare(declaration, approvals),
    rule: ({ rule, approvals }) => authority.rule(rule, approvals),
    hold: ({ hold, by }) => authority.hold(hold, by),
    lift: ({ id, approvals }) => authority.lift(id, approvals),
    async open(message) {
      return reads.isTaken(message.serial) ? refuse('signer/busy') : sessions.open(message);
    },
    'open-read': ({ serial }) => reads.open(serial),
    ask: ({ session, apdu }) => reads.ask(session, apdu),
    'open-push': async ({ serial, apdu }) => pushes.open(serial, apdu),
    octets: ({ session, octets }) => (reads.has(session) ? reads : sessions).octets(session, octets),
    async close({ session }) {
      const released = reads.close(session);
      sessions.close(session);
      return released ?? done();
    },
    async image({ hash, offset, octets }) {
      const batch = state.filings.get(hash)?.batch;
      if (!batch) return refuse('signer/unknown');
      const part = new Uint8Array(Buffer.from(octets, 'base64'));
      return images.take(batch, offset, part, state.people) ? done() : refuse('signer/manifest-refused');
    },
    async recipient() {
      return { kind: 'recipient', recipient: recipientOf(vault.channelKey) };
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
        sessions: sessions.count(),
        ledgerHead: ledger.head(),
        recipient: recipientOf(vault.channelKey),
        keys: keys.figures(enrolment.meters.values()),
        holds: state.holds.size,
        enrolmentProblem,
      };
    },
  };

  /** Whoever is enrolled meanwhile is known from the next message on; an enrolment that cannot be read leaves the one before. */
  const lookAtEnrolment = () => {
    try {
      const changed = options.changedEnrolment?.();
      if (!changed) return;
      if (changed.installation !== installation) throw new Error('the installation has another name');
      enrolment = changed;
      book.enrol(changed);
      enrolmentProblem = null;
    } catch (error) {
      enrolmentProblem = messageOf(error);
    }
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
      const answer = queue.then(() => {
        lookAtEnrolment();
        return handler(read.value);
      });
      queue = answer.catch(() => undefined);
      return answer;
    },
  };
}
