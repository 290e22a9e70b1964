/** Readings become days of the zone with exact sums. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality, type ReadingSeries } from '@wattline/model';
import { comparedWithTypical, daysOf, knownUntil, roundUp, scaleTop, slotsOf, typicalDay } from './series.ts';

const zone = 'Europe/London';

function seriesOf(start: string, value: ReadingSeries['value'], bits?: readonly number[]): ReadingSeries {
  return {
    channel: 'UP-1/delivered',
    readingType: 'delivered',
    unit: 'Wh',
    scale: 0,
    start,
    intervalSeconds: 3600,
    value,
    quality: bits ?? value.map((one) => (one === null ? quality.missing : quality.measured)),
    asOf: '2026-11-20T12:00:00Z',
  };
}

describe('days', () => {
  test('the autumn day holds 25 hourly intervals and the sum of all of them', () => {
    const slots = slotsOf(seriesOf('2026-10-24T23:00:00Z', new Array(49).fill(100)), zone);
    const [first, second] = daysOf(slots, zone);
    assert.equal(first?.date, '2026-10-25');
    assert.equal(first?.slots.length, 25);
    assert.equal(first?.wh, 2500n);
    assert.equal(first?.hasClockChange, true);
    assert.equal(second?.slots.length, 24);
    assert.deepEqual(
      first?.slots.slice(0, 4).map((slot) => slot.minute / 60),
      [0, 1, 1, 2],
    );
  });
  test('sums are exact beyond 2^53', () => {
    const slots = slotsOf(seriesOf('2026-11-20T00:00:00Z', ['9007199254740993', 1]), zone);
    assert.equal(daysOf(slots, zone)[0]?.wh, 9007199254740994n);
  });
  test('values of a scale are brought to Wh', () => {
    const slots = slotsOf({ ...seriesOf('2026-11-20T00:00:00Z', [2]), scale: 3 }, zone);
    assert.equal(slots[0]?.wh, 2000n);
    assert.equal(slots[0]?.watts, 2000);
  });
});

describe('what is not there', () => {
  const series = seriesOf('2026-11-20T00:00:00Z', [null, 100, null, 100, null, null]);
  test('a gap is missing, the end of the day not read yet is awaited', () => {
    assert.deepEqual(
      slotsOf(series, zone).map((slot) => slot.mark),
      ['missing', 'measured', 'missing', 'measured', 'awaited', 'awaited'],
    );
  });
  test('the readings reach to the end of the last interval that has a value', () => {
    assert.equal(knownUntil(slotsOf(series, zone)), Date.UTC(2026, 10, 20, 4));
  });
  test('what did not come within a day is missing, not awaited', () => {
    const slots = slotsOf({ ...series, asOf: '2026-11-21T05:00:00Z' }, zone);
    assert.deepEqual(
      slots.slice(4).map((slot) => slot.mark),
      ['missing', 'awaited'],
    );
  });
  test('a series without any value reaches nowhere', () => {
    const slots = slotsOf(seriesOf('2026-11-18T00:00:00Z', [null, null]), zone);
    assert.deepEqual(
      slots.map((slot) => slot.mark),
      ['missing', 'missing'],
    );
    assert.equal(knownUntil(slots), null);
  });
  test('a value whose quality says missing is no value', () => {
    const slots = slotsOf(
      seriesOf('2026-11-20T00:00:00Z', [0, 5], [quality.missing, quality.measured]),
      zone,
    );
    assert.equal(slots[0]?.wh, null);
  });
});

describe('the typical day', () => {
  const days = [10, 20, 900].flatMap((value, index) =>
    daysOf(slotsOf(seriesOf(`2026-11-1${index}T00:00:00Z`, new Array(24).fill(value)), zone), zone),
  );
  test('is the median of the days, so that one odd day does not bend it', () => {
    assert.equal(typicalDay(days).get(0), 20);
  });
  test('is compared over the intervals known today alone', () => {
    const today = slotsOf(seriesOf('2026-11-20T00:00:00Z', [30, null, 30, null]), zone);
    assert.equal(comparedWithTypical(today, typicalDay(days)), 0.5);
    assert.equal(comparedWithTypical([], typicalDay(days)), null);
  });
});

test('the ends of scales are round and not below the value', () => {
  assert.equal(roundUp(1234), 1500);
  assert.equal(roundUp(1000), 1000);
  assert.equal(roundUp(8100), 10_000);
  const slots = slotsOf(seriesOf('2026-11-20T00:00:00Z', [...new Array(199).fill(950), 9000]), zone);
  assert.equal(scaleTop(slots), 1000);
});
