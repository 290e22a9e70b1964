import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localDay, localTime } from '@wattline/base';
import { readLoad } from '../load/load-reader.ts';
import type { LoadSeries, LoadSet } from '../load/load-set.ts';
import { createWorld, type WorldOptions } from './world.ts';

const dayMs = 86_400_000;
const halfHourMs = 1_800_000;
const noProblems = {
  rows: 0,
  missing: 0,
  repeated: 0,
  negative: 0,
  invalid: 0,
  nonexistent: 0,
  problems: [],
};

/** A series whose energy tells the local weekday and half hour: 1000 x weekday + half hour of the day. */
function calendarSeries(
  id: string,
  zone: string,
  period: { readonly startMs: number; readonly endMs: number },
): LoadSeries {
  const length = (period.endMs - period.startMs) / halfHourMs;
  const deliveredWh = Float64Array.from({ length }, (_, k) =>
    calendarWh(period.startMs + k * halfHourMs, zone),
  );
  return { id, startMs: period.startMs, deliveredWh, missing: new Uint8Array(length), solarW: 0 };
}

function calendarWh(atMs: number, zone: string): number {
  const { dayOfWeek, minuteOfDay } = localTime(atMs, zone);
  return dayOfWeek * 1000 + minuteOfDay / 30;
}

function loadOf(zone: string, series: readonly LoadSeries[]): LoadSet {
  return { name: 'Calendar', zone, intervalSeconds: 1800, series, report: noProblems };
}

const sydneyYears = {
  startMs: localDay('2012-02-10', 'Australia/Sydney').startMs,
  endMs: localDay('2014-03-01', 'Australia/Sydney').startMs,
};

function optionsOf(load: LoadSet, meters: number, startMs: number, zone: string): WorldOptions {
  return { seed: '1', startMs, meters, zone, intervalSeconds: 1800, load };
}

test('a replayed half hour keeps its weekday and its wall clock, over both clock changes and the end of the series', () => {
  for (const [zone, start, days] of [
    ['Europe/London', '2026-03-20', 20],
    ['Europe/London', '2026-10-20', 20],
    ['Australia/Sydney', '2027-01-20', 100],
    ['Asia/Kathmandu', '2025-01-01', 10],
  ] as const) {
    const load = loadOf('Australia/Sydney', [
      calendarSeries('long', 'Australia/Sydney', sydneyYears),
      calendarSeries('short', 'Australia/Sydney', {
        ...sydneyYears,
        endMs: sydneyYears.startMs + 17 * dayMs,
      }),
    ]);
    const { startMs } = localDay(start, zone);
    const world = createWorld(optionsOf(load, 5, startMs, zone));
    let compared = 0;
    for (const { index } of world.premises) {
      const { deliveredWh } = world.energyRange(index, 0, days * 48);
      deliveredWh.forEach((wh, k) => {
        // An outage or the series' own skipped hour may differ; nothing else may.
        if (wh === calendarWh(startMs + k * halfHourMs, zone)) compared++;
      });
    }
    assert.ok(compared >= 5 * days * 48 - 10, `${zone} ${start}: ${compared} of ${5 * days * 48}`);
  }
});

test('a replayed year keeps its season: the source day is within a few days of the same date', () => {
  const zone = 'Europe/London';
  const length = 365 * 48;
  const startMs = Date.parse('2013-01-01T00:00Z');
  const deliveredWh = Float64Array.from({ length }, (_, k) => Math.floor(k / 48));
  const load = loadOf(zone, [{ id: 'y', startMs, deliveredWh, missing: new Uint8Array(length), solarW: 0 }]);
  for (const [start, dayOfYear] of [
    ['2026-02-01', 31],
    ['2025-07-01', 181],
    ['2030-11-15', 318],
  ] as const) {
    const world = createWorld(optionsOf(load, 1, localDay(start, zone).startMs, zone));
    const source = world.energy(0, 24).deliveredWh;
    assert.ok(Math.abs(source - dayOfYear) <= 5, `${start}: day ${source} of the source`);
  }
});

test('half hours missing in the file are gaps in the profile, and the world has no energy there', () => {
  const zone = 'Europe/London';
  const period = { startMs: Date.parse('2013-01-07T00:00Z'), endMs: Date.parse('2013-02-04T00:00Z') };
  const whole = calendarSeries('a', zone, period);
  const missing = Uint8Array.from(whole.missing);
  const deliveredWh = Float64Array.from(whole.deliveredWh);
  // The second day: 22:00 to 02:00 over midnight.
  for (let k = 92; k < 100; k++) {
    missing[k] = 1;
    deliveredWh[k] = 0;
  }
  const load = loadOf(zone, [{ ...whole, missing, deliveredWh }]);
  const startMs = Date.parse('2025-01-06T00:00Z');
  const world = createWorld(optionsOf(load, 1, startMs, zone));
  const faults = world.faults(0, { startMs, endMs: startMs + 28 * dayMs });
  assert.equal(faults.length, 1);
  const [gap] = faults;
  assert.ok(gap?.kind === 'profile-gap' && gap.cause === 'load-missing');
  assert.equal(gap.endMs - gap.startMs, 8 * halfHourMs);
  assert.equal(localTime(gap.startMs, zone).minuteOfDay, 22 * 60);
  for (let at = gap.startMs; at < gap.endMs; at += halfHourMs) {
    assert.equal(world.energy(0, (at - startMs) / halfHourMs).deliveredWh, 0);
  }
});

