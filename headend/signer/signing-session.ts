/** One association of the management client, run by the signer: it builds and seals every APDU, others only carry octets. */
import { codeOf, messageOf } from '@wattline/base';
import type { ClientConnection, ClientOutcome } from '@wattline/protocols/dlms';
import { type Command, type GuardedRequest, isPartOf } from '../guard/darkening.ts';
import type { Reason } from '../guard/reasons.ts';
import type { Script, ScriptProof, ScriptRequest, ScriptResult, ScriptStep } from './script.ts';

/** How a session ended: by its script, by the guard, or by a failure of protocol or link. */
export type SessionEnd =
  | ({ readonly kind: 'ended' } & ScriptResult)
  | { readonly kind: 'held'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Octets to carry to the meter, and the end when it was reached. */
export interface SessionStep {
  readonly send: readonly Uint8Array[];
  readonly end?: SessionEnd;
  /** How far a long script is. */
  readonly progress?: ScriptRequest['progress'];
}

/** What a session needs. */
export interface SigningOptions {
  readonly connection: ClientConnection;
  readonly script: Script;
  /** Resolves when a request's worth of invocation counters is reserved on disk. */
  readonly reserve: () => Promise<void>;
  /** Asked before every acting request is sealed; writes the ledger line first when there is no reason against. */
  readonly gate: () => Promise<readonly Reason[]>;
  /** The command the session was allowed for: an acting request of another row of the table is never sealed. */
  readonly command: Command;
  /** Resolves when it is on disk that the meter proved a part of the command. */
  readonly prove: (part: ScriptProof) => Promise<void>;
  /** Awaited once the meter has proved, by the association, that it holds the keys. */
  readonly onAssociated?: () => Promise<void>;
}

/** A session under way. */
export interface SigningSession {
  start(): Promise<SessionStep>;
  receive(octets: Uint8Array): Promise<SessionStep>;
  isAssociated(): boolean;
}

/** A session over a script. */
export function createSigningSession(options: SigningOptions): SigningSession {
  const { connection, script, reserve, gate, command, prove, onAssociated } = options;
  let end: SessionEnd | undefined;
  let isAssociated = false;
  const finish = (how: SessionEnd, send: readonly Uint8Array[] = []): SessionStep => {
    end = how;
    return { send, end: how };
  };

  const advance = async (from: IteratorResult<ScriptStep, ScriptResult>): Promise<SessionStep> => {
    let next = from;
    while (next.done !== true && 'proved' in next.value) {
      await prove(next.value);
      next = script.next(undefined);
    }
    if (next.done === true) {
      // What was read back is proved; whether the meter confirms the release changes nothing.
      const release = connection.request({ kind: 'release' });
      return finish({ kind: 'ended', ...next.value }, release.ok ? [release.value] : []);
    }
    const { request, isActing, progress } = next.value as ScriptRequest;
    if (isActing) {
      const asked = guardedOf(request);
      if (!asked || !isPartOf(command, asked)) {
        return finish({ kind: 'failed', code: 'signer/not-this-command', message: `no part of ${command}` });
      }
      const reasons = await gate();
      if (reasons.length > 0) return finish({ kind: 'held', reasons });
    }
    await reserve();
    const octets = connection.request(request);
    if (!octets.ok) return finish({ kind: 'failed', code: octets.error.code, message: octets.error.message });
    return { send: [octets.value], ...(progress ? { progress } : {}) };
  };

  const take = async (octets: Uint8Array): Promise<SessionStep> => {
    if (end) return { send: [], end };
    const { send, outcome } = connection.receive(octets);
    if (!outcome) return { send };
    if (outcome.kind === 'failure') {
      return finish({ kind: 'failed', code: outcome.failure.code, message: outcome.failure.message }, send);
    }
    if (outcome.kind === 'associated') {
      isAssociated = true;
      await onAssociated?.();
    }
    return follow(send, outcome);
  };

  const follow = async (send: readonly Uint8Array[], outcome: ClientOutcome): Promise<SessionStep> => {
    const step = await advance(script.next(outcome));
    return { ...step, send: [...send, ...step.send] };
  };

  const guarded = async (step: () => Promise<SessionStep>): Promise<SessionStep> => {
    try {
      return await step();
    } catch (error) {
      return finish({ kind: 'failed', code: codeOf(error), message: messageOf(error) });
    }
  };
  return {
    isAssociated: () => isAssociated,
    start: () => guarded(() => advance(script.next())),
    receive: (octets) => guarded(() => take(octets)),
  };
}

/** An acting request as the table of what can darken sees it. */
function guardedOf(request: ScriptRequest['request']): GuardedRequest | undefined {
  if (request.kind === 'set') {
    const { classId, obis, attribute } = request.reference;
    return { service: 'set', classId, obis, member: attribute };
  }
  if (request.kind === 'action') {
    const { classId, obis, method } = request.reference;
    return { service: 'action', classId, obis, member: method };
  }
  return undefined;
}
