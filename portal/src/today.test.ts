/** Today's figures and the bills that are shown. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bill } from '@wattline/model';
import { latestBills } from './bill-list.ts';
import { daysOf, slotsOf } from './series.ts';
import { todayFigures } from './today.ts';

const zone = 'Europe/London';

function days(value: readonly (number | null)[]) {
  const series = {
    channel: 'UP-1/delivered',
    readingType: 'delivered',
    unit: 'Wh',
    scale: 0,
    start: '2026-11-20T00:00:00Z',
    intervalSeconds: 3600,
    value,
    quality: value.map((one) => (one === null ? 2 : 1)),
    asOf: '2026-11-21T04:00:00Z',
  };
  return daysOf(slotsOf(series, zone), zone);
}

describe('today', () => {
  const known = days([...new Array(24).fill(100), 150, 150, null, null]);
  const { figures, typical } = todayFigures({ zone, date: '2026-11-21', days: known, received: null });
  test('is summed as far as its readings reach', () => {
    assert.equal(figures.wh, 300n);
    assert.equal(figures.untilMs, Date.UTC(2026, 10, 21, 2));
    assert.equal(figures.counts.awaited, 2);
  });
  test('is compared with the days before it, not with itself', () => {
    assert.equal(typical.get(0), 100);
    assert.equal(figures.comparison, 0.5);
  });
  test('without a channel for it nothing is said of energy sent to the grid', () => {
    assert.equal(figures.receivedWh, null);
    assert.equal(
      todayFigures({ zone, date: '2026-11-21', days: known, received: [] }).figures.receivedWh,
      0n,
    );
  });
  test('before its first reading it has no sum', () => {
    assert.equal(todayFigures({ zone, date: '2026-11-22', days: known, received: null }).figures.wh, null);
  });
});

test('of the versions of a month the newest is shown, the newest month first', () => {
  const bill = (month: string, version: number) => ({ id: `${month}-v${version}`, month, version }) as Bill;
  const shown = latestBills([bill('2026-09', 1), bill('2026-10', 10), bill('2026-10', 9)]);
  assert.deepEqual(
    shown.map(({ id }) => id),
    ['2026-10-v10', '2026-09-v1'],
  );
});
