/** The calendar of intervals on days of 23, 24 and 25 hours. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { axisSteps, cellAt, heatCells, heatStep } from './heat-layout.ts';
import { daysOf, slotsOf } from './series.ts';

const zone = 'Europe/London';
function daysFrom(start: string, hours: number) {
  const series = {
    channel: 'UP-1/delivered',
    readingType: 'delivered',
    unit: 'Wh',
    scale: 0,
    start,
    intervalSeconds: 1800,
    value: new Array<number>(hours * 2).fill(1),
    quality: new Array<number>(hours * 2).fill(1),
    asOf: start,
  };
  return daysOf(slotsOf(series, zone), zone);
}

describe('cells', () => {
  test('a plain day fills every column once', () => {
    const cells = heatCells(daysFrom('2026-11-20T00:00:00Z', 24), 30);
    assert.deepEqual(
      cells.map(({ column }) => column),
      Array.from({ length: 48 }, (_, index) => index),
    );
    assert.ok(cells.every(({ half }) => half === 'whole'));
  });
  test('the hour that comes twice shares its columns in halves, the first above', () => {
    const cells = heatCells(daysFrom('2026-10-24T23:00:00Z', 25), 30);
    assert.equal(cells.length, 50);
    assert.deepEqual(
      cells.filter(({ column }) => column === 2).map(({ half }) => half),
      ['upper', 'lower'],
    );
    const lower = cellAt(cells, { row: 0, column: 2, isLower: true });
    assert.equal(lower?.slot.startMs, Date.UTC(2026, 9, 25, 1));
  });
  test('the hour that is skipped leaves its columns empty', () => {
    const cells = heatCells(daysFrom('2026-03-29T00:00:00Z', 23), 30);
    assert.equal(cellAt(cells, { row: 0, column: 2, isLower: false }), undefined);
    assert.equal(cells.length, 46);
  });
});

test('steps of colour are even and end at the ends', () => {
  assert.equal(heatStep(0, 700), 0);
  assert.equal(heatStep(699, 700), 6);
  assert.equal(heatStep(5000, 700), 6);
  assert.equal(heatStep(-5, 700), 0);
});

test('steps of an axis are round and reach the top', () => {
  assert.deepEqual(axisSteps(17.2, 4), [0, 5, 10, 15, 20]);
  assert.deepEqual(axisSteps(0, 4), [0, 1]);
  assert.deepEqual(axisSteps(1000, 4), [0, 250, 500, 750, 1000]);
});
