/** The operator's meters: tree and list. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MeterStatus, UsagePointSummary } from '@wattline/model';
import { countStates, feederTree, worstState } from './feeder-tree.ts';
import { type MeterQuery, rowsInSight, selectMeters } from './meter-list.ts';

const meter = (serial: string, state: MeterStatus['state'], transformer: string): MeterStatus => ({
  serial,
  usagePointId: `UP-${serial}`,
  customer: `Customer ${serial}`,
  transformer,
  profile: 'demo',
  address: '127.0.0.1:4059',
  state,
  lastContact: state === 'waiting' ? null : `2026-11-21T12:0${serial.length}:00Z`,
  lastInterval: null,
  lastOutcome: null,
  failures: 0,
});
const meters = [
  meter('10', 'ok', 'TX-10'),
  meter('2', 'late', 'TX-2'),
  meter('1', 'ok', 'TX-2'),
  meter('33', 'waiting', 'TX-2'),
];
const points = meters.map(
  ({ usagePointId, transformer }): UsagePointSummary => ({
    id: usagePointId,
    customer: '',
    address: '',
    kind: 'home',
    zone: 'Europe/London',
    substation: 'S-1',
    feeder: transformer === 'TX-10' ? 'F-2' : 'F-1',
    transformer,
    tariffId: 't',
    solarW: 0,
    latitude: 0,
    longitude: 0,
    meter: null,
    channels: [],
  }),
);
const query: MeterQuery = { find: '', state: null, sort: 'serial', isDescending: false };
const serials = (list: readonly MeterStatus[]) => list.map(({ serial }) => serial);

describe('the feeder tree', () => {
  test('places every meter once, in natural order, the worst state first', () => {
    const [substation] = feederTree(points, meters);
    assert.deepEqual(
      substation?.feeders.map(({ name }) => name),
      ['F-1', 'F-2'],
    );
    assert.deepEqual(serials(substation?.feeders[0]?.transformers[0]?.meters ?? []), ['2', '33', '1']);
    assert.deepEqual(substation?.counts, { ok: 2, late: 1, waiting: 1, unreachable: 0, refused: 0 });
  });
  test('a branch is as bad as its worst meter', () => {
    assert.equal(worstState(countStates(meters)), 'late');
    assert.equal(worstState(countStates([])), 'ok');
  });
});

describe('the meter list', () => {
  test('sorts serials as people count', () =>
    assert.deepEqual(serials(selectMeters(meters, query)), ['1', '2', '10', '33']));
  test('finds by every word anywhere and by state', () => {
    assert.deepEqual(serials(selectMeters(meters, { ...query, find: 'tx-2 customer' })), ['1', '2', '33']);
    assert.deepEqual(serials(selectMeters(meters, { ...query, state: 'late' })), ['2']);
    assert.deepEqual(selectMeters(meters, { ...query, find: 'nobody' }), []);
  });
  test('a meter never heard of has the oldest contact', () => {
    assert.equal(selectMeters(meters, { ...query, sort: 'lastContact' })[0]?.serial, '33');
    assert.equal(
      selectMeters(meters, { ...query, sort: 'lastContact', isDescending: true }).at(-1)?.serial,
      '33',
    );
  });
  test('draws only the rows in sight', () => {
    const rows = rowsInSight({ count: 10_000, rowHeight: 40, height: 400, scrollTop: 4000 });
    assert.ok(rows.first <= 100 && rows.end >= 110 && rows.end - rows.first < 30);
    assert.deepEqual(rowsInSight({ count: 0, rowHeight: 40, height: 400, scrollTop: 0 }), {
      first: 0,
      end: 0,
    });
  });
});
