/** What people sign besides batches: an emergency, a rule of the lawful lane, a hold lifted, the red switch released; each serves once. */
import { type Approval, isApproved } from '../guard/approval.ts';
import { hashOf } from '../guard/canonical-json.ts';
import type { GuardState, Hold, LawfulRule, LedgerEntry } from '../guard/guard-state.ts';
import type { GuardTime } from '../guard/proposal.ts';
import type { EmergencyDeclaration, SignerReply } from './messages.ts';
import { done, refuse } from './replies.ts';

/** Takes what was signed. */
export interface Authority {
  declare(declaration: EmergencyDeclaration, approvals: readonly Approval[]): Promise<SignerReply>;
  rule(rule: LawfulRule, approvals: readonly Approval[]): Promise<SignerReply>;
  release(approvals: readonly Approval[]): Promise<SignerReply>;
  /** To hold is free. */
  hold(hold: Hold, by: string): Promise<SignerReply>;
  lift(id: string, approvals: readonly Approval[]): Promise<SignerReply>;
}

/** Holds that stand at one time. */
const holdsMax = 10_000;

export function createAuthority(options: {
  readonly installation: string;
  readonly state: GuardState;
  readonly time: () => GuardTime;
  /** Resolves when the lines are in the ledger. */
  readonly write: (...entries: LedgerEntry[]) => Promise<void>;
  /** The hash of the ledger's last line. */
  readonly head: () => string;
}): Authority {
  const { installation, state, time, write, head } = options;

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

  const declare: Authority['declare'] = async (declaration, approvals) => {
    const hash = hashOf('emergency', installation, declaration);
    const { tenant, reason } = declaration;
    const people = authorities(hash, approvals, { count: state.settings.emergencyPeople, tenant });
    if (!people) return refuse('signer/not-authorised');
    await write({ kind: 'emergency', hash, tenant, reason, people });
    return done();
  };

  const rule: Authority['rule'] = async (body, approvals) => {
    const hash = hashOf('rule', installation, body);
    const people = authorities(hash, approvals, { count: state.settings.rulePeople, tenant: body.tenant });
    const known = state.rules.get(body.id);
    if (!people || (known && known.tenant !== body.tenant)) return refuse('signer/not-authorised');
    await write({ kind: 'rule', hash, rule: body, people });
    return done();
  };

  const release: Authority['release'] = async (approvals) => {
    const hash = hashOf('release', installation, { pulls: state.pulls });
    const people = authorities(hash, approvals, { count: state.settings.releasePeople });
    if (!people || !state.isRedSwitchPulled) return refuse('signer/not-authorised');
    await write({ kind: 'red-switch-released', hash, people });
    return done();
  };

  const hold: Authority['hold'] = async (added, by) => {
    if (state.holds.size >= holdsMax) return refuse('signer/busy');
    const id = hashOf('hold', installation, { hold: added, after: head() }).slice(0, 16);
    await write({ kind: 'hold', id, hold: added, by });
    return done(id);
  };

  const lift: Authority['lift'] = async (id, approvals) => {
    if (!state.holds.has(id)) return refuse('signer/unknown');
    const hash = hashOf('lift', installation, { id });
    const people = authorities(hash, approvals, { count: state.settings.releasePeople });
    if (!people) return refuse('signer/not-authorised');
    await write({ kind: 'hold-lifted', hash, id, people });
    return done();
  };

  return { declare, rule, release, hold, lift };
}
