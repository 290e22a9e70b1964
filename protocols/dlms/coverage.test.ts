import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apduCodecs } from './apdu/apdu.ts';
import {
  type ConformanceName,
  conformanceBit,
  hasConformance,
  ownConformance,
  shortNameConformance,
} from './apdu/conformance.ts';
import type { Mechanism } from './association.ts';
import { clientFor, converse, policies } from './conversation.case.ts';
import {
  alternativeCoverage,
  apduCoverage,
  mechanismCoverage,
  renderCoverage,
  serviceCoverage,
} from './coverage.case.ts';

const path = join(import.meta.dirname, '../../docs/reference/dlms-coverage.md');

test('the page of coverage is the one the tables make (WATTLINE_WRITE_REFERENCE=1 writes it)', () => {
  const rendered = renderCoverage();
  if (process.env.WATTLINE_WRITE_REFERENCE === '1') writeFileSync(path, rendered);
  assert.equal(readFileSync(path, 'utf8'), rendered);
});

/** Pushes go outside associations: a server agrees to none of them within. */
const outside = new Set<ConformanceName>(['data-notification', 'event-notification']);

test('a service is called supported when a server agrees to it, and only then', () => {
  for (const name of Object.keys(conformanceBit) as ConformanceName[]) {
    const isAgreed = hasConformance(ownConformance | shortNameConformance, name);
    assert.equal(isAgreed || outside.has(name), serviceCoverage[name].server === 'supported', name);
  }
});

test('a mechanism called supported opens an association', () => {
  for (const [mechanism, { client, server }] of Object.entries(mechanismCoverage)) {
    const policy = policies().find((candidate) => candidate.mechanism === (mechanism as Mechanism));
    assert(policy, mechanism);
    const outcome = converse(clientFor(policy.clientSap)).ask({ kind: 'associate' });
    assert.equal(outcome.kind === 'associated', client === 'supported' && server === 'supported', mechanism);
  }
});

test('what an alternative is called follows from conversations: requests, answers and blocks are all held', () => {
  const rows = Object.entries(alternativeCoverage());
  const left = rows.filter(([, { client }]) => client !== 'supported').map(([name]) => name);
  // A meter answers a confirmed service otherwise than by these once it is associated.
  assert.deepEqual(
    left.filter((name) => !name.startsWith('ConfirmedServiceError')),
    [],
  );
  assert(rows.some(([name, { client }]) => /initiate-error/.test(name) && client === 'supported'));
});

test('every APDU of the table has its codec', () => {
  const withCodec = [...Object.keys(apduCodecs), 'aarq', 'aare', 'rlrq', 'rlre'].sort();
  assert.deepEqual(Object.keys(apduCoverage).sort(), withCodec);
});
