/** CO2 by interval, and what the meter takes for itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, testMeter } from '../meter-fixture.ts';
import { selfConsumptionW, usualConsumption } from '../power/self-consumption.ts';
import { carbonOf, wrongInTable } from './carbon-account.ts';

const startMs = at('2026-10-01T12:00:00Z');
const table = [
  { fromMs: at('2026-01-01T00:00:00Z'), milligramsPerWattHour: 380, source: 'invented for this test' },
  { fromMs: at('2026-10-01T12:15:00Z'), milligramsPerWattHour: 120, source: 'invented for this test' },
];

describe('carbon', () => {
  test('an interval has the factor of its start; 380 g/kWh for 250 Wh are 95 g', () => {
    assert.equal(carbonOf(table, { startMs, deliveredWh: 250 }), 95_000);
    assert.equal(carbonOf(table, { startMs: startMs + 900_000, deliveredWh: 250 }), 30_000);
  });
  test('before the first factor nothing is said', () =>
    assert.equal(carbonOf(table, { startMs: 0, deliveredWh: 250 }), undefined));
  test('intervals of the load profile have theirs, and a table that is set is audited', async () => {
    const { meter, interval } = testMeter({ startMs });
    const management = { name: 'management', role: 'management' };
    assert.equal(meter.configuration.set('carbon-factors', table, management), undefined);
    await interval(250);
    await interval(250);
    const { loadProfile } = meter.metrology;
    assert.deepEqual(
      [0, 1].map((entry) => meter.carbon.ofEntry(loadProfile, entry, { intervalSeconds: 900 })),
      [95_000, 30_000],
    );
    assert.equal(meter.configuration.audit[0]?.by, 'management');
  });
  test('an entry that is named by its start has the factor of that start', async () => {
    const { meter, interval } = testMeter({ startMs, entryLabel: 'start' });
    meter.carbon.table = table;
    await interval(250);
    const { loadProfile } = meter.metrology;
    assert.equal(meter.carbon.ofEntry(loadProfile, 0, { intervalSeconds: 900, label: 'start' }), 95_000);
  });
  test('a table out of order or with parts of a milligram is refused', () => {
    assert.match(wrongInTable([...table].reverse()) ?? '', /later instant/);
    assert.match(wrongInTable([{ ...table[0], milligramsPerWattHour: 0.5 } as never]) ?? '', /whole/);
  });
});

test('a meter takes below the 2 W that its standard allows, lit and sending included', () => {
  const idle = selfConsumptionW(usualConsumption, {
    phases: 3,
    isLit: false,
    sendingShare: 0,
    switchingPerHour: 0,
  });
  const busy = selfConsumptionW(usualConsumption, {
    phases: 3,
    isLit: true,
    sendingShare: 0.1,
    switchingPerHour: 1,
  });
  assert.ok(idle > 0.5 && busy > idle && busy < 2);
});