test('a series of less than a week is one week with gaps', () => {
  const zone = 'Europe/London';
  const startMs = Date.parse('2025-01-06T00:00Z');
  const load = loadOf(zone, [calendarSeries('two days', zone, { startMs, endMs: startMs + 2 * dayMs })]);
  const world = createWorld(optionsOf(load, 1, startMs, zone));
  assert.equal(world.energy(0, 10).deliveredWh, 1010);
  const faults = world.faults(0, { startMs, endMs: startMs + 7 * dayMs });
  assert.deepEqual(
    faults.map((fault) => fault.kind === 'profile-gap' && (fault.endMs - fault.startMs) / dayMs),
    [5],
  );
});

test('with more meters than series each use differs, and the note says how many are reused', () => {
  const zone = 'Europe/London';
  const startMs = Date.parse('2013-01-07T00:00Z');
  const length = 52 * 7 * 48;
  // Energies that name series and week, so that two meters alike would show.
  const series = ['a', 'b', 'c'].map((id, n) => {
    const deliveredWh = Float64Array.from({ length }, (_, k) => 1000 * n + Math.floor(k / 336));
    return { id, startMs, deliveredWh, missing: new Uint8Array(length), solarW: 0 };
  });
  const load = loadOf(zone, series);
  const world = createWorld(optionsOf(load, 20, Date.parse('2025-06-02T00:00Z'), zone));
  const first = world.premises.map(({ index }) => world.energy(index, 24).deliveredWh);
  assert.equal(new Set(first).size, 20);
  assert.equal(
    world.loadNote,
    'Calendar: 3 series serve 20 meters; 17 reuse a series by further whole-week shifts.',
  );
  const few = createWorld(optionsOf(load, 2, startMs, zone));
  assert.equal(few.loadNote, 'Calendar: 2 of 3 series serve 2 meters, shifted by whole weeks.');
  const many = createWorld(optionsOf(load, 500, startMs, zone));
  assert.match(many.loadNote ?? '', /some of them show the same load/);
});

test('a replayed town is all homes, the first three the most complete, and has half hours only', () => {
  const zone = 'Europe/London';
  const period = { startMs: Date.parse('2013-01-07T00:00Z'), endMs: Date.parse('2013-03-04T00:00Z') };
  const holed = (id: string) => {
    const series = calendarSeries(id, zone, period);
    return { ...series, missing: series.missing.map((_, k) => (k % 100 === 0 ? 1 : 0)) };
  };
  const whole = ['w1', 'w2', 'w3'].map((id) => calendarSeries(id, zone, period));
  const load = loadOf(zone, [holed('h1'), ...whole, holed('h2'), holed('h3')]);
  const startMs = Date.parse('2025-01-06T00:00Z');
  const world = createWorld(optionsOf(load, 6, startMs, zone));
  assert.ok(world.premises.every(({ kind }) => kind === 'home'));
  const gaps = world.premises.map(
    ({ index }) => world.faults(index, { startMs, endMs: startMs + 30 * dayMs }).length > 0,
  );
  assert.deepEqual(gaps, [false, false, false, true, true, true]);
  assert.throws(() => createWorld({ ...optionsOf(load, 6, startMs, zone), intervalSeconds: 900 }), {
    code: 'sim/load-interval',
  });
  assert.throws(() => createWorld(optionsOf(loadOf(zone, []), 6, startMs, zone)), { code: 'sim/load-empty' });
});

test('the energy of a generating customer is replayed in both directions', () => {
  const zone = 'Europe/London';
  const startMs = Date.parse('2013-01-07T00:00Z');
  const length = 14 * 48;
  const deliveredWh = Float64Array.from({ length }, (_, k) => (k % 2 === 0 ? 100 : 0));
  const receivedWh = Float64Array.from({ length }, (_, k) => (k % 2 === 0 ? 0 : 70));
  const series: LoadSeries = {
    id: 's',
    startMs,
    deliveredWh,
    receivedWh,
    missing: new Uint8Array(length),
    solarW: 1040,
  };
  const world = createWorld(optionsOf(loadOf(zone, [series]), 1, startMs, zone));
  assert.deepEqual(world.energy(0, 0), { deliveredWh: 100, receivedWh: 0, isSupplied: true });
  assert.deepEqual(world.energy(0, 1), { deliveredWh: 0, receivedWh: 70, isSupplied: true });
  assert.equal(world.premises[0]?.solarW, 1040);
});

const london = join(process.env.WATTLINE_SHARED ?? '../shared', 'data', 'A01_lcl_london_30min_2013.csv.gz');
const skip = existsSync(london) ? false : `no ${london}: set WATTLINE_SHARED`;

test('a hundred meters live on the 67 real London households of 2013', { skip }, async () => {
  const load = await readLoad(london);
  const startMs = localDay('2026-10-12', 'Europe/London').startMs;
  const world = createWorld(optionsOf(load, 100, startMs, 'Europe/London'));
  assert.equal(
    world.loadNote,
    'Low Carbon London: 67 series serve 100 meters; 33 reuse a series by further whole-week shifts.',
  );
  const byHalfHour = new Float64Array(48);
  for (const { index } of world.premises) {
    const { deliveredWh } = world.energyRange(index, 0, 13 * 48);
    deliveredWh.forEach((wh, k) => {
      byHalfHour[k % 48] = (byHalfHour[k % 48] as number) + wh;
    });
  }
  const dailyKwh = byHalfHour.reduce((a, b) => a + b) / 100 / 13 / 1000;
  assert.ok(dailyKwh > 7 && dailyKwh < 14, `${dailyKwh} kWh a day`);
  const peak = byHalfHour.indexOf(Math.max(...byHalfHour));
  assert.ok(peak >= 34 && peak <= 42, `evening peak at half hour ${peak}`);
});
