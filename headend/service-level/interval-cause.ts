/** Why an interval is missing: one cause, from what was recorded and not from a guess. A pure function. */
import type { Row } from '@wattline/store/registry';

/** Causes, and what proves each. */
export const missingCauses = {
  power: 'The meter told of an outage that covers the interval.',
  meter: 'The meter was read and has no such entry, or it answers and refuses.',
  decode: 'The meter answered with what could not be read, or not be placed.',
  validation: 'The value came and meter data management did not take it.',
  concentrator: 'Every session over the route failed while this meter was tried.',
  link: 'The meter did not answer while others on its route did.',
  schedule: 'The meter was not asked for it since the interval ended.',
} as const;
export type MissingCause = keyof typeof missingCauses;

/** [startMs, endMs) of which an exchange showed something. */
export interface Finding {
  readonly startMs: number;
  readonly endMs: number;
  readonly cause: 'meter' | 'decode' | 'validation';
  readonly exchangeId: string;
}

/** One session that was tried. */
export interface Attempt {
  readonly serial: string;
  readonly startedMs: number;
  readonly outcome: Row<'exchange'>['outcome'];
  readonly code: string | null;
}

/** What is on record about a meter. */
export interface Evidence {
  readonly serial: string;
  readonly findings: readonly Finding[];
  /** Outages the meter told of; the running one ends at infinity. */
  readonly dark: readonly { readonly startMs: number; readonly endMs: number }[];
  /** Sessions with this meter, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Sessions with other meters on its route, oldest first; empty when it has none. */
  readonly routeAttempts: readonly Attempt[];
}

/** Codes of failures that are of the answer and not of the way. */
const undecodable =
  /^(dlms\/|headend\/(value-undecodable|profile-columns|interval-mismatch|scaler-unsupported|answer-too-long))/;

/** The cause of one missing interval. */
export function causeOf(
  interval: { readonly startMs: number; readonly endMs: number },
  evidence: Evidence,
): MissingCause {
  const { startMs, endMs } = interval;
  const covers = (range: { startMs: number; endMs: number }) =>
    range.startMs < endMs && range.endMs > startMs;
  if (evidence.dark.some(covers)) return 'power';
  const finding = evidence.findings.find(covers);
  if (finding) return finding.cause;
  const since = evidence.attempts.filter(({ startedMs }) => startedMs >= endMs);
  if (since.length === 0) {
    const others = evidence.routeAttempts.filter(({ startedMs }) => startedMs >= endMs);
    return isDown(others) ? 'concentrator' : 'schedule';
  }
  if (since.some(({ outcome }) => outcome === 'answer')) return 'schedule';
  const last = since.at(-1) as Attempt;
  if (last.outcome === 'refusal') return 'meter';
  if (last.outcome === 'failure' && undecodable.test(last.code ?? '')) return 'decode';
  const others = evidence.routeAttempts.filter(
    ({ startedMs }) => startedMs >= (since[0] as Attempt).startedMs && startedMs <= last.startedMs + hourMs,
  );
  return isDown(others) ? 'concentrator' : 'link';
}

const hourMs = 3_600_000;

/** Other meters that must have been tried without success before their concentrator is blamed: one or two may be asleep ... */
const witnessesLeast = 3;
/** ... and over how long: radio that loses in bursts fails several at a moment. */
const spanLeastMs = 600_000;

function isDown(others: readonly Attempt[]): boolean {
  const spanMs = (others.at(-1)?.startedMs ?? 0) - (others[0]?.startedMs ?? 0);
  const witnesses = new Set(others.map(({ serial }) => serial)).size;
  return witnesses >= witnessesLeast && spanMs >= spanLeastMs && others.every(isOfTheWay);
}

function isOfTheWay({ outcome, code }: Attempt): boolean {
  if (outcome === 'unreachable' || outcome === 'timeout') return true;
  return outcome === 'failure' && !undecodable.test(code ?? '');
}
