/** How a meter stands after a session, as a table of outcome and state; what changed becomes an event. */
import type { EventKind } from '@wattline/model';
import type { ExchangeOutcome } from '../headend.ts';
import type { MeterStatus } from './fleet.ts';

/** The next status and the event that the change is, if any. */
export interface StatusChange {
  readonly status: MeterStatus;
  readonly event: EventKind | null;
}

/** What the end of a session says of the meter. */
export interface SessionEnd {
  readonly outcome: ExchangeOutcome['outcome'];
  /** Code of the failure; some codes are of security, not of reach. */
  readonly code: string | null;
  readonly atMs: number;
  /** End of the newest interval delivered. */
  readonly newestMs: number | null;
}

/** Codes that say that one of the two ends does not hold the right key. */
const authenticationCodes = new Set(['dlms/authentication-failed', 'dlms/decryption-failed']);

/** Codes of a meter that answers, and is not what the registry takes it for: a person must look, asking again mends nothing. */
const misfitCodes = new Set([
  'headend/interval-mismatch',
  'headend/profile-columns',
  'headend/scaler-unsupported',
]);

/** Pure: status before and how the session ended give the status after. */
export function statusAfter(before: MeterStatus, end: SessionEnd, unreachableAfter: number): StatusChange {
  const lastIntervalMs = laterOf(before.lastIntervalMs, end.newestMs);
  if (end.outcome === 'answer') {
    const isRecovered = before.state === 'unreachable' || before.state === 'refused';
    return {
      status: {
        state: 'ok',
        failures: 0,
        lastContactMs: end.atMs,
        lastIntervalMs,
        lastOutcome: end.outcome,
      },
      event: isRecovered ? 'meter-recovered' : before.state === 'waiting' ? 'meter-collected' : null,
    };
  }
  const failures = before.failures + 1;
  const isSecurity = end.code !== null && authenticationCodes.has(end.code);
  const isMisfit = end.code !== null && misfitCodes.has(end.code);
  const isRefused = end.outcome === 'refusal' || isSecurity || isMisfit;
  const state = isRefused ? 'refused' : failures >= unreachableAfter ? 'unreachable' : 'late';
  const status: MeterStatus = {
    state: state === 'late' && before.state === 'waiting' ? 'waiting' : state,
    failures,
    lastContactMs: isRefused ? end.atMs : before.lastContactMs,
    lastIntervalMs,
    lastOutcome: end.outcome,
  };
  if (state === before.state || state === 'late') return { status, event: null };
  if (state === 'unreachable') return { status, event: 'meter-unreachable' };
  return { status, event: isSecurity ? 'authentication-failed' : 'meter-refused' };
}

function laterOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
