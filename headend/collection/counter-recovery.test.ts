/** A meter that has seen higher invocation counters than ours is asked which, believed within bounds, and read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';
import { counterLeapMax } from './counter-recovery.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

function meterThatHasSeen(counter: number, clock = virtualClock(startMs + dayMs)) {
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  meter.counterSeen = counter;
  return { clock, meter };
}

test('a new registry reads a meter that knows the old one, in the same visit, and the journal tells how', async (context) => {
  const { clock, meter } = meterThatHasSeen(70_000);
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const outcome = await headend.collect('WTL000001');
  assert.deepEqual([outcome.outcome, outcome.readings], ['answer', 2 * 96]);
  const exchanges = await registry.selectFrom('exchange').select(['id', 'purpose', 'outcome']).execute();
  assert.deepEqual(
    exchanges.map(({ purpose, outcome: end }) => [purpose, end === 'answer']),
    [
      ['on-demand', false],
      ['counter', true],
      ['on-demand', true],
    ],
  );
  assert.equal(exchanges[2]?.id, outcome.exchangeId);
  assert.ok(meter.counterSeen > 70_000);
});

test('a word that would cost too many numbers is not believed, and the meter is asked once a day', async (context) => {
  const { clock, meter } = meterThatHasSeen(counterLeapMax + 10_000);
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  for (let i = 0; i < 5; i++) {
    assert.notEqual((await headend.collect('WTL000001')).outcome, 'answer');
    await clock.advance(3_600_000);
  }
  const purposes = await registry.selectFrom('exchange').select('purpose').execute();
  assert.equal(purposes.filter(({ purpose }) => purpose === 'counter').length, 1);
  const sent = await registry.selectFrom('invocation_counter').selectAll().execute();
  assert.ok(sent.every(({ value }) => value < 20_000));
});

test('a meter with another key that has seen less than ours costs one question and raises nothing', async (context) => {
  const { clock, meter } = meterThatHasSeen(0);
  meter.heldKeys = testMeter(2, { clock, installedAtMs: startMs }).keys;
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  for (let i = 0; i < 3; i++) await headend.collect('WTL000001');
  const sent = await registry.selectFrom('invocation_counter').selectAll().execute();
  assert.ok(sent.every(({ value }) => value < 10_000));
});
