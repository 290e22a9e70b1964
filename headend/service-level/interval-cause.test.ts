/** Why an interval is missing: each cause from the record that proves it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attempt, causeOf, type Evidence, type MissingCause } from './interval-cause.ts';

const hourMs = 3_600_000;
const interval = { startMs: 10 * hourMs, endMs: 11 * hourMs };
const attempt = (
  serial: string,
  atHour: number,
  outcome: Attempt['outcome'],
  code: string | null = null,
): Attempt => ({
  serial,
  startedMs: atHour * hourMs,
  outcome,
  code,
});
const others = (outcome: Attempt['outcome'], ...serials: string[]) =>
  serials.map((serial, i) => attempt(serial, 12 + i / 5, outcome));

const cases: readonly {
  readonly what: string;
  readonly evidence: Partial<Evidence>;
  readonly cause: MissingCause;
}[] = [
  {
    what: 'nobody asked since it ended',
    evidence: { attempts: [attempt('M', 9, 'timeout')] },
    cause: 'schedule',
  },
  {
    what: 'the meter was read since, and not asked for it',
    evidence: { attempts: [attempt('M', 12, 'answer')] },
    cause: 'schedule',
  },
  {
    what: 'the meter was read and has no such entry',
    evidence: {
      attempts: [attempt('M', 12, 'answer')],
      findings: [{ ...interval, cause: 'meter', exchangeId: 'X' }],
    },
    cause: 'meter',
  },
  {
    what: 'the meter told of an outage over it, and has no entry',
    evidence: {
      dark: [{ startMs: 10.5 * hourMs, endMs: 12 * hourMs }],
      findings: [{ ...interval, cause: 'meter', exchangeId: 'X' }],
    },
    cause: 'power',
  },
  {
    what: 'the outage ended before it',
    evidence: {
      dark: [{ startMs: 8 * hourMs, endMs: 10 * hourMs }],
      attempts: [attempt('M', 12, 'unreachable')],
    },
    cause: 'link',
  },
  {
    what: 'the value came and was not taken',
    evidence: { findings: [{ ...interval, cause: 'validation', exchangeId: 'X' }] },
    cause: 'validation',
  },
  {
    what: 'the answer could not be read',
    evidence: { attempts: [attempt('M', 12, 'failure', 'dlms/bad-tag')] },
    cause: 'decode',
  },
  {
    what: 'the meter captures at another pace than the registry says',
    evidence: { attempts: [attempt('M', 12, 'failure', 'headend/interval-mismatch')] },
    cause: 'decode',
  },
  {
    what: 'the meter refuses',
    evidence: { attempts: [attempt('M', 12, 'refusal', 'dlms/association-rejected')] },
    cause: 'meter',
  },
  {
    what: 'it is silent while a neighbour answers',
    evidence: {
      attempts: [attempt('M', 12, 'timeout')],
      routeAttempts: [...others('unreachable', 'A', 'B', 'C'), attempt('D', 12, 'answer')],
    },
    cause: 'link',
  },
  {
    what: 'it is silent and so are three neighbours',
    evidence: {
      attempts: [attempt('M', 12, 'timeout')],
      routeAttempts: others('unreachable', 'A', 'B', 'C'),
    },
    cause: 'concentrator',
  },
  {
    what: 'it is silent, and two neighbours are no proof',
    evidence: {
      attempts: [attempt('M', 12, 'timeout')],
      routeAttempts: others('timeout', 'A', 'B', 'A', 'B'),
    },
    cause: 'link',
  },
  {
    what: 'it is silent and so are three neighbours, all at one moment: a burst of loss',
    evidence: {
      attempts: [attempt('M', 12, 'timeout')],
      routeAttempts: ['A', 'B', 'C'].map((serial) => attempt(serial, 12, 'unreachable')),
    },
    cause: 'link',
  },
  {
    what: 'it had no turn, because its concentrator was tried and is down',
    evidence: { routeAttempts: others('unreachable', 'A', 'B', 'C') },
    cause: 'concentrator',
  },
  {
    what: 'a neighbour that refuses proves that the concentrator stands',
    evidence: {
      attempts: [attempt('M', 12, 'timeout')],
      routeAttempts: [...others('unreachable', 'A', 'B'), ...others('refusal', 'C')],
    },
    cause: 'link',
  },
];

for (const { what, evidence, cause } of cases) {
  test(`${what}: ${cause}`, () => {
    const whole: Evidence = {
      serial: 'M',
      findings: [],
      dark: [],
      attempts: [],
      routeAttempts: [],
      ...evidence,
    };
    assert.equal(causeOf(interval, whole), cause);
  });
}
