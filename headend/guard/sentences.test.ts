/** What the guard promises, sentence by sentence, at the signer that keeps it: limits by place in meters and in watts, holds, the hour of an emergency. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { codesOf, consents, openStreet, testBatch, verdictOf } from '../signer/signer-fixture.ts';
import { scopes } from './settings.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const boundless = { meters: 1_000, watts: 1_000_000_000 };

describe('a limit', () => {
  for (const scope of scopes) {
    for (const [of, bound] of [
      ['two meters', { ...boundless, meters: 2 }],
      ['6 kW of declared load', { ...boundless, watts: 6_000 }],
    ] as const) {
      test(`of ${of} for one ${scope} is reached by the second meter, passed by none, and free again after its window`, async (t) => {
        const clock = virtualClock(startMs);
        const limits = [{ scope, windowMs: hourMs, ...bound }];
        const settings = { limits, cancelWindowMs: 0 };
        const street = await openStreet(t, { clock, settings, loadW: 3_000 });
        for (const serial of ['M001', 'M002']) {
          const batch = testBatch([serial], clock.now());
          assert.equal(verdictOf(await street.file(batch, street.anna)), 'allow');
          assert.equal(await street.carry(batch, serial), 'disconnected');
        }
        const third = testBatch(['M003'], clock.now());
        assert.deepEqual(codesOf(await street.file(third, street.anna)), ['guard/limit-window']);
        // Three together would pass it in any window: they are to be cut where they are asked.
        const three = testBatch(['M005', 'M006', 'M007'], clock.now());
        assert.ok(codesOf(await street.file(three, street.anna, street.bela)).includes('guard/over-limit'));
        // To light them counts apart.
        const lit = testBatch(['M001'], clock.now(), { command: 'reconnect' });
        assert.equal(verdictOf(await street.file(lit, street.anna)), 'allow');
        await clock.advance(hourMs + minuteMs);
        const later = testBatch(['M004'], clock.now());
        assert.equal(verdictOf(await street.file(later, street.anna)), 'allow');
      });
    }
  }
});

test('a weather hold makes disconnections of its place wait and lets reconnections through; lifted by two it holds nobody', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
  const { anna, bela } = street;
  const storm = {
    scope: 'transformer',
    place: 'X0',
    fromMs: startMs,
    untilMs: startMs + 6 * hourMs,
  } as const;
  const held = await street.ask({
    kind: 'hold',
    hold: { kind: 'weather', ...storm },
    by: 'the weather service',
  });
  const id = held.kind === 'done' ? (held.id ?? '') : '';
  assert.notEqual(id, '');
  const inside = testBatch(['M001'], startMs);
  const waiting = await street.file(inside, anna);
  assert.equal(verdictOf(waiting), 'quarantine');
  assert.deepEqual(codesOf(waiting), ['guard/weather-hold']);
  assert.equal(verdictOf(await street.file(testBatch(['M011'], startMs), anna)), 'allow');
  const lit = testBatch(['M002'], startMs, { command: 'reconnect' });
  assert.equal(verdictOf(await street.file(lit, anna)), 'allow');
  const one = await street.ask({ kind: 'lift', id, approvals: consents('lift', { id }, startMs, anna) });
  assert.deepEqual(codesOf(one), ['signer/not-authorised']);
  await street.ask({ kind: 'lift', id, approvals: consents('lift', { id }, startMs, anna, bela) });
  const hash = street.hashOf(inside);
  assert.equal(verdictOf(await street.ask({ kind: 'progress', hash })), 'allow');
});

test('a home that is put on life support over the channel is not disconnected by anybody in any lane', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
  const { anna, bela, cora } = street;
  await street.ask({ kind: 'hold', hold: { kind: 'life-support', serial: 'M003' }, by: 'a doctor' });
  const declaration = { tenant: 'T', reason: 'frequency', nonce: 'n1' };
  const three = consents('emergency', declaration, startMs, anna, bela, cora);
  await street.ask({ kind: 'emergency', declaration, approvals: three });
  for (const change of [
    { lane: 'ordinary' },
    { lane: 'emergency' },
    { lane: 'shed', command: 'limiter', limitW: 500 },
  ] as const) {
    const batch = testBatch(['M003'], startMs, change);
    const codes = codesOf(await street.file(batch, anna, bela, cora));
    assert.ok(codes.includes('guard/life-support'), `${change.lane}: ${codes.join(' ')}`);
  }
  assert.deepEqual(street.dark(), []);
});

test('an emergency is over sixty minutes after it was declared, to the minute', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const { anna, bela, cora } = street;
  const declaration = { tenant: 'T', reason: 'frequency', nonce: 'n1' };
  const three = consents('emergency', declaration, startMs, anna, bela, cora);
  await street.ask({ kind: 'emergency', declaration, approvals: three });
  const shed = (serial: string) =>
    testBatch([serial], clock.now(), { command: 'limiter', lane: 'shed', limitW: 500 });
  await clock.advance(59 * minuteMs);
  assert.equal(verdictOf(await street.file(shed('M001'), anna, bela)), 'allow');
  await clock.advance(minuteMs);
  const late = await street.file(shed('M002'), anna, bela);
  assert.deepEqual(codesOf(late), ['guard/emergency-not-in-force']);
});
