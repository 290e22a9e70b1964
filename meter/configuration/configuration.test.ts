/** Remote configuration: who may, what is refused, what is kept of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { volatileMemory } from '../memory/non-volatile.ts';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { powerQualityProfile } from '../registers/standard-profiles.ts';
import type { Json } from './configuration.ts';

const startMs = at('2026-10-01T12:00:00Z');
const management = { name: 'management', role: 'management' };
const reader = { name: 'reader', role: 'reader' };

/** A value that each parameter takes, and one that it refuses. */
const values: Readonly<Record<string, readonly [Json, Json]>> = {
  'demand-period': [
    { periodSeconds: 300, numberOfPeriods: 6 },
    { periodSeconds: 7, numberOfPeriods: 1 },
  ],
  'demand-lockout': [{ seconds: 3600 }, { seconds: -1 }],
  'billing-schedule': [
    { dayOfMonth: 15, hour: 6, minute: 0 },
    { dayOfMonth: 31, hour: 0, minute: 0 },
  ],
  'billing-close': [{ atMs: startMs }, { atMs: 'now' }],
  'profile/quality': [
    { periodSeconds: 3600, capture: [{ classId: 3, obis: '1.0.1.8.0.255', attribute: 2 }] },
    { periodSeconds: 600, capture: [{ classId: 3, obis: '1.0.99.8.0.255', attribute: 2 }] },
  ],
  'load-profile': [{ periodSeconds: 1800 }, { periodSeconds: 700 }],
  'control-mode': [{ mode: 6 }, { mode: 7 }],
  'load-limit': [
    {
      isEnabled: true,
      thresholdW: 5000,
      minOverS: 60,
      reconnectAfterS: 60,
      mostReconnects: 3,
      emergencyGroups: [],
    },
    { isEnabled: true, thresholdW: -1 },
  ],
  'over-current': [
    { isEnabled: true, thresholdMa: 80_000, minOverS: 5 },
    { isEnabled: true, thresholdMa: 80.5, minOverS: 5 },
  ],
  'clock-synchronisation': [
    { leastMs: 50, mostSlewMs: 5000, slewPpm: 1000 },
    { leastMs: 50, mostSlewMs: 5000, slewPpm: 0 },
  ],
  'last-gasp': [
    { debounceMs: 3000, mostBackOffMs: 60_000 },
    { debounceMs: -1, mostBackOffMs: 0 },
  ],
  'supply-events': [
    { dip: 0.85, swell: 1.15, interruption: 0.1, hysteresis: 0.02, rapidChange: 0.05 },
    { dip: 1.2, swell: 1.15, interruption: 0.1, hysteresis: 0.02, rapidChange: 0.05 },
  ],
  'long-outage': [{ seconds: 60 }, { seconds: 0 }],
  'register-mask': [{ rate: 2 }, { rate: 3 }],
  'transformer-ratios': [
    { currentNumerator: 600, currentDenominator: 5, voltageNumerator: 11_000, voltageDenominator: 110 },
    { currentNumerator: 600, currentDenominator: 0, voltageNumerator: 1, voltageDenominator: 1 },
  ],
  conditions: [{ magnet: { occurrenceS: 5 } }, { magnett: {} }],
  'event-filter': [
    { notCaptured: ['magnetOccurred'], notAlarmed: [] },
    { notCaptured: ['nothing'], notAlarmed: [] },
  ],
  payment: [
    {
      mode: 'prepaid',
      rules: { charges: { perWattHour: [1], perDay: 0, debtPerDay: 0 }, emergencyCredit: 0, lowCredit: 0 },
      friendly: { fromMinute: 0, toMinute: 0, weekdays: [], dates: [] },
    },
    { mode: 'free' },
  ],
  'carbon-factors': [[{ fromMs: 0, milligramsPerWattHour: 1, source: '' }], [{ fromMs: 0.5 }]],
  'scroll-lists': [
    { automatic: ['time'], manual: [], dwellS: 5 },
    { automatic: ['weather'], manual: [], dwellS: 5 },
  ],
  tariff: [
    {
      tables: {
        name: 'T',
        seasons: [{ name: 's', start: {}, week: 'w' }],
        weeks: [{ name: 'w', days: [1, 1, 1, 1, 1, 1, 1] }],
        days: [{ id: 1, switches: [{ minuteOfDay: 0, rate: 2 }] }],
        specialDays: [],
      },
      atMs: startMs + 86_400_000,
    },
    { tables: { name: 'T', seasons: [], weeks: [], days: [], specialDays: [] }, atMs: null },
  ],
  'firmware-activation': [{ atMs: startMs + 1000 }, { atMs: 'soon' }],
};

