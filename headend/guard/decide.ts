/** The decision: a pure function of the batch, what the guard knows, and the clock. */
import type { Batch } from './batch.ts';
import { accountOf, directionOf, rowOf } from './darkening.ts';
import type { GuardedMeter, GuardState, Hold } from './guard-state.ts';
import { lawfulReasons } from './lawful-lane.ts';
import { limitReasons, meterReasons, singlesReasons } from './limits.ts';
import type { GuardTime, Proposal } from './proposal.ts';
import { type Reason, reasonOf, type Verdict, verdictOf } from './reasons.ts';
import type { GuardSettings } from './settings.ts';

/** The verdict, every reason for it, and whether the people needed have consented. */
export interface Decision {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly isConsented: boolean;
  /** People whose consent counts. */
  readonly people: readonly string[];
}

/** Decides on a batch as a whole: all its meters or none. */
export function decide(proposal: Proposal, state: GuardState, time: GuardTime): Decision {
  const { batch, hash } = proposal;
  const { nowMs } = time;
  const shape = shapeReasons(proposal, state, nowMs);
  const people = consenting(proposal, state, nowMs);
  const needed = peopleNeeded(batch, state);
  const isConsented = people.length >= needed;
  const reasons = [...shape];
  if (!isConsented) {
    reasons.push(reasonOf('guard/people-missing', { needed, found: people.length }));
  }
  // What is malformed or unknown cannot be counted.
  if (shape.length === 0) {
    reasons.push(
      ...batch.meters.flatMap((serial) => standingReasons(proposal, { serial, state, time })).filter(once()),
      ...(batch.lane === 'lawful' ? lawfulReasons(proposal, state, nowMs) : []),
      ...limitReasons(batch, state, nowMs),
      ...meterReasons(batch, state, nowMs),
      ...(batch.lane === 'lawful' ? [] : singlesReasons(batch, { people, state, nowMs })),
      ...windowReasons(proposal, state, nowMs),
    );
  }
  if (state.filings.get(hash)?.isAllowed === true) reasons.push(reasonOf('guard/already-allowed', { hash }));
  return { verdict: verdictOf(reasons), reasons, isConsented, people };
}

/** What to look at again for one meter, immediately before its APDU is sealed. */
export interface Standing {
  readonly serial: string;
  readonly state: GuardState;
  readonly time: GuardTime;
}

/** Reasons that hold one meter of a batch at any time, allowed or not: red switch, cancel, deadline, clock, holds, emergency. */
export function standingReasons(
  { batch, hash }: Pick<Proposal, 'batch' | 'hash'>,
  standing: Standing,
): Reason[] {
  const { serial, state, time } = standing;
  const { nowMs } = time;
  const reasons: Reason[] = [];
  if (state.isRedSwitchPulled) reasons.push(reasonOf('guard/red-switch'));
  if (time.isDoubtful) reasons.push(reasonOf('guard/clock-doubtful'));
  if (state.filings.get(hash)?.isCancelled === true) reasons.push(reasonOf('guard/cancelled'));
  if (nowMs > batch.deadlineMs) reasons.push(reasonOf('guard/expired', { deadlineMs: batch.deadlineMs }));
  if ((batch.lane === 'emergency' || batch.lane === 'shed') && !isEmergency(batch.tenant, state, nowMs)) {
    reasons.push(reasonOf('guard/emergency-not-in-force', { tenant: batch.tenant }));
  }
  if (directionOf(batch.command) !== 'dark') return reasons;
  const meter = state.meters.get(serial);
  const isSparing = rowOf(batch.command).isLifeSupportSafe !== true;
  if (meter?.isLifeSupport && isSparing) reasons.push(reasonOf('guard/life-support', { serial }));
  for (const hold of state.holds.values()) {
    if (!meter || !isHeld(meter, hold, nowMs)) continue;
    if (hold.kind === 'life-support' && !isSparing) continue;
    reasons.push(reasonOf(hold.kind === 'weather' ? 'guard/weather-hold' : 'guard/life-support', { serial }));
  }
  return reasons;
}

/** Whether an emergency declared by three people is in force for a tenant. */
export function isEmergency(tenant: string, state: GuardState, nowMs: number): boolean {
  const declaredMs = state.emergencies.get(tenant);
  return declaredMs !== undefined && nowMs >= declaredMs && nowMs < declaredMs + state.settings.emergencyMs;
}

