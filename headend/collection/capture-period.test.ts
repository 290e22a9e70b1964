/** A meter that captures at another pace than its channels were made for: energy of half an hour is never taken for a quarter's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, type TestMeter, testMeter } from '../test-server.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

function meterWithDays(days: number, clock: ReturnType<typeof virtualClock>): TestMeter {
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + days * dayMs);
  return meter;
}

/** From `fromMs` on the meter keeps an entry every `everyMs`, each with all the energy since the one before. */
function capturesEvery(meter: TestMeter, everyMs: number, fromMs: number): void {
  meter.capturePeriodSeconds = everyMs / 1000;
  meter.intervals = meter.intervals.filter(({ labelMs }) => labelMs <= fromMs || labelMs % everyMs === 0);
}

test('a meter captures half hours where the shipment says quarters: nothing is taken, and the session says why, until the registry is put right', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = meterWithDays(1, clock);
  capturesEvery(meter, 2 * quarterMs, startMs);
  const { headend, management, registry } = await headendWith(context, { clock, meters: [meter] });
  const outcome = await headend.collect('WTL000001');
  assert.deepEqual(
    [outcome.outcome, outcome.code, outcome.readings],
    ['failure', 'headend/interval-mismatch', 0],
  );
  assert.match(outcome.message ?? '', /every 900 s, as the registry says, found 1800 s/);
  assert.equal(management.values.size, 0);
  const status = () =>
    registry.selectFrom('meter').select(['state', 'last_contact_ms']).executeTakeFirstOrThrow();
  assert.deepEqual({ ...(await status()) }, { state: 'refused', last_contact_ms: clock.now() });

  await registry.updateTable('meter').set({ interval_seconds: 1800 }).execute();
  await headend.meterMoved('UP-0001');
  assert.equal((await headend.collect('WTL000001')).readings, 2 * 48);
  assert.equal((await status()).state, 'ok');
});

for (const { what, everyMs } of [
  { what: 'longer', everyMs: 2 * quarterMs },
  { what: 'shorter', everyMs: quarterMs / 3 },
]) {
  test(`a meter is given a ${what} period behind our back: from then on nothing is taken until it has the old one again`, async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = meterWithDays(1, clock);
    const { headend, management } = await headendWith(context, { clock, meters: [meter] });
    assert.equal((await headend.collect('WTL000001')).readings, 2 * 96);
    fillProfile(meter, startMs + dayMs, startMs + 2 * dayMs);
    const whole = meter.intervals;
    if (everyMs < quarterMs) {
      const extra = { status: 0, values: [5, 0] };
      meter.intervals = whole.flatMap((entry) =>
        entry.labelMs <= startMs + dayMs ? [entry] : [{ ...extra, labelMs: entry.labelMs - everyMs }, entry],
      );
    }
    capturesEvery(meter, everyMs, startMs + dayMs);
    await clock.advance(dayMs);
    const outcome = await headend.collect('WTL000001');
    assert.deepEqual([outcome.code, outcome.readings], ['headend/interval-mismatch', 0]);
    meter.capturePeriodSeconds = 900;
    meter.intervals = whole;
    assert.equal((await headend.collect('WTL000001')).readings, 2 * 96);
    assert.equal(
      management.values.get(`UP-0001/delivered@${startMs + dayMs}`)?.value,
      ((startMs + dayMs) / quarterMs) % 1000,
    );
  });
}

test('an entry between two boundaries, and a hole, from a meter with the right period: the others are taken', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = meterWithDays(1, clock);
  const { headend } = await headendWith(context, { clock, meters: [meter] });
  await headend.collect('WTL000001');
  fillProfile(meter, startMs + dayMs, startMs + 2 * dayMs);
  const [first, second] = meter.intervals.slice(96);
  assert.ok(first && second);
  meter.intervals = meter.intervals.filter((entry) => entry !== first);
  meter.intervals.splice(96, 0, { ...second, labelMs: second.labelMs - 60_000 });
  await clock.advance(dayMs);
  const outcome = await headend.collect('WTL000001');
  assert.deepEqual([outcome.outcome, outcome.readings], ['answer', 2 * 95]);
});
