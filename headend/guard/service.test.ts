/** Work on meters that darkens only if it goes wrong: signed and windowed as switches are, counted apart, gone on with when cut off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { codesOf, openStreet, testBatch, verdictOf } from '../signer/signer-fixture.ts';
import type { Batch } from './batch.ts';
import { decide } from './decide.ts';
import { createGuardBook } from './guard-book.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const serials = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, i) => `M${String(from + i).padStart(3, '0')}`);
const keys = (meters: readonly string[], change: Partial<Batch> = {}) =>
  testBatch(meters, startMs, { command: 'key-change', parameters: { of: ['management'] }, ...change });

test('a change of keys takes two people and the cancel window, and far more meters than a switch', async (t) => {
  const street = await openStreet(t, { clock: virtualClock(startMs), count: 70 });
  const { anna, bela } = street;
  const meters = serials(0, 70);
  assert.deepEqual(codesOf(await street.file(testBatch(meters.slice(10), startMs), anna, bela)), [
    'guard/over-limit',
    'guard/cancel-window',
  ]);
  const batch = keys(meters);
  assert.deepEqual(codesOf(await street.file(batch, anna)), ['guard/people-missing', 'guard/cancel-window']);
  assert.deepEqual(codesOf(await street.file(batch, bela)), ['guard/cancel-window']);
});

test('homes on life support keep their supply whatever becomes of a key, and get no new firmware without a person there', async (t) => {
  const street = await openStreet(t, { clock: virtualClock(startMs), settings: { cancelWindowMs: 0 } });
  assert.equal(verdictOf(await street.file(keys(['M009']), street.anna)), 'allow');
  const calendar = {
    name: 'c',
    seasons: [{ name: 's', week: 'w' }],
    weeks: [{ name: 'w', days: Array(7).fill(1) }],
    days: [{ id: 1, switches: [] }],
  };
  const tariff = testBatch(['M009'], startMs, { command: 'tariff-activation', parameters: { calendar } });
  assert.ok(codesOf(await street.file(tariff, street.anna)).includes('guard/life-support'));
});

test('service and switches are counted apart, and on one meter one waits for the other', async (t) => {
  const limits = [{ scope: 'fleet', windowMs: 3_600_000, meters: 1, watts: 1_000_000 }] as const;
  const street = await openStreet(t, {
    clock: virtualClock(startMs),
    settings: { cancelWindowMs: 0, limits, serviceLimits: limits },
  });
  const { anna } = street;
  assert.equal(verdictOf(await street.file(testBatch(['M001'], startMs), anna)), 'allow');
  assert.equal(verdictOf(await street.file(keys(['M002']), anna)), 'allow');
  assert.deepEqual(codesOf(await street.file(keys(['M003']), anna)), ['guard/limit-window']);
  // The disconnection of M001 is not proved: its keys stay as they are; and the other way round.
  assert.ok(codesOf(await street.file(keys(['M001']), anna)).includes('guard/meter-busy'));
  assert.ok(codesOf(await street.file(testBatch(['M002'], startMs), anna)).includes('guard/meter-busy'));
});

test('a change that was cut off is gone on with by another batch, and is settled with it', async (t) => {
  const street = await openStreet(t, { clock: virtualClock(startMs), settings: { cancelWindowMs: 0 } });
  const { state } = await street.restart();
  const book = createGuardBook(state);
  const open = () =>
    book.state.moves.filter(({ settledMs }) => settledMs === undefined).map(({ hash }) => hash);
  for (const hash of ['first', 'second']) {
    const batch = keys(['M001'], { key: hash });
    const proposal = {
      batch,
      hash,
      approvals: [{ person: 'anna', atMs: startMs, signature: '' }],
      evidenced: new Set<string>(),
    };
    assert.equal(decide(proposal, book.state, { nowMs: startMs, isDoubtful: false }).isConsented, true);
    book.apply({ kind: 'filed', hash, batch, approvals: proposal.approvals }, startMs);
    const codes = decide(proposal, book.state, { nowMs: startMs, isDoubtful: false }).reasons.map(
      ({ code }) => code,
    );
    assert.ok(!codes.includes('guard/meter-busy'), codes.join(' '));
    book.apply({ kind: 'allowed', hash, people: ['anna'] }, startMs);
    book.apply({ kind: 'sealed', hash, serial: 'M001' }, startMs);
  }
  assert.deepEqual(open(), ['first', 'second']);
  book.apply({ kind: 'settled', hash: 'second', serial: 'M001', isSwitched: true, result: '-' }, startMs + 1);
  assert.deepEqual(open(), []);
});