/** Whether a hold covers a meter now. */
export function isHeld(meter: GuardedMeter, hold: Hold, nowMs: number): boolean {
  if (hold.kind === 'life-support') return hold.serial === meter.serial;
  if (nowMs < hold.fromMs || nowMs >= hold.untilMs) return false;
  return hold.scope === 'fleet' || meter[hold.scope] === hold.place;
}

/** Commands each lane takes. */
const laneCommands: Readonly<Record<Exclude<Batch['lane'], 'ordinary'>, readonly Batch['command'][]>> = {
  lawful: ['disconnect', 'prepaid-cut-off', 'reconnect'],
  emergency: ['disconnect', 'reconnect', 'limiter'],
  shed: ['limiter'],
};

function shapeReasons({ batch, hash }: Proposal, state: GuardState, nowMs: number): Reason[] {
  const { settings, meters, keys } = state;
  const reasons: Reason[] = [];
  const isAscending = batch.meters.every((serial, i) => i === 0 || (batch.meters[i - 1] as string) < serial);
  const most = mostMeters(batch, settings);
  if (batch.meters.length === 0 || batch.meters.length > most || !isAscending) {
    reasons.push(reasonOf('guard/batch-shape', { meters: batch.meters.length, most }));
  }
  for (const serial of batch.meters) {
    const meter = meters.get(serial);
    if (!meter) reasons.push(reasonOf('guard/meter-unknown', { serial }));
    else if (meter.tenant !== batch.tenant) reasons.push(reasonOf('guard/other-tenant', { serial }));
  }
  if (batch.lane !== 'ordinary' && !laneCommands[batch.lane].includes(batch.command)) {
    reasons.push(reasonOf('guard/lane-command', { lane: batch.lane, command: batch.command }));
  }
  if ((keys.get(batch.key) ?? hash) !== hash) reasons.push(reasonOf('guard/key-reused', { key: batch.key }));
  if (batch.deadlineMs > nowMs + settings.deadlineMs) {
    reasons.push(reasonOf('guard/deadline-too-far', { deadlineMs: batch.deadlineMs }));
  }
  return reasons;
}

function mostMeters({ command }: Batch, { batchMeters, serviceBatchMeters }: GuardSettings): number {
  const isSwitch = directionOf(command) !== 'none' && accountOf(command) === 'switch';
  return isSwitch ? batchMeters : serviceBatchMeters;
}

function peopleNeeded(batch: Batch, { settings }: GuardState): number {
  if (batch.lane === 'lawful') return 0;
  if (directionOf(batch.command) === 'none') return rowOf(batch.command).people ?? 0;
  return batch.meters.length === 1 ? 1 : settings.batchPeople;
}

/** Operators of the tenant with a genuine and fresh approval, each once; two names with one key are one person. */
function consenting({ batch, hash, approvals }: Proposal, state: GuardState, nowMs: number): string[] {
  const { settings, people, filings } = state;
  // Freshness is judged at the moment when enough had consented, not when a window has passed since.
  const atMs = filings.get(hash)?.consentedMs ?? nowMs;
  const ageMs = batch.meters.length === 1 ? settings.stepUpMs : settings.batchStepUpMs;
  const byKey = new Map<string, string>();
  for (const approval of approvals) {
    const person = people.get(approval.person);
    const isFresh = approval.atMs > atMs - ageMs && approval.atMs <= atMs + settings.approvalSkewMs;
    if (!person || !isFresh) continue;
    if (!person.roles.includes('operator') || !person.tenants.includes(batch.tenant)) continue;
    byKey.set(person.publicKey, person.id);
  }
  return [...byKey.values()];
}

/** What darkens waits for the cancel window; an emergency does not, and a limiter that ends by itself does not. */
function windowReasons({ batch, hash }: Proposal, state: GuardState, nowMs: number): Reason[] {
  const isWaiting = batch.lane === 'ordinary' || batch.lane === 'lawful';
  if (directionOf(batch.command) !== 'dark' || !isWaiting) return [];
  const consentedMs = state.filings.get(hash)?.consentedMs ?? nowMs;
  const untilMs = Math.max(consentedMs, state.startedMs) + state.settings.cancelWindowMs;
  return nowMs >= untilMs ? [] : [reasonOf('guard/cancel-window', { untilMs })];
}

/** A filter that lets each code through once for each meter, and once in all when it is about none. */
function once(): (reason: Reason) => boolean {
  const seen = new Set<string>();
  return ({ code, where }) => {
    const name = `${code}/${where.serial ?? ''}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  };
}