const meterOf = (memory = volatileMemory()) =>
  testMeter({ startMs, profiles: { quality: powerQualityProfile(1) } }, { memory }).meter;

describe('parameters', () => {
  test('all of them are tried here', () => {
    assert.deepEqual([...meterOf().configuration.parameters.keys()].sort(), Object.keys(values).sort());
  });
  for (const [name, [good, bad]] of Object.entries(values)) {
    test(`${name} is changed by management, audited with the old and the new value, and logged`, () => {
      const { configuration, events } = meterOf();
      const before = configuration.parameters.get(name)?.read();
      assert.equal(configuration.set(name, good, management), undefined);
      const [entry] = configuration.audit;
      assert.deepEqual(
        { by: entry?.by, parameter: entry?.parameter, before: entry?.before, after: entry?.after },
        { by: 'management', parameter: name, before, after: good },
      );
      assert.equal(configuration.count, 1);
      assert.ok(events.entries().every(({ labelMs }) => labelMs === startMs));
    });
    test(`${name} is refused to the reader, and a value out of range to anybody: nothing changes`, () => {
      const { configuration, events } = meterOf();
      const before = configuration.parameters.get(name)?.read();
      assert.equal(configuration.set(name, good, reader)?.code, 'meter/parameter-denied');
      const refusal = configuration.set(name, bad, management);
      assert.equal(refusal?.code, 'meter/parameter-refused');
      assert.deepEqual(configuration.parameters.get(name)?.read(), before);
      assert.deepEqual([configuration.audit.length, events.entries().length], [0, 0]);
    });
  }
  test('a condition that would be restored beyond its threshold is refused', () => {
    const refusal = meterOf().configuration.set('conditions', { overCurrent: { release: 1.3 } }, management);
    assert.equal(refusal?.code, 'meter/parameter-refused');
  });
  test('of another name are unknown', () =>
    assert.equal(meterOf().configuration.set('colour', 'red', management)?.code, 'meter/parameter-unknown'));
});

test('a past that is lived again takes each change at its instant, with the same audit', () => {
  const memory = volatileMemory();
  const step = (meter: ReturnType<typeof meterOf>) => {
    const from = meter.countedToMs;
    meter.accumulate({
      startMs: from,
      endMs: from + 3_600_000,
      deliveredMws: 900 * wattHour,
      receivedMws: 0,
    });
  };
  const live = meterOf(memory);
  step(live);
  live.configuration.set('demand-period', { periodSeconds: 300, numberOfPeriods: 3 }, management);
  step(live);
  live.configuration.set('event-filter', { notCaptured: ['powerDown'], notAlarmed: [] }, management);
  step(live);
  const again = meterOf(memory);
  for (let n = 0; n < 3; n++) step(again);
  assert.deepEqual(again.configuration.audit, live.configuration.audit);
  assert.equal(again.configuration.audit.length, 2);
  assert.deepEqual(
    again.books.demands.of('delivered')?.maximum(),
    live.books.demands.of('delivered')?.maximum(),
  );
  assert.deepEqual(again.events.entries(), live.events.entries());
});
