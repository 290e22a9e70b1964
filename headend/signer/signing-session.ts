/** One association of the management client, run by the signer: it builds and seals every APDU, others only carry octets. */
import { codeOf, messageOf } from '@wattline/base';
import type { ClientConnection, ClientOutcome } from '@wattline/protocols/dlms';
import { commandOf, type GuardedRequest } from '../guard/darkening.ts';
import type { Reason } from '../guard/reasons.ts';
import type { Script, ScriptResult, ScriptStep } from './scripts.ts';

/** How a session ended: by its script, by the guard, or by a failure of protocol or link. */
export type SessionEnd =
  | ({ readonly kind: 'ended' } & ScriptResult)
  | { readonly kind: 'held'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Octets to carry to the meter, and the end when it was reached. */
export interface SessionStep {
  readonly send: readonly Uint8Array[];
  readonly end?: SessionEnd;
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
  readonly command: string;
}

/** A session under way. */
export interface SigningSession {
  start(): Promise<SessionStep>;
  receive(octets: Uint8Array): Promise<SessionStep>;
}

/** A session over a script. */
export function createSigningSession(options: SigningOptions): SigningSession {
  const { connection, script, reserve, gate, command } = options;
  let end: SessionEnd | undefined;
  const finish = (how: SessionEnd, send: readonly Uint8Array[] = []): SessionStep => {
    end = how;
    return { send, end: how };
  };

  const advance = async (next: IteratorResult<ScriptStep, ScriptResult>): Promise<SessionStep> => {
    if (next.done === true) {
      // What was read back is proved; whether the meter confirms the release changes nothing.
      const release = connection.request({ kind: 'release' });
      return finish({ kind: 'ended', ...next.value }, release.ok ? [release.value] : []);
    }
    const { request, isActing } = next.value;
    if (isActing) {
      const asked = guardedOf(next.value);
      if (!asked || commandOf(asked) !== command) {
        return finish({ kind: 'failed', code: 'signer/not-this-command', message: `no part of ${command}` });
      }
      const reasons = await gate();
      if (reasons.length > 0) return finish({ kind: 'held', reasons });
    }
    await reserve();
    const octets = connection.request(request);
    if (!octets.ok) return finish({ kind: 'failed', code: octets.error.code, message: octets.error.message });
    return { send: [octets.value] };
  };

  const take = async (octets: Uint8Array): Promise<SessionStep> => {
    if (end) return { send: [], end };
    const { send, outcome } = connection.receive(octets);
    if (!outcome) return { send };
    if (outcome.kind === 'failure') {
      return finish({ kind: 'failed', code: outcome.failure.code, message: outcome.failure.message }, send);
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
    start: () => guarded(() => advance(script.next())),
    receive: (octets) => guarded(() => take(octets)),
  };
}

/** An acting request as the table of what can darken sees it. */
function guardedOf({ request }: ScriptStep): GuardedRequest | undefined {
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
